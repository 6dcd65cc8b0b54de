import importlib.util
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest

from weir.core.errors import NotReady
from weir.core.grains import Grain, Range
from weir.engines.history import Counted, LandedHour, LandingHistory
from weir.lineage.ledger import Ledger, Verdict
from weir.lineage.plan import WAVES, RangeRun, runs_of
from weir.lineage.readiness import require_ready
from weir.lineage.stale import Picture

spec = importlib.util.spec_from_file_location("commits", Path(__file__).with_name("commits.py"))
assert spec
assert spec.loader
doubles = importlib.util.module_from_spec(spec)
spec.loader.exec_module(doubles)

Look = Callable[[LandingHistory], Picture]
OPEN = datetime(2026, 1, 10, 12)
SUMMARY = "activation/users_bought_activation_daily_summary"


def late(history: LandingHistory, day: int, rows: int = 3) -> LandingHistory:
    """Return the history with late events of a day in the next landing hour."""
    hour = datetime(2026, 1, 10, 13)
    here = Counted(rows, (rows, 7, 7, 7))
    by_event = dict(history.by_event["buy_item_shop"]) | {(hour, datetime(2026, 1, day, 9)): here}
    hours = dict(history.hours) | {("normal", hour): LandedHour(1, here, closed=False)}
    return replace(history, hours=hours, by_event={"buy_item_shop": by_event}, closed_until=hour)


def test_a_new_home_runs_every_wave_once_in_the_datas_order(
    look: Look, history: LandingHistory, ledger: Ledger
) -> None:
    ran = doubles.run_all(look, history, ledger, doubles.Commits())
    assert ran == [
        "landing 2026-01-10-12:00",  # critical and bulk landed nothing
        "landing 2026-01-10-12:00",
        "event_log 2026-01-10-12:00",
        "search 2026-01-10-12:00",
        "fact 2026-01-05..2026-01-09",  # from the first event to the last complete day
        "activation 2026-01-05..2026-01-09",  # no month is complete: no checkpoint
    ]


def test_running_again_plans_nothing(look: Look, history: LandingHistory, ledger: Ledger) -> None:
    commits = doubles.Commits()
    doubles.run_all(look, history, ledger, commits)
    assert doubles.run_all(look, history, ledger, commits) == []


def test_a_late_event_makes_its_day_and_every_later_activation_day_stale(
    look: Look, history: LandingHistory, ledger: Ledger
) -> None:
    commits = doubles.Commits()
    doubles.run_all(look, history, ledger, commits)
    assert doubles.run_all(look, late(history, 7), ledger, commits) == [
        "landing 2026-01-10-13:00",
        "event_log 2026-01-10-13:00",
        "search 2026-01-10-13:00",
        "fact 2026-01-07",
        "activation 2026-01-07..2026-01-09",
    ]


def test_a_rebuilt_day_with_the_same_content_stops_there(
    look: Look, history: LandingHistory, ledger: Ledger
) -> None:
    commits = doubles.Commits()
    doubles.run_all(look, history, ledger, commits)
    now = late(history, 7)
    for wave in ("landing", "event_log", "search"):
        picture = look(now)
        for run in runs_of(picture, wave):
            commits.build(picture, run)
        ledger.sync(commits)
    picture = look(now)
    (fact,) = runs_of(picture, "fact")
    before = ledger.built("fact/users_bought")["2026-01-07"].hash
    commits.build(picture, fact, {"2026-01-07": before})
    ledger.sync(commits)
    assert [run for wave in WAVES for run in runs_of(look(now), wave)] == []


def test_a_day_that_is_not_over_is_not_due(look: Look, history: LandingHistory) -> None:
    events = {(OPEN, datetime(2026, 1, 10, 1)): Counted(5, (1, 1, 1, 1))}
    picture = look(replace(history, by_event={"buy_item_shop": events}))
    assert runs_of(picture, "fact") == []


def test_a_closed_month_gets_its_checkpoint_before_activation(
    look: Look, history: LandingHistory, ledger: Ledger
) -> None:
    closed = datetime(2026, 2, 3)
    hours = {key: replace(here, closed=True) for key, here in history.hours.items()}
    ran = doubles.run_all(
        look, replace(history, hours=hours, closed_until=closed), ledger, doubles.Commits()
    )
    assert ran[-3:] == [
        "fact 2026-01-05..2026-02-01",
        "checkpoint 2026-01-01",
        "activation 2026-01-05..2026-02-01",
    ]


def test_lanes_are_planned_apart_and_critical_goes_first(
    look: Look, history: LandingHistory
) -> None:
    hours = {(lane, OPEN): LandedHour(1, Counted(1, (1, 1, 1, 1)), closed=False) for lane in
             ("bulk", "normal", "critical")}  # fmt: skip
    runs = runs_of(look(replace(history, hours=hours)), "landing")
    assert [run.tier for run in runs] == ["critical", "normal", "bulk"]
    assert next(run.assets for run in runs) == ("landing/critical", "accepted/critical")


def test_a_long_range_is_cut_into_runs_of_at_most_1000_partitions(
    look: Look, history: LandingHistory
) -> None:
    picture = look(replace(history, closed_until=datetime(2029, 6, 1)))
    runs = runs_of(picture, "fact")
    assert [len(run.labels) for run in runs] == [1000, 242]
    assert runs[0].labels.end == runs[1].labels.start


def test_an_event_log_run_covers_landing_days_and_only_its_hours() -> None:
    hours = Range(datetime(2026, 1, 1, 22), datetime(2026, 1, 2, 3), Grain.HOUR)
    run = RangeRun("event_log", ("event_log/x",), hours, 5, 0)
    assert run.partitions.keys == ["2026-01-01", "2026-01-02"]


def test_activation_waits_for_its_facts(look: Look, history: LandingHistory) -> None:
    picture = look(history)
    day = Range.of(datetime(2026, 1, 9), Grain.DAY)
    with pytest.raises(NotReady, match=r"`fact/users_bought` is missing.*2026-01-05\.\.2026-01-09"):
        require_ready(picture, [picture.nodes[SUMMARY]], day)


def test_a_failed_blocking_check_holds_back_what_reads_the_partition(
    look: Look, history: LandingHistory, ledger: Ledger
) -> None:
    doubles.run_all(look, history, ledger, doubles.Commits())
    day = Range.of(datetime(2026, 1, 9), Grain.DAY)
    picture = look(history)
    require_ready(picture, [picture.nodes[SUMMARY]], day)
    ledger.record([Verdict("fact/users_bought", "part_unique", "2026-01-06", passed=False)])
    with pytest.raises(NotReady, match="2026-01-06"):
        require_ready(picture, [picture.nodes[SUMMARY]], day)


def test_a_missing_checkpoint_holds_back_the_days_after_it(
    look: Look, history: LandingHistory, ledger: Ledger
) -> None:
    later = replace(history, closed_until=datetime(2026, 2, 3))
    commits = doubles.Commits()
    for wave in ("landing", "event_log", "fact"):
        picture = look(later)
        for run in runs_of(picture, wave):
            commits.build(picture, run)
        ledger.sync(commits)
    picture = look(later)
    first = Range.of(datetime(2026, 2, 1), Grain.DAY)
    with pytest.raises(NotReady, match="firstlast_daily` is missing"):
        require_ready(picture, [picture.nodes[SUMMARY]], first)
