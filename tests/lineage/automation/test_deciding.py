"""What a tick asks for: late events, gaps, failures, budgets, on a warehouse in memory."""

from collections import Counter
from datetime import datetime, timedelta

import pytest

from tests.lineage.automation.conftest import Ticking
from tests.lineage.recovery.conftest import EVENT, FACT, START
from weir.core.hours import Hours
from weir.lineage.automation.budget import Budget, Why
from weir.lineage.automation.deciding import Decision
from weir.lineage.automation.retries import MAX_ATTEMPTS, Wait
from weir.lineage.nodes import Kind
from weir.lineage.plan import runs_of
from weir.lineage.readiness import held

FACTS = f"fact/{FACT}"
DAILY = f"activation/{FACT}_activation_daily"
LOG = f"event_log/{EVENT}"


def day(number: int) -> datetime:
    return START + timedelta(days=number)


def settle(ticking: Ticking, now: datetime, rounds: int = 12) -> None:
    for _ in range(rounds):
        ticking.tick(now)


def late(ticking: Ticking, number: int) -> None:
    """Land events of an old day in the newest hour, and take them up to the event log."""
    world = ticking.world
    world.land(world.closed - timedelta(hours=2), day(number) + timedelta(hours=9), 5)
    ticking.picture = None
    for wave in ("landing", "event_log", "search"):
        for run in runs_of(world.look(), wave):
            world.start(run, {})


def asked(decision: Decision, asset: str) -> list[tuple[str, Why]]:
    return [(str(p.run.labels), p.why) for p in decision.asked if asset in p.run.assets]


def waits(decision: Decision, asset: str) -> list[tuple[str, Wait]]:
    return [(str(w.labels), w.wait) for w in decision.waiting if asset in w.assets]


def test_nothing_to_do_asks_for_nothing(ticking: Ticking) -> None:
    assert ticking.decide() == Decision([], [])


def test_late_events_within_the_window_are_taken_in_at_once(ticking: Ticking) -> None:
    late(ticking.with_rules(off_peak=Hours.parse("10:00-11:00")), 35)
    assert asked(ticking.decide(), FACTS) == [("2026-02-05", Why.LATE)]


def test_older_ones_wait_for_the_hours_off_peak_and_hold_nothing_back(ticking: Ticking) -> None:
    late(ticking.with_rules(off_peak=Hours.parse("22:00-06:00")), 3)
    noon = day(40) + timedelta(hours=12)
    decision = ticking.decide(noon)
    assert asked(decision, FACTS) == []
    assert waits(decision, FACTS) == [("2026-01-04", Wait.OFF_PEAK)]
    assert decision.waiting[0].until == day(40) + timedelta(hours=22)
    # the next day is built meanwhile, and what is made of it
    ticking.world.land(day(40) + timedelta(hours=10), day(40) + timedelta(hours=10), 7)
    ticking.world.closed = day(41) + timedelta(hours=3)
    ticking.picture = None
    settle(ticking, noon)
    built = ticking.look().built(ticking.look().nodes[DAILY])
    assert day(40) in built
    # at night the old day is built, and all layers after it
    settle(ticking, day(41) + timedelta(hours=3))
    assert not any(ticking.look().look(n).todo for n in ticking.look().nodes.values())
    assert (FACTS, day(3)) in ticking.world.built[-200:]


def test_another_code_is_no_late_event(ticking: Ticking) -> None:
    ticking.with_rules(off_peak=Hours.parse("22:00-06:00"))
    ticking.world.edit(Kind.FACT, "other")
    ticking.picture = None
    assert asked(ticking.decide(day(40) + timedelta(hours=12)), FACTS)[0][1] is Why.LATE
    assert ticking.look().overdue(ticking.look().nodes[FACTS]) == set()
    layer = ticking.look().nodes[DAILY]
    assert held(ticking.look(), layer, [day(39)])  # layers wait for the new code's days


def test_a_large_restatement_waits_for_the_hours_off_peak(ticking: Ticking) -> None:
    ticking.with_rules(off_peak=Hours.parse("22:00-06:00"), large_partitions=30)
    ticking.world.edit(Kind.FACT, "other")
    ticking.picture = None
    noon, night = (day(40) + timedelta(hours=h) for h in (12, 23))
    assert {w for _, w in waits(ticking.decide(noon), FACTS)} == {Wait.OFF_PEAK}
    assert asked(ticking.decide(night), FACTS) == [("2026-01-01..2026-02-09", Why.LATE)]


def test_a_gap_in_the_past_is_filled(ticking: Ticking) -> None:
    picture = ticking.look()
    node = picture.nodes[FACTS]
    del picture.built(node)[day(20)]  # nothing made it stale: it is just not there
    assert asked(ticking.decide(), FACTS) == [("2026-01-21", Why.GAP)]


