"""Properties of the layer on random histories: equal to the reference, whatever way it was built."""

from __future__ import annotations

import random
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from weir.activation.reference import active_rows, checkpoint, summary

FACT = "users_did_it"
UNITS = {"daily": ("day", "month"), "weekly": ("week", "quarter"), "monthly": ("month", "year")}
START = date(2023, 11, 15)  # over a year's end, 29 February, and week 1
LENGTHS = {"daily": 200, "weekly": 500, "monthly": 1300}
GRAINS = pytest.mark.parametrize("grain", UNITS)
OFTEN = settings(max_examples=25, deadline=None)

seeds = st.integers(0, 2**32)


def _history(rng: random.Random, grain: str) -> dict[str, list[date]]:
    """Return up to six keys with bursts of activity: streaks, pauses, single days, empty spans."""
    found: dict[str, list[date]] = {}
    length = LENGTHS[grain]
    for key in range(rng.randint(0, 6)):
        days: set[int] = set()
        for _ in range(rng.randint(1, 4)):
            first = rng.randrange(length)
            step = rng.choice([1, 1, 7, 30])
            days |= {first + i * step for i in range(rng.choice([1, 1, 2, 5, 40]))}
        found[f"u{key}"] = [START + timedelta(d) for d in sorted(days) if d < length]
    return found


class _World:
    """One random history in a fresh layer, with its calendar."""

    def __init__(self, layer_of: Any, grain: str, seed: int, week_start: str = "monday") -> None:
        self.rng = random.Random(seed)
        self.grain, self.week = grain, week_start
        self.layer = layer_of(FACT, grain, start=str(START), week_start=week_start)
        self.call = self.layer.harness.context
        self.unit, self.above = UNITS[grain]
        self.history = _history(self.rng, grain)
        self.first = self.number(START)
        self.until = self.number(START + timedelta(LENGTHS[grain])) + 1
        self.load()

    def number(self, day: date) -> int:
        return int(self.call["period_number"](self.unit, day, self.week))

    def label(self, number: int) -> date:
        found: date = self.call["period_date"](self.unit, number, self.week)
        return found

    def load(self) -> None:
        self.layer.facts((user, day) for user, days in self.history.items() for day in days)

    def numbers(self) -> dict[str, list[int]]:
        return {u: [self.number(d) for d in days] for u, days in self.history.items()}

    def build(self, kind: str, first: int, until: int) -> None:
        self.layer.build(kind, (self.label(first), self.label(until)))

    def build_in_chunks(self, kind: str, *, shuffled: bool) -> None:
        count = self.until - self.first
        cuts = sorted({0, count, *(self.rng.randrange(count) for _ in range(4))})
        spans = [(self.first + a, self.first + b) for a, b in pairwise(cuts)]
        if shuffled:
            self.rng.shuffle(spans)
        for span in spans:
            self.build(kind, *span)

    def checkpoints(self) -> tuple[int, int]:
        bounds = (START, START + timedelta(LENGTHS[self.grain]))
        first, last = (self.call["period_number"](self.above, day) for day in bounds)
        return first, last + 1

    def build_checkpoints(self) -> None:
        """Build the chain in random chunks, in order, and leave some out."""
        first, until = self.checkpoints()
        while first < until:
            upto = min(until, first + self.rng.randint(1, 4))
            if self.rng.random() < 0.8:
                label = self.call["period_date"]
                self.layer.build("firstlast", (label(self.above, first), label(self.above, upto)))
            first = upto

    def expected(self) -> list[tuple[Any, ...]]:
        def day(number: int | None) -> date | None:
            return None if number is None else self.label(number)

        return sorted(
            (
                user,
                self.label(r.period),
                r.state.value,
                r.previous_state and r.previous_state.value,
                r.streak,
                r.longest_streak,
                r.interval,
                r.churned,
                self.label(r.first),
                day(r.previous),
                self.label(r.streak_start),
            )
            for user, periods in self.numbers().items()
            for r in active_rows(periods)
        )

    def got(self) -> list[tuple[Any, ...]]:
        return [row[:-1] for row in self.layer.rows("activation")]

    def expected_summary(self) -> list[tuple[Any, ...]]:
        moves = summary(self.numbers(), self.first, self.until)
        return sorted(
            (str(self.label(p)), before.value if before else "", state.value, *vars(total).values())
            for (p, before, state), total in moves.items()
        )

    def got_summary(self) -> list[tuple[Any, ...]]:
        columns = (
            "cast(period_start as varchar), coalesce(previous_state, ''), state,"
            " users, sum_streak, sum_interval"
        )
        return sorted(self.layer.rows("summary", columns))


