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
from weir.lineage.nodes import Kind, Node
from weir.lineage.plan import WAVES, RangeRun, held_back, runs_of
from weir.lineage.readiness import require_ready
from weir.lineage.stale import Picture

spec = importlib.util.spec_from_file_location("commits", Path(__file__).with_name("commits.py"))
assert spec
assert spec.loader
doubles = importlib.util.module_from_spec(spec)
spec.loader.exec_module(doubles)

Look = Callable[..., Picture]
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
    look: Look, history: LandingHistory, ledger: Ledger
) -> None:
    doubles.run_all(look, history, ledger, doubles.Commits())
    events = {at: Counted(7, (1, 2, 3, 4)) for at in history.by_event["buy_item_shop"]}
    later = replace(history, closed_until=datetime(2029, 6, 1))
    picture = look(replace(later, by_event={"see_item_shop": {}, "buy_item_shop": events}))
    picture._looks["event_log/buy_item_shop"] = replace(
        picture.look(picture.nodes["event_log/buy_item_shop"]), stale=[]
    )
    runs = runs_of(picture, "fact")
    assert [len(run.labels) for run in runs] == [3, 1000, 237]  # three changed days, then the rest
    assert runs[1].labels.end == runs[2].labels.start


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
        require_ready(look(history), [picture.nodes[SUMMARY]], day)


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
    layer = [picture.nodes[SUMMARY.removesuffix("_summary")], picture.nodes[SUMMARY]]
    with pytest.raises(NotReady, match="firstlast_daily` is missing"):
        require_ready(picture, layer, first)
    with pytest.raises(NotReady, match="activation_daily` is missing"):
        require_ready(picture, layer[1:], first)


def test_a_day_built_by_hand_before_the_first_event_does_not_stop_activation(
    look: Look, history: LandingHistory, ledger: Ledger
) -> None:
    commits = doubles.Commits()
    early = Range.of(datetime(2026, 1, 2), Grain.DAY)
    commits.build(look(history), RangeRun("fact", ("fact/users_bought",), early, 1, 0))
    ran = doubles.run_all(look, history, ledger, commits)
    assert ran[-1] == "activation 2026-01-05..2026-01-09"


def test_an_open_day_built_by_hand_is_built_again_when_it_is_over(
    look: Look, history: LandingHistory, ledger: Ledger
) -> None:
    commits = doubles.Commits()
    doubles.run_all(look, history, ledger, commits)
    today = Range.of(datetime(2026, 1, 10), Grain.DAY)
    for asset in ("fact/users_bought", SUMMARY):
        commits.build(look(history), RangeRun("x", (asset,), today, 1, 0))
    over = replace(history, closed_until=datetime(2026, 1, 11, 1))
    assert [r for r in doubles.run_all(look, over, ledger, commits) if "-10" in r[-3:]] == [
        "fact 2026-01-10",
        "activation 2026-01-10",
    ]


def test_new_arrivals_do_not_hold_back_days_that_they_do_not_touch(
    look: Look, history: LandingHistory
) -> None:
    """A seal every 30 s must not starve facts: only the days with events on the way wait."""
    commits = doubles.Commits()
    for wave in ("landing", "event_log"):
        picture = look(history)
        for run in runs_of(picture, wave):
            commits.build(picture, run)
        picture.ledger.sync(commits)
    now = look(late(history, 7))
    assert runs_of(now, "landing") != []
    assert [str(run.labels) for run in runs_of(now, "fact")] == [
        "2026-01-05..2026-01-06",
        "2026-01-08..2026-01-09",
    ]


@pytest.mark.parametrize(
    ("asset", "key", "held"),
    [
        ("landing/normal", "2026-01-10-12:00", "accepted/normal"),
        ("accepted/normal", "2026-01-10-12:00", "event_log/buy_item_shop"),
        ("accepted/normal", "2026-01-10-12:00", "search/events"),
        ("event_log/buy_item_shop", "2026-01-10", "fact/users_bought"),
        ("fact/users_bought", "2026-01-06", "activation/users_bought_activation_daily"),
    ],
)
def test_a_failed_blocking_check_holds_back_the_next_stage_but_not_other_lanes(
    look: Look, history: LandingHistory, ledger: Ledger, asset: str, key: str, held: str
) -> None:
    doubles.run_all(look, history, ledger, doubles.Commits())
    ledger.record([Verdict(asset, "some_check", key, passed=False)])
    more = Counted(200, (9, 9, 9, 9))
    landed = dict(history.hours) | {("normal", OPEN): LandedHour(2, more, closed=False)}
    landed[("bulk", OPEN)] = LandedHour(1, more, closed=False)
    events = {"buy_item_shop": {(OPEN, datetime(2026, 1, 6, 9)): more},
              "see_item_shop": {(OPEN, datetime(2026, 1, 6, 9)): more}}  # fmt: skip
    picture = look(replace(history, hours=landed, by_event=events))
    node = picture.nodes[held]
    labels = Range.of(grains_floor(node), node.grain)
    with pytest.raises(NotReady, match="cannot be built"):
        require_ready(picture, [node], labels)
    if asset.startswith(("landing", "accepted")):
        require_ready(picture, [picture.nodes["accepted/bulk"]], Range.of(OPEN, Grain.HOUR))


def grains_floor(node: object) -> datetime:
    return OPEN if node.grain is Grain.HOUR else datetime(2026, 1, 6)


def test_what_is_held_back_is_told_with_its_reason(
    look: Look, history: LandingHistory, ledger: Ledger
) -> None:
    doubles.run_all(look, history, ledger, doubles.Commits())
    ledger.record([Verdict("event_log/buy_item_shop", "c", "2026-01-10", passed=False)])
    now = look(late(history, 7, rows=4))
    found = {node.asset: by for node, by in held_back(now).items()}
    assert found["event_log/buy_item_shop"][datetime(2026, 1, 10, 13)].asset == "accepted/normal"


def test_a_log_that_a_due_fact_reads_gets_its_table_before_its_first_event(
    look: Look, history: LandingHistory, nodes: list[Node]
) -> None:
    fact = next(n for n in nodes if n.kind is Kind.FACT)
    both = replace(fact, events=("buy_item_shop", "see_item_shop"))
    pictured = [both if n is fact else n for n in nodes]
    with_both = look(history, nodes=pictured, tables=("buy_item_shop",))
    see = with_both.nodes["event_log/see_item_shop"]
    assert with_both.look(see).missing == [OPEN]
    assert look(history, nodes=pictured).look(see).missing == []  # the table is there
    assert look(history, tables=()).look(see).missing == []  # no fact reads it
    nothing = look(replace(history, by_event={}), nodes=pictured, tables=())
    assert nothing.look(see).missing == []  # nothing is due that reads it


def test_a_partition_with_other_rows_than_its_ledger_says_is_missing(
    look: Look, history: LandingHistory, ledger: Ledger
) -> None:
    doubles.run_all(look, history, ledger, doubles.Commits())
    days = {datetime(2026, 1, d): 1 for d in (5, 6, 8, 9)}
    picture = look(history, counts={"fact/users_bought": days})
    assert picture.look(picture.nodes["fact/users_bought"]).missing == [datetime(2026, 1, 7)]


def test_an_event_without_a_log_is_named(look: Look, history: LandingHistory) -> None:
    odd = {"lost_event_shop": {(OPEN, OPEN): Counted(3, (1, 1, 1, 1))}}
    assert look(replace(history, by_event=odd)).unmodelled == {"lost_event_shop": 3}
