"""Errors of runs by class and words; runs, queues and windows as triage tells them."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from tests.lineage.recovery.sick import FACT, LOG, Sick, daemons, day, hour
from weir.core.grains import Grain, Range
from weir.lineage.automation.retries import Wait
from weir.lineage.ledger import Verdict
from weir.lineage.nodes import Kind
from weir.lineage.triage import MEANINGS, Code, Failure, Run, Seen, Sensor, Waits
from weir.lineage.triage.of_run import of_run
from weir.lineage.triage.words import classify

WORDS = {
    "IO Error: Could not set lock on file: Conflicting lock is held in PID 7": Code.LOCKED,
    "(sqlite3.OperationalError) database is locked": Code.LOCKED,
    "TransactionContext Error: Conflict on update": Code.LOCKED,
    "IO Error: Cannot open file 'x.parquet': No such file or directory": Code.ABSENT,
    "[Errno 13] Permission denied: '/srv/lake'": Code.REFUSED,
    "403 POST https://x: Access Denied: lacks bigquery.jobs.create": Code.REFUSED,
    "Quota exceeded: too many table updates": Code.REFUSED,
    "Out of Memory Error: failed to allocate data of size 16 MiB": Code.KILLED,
    "The process that ran it ended before it did.": Code.KILLED,
    "ChildProcessCrash: step x ended with exit code -9": Code.KILLED,
    "[Errno 28] No space left on device": Code.KILLED,
    "Run timed out due to taking longer than 180 seconds to start": Code.KILLED,
    "This model has an enforced contract that failed.": Code.SCHEMA_DRIFT,
    "Binder Error: Referenced column 'prise' not found": Code.RUN_FAILED,
    "Catalog Error: Table with name locked_users does not exist": Code.RUN_FAILED,
    "": Code.RUN_FAILED,
}  # fmt: skip
KINDS = {
    "PermissionError": Code.REFUSED, "MemoryError": Code.KILLED, "LockTimeout": Code.LOCKED,
    "DagsterExecutionInterruptedError": Code.KILLED, "FileNotFoundError": Code.ABSENT,
    "ValueError": Code.RUN_FAILED,
}  # fmt: skip


@pytest.mark.parametrize(("words", "code"), WORDS.items())
def test_an_error_is_known_by_its_words(words: str, code: Code) -> None:
    assert classify(Failure("step", ("DagsterExecutionStepExecutionError",), words)) is code


@pytest.mark.parametrize(("kind", "code"), KINDS.items())
def test_an_error_is_known_by_its_class(kind: str, code: Code) -> None:
    assert classify(Failure("step", ("DagsterExecutionStepExecutionError", kind), "oh")) is code


def test_every_cause_says_what_it_means_and_what_to_do() -> None:
    assert [code.value for code in Code] == [f"C{n:02}" for n in range(1, 21)]
    assert set(MEANINGS) == set(Code)
    for meaning in MEANINGS.values():
        assert meaning.text.endswith(".")
        assert meaning.remedy.endswith(".")


FAILED = Failure("users_bought", ("RunFailed",), "Binder Error: no column prise\n  LINE 1")


def with_run(sick: Sick, state: str, **more: Any) -> Run:
    sick.forget(FACT, day(59))
    run = sick.run(state, FACT, day(59), **more)
    sick.more["runs"] = [run]
    return run


def test_a_run_that_was_tried_often_enough_is_given_up(sick: Sick) -> None:
    with_run(sick, "failure", failure=FAILED)
    held = Waits(frozenset({FACT}), Range.of(day(59), Grain.DAY), Wait.GIVEN_UP)
    sick.more["waits"] = [held]
    causes = sick.why(FACT).causes
    assert [cause.code for cause in causes] == [Code.RUN_FAILED, Code.NOT_ASKED]
    assert dict(causes[0].evidence)["error"] == "RunFailed: Binder Error: no column prise"
    assert "as often as it is tried" in causes[1].text
    sick.more["waits"] = [replace(held, reason=Wait.PAUSE)]
    assert [cause.code for cause in sick.why(FACT).causes] == [Code.RUN_FAILED]
    sick.more |= {"runs": [], "waits": [replace(held, reason=Wait.OFF_PEAK, until=day(61))]}
    (cause,) = sick.why(FACT).causes
    assert (cause.code, dict(cause.evidence)["waits"]) == (
        Code.NOT_ASKED, "until 2026-03-03 00:00 UTC"
    )  # fmt: skip


def test_a_run_that_ended_before_the_partition_was_built_again_explains_nothing(sick: Sick) -> None:
    began = sick.now - timedelta(days=30)
    run = sick.run("failure", FACT, day(59), created=began, ended=began, failure=FAILED)
    sick.world.edit(Kind.FACT, "new")
    sick.more["runs"] = [run]
    (cause,) = sick.why(FACT).causes
    assert cause.code is Code.CODE_CHANGED


def test_only_the_newest_run_of_a_partition_counts(sick: Sick) -> None:
    failed = with_run(sick, "failure", failure=FAILED)
    queued = sick.run("queued", FACT, day(59))
    sick.more["runs"] = [queued, failed]
    (cause,) = sick.why(FACT).causes
    assert (cause.code, cause.repair) == (Code.QUEUED, "")
    sick.more["runs"] = [sick.run("queued", FACT, day(3)), failed]
    (cause,) = sick.why(FACT).causes
    assert cause.code is Code.RUN_FAILED


def test_a_queued_run_tells_what_goes_before_it(sick: Sick) -> None:
    run = with_run(sick, "queued", tier="normal")
    before = sick.run("running", LOG, hour(3), tier="normal", alive=True)
    sick.more["runs"] = [run, before]
    (cause,) = sick.why(FACT).causes
    assert dict(cause.evidence)["running of tier normal"] == before.id[:8]
    sick.more["daemons"] = daemons(sick.now - timedelta(hours=1))
    (cause,) = sick.why(FACT).causes
    assert cause.code is Code.DAEMON_DOWN


def test_a_run_whose_process_is_gone_was_cut_off(sick: Sick) -> None:
    with_run(sick, "running", alive=False)
    (cause,) = sick.why(FACT).causes
    assert (cause.code, cause.labels) == (Code.KILLED, (day(59),))


def test_a_run_that_builds_it_now_is_no_fault_of_automation(sick: Sick) -> None:
    run = with_run(sick, "running", alive=True)
    sick.more["daemons"] = daemons(sick.now - timedelta(hours=1))
    diagnosis = sick.why(FACT)
    assert [cause.code for cause in diagnosis.causes] == [Code.MISSING]
    assert diagnosis.notes == [f"Run {run.id[:8]} builds {FACT} now."]


def test_a_good_run_that_came_before_its_inputs_skipped_nothing(sick: Sick) -> None:
    early = sick.now - timedelta(days=2)
    with_run(sick, "success", started=early, ended=sick.now, skipped=frozenset({FACT}))
    (cause,) = sick.why(FACT).causes
    assert cause.code is Code.MISSING


@pytest.mark.parametrize(
    ("error", "code"),
    [
        ("KeyError: 'x'", Code.NOT_ASKED),
        ("DagsterUserCodeUnreachableError: Could not reach user code server", Code.DAEMON_DOWN),
    ],
)
def test_a_sensor_that_fails(sick: Sick, error: str, code: Code) -> None:
    sick.forget(FACT, day(59))
    sick.more |= {
        "daemons": daemons(sick.now),
        "sensors": [Sensor("completeness", frozenset({FACT}), on=True, error=error)],
    }
    (cause,) = sick.why(FACT).causes
    assert (cause.code, dict(cause.evidence)["error"]) == (code, error)


def test_a_failed_check_says_more_than_the_run_that_it_failed(sick: Sick) -> None:
    sick.world.ledger.record([Verdict(FACT, "ok", "2026-01-21", passed=False)])
    sick.more["runs"] = [sick.run("failure", FACT, day(20), failure=FAILED)]
    (cause,) = sick.why(FACT).causes
    assert cause.code is Code.CHECK_FAILED


def test_why_a_run_failed(sick: Sick) -> None:
    run = with_run(sick, "failure", failure=FAILED)
    (cause,) = of_run(sick.facts(), run).causes
    assert (cause.code, cause.asset, cause.labels) == (Code.RUN_FAILED, FACT, (day(59),))
    assert cause.text == f"run {run.id[:8]} failed in step users_bought"
    sick.repair()
    mended = of_run(sick.facts(), run)
    assert [cause.code for cause in mended.causes] == [Code.RUN_FAILED]
    assert mended.notes == ["All that it was to build is built by now."]
    good = sick.run("success", FACT, day(59))
    assert of_run(sick.facts(), good).causes == []


def test_why_a_run_failed_begins_with_its_inputs(sick: Sick) -> None:
    run = with_run(sick, "failure", failure=FAILED)
    sick.more["seen"] = [Seen(LOG, (hour(59),), "file_missing", "x.parquet")]
    codes = [cause.code for cause in of_run(sick.facts(), run).causes]
    assert codes == [Code.ABSENT, Code.RUN_FAILED]


class TestWindows:
    """What is asked for before its time, or in another zone."""

    def test_a_day_that_is_not_over(self, sick: Sick) -> None:
        (cause,) = sick.why(FACT, day(60)).causes
        assert (cause.code, cause.repair) == (Code.WINDOW_OPEN, "")
        assert cause.text == "2026-03-02 is not over yet"

    def test_a_day_that_is_over_elsewhere(self, sick: Sick) -> None:
        west = {"zone": "America/Los_Angeles"}
        sick.world.nodes = [replace(n, **west) if n.fact else n for n in sick.world.nodes]
        sick.forget(FACT, day(59))
        sick.more["now"] = day(60) + timedelta(hours=5)
        (cause,) = sick.why(FACT, day(59)).causes
        assert cause.code is Code.CALENDAR
        assert "the day ends at 2026-03-02 08:00 UTC" in dict(cause.evidence)["zone"]

    def test_a_week_begins_on_its_day(self, sick: Sick) -> None:
        (cause,) = sick.why("activation/users_bought_activation_weekly", day(6)).causes
        assert (cause.code, dict(cause.evidence)["its start"]) == (Code.CALENDAR, "2026-01-05")

    def test_hours_that_nothing_closes_hold_days_open(self, sick: Sick) -> None:
        sick.more["now"] = day(63) + timedelta(hours=12)
        (cause,) = sick.why().causes
        assert (cause.code, cause.asset) == (Code.WINDOW_OPEN, FACT)
        assert cause.labels == (day(60), day(61), day(62))
        (cause,) = sick.why(FACT, day(61)).causes
        assert cause.code is Code.WINDOW_OPEN

    def test_days_before_the_first(self, sick: Sick) -> None:
        (cause,) = sick.why(FACT, day(-5)).causes
        assert dict(cause.evidence)["days"] == "2026-01-01..2026-03-01"

    def test_an_hour_in_which_nothing_landed_is_no_fault(self, sick: Sick) -> None:
        diagnosis = sick.why(LOG, day(-3))
        assert diagnosis.causes == []
        assert "Nothing landed" in diagnosis.notes[0]
        (cause,) = sick.why(LOG, day(62)).causes
        assert cause.code is Code.WINDOW_OPEN


def test_coverage_goes_through(sick: Sick) -> None:
    sick.more |= {"checked": {"runs": "200"}, "not_checked": {"storage": "not asked for"}}
    told = sick.why(FACT).as_dict()
    assert (told["healthy"], told["causes"]) == (True, [])
    assert (told["checked"], told["not_checked"]) == ({"runs": "200"}, {"storage": "not asked for"})