@GRAINS
@OFTEN
@given(seed=seeds, week_start=st.sampled_from(["monday", "sunday"]))
def test_one_range_equals_the_reference(
    layer_of: Any, grain: str, seed: int, week_start: str
) -> None:
    world = _World(layer_of, grain, seed, week_start)
    world.build("activation", world.first, world.until)
    world.build("summary", world.first, world.until)
    assert world.got() == world.expected()
    assert world.got_summary() == world.expected_summary()


@pytest.mark.slow
@GRAINS
@OFTEN
@given(seed=seeds)
def test_any_split_in_any_order_with_any_checkpoints_gives_the_same_rows(
    layer_of: Any, grain: str, seed: int
) -> None:
    world = _World(layer_of, grain, seed)
    world.build_checkpoints()
    world.build_in_chunks("activation", shuffled=True)
    world.build_in_chunks("summary", shuffled=True)
    assert world.got() == world.expected()
    assert world.got_summary() == world.expected_summary()


@GRAINS
@OFTEN
@given(seed=seeds)
def test_a_checkpoint_is_the_state_at_its_end(layer_of: Any, grain: str, seed: int) -> None:
    world = _World(layer_of, grain, seed)
    world.build_checkpoints()
    for (label,) in world.layer.rows("firstlast", "distinct checkpoint_start"):
        number = world.call["period_number"](world.above, label)
        until = world.number(world.call["period_date"](world.above, number + 1))
        expected = {
            (user, *map(world.label, (c.first, c.last, c.streak_start)), c.longest_streak)
            for user, periods in world.numbers().items()
            if (c := checkpoint(periods, until))
        }
        columns = "user_id, first_period, last_period, streak_start, longest_streak"
        rows = world.layer.rows("firstlast", columns, f"checkpoint_start = date '{label}'")
        assert set(rows) == expected
        assert len(rows) == len(expected)


@GRAINS
@OFTEN
@given(seed=seeds)
def test_late_facts_and_a_rebuild_from_there_equal_from_scratch(
    layer_of: Any, grain: str, seed: int
) -> None:
    world = _World(layer_of, grain, seed)
    first, until = world.checkpoints()
    label = world.call["period_date"]
    world.layer.build("firstlast", (label(world.above, first), label(world.above, until)))
    world.build("activation", world.first, world.until)
    world.build("summary", world.first, world.until)
    late = START + timedelta(world.rng.randrange(LENGTHS[grain]))
    world.history.setdefault(f"u{world.rng.randrange(8)}", []).append(late)
    world.load()
    stale = world.call["period_number"](world.above, late)
    world.layer.build("firstlast", (label(world.above, stale), label(world.above, until)))
    for kind in ("activation", "summary"):
        world.build(kind, world.number(late), world.until)
    assert world.got() == world.expected()
    assert world.got_summary() == world.expected_summary()


def test_a_second_run_changes_nothing(layer_of: Any) -> None:
    world = _World(layer_of, "daily", seed=7)
    world.build_checkpoints()
    tables = ("firstlast", "activation", "summary")
    world.build("activation", world.first, world.until)
    world.build("summary", world.first, world.until)
    before = {kind: world.layer.rows(kind) for kind in tables}
    world.build_checkpoints()
    world.build("activation", world.first, world.until)
    world.build("summary", world.first, world.until)
    assert {kind: world.layer.rows(kind) for kind in tables if kind != "firstlast"} == {
        kind: before[kind] for kind in tables if kind != "firstlast"
    }