def test_what_is_under_way_is_left_out_of_a_wider_range(fresh: Ticking) -> None:
    for _ in range(2):
        fresh.tick(fresh.world.closed)
    fresh.picture = None
    # the fifth day has no events and waited for no log
    assert asked(fresh.decide(), FACTS) == [("2026-01-01..2026-01-04", Why.GAP)]
    fresh.busy = {FACTS: frozenset({day(0), day(1)})}
    decision = fresh.decide()
    assert asked(decision, FACTS) == [("2026-01-03..2026-01-04", Why.GAP)]
    assert waits(decision, FACTS) == [("2026-01-01..2026-01-02", Wait.UNDER_WAY)]


def test_work_beyond_a_tick_is_cut_and_asked_for_in_pieces(ticking: Ticking) -> None:
    ticking.with_rules(budget=Budget(20, 8, 7_200.0))
    ticking.world.edit(Kind.FACT, "other")
    ticking.picture = None
    decision = ticking.decide()
    assert sum(p.partitions for p in decision.asked) <= 8
    assert asked(decision, FACTS) == [("2026-01-01..2026-01-05", Why.LATE)]
    assert Wait.BUDGET in {w for _, w in waits(decision, FACTS)}
    settle(ticking, ticking.world.closed, 30)
    assert not ticking.look().look(ticking.look().nodes[FACTS]).todo


def test_seconds_cut_it_too(ticking: Ticking) -> None:
    ticking.with_rules(budget=Budget(20, 5_000, 100.0)).each = 10.0
    ticking.world.edit(Kind.FACT, "other")
    ticking.picture = None
    assert asked(ticking.decide(), FACTS) == [("2026-01-01..2026-01-10", Why.LATE)]


def test_a_checkpoint_is_never_built_after_one_that_waits(ticking: Ticking) -> None:
    ticking.world.edit(Kind.CHECKPOINT, "other")
    ticking.picture = None
    chain = f"activation/{FACT}_firstlast_daily"
    assert asked(ticking.decide(), chain) == [("2026-01-01", Why.LATE)]
    ticking.busy = {chain: frozenset({START})}
    assert asked(ticking.decide(), chain) == []


def test_what_failed_with_another_of_its_wave_waits_with_it(fresh: Ticking) -> None:
    while not (todo := fresh.look().look(fresh.look().nodes[DAILY]).todo):
        fresh.tick(fresh.world.closed)
    assert asked(fresh.decide(), f"{DAILY}_summary")
    fresh.busy = {DAILY: frozenset(todo)}
    assert asked(fresh.decide(), f"{DAILY}_summary") == []


@pytest.mark.parametrize("sort", ["lock", "io", "killed"])
def test_what_may_pass_is_asked_for_a_few_times(fresh: Ticking, sort: str) -> None:
    fresh.world.fails, fresh.sort = {FACTS}, sort
    now = fresh.world.closed
    for n in range(400):
        fresh.tick(now + timedelta(minutes=10 * n))
    runs = [run for _, run in fresh.asked if FACTS in run.assets]
    assert {sum(day(n) in run.labels for run in runs) for n in range(5)} == {MAX_ATTEMPTS}
    assert {w for _, w in waits(fresh.decide(), FACTS)} == {Wait.GIVEN_UP}
    fresh.world.fails = set()
    fresh.world.edit(Kind.FACT, "mended")
    fresh.picture = None
    assert asked(fresh.decide(), FACTS)


@pytest.mark.slow
def test_fourteen_days_of_an_asset_that_fails_for_good(fresh: Ticking) -> None:
    """Its newest hour changes at every tick: 1,344 ticks, each of which could ask again."""
    world = fresh.world
    world.fails = {LOG}
    begin, failed = world.closed, 0
    for n in range(14 * 24 * 4):
        now = begin + timedelta(minutes=15 * n)
        if n % 96 < 12:
            hour = now.replace(minute=0)
            world.land(hour, hour, 1)
            fresh.picture = None
        if n % 96 == 20:
            world.closed = now
            fresh.picture = None
        failed += fresh.tick(now)
    assert 10 < failed < 130
    states = Counter(
        (run.assets, str(run.labels), now) for now, run in fresh.asked if LOG in run.assets
    )
    assert max(states.values()) == 1
    todo = {n.asset for n in fresh.look().nodes.values() if fresh.look().look(n).todo}
    assert todo <= {LOG, FACTS}  # what does not read it went on
    world.fails = set()
    world.edit(Kind.EVENT_LOG, "mended")
    fresh.picture = None
    settle(fresh, world.closed + timedelta(minutes=1))
    assert not any(fresh.look().look(n).todo for n in fresh.look().nodes.values())
