"""Faults put into a warehouse of sixty days: each is named, placed, and mended by the plan."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.lineage.recovery.sick import (
    ACCEPTED,
    CHAIN,
    EVENT,
    FACT,
    LANDING,
    LOG,
    RETURNS,
    ROWS,
    START,
    Sick,
    daemons,
    day,
    hour,
)
from weir.lineage.ledger import Verdict
from weir.lineage.nodes import Kind
from weir.lineage.plan import WAVES, runs_of
from weir.lineage.triage import Code, Diverted, Failure, Seen, Sensor, diagnose

Inject = Callable[[Sick], None]


@dataclass(frozen=True)
class Case:
    """A fault: how it gets in, and where it has to be found."""

    inject: Inject
    asset: str
    labels: tuple[datetime, ...]


def missing_hour(sick: Sick) -> None:
    sick.forget(LOG, hour(20))


def seen(fault: str, asset: str, *labels: datetime, rebuild: bool = True) -> Inject:
    def inject(sick: Sick) -> None:
        one = Seen(asset, labels, fault, "data/x.parquet", rebuild)
        sick.more["seen"] = [*sick.more.get("seen", ()), one]

    return inject


def failed_run(message: str, *kinds: str) -> Inject:
    def inject(sick: Sick) -> None:
        sick.forget(FACT, day(59))
        sick.more["runs"] = [sick.fail(message, *kinds)]

    return inject


def run_in_state(state: str, **more: Any) -> Inject:
    def inject(sick: Sick) -> None:
        sick.forget(FACT, day(59))
        sick.more["runs"] = [sick.run(state, FACT, day(59), **more)]
        sick.more["daemons"] = daemons(sick.now)

    return inject


def failed_check(sick: Sick) -> None:
    sick.world.ledger.record([Verdict(FACT, "ok", "2026-01-21", passed=False, detail="3 nulls")])


def new_code(sick: Sick) -> None:
    sick.world.edit(Kind.FACT, "new")


def late_event(sick: Sick) -> None:
    at = sick.world.closed.replace(minute=0)
    sick.world.land(at, hour(20), 4)
    sick.world.closed += timedelta(hours=1)


def broken_chain(sick: Sick) -> None:
    sick.forget(CHAIN, START)


def sensor_off(sick: Sick) -> None:
    sick.forget(FACT, day(59))
    sick.more["runs"] = []
    sick.more["daemons"] = daemons(sick.now - timedelta(seconds=30))
    sick.more["sensors"] = [Sensor("completeness", frozenset({FACT}), False, sick.now)]


def daemon_silent(sick: Sick) -> None:
    sick.forget(FACT, day(59))
    sick.more["daemons"] = daemons(sick.now - timedelta(hours=3))


def quarantined(sick: Sick) -> None:
    sick.more["diverted"] = [Diverted(EVENT, hour(20), 4, "price: not a number")]


def wrong_clock(sick: Sick) -> None:
    at = sick.world.closed.replace(minute=0)
    sick.world.land(at, at + timedelta(hours=9), 4)
    sick.world.closed += timedelta(hours=1)
    sick.world.run_all()


LOCK = "IO Error: Could not set lock on file /data/lake/catalog.sqlite"
LATE = START + timedelta(days=60, hours=3)
NEWEST = (day(59),)
EVERY_DAY = tuple(day(n) for n in range(60))
ENDED = Failure("", (), "The process that ran it ended before it did.")
CASES = {
    "C01": Case(missing_hour, LOG, (hour(20),)),
    "C02": Case(seen("file_missing", FACT, day(20)), FACT, (day(20),)),
    "C03": Case(seen("present_but_unknown", FACT, day(20)), FACT, (day(20),)),
    "C04": Case(failed_run('Binder Error: column "prise" not found', "RunFailed"), FACT, NEWEST),
    "C05": Case(failed_check, FACT, (day(20),)),
    "C06": Case(new_code, FACT, EVERY_DAY),
    "C07": Case(seen("schema_drift", LOG, hour(20)), LOG, (hour(20),)),
    "C08": Case(late_event, LANDING, (LATE,)),
    "C09": Case(broken_chain, CHAIN, (START,)),
    "C10": Case(run_in_state("success", skipped=frozenset({FACT})), FACT, NEWEST),
    "C11": Case(sensor_off, FACT, NEWEST),
    "C13": Case(run_in_state("queued"), FACT, NEWEST),
    "C14": Case(daemon_silent, FACT, NEWEST),
    "C15": Case(failed_run(LOCK, "IOException"), FACT, NEWEST),
    "C16": Case(
        failed_run("[Errno 13] Permission denied: 'lake'", "PermissionError"), FACT, NEWEST
    ),
    "C17": Case(run_in_state("failure", failure=ENDED), FACT, NEWEST),
    "C18": Case(wrong_clock, LOG, (LATE,)),
    "C19": Case(seen("duplicated", ACCEPTED, hour(20)), ACCEPTED, (hour(20),)),
    "C20": Case(quarantined, LOG, (hour(20),)),
}


@pytest.mark.parametrize("code", CASES)
def test_a_fault_is_named_placed_and_mended(sick: Sick, code: str) -> None:
    case, healthy = CASES[code], sick.world.contents()
    case.inject(sick)
    (cause,) = sick.why().causes
    assert (cause.code, cause.asset, cause.labels) == (code, case.asset, case.labels)
    assert cause.evidence
    assert cause.reaches[0].asset == case.asset
    if code in ("C06", "C08", "C18"):  # what is right is another now: as one by one builds it
        other = sick.world.copy(sick.folder / "oracle")
        other.run_all()
        healthy = other.contents()
    before = len(sick.world.built)
    assert sick.repair() == healthy
    built = set(sick.world.built[before:])
    if code not in ("C18", "C20"):  # nothing is built: the sender's clock, the event's schema
        assert {(case.asset, at) for at in case.labels} <= built
        left = [c for c in sick.why().causes if c.code is not Code.QUEUED]
        assert left == []
    assert ("weir plan" in cause.repair) == (code not in ("C13", "C18", "C20"))


def test_the_repair_of_a_cause_is_a_plan_that_mends_it_alone(sick: Sick) -> None:
    failed_check(sick)
    missing_hour(sick)
    check = next(c for c in sick.why().causes if c.code is Code.CHECK_FAILED)
    assert check.repair == f"weir plan recover {FACT} --range 2026-01-21 --downstream"


def test_healthy_partitions_have_no_causes(sick: Sick) -> None:
    facts = replace(
        sick.facts(), runs=[], daemons=daemons(sick.now - timedelta(days=9)), sensors=[]
    )
    for asset in facts.picture.nodes:
        assert diagnose(facts, asset).causes == []
    for case in (missing_hour, failed_check, late_event):  # of other days
        case(sick)
    assert sick.why(FACT, day(3)).causes == []
    assert sick.why(LOG, hour(3)).causes == []


PAIRS = [
    ("C02", "C08"), ("C05", "C01"), ("C06", "C05"), ("C06", "C02"), ("C09", "C19"), ("C04", "C05"),
    ("C14", "C07"), ("C16", "C20"), ("C08", "C17"), ("C10", "C02"), ("C11", "C05"), ("C01", "C15"),
]  # fmt: skip


@pytest.mark.parametrize(("one", "other"), PAIRS)
def test_of_two_faults_both_are_named(sick: Sick, one: str, other: str) -> None:
    CASES[one].inject(sick)
    CASES[other].inject(sick)
    found = {cause.code.value: cause for cause in sick.why().causes}
    assert set(found) == {one, other}
    for code in (one, other):
        assert found[code].asset == CASES[code].asset
        assert set(found[code].labels) <= set(CASES[code].labels)
    order = list(sick.facts().graph.order)
    assert [c.asset for c in sick.why().causes] == sorted(
        (c.asset for c in found.values()), key=order.index
    )


def test_what_only_follows_is_reached_and_no_cause(sick: Sick) -> None:
    late_event(sick)
    (cause,) = sick.why(RETURNS, day(30)).causes
    reached = {one.asset: one for one in cause.reaches}
    assert (reached[FACT].count, reached[FACT].partitions) == (1, "2026-01-21")
    assert (reached[ROWS].count, reached[ROWS].partitions) == (40, "2026-01-21..2026-03-01")
    told = dict(cause.evidence)
    assert told["late for"] == f"{FACT} 2026-01-21"
    assert "run r" in told["built"]


def test_a_fact_that_waits_alone_for_late_data_is_the_root(sick: Sick) -> None:
    late_event(sick)
    world, stages = sick.world, (Kind.LANDING, Kind.ACCEPTED, Kind.EVENT_LOG, Kind.SEARCH)
    for wave in [w for w, kinds in WAVES.items() if set(kinds) <= set(stages)]:
        for run in runs_of(world.look(), wave):
            world.start(run, {})
    (cause,) = sick.why().causes
    assert (cause.code, cause.asset, cause.labels) == (Code.LATE_DATA, FACT, (day(20),))


@pytest.mark.parametrize(("kind", "code"), [(Kind.FACT, "C06"), (None, "C08")])
def test_what_was_built_again_upstream_is_told_with_its_reason(
    sick: Sick, kind: Kind | None, code: str
) -> None:
    if kind:
        sick.world.edit(kind, "new")
    at = sick.world.closed.replace(minute=0)
    sick.world.land(at, hour(20), 4)
    sick.world.closed += timedelta(hours=1)
    for wave in list(WAVES)[:4]:
        for run in runs_of(sick.world.look(), wave):
            sick.world.start(run, {})
    causes = sick.why(CHAIN).causes
    assert {c.code.value for c in causes} == {code}
    assert causes[0].asset == CHAIN


def test_landed_hours_that_nothing_took_in(sick: Sick) -> None:
    at = sick.world.closed.replace(minute=0)
    sick.world.land(at, at, 7)
    (cause,) = sick.why(LOG).causes
    assert (cause.code, cause.asset, cause.labels) == (Code.UNKNOWN, LANDING, (at,))
    assert dict(cause.evidence)["landed"] == "7 events in 2026-03-02-03:00"
    sick.more["daemons"] = daemons(sick.now - timedelta(hours=1))
    (cause,) = sick.why(LOG).causes
    assert (cause.code, cause.asset, cause.labels) == (Code.DAEMON_DOWN, LANDING, (at,))


def test_records_that_disagree_are_reconciled_and_not_built(sick: Sick) -> None:
    seen("dagster_unaware", FACT, day(20), rebuild=False)(sick)
    (cause,) = sick.why().causes
    assert (cause.code, cause.repair) == (Code.UNKNOWN, f"weir partitions reconcile {FACT}")


def test_a_missing_day_of_a_fact_breaks_the_chain(sick: Sick) -> None:
    healthy = sick.world.contents()
    sick.forget(FACT, day(20))
    (cause,) = sick.why(RETURNS).causes
    assert (cause.code, cause.asset, cause.labels) == (Code.CHAIN_BROKEN, FACT, (day(20),))
    assert sick.repair() == healthy


def test_the_storage_check_of_a_gate_is_told_by_what_it_saw(sick: Sick) -> None:
    detail = "file_missing: main/fact/x.parquet is gone"
    verdict = Verdict(FACT, "stored_as_recorded", "2026-01-21", passed=False, detail=detail)
    sick.world.ledger.record([verdict])
    (cause,) = sick.why().causes
    assert (cause.code, cause.labels) == (Code.ABSENT, (day(20),))
    assert "x.parquet" in dict(cause.evidence)["check"]