def test_a_day_without_events_ends_streaks_and_has_a_summary(layer_of: Any) -> None:
    layer = layer_of(FACT, "daily", start="2024-02-27")
    layer.facts([("a", "2024-02-28"), ("a", "2024-03-01")])
    span = ("2024-02-26", "2024-03-03")
    layer.build("activation", span)
    layer.build("summary", span)
    columns = "cast(period_start as varchar), previous_state, state, users"
    assert layer.rows("summary", columns) == [
        ("2024-02-28", None, "New", 1),
        ("2024-02-29", "New", "Inactive", 1),
        ("2024-03-01", "Inactive", "Reactivated", 1),
        ("2024-03-02", "Reactivated", "Inactive", 1),
    ]


def test_a_streak_is_longer_than_any_bit_mask_and_crosses_checkpoints(layer_of: Any) -> None:
    layer = layer_of(FACT, "daily", start="2022-01-01")
    layer.facts(("a", date(2022, 1, 1) + timedelta(d)) for d in range(500))
    layer.build("firstlast", ("2022-01-01", "2023-06-01"))
    day = date(2022, 1, 1) + timedelta(499)
    layer.build("activation", (day, day + timedelta(1)))
    assert layer.rows("activation", "streak, longest_streak, streak_start, event_count") == [
        (500, 500, date(2022, 1, 1), 1)
    ]


def test_null_keys_are_no_users(layer_of: Any) -> None:
    layer = layer_of(FACT, "daily", start="2024-01-01")
    layer.facts([("a", "2024-01-01")])
    layer.harness.con.execute(f"insert into {FACT} values (null, date '2024-01-01', 3)")
    for kind in ("activation", "summary"):
        layer.build(kind, ("2024-01-01", "2024-01-03"))
    assert len(layer.rows("activation")) == 1
    assert [row[0] for row in layer.rows("summary", "users")] == [1, 1]


def test_an_ended_fact_has_no_periods_after_its_end(layer_of: Any) -> None:
    layer = layer_of(FACT, "daily", start="2024-01-01", end="2024-01-02")
    layer.facts([("a", "2024-01-01"), ("b", "2024-01-05")])
    for kind in ("activation", "summary"):
        layer.build(kind, ("2024-01-01", "2024-02-01"))
    assert [str(r[0]) for r in layer.rows("summary", "period_start")] == [
        "2024-01-01",
        "2024-01-02",
    ]
    assert len(layer.rows("activation")) == 1


@pytest.mark.parametrize(
    ("closed", "complete"),
    [("2024-01-01 15:59:59", False), ("2024-01-01 16:00:00", True)],
)
def test_a_seoul_day_is_complete_an_hour_after_its_own_midnight(
    layer_of: Any, closed: str, complete: bool
) -> None:
    layer = layer_of(FACT, "daily", start="2023-12-31", time_zone="Asia/Seoul")
    layer.facts([("a", "2023-12-31"), ("b", "2024-01-01")])
    span = ("2023-12-31", "2024-01-02")
    try:
        layer.harness.closed_until = f"timestamp '{closed}'"
        for kind in ("activation", "summary"):
            layer.build(kind, span)
    finally:
        layer.harness.closed_until = "timestamp '2100-01-01'"
    second = layer.rows("summary", "state, is_complete", "period_start = date '2024-01-01'")
    assert second == ([("Inactive", True)] if complete else []) + [("New", complete)]


def test_nothing_is_complete_while_no_landing_is_closed(layer_of: Any) -> None:
    layer = layer_of(FACT, "daily", start="2024-01-01")
    layer.facts([("a", "2024-01-01")])
    try:
        layer.harness.closed_until = "cast(null as timestamp)"
        for kind in ("activation", "summary"):
            layer.build(kind, ("2024-01-01", "2024-01-03"))
    finally:
        layer.harness.closed_until = "timestamp '2100-01-01'"
    assert layer.rows("summary", "state, is_complete") == [("New", False)]
