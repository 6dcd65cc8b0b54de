"""Runs that ended, on a real instance: entered into the audit log once, told to their owners once."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from tests.alerts.conftest import Receiver
from tests.alerts.conftest import receiver as receiver  # noqa: PLC0414 - a fixture
from weir.audit import Wanted as WantedEntries
from weir.audit import audited, log_of
from weir.audit.reading import Found, find
from weir.core.grains import Grain, Range
from weir.core.settings import Settings
from weir.lineage.ledger import Ledger, Verdict
from weir.lineage.recovery.journal import Event, Plans
from weir.lineage.recovery.plans import Estimate, Plan, PlanKind, Step, Wanted
from weir.orchestra.alerting import look, outbox_of
from weir.orchestra.auditing import enter_ended
from weir.orchestra.ended import Ended, ended_runs

BEGINNING = datetime(2000, 1, 1)


@dg.asset(key_prefix="fact")
def a(context: dg.AssetExecutionContext) -> None:
    if "break" in context.run.tags:
        raise ValueError(f"token={'x' * 9} broke")


@pytest.fixture
def instance() -> Iterator[dg.DagsterInstance]:
    with dg.DagsterInstance.ephemeral() as instance:
        yield instance


def run(instance: dg.DagsterInstance, **tags: str) -> str:
    given = {name.replace("__", "/"): value for name, value in tags.items()}
    job = dg.Definitions([a]).resolve_job_def("__ASSET_JOB")
    selected = [dg.AssetKey(["fact", "a"])]
    return job.execute_in_process(
        instance=instance, tags=given, raise_on_error=False, asset_selection=selected
    ).run_id


class FakeProject:
    """As much of a project as is needed: settings, clock, ledger, one model."""

    def __init__(self, home: Path) -> None:
        self.settings = Settings(home=home / "home", project=home, dagster_url="https://d.example/")
        self.ledger = Ledger(self.settings.ledger_path)
        model = {"config": {"meta": {"weir": {"owner": "shop"}}}}
        self.parsed = type("Parsed", (), {"json": {"nodes": {"model.a": model}}})
        self.nodes = [type("Node", (), {"asset": "fact/a", "unique_id": "model.a"})]

    def now(self) -> datetime:
        return datetime.utcnow()  # Dagster stamps its runs with the wall clock


@pytest.fixture
def project(tmp_path: Path) -> Any:
    return FakeProject(tmp_path)


def told(runs: list[Ended]) -> list[str]:
    return [one.run_id for one in runs]


def test_every_run_is_told_once(instance: dg.DagsterInstance) -> None:
    first = run(instance)
    ended, cursor = ended_runs(instance, None, BEGINNING)
    assert told(ended) == [first]
    assert ended_runs(instance, cursor, BEGINNING) == ([], cursor)
    more = [run(instance) for _ in range(3)]
    ended, cursor = ended_runs(instance, cursor, BEGINNING)
    assert told(ended) == more
    assert ended_runs(instance, cursor, BEGINNING)[0] == []
    assert ended_runs(instance, None, datetime(2999, 1, 1))[0] == []


def test_who_asked_what_and_why_it_failed(instance: dg.DagsterInstance) -> None:
    run(instance, dagster__sensor_name="arrivals", dagster__partition="2026-11-20")
    run(instance, **{"break": "yes"}, dagster__schedule_name="nightly")
    run(instance)
    good, bad, hand = ended_runs(instance, None, BEGINNING)[0]
    assert (good.by.kind, good.by.name) == ("sensor", "arrivals")
    assert (good.succeeded, good.assets, good.partitions) == (True, ("fact/a",), "2026-11-20")
    assert (bad.by.kind, bad.status) == ("schedule", "FAILURE")
    assert "broke" in bad.message
    assert bad.seconds > 0
    assert (hand.by.kind, hand.by.authenticated) == ("person", "dagster, no login")


def test_dagsters_runs_are_entered_and_weirs_own_are_not_doubled(
    instance: dg.DagsterInstance, project: Any
) -> None:
    own = run(instance)
    with audited(project.settings, "partitions.materialize", run=own):
        pass
    theirs = run(instance, **{"break": "yes"}, dagster__sensor_name="arrivals")
    entered, cursor = enter_ended(project, instance, None)
    assert entered == 1
    assert enter_ended(project, instance, cursor)[0] == 0
    assert enter_ended(project, instance, None)[0] == 0  # the cursor was lost
    newest: Found = find(log_of(project.settings), WantedEntries())[0]
    assert (newest.run, newest.kind, newest.name) == (theirs, "sensor", "arrivals")
    assert (newest.result, newest.arguments["assets"]) == ("failed", ["fact/a"])
    assert "token=***" in newest.message


def configured(project: Any) -> None:
    (project.settings.project / "alerts.yaml").write_text(
        "channels: {hook: {kind: webhook, url_env: HOOK}}\nowners: {shop: [hook]}\n"
    )


def test_a_failed_run_is_told_with_its_link_and_resolved_by_the_next(
    instance: dg.DagsterInstance, project: Any, receiver: Receiver
) -> None:
    environment = {"HOOK": receiver.url}
    configured(project)
    run(instance, **{"break": "yes"})  # before the first look: passed over
    _, cursor = look(project, instance, None, environment)
    failed = run(instance, **{"break": "yes"}, dagster__partition="2026-11-20")
    _, cursor = look(project, instance, cursor, environment, explain=lambda a, k: f"why {a} {k}")
    got = receiver.got[-1]
    assert got["title"] == "A run failed: fact/a 2026-11-20"
    assert "why fact/a 2026-11-20" in got["text"]
    assert got["link"] == f"https://d.example/runs/{failed}"
    run(instance)
    look(project, instance, cursor, environment)
    assert receiver.got[-1]["event"] == "resolved"
    assert outbox_of(project.settings).open() == []


def test_failed_checks_are_told_once_for_all_partitions_and_resolved(
    instance: dg.DagsterInstance, project: Any, receiver: Receiver
) -> None:
    configured(project)

    def looked() -> list[str]:
        before = len(receiver.got)
        look(project, instance, None, {"HOOK": receiver.url})
        return [f"{got['event']} {got['title']}" for got in receiver.got[before:]]

    def verdicts(passed: bool, *keys: str) -> None:
        project.ledger.record(
            Verdict("fact/a", "not_null", k, passed, detail="3 rows") for k in keys
        )

    assert looked() == []
    verdicts(False, "2026-11-19", "2026-11-20")
    assert looked() == ["raised Check not_null failed: fact/a 2026-11-19, 2026-11-20"]
    assert "3 rows in 2026-11-20" in receiver.got[-1]["text"]
    assert looked() == []
    verdicts(False, "2026-11-21")
    assert looked() == []
    (row,) = outbox_of(project.settings).rows("check_failed")
    assert row.seen == 2
    verdicts(True, "2026-11-19", "2026-11-20", "2026-11-21")
    (resolved,) = looked()
    assert resolved.startswith("resolved Check not_null")


def test_a_plan_that_failed_is_told_until_it_goes_on_or_is_cancelled(
    instance: dg.DagsterInstance, project: Any, receiver: Receiver
) -> None:
    configured(project)
    labels = Range.of(datetime(2026, 1, 1), Grain.DAY)
    step = Step(1, "fact", ("fact/a",), labels, 1, 0, {}, (), Estimate(1))
    plans = Plans(project.settings.plans_dir)
    plan = plans.keep(
        Plan("", Wanted(PlanKind.RECOVER), project.now(), (step,), {}, (), {}, "state")
    )
    journal = plans.journal(plan.id)

    def looked() -> list[str]:
        before = len(receiver.got)
        look(project, instance, None, {"HOOK": receiver.url})
        return [f"{got['event']} {got['title']}" for got in receiver.got[before:]]

    journal.write(project.now(), Event.BEGAN, snapshot=1)
    assert looked() == []
    journal.write(project.now(), Event.FAILED, why=["The disk is full."])
    assert looked() == [f"raised A plan failed: {plan.id}"]
    assert "The disk is full." in receiver.got[-1]["text"]
    assert f"weir plan apply {plan.id}" in receiver.got[-1]["text"]
    assert looked() == []
    journal.write(project.now(), Event.BEGAN, snapshot=1)
    assert looked() == [f"resolved A plan failed: {plan.id}"]


def test_without_a_file_nothing_is_done(instance: dg.DagsterInstance, project: Any) -> None:
    done, cursor = look(project, instance, None, {})
    assert done is None
    assert cursor
    assert not (project.settings.home / "alerts.db").exists()
