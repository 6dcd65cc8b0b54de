"""Budgets: never exceeded, and neither small new nor large old work starves."""

from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from weir.core.grains import Grain, Range, shift
from weir.lineage.automation.budget import NOTHING, Budget, Proposal, Why, choose, cost
from weir.lineage.plan import RangeRun

DAY = datetime(2026, 5, 1)
BUDGET = Budget(8, 100, 1_000.0)


def proposal(
    day: int = 0,
    partitions: int = 1,
    seconds: float = 1.0,
    *,
    why: Why = Why.ARRIVAL,
    large: bool = False,
    tier: str = "normal",
    wave: str = "fact",
) -> Proposal:
    start = DAY + timedelta(days=day)
    labels = Range(start, shift(start, Grain.DAY, max(1, partitions)), Grain.DAY)
    run = RangeRun(wave, ("fact/a",), labels, partitions, 0, tier)
    return Proposal(run, why, partitions, seconds, large)


def test_new_work_goes_first_the_most_urgent_before_the_oldest() -> None:
    wanted = [
        proposal(0, large=True),
        proposal(9),
        proposal(1, tier="bulk"),
        proposal(3),
        proposal(20, tier="critical"),
    ]
    days = [(p.run.labels.start - DAY).days for p in choose(wanted, BUDGET)]
    assert days == [20, 3, 9, 1, 0]


def test_a_flood_of_new_work_leaves_the_backlog_its_share() -> None:
    flood = [proposal(n, 1) for n in range(50)]
    old = [proposal(-99 + n, 10, large=True) for n in range(9)]
    chosen = choose([*old, *flood], BUDGET)
    assert len(chosen) == BUDGET.requests
    assert sum(p.backlog for p in chosen) == 2


def test_a_large_backlog_never_holds_new_work_back() -> None:
    old = [proposal(-99 + n, 40, 400.0, why=Why.OVERDUE) for n in range(9)]
    busy = Budget(3, 120, 5_000.0)
    chosen = choose([*old, proposal(1), proposal(2)], BUDGET, busy)
    assert [p.backlog for p in chosen] == [False, False]


def test_what_exceeds_any_budget_goes_alone() -> None:
    huge = proposal(0, 5_000, 90_000.0, large=True)
    assert choose([huge, proposal(1, 1, large=True)], BUDGET) == [huge]
    assert choose([huge], BUDGET, Budget(1, 1, 1.0)) == []  # another one is under way
    assert choose([proposal(1), huge], BUDGET)[-1] is huge


def test_in_the_backlog_nobody_passes_an_older_one() -> None:
    first, second, third = (proposal(n, 60, large=True) for n in range(3))
    assert choose([third, first, second], BUDGET) == [first]
    assert choose([second, proposal(5, 1, large=True)], BUDGET, Budget(1, 60, 0.0)) == []


def test_only_old_or_large_restatements_wait_for_off_peak_hours() -> None:
    assert proposal(why=Why.OVERDUE).off_peak
    assert proposal(why=Why.LATE, large=True).off_peak
    assert not proposal(why=Why.LATE).off_peak
    assert not proposal(why=Why.GAP, large=True).off_peak
    assert not proposal(why=Why.ARRIVAL, large=True).off_peak
    assert not proposal(why=Why.OVERDUE, tier="critical").off_peak
    assert not proposal(why=Why.OVERDUE, wave="checkpoint").off_peak


MANY = st.lists(
    st.builds(
        proposal,
        st.integers(0, 50),
        st.integers(1, 150),
        st.floats(0, 1_500),
        why=st.sampled_from(list(Why)),
        large=st.booleans(),
        tier=st.sampled_from(["critical", "normal", "bulk"]),
    ),
    max_size=30,
)


@given(MANY, st.integers(0, 4))
def test_a_tick_stays_within_its_budget_but_for_what_can_never_fit(
    wanted: list[Proposal], busy: int
) -> None:
    chosen = choose(wanted, BUDGET, Budget(busy, busy * 10, busy * 100.0))
    assert len(chosen) <= BUDGET.requests
    assert len({id(p) for p in chosen}) == len(chosen)
    lanes = [[p for p in chosen if p.backlog is old] for old in (False, True)]
    over = [lane[:1] for lane in lanes if lane and not BUDGET.fits(lane[0])]
    rest = cost([p for p in chosen if [p] not in over])
    assert rest.partitions <= 2 * BUDGET.partitions
    assert rest.seconds <= 2 * BUDGET.seconds
    if wanted and not busy:
        assert chosen


@given(MANY)
def test_whatever_keeps_being_wanted_is_asked_for_in_the_end(wanted: list[Proposal]) -> None:
    """Each tick's runs are done before the next, and new small work comes at each tick."""
    left = list(wanted)
    for tick in range(len(wanted) + 1):
        news = [proposal(tick, 1, 1.0) for _ in range(20)]
        chosen = {id(p) for p in choose([*news, *left], BUDGET, NOTHING)}
        old = [p for p in left if p.backlog]
        left = [p for p in left if id(p) not in chosen]
        assert not old or len([p for p in left if p.backlog]) < len(old)
    assert not [p for p in left if p.backlog]
