"""What a fact's contract adds to its layer: dimensions, birth, rows of the Inactive, spans, returns, status.

Each on random histories, built in random ranges over random checkpoints, against the reference.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from weir.activation import reference

FACT = "users_did_it"
UNITS = {"daily": ("day", "month"), "weekly": ("week", "quarter"), "monthly": ("month", "year")}
START = date(2023, 11, 15)
LENGTHS = {"daily": 120, "weekly": 500, "monthly": 1200}
COUNTRIES = ("KR", "US", None)
GRAINS = pytest.mark.parametrize("grain", UNITS)
OFTEN = settings(max_examples=15, deadline=None)
seeds = st.integers(0, 2**32)
HORIZON = 3


class World:
    """Keys with a country that changes and a birth that may precede their first activity."""

    def __init__(self, layer_of: Any, grain: str, seed: int, **meta: Any) -> None:
        self.rng = random.Random(seed)
        self.grain, (self.unit, self.above) = grain, UNITS[grain]
        self.layer = layer_of(FACT, grain, start=str(START), week_start="sunday", **meta)
        self.call = self.layer.harness.context
        self.days = {f"u{n}": self._days() for n in range(self.rng.randint(1, 6))}
        self.births = {
            key: START + timedelta(self.rng.randint(0, LENGTHS[grain] // 2)) for key in self.days
        }
        self._load()
        self.first = self.number(START)
        self.until = self.number(START + timedelta(LENGTHS[grain])) + 1

    def _days(self) -> dict[date, str | None]:
        found: dict[date, str | None] = {}
        for _ in range(self.rng.randint(1, 4)):
            first, step = self.rng.randrange(LENGTHS[self.grain]), self.rng.choice([1, 1, 7, 30])
            for n in range(self.rng.choice([1, 2, 5, 40])):
                if (day := first + n * step) < LENGTHS[self.grain]:
                    found[START + timedelta(day)] = self.rng.choice(COUNTRIES)
        return found

    def _load(self) -> None:
        con = self.layer.harness.con
        con.execute(
            f"create or replace table {FACT} (user_id varchar, activity_date date,"
            " event_count bigint, country varchar, signed_up date)"
        )
        rows = [
            (key, day, 1, country, self.births[key])
            for key, days in self.days.items()
            for day, country in days.items()
        ]
        if rows:
            con.executemany(f"insert into {FACT} values (?, ?, ?, ?, ?)", rows)

    def number(self, day: date) -> int:
        return int(self.call["period_number"](self.unit, day, "sunday"))

    def label(self, number: int) -> date:
        found: date = self.call["period_date"](self.unit, number, "sunday")
        return found

    def build(self, *kinds: str) -> None:
        """Build checkpoints, some left out, and then the kinds in shuffled ranges."""
        start, until = (
            self.call["period_number"](self.above, day)
            for day in (START, START + timedelta(LENGTHS[self.grain]))
        )
        label = self.call["period_date"]
        for number in range(start, until + 1):
            if self.rng.random() < 0.8:
                span = label(self.above, number), label(self.above, number + 1)
                self.layer.build("firstlast", span)
        for kind in kinds:
            cuts = {self.first, self.until}
            cuts |= {self.rng.randrange(self.first, self.until) for _ in range(3)}
            spans = list(pairwise(sorted(cuts)))
            self.rng.shuffle(spans)
            for a, b in spans:
                self.layer.build(kind, (self.label(a), self.label(b)))

    def broken(self) -> list[tuple[Any, ...]]:
        """Return what the identities find wrong."""
        span = self.label(self.first), self.label(self.until)
        harness = self.layer.harness
        sql = harness.render("test_part_identity", "", fact=FACT, grain=self.grain, span=span)
        found: list[tuple[Any, ...]] = harness.con.execute(sql).fetchall()
        return found

    def values(self) -> dict[str, dict[int, str]]:
        """Return each key's country by period: that of its last active day in it."""
        return {
            key: {self.number(day): days[day] or "(none)" for day in sorted(days)}
            for key, days in self.days.items()
        }

    def numbers(self) -> dict[str, list[int]]:
        return {key: list(values) for key, values in self.values().items()}

    def born(self) -> dict[str, int]:
        return {key: self.number(day) for key, day in self.births.items()}

    def summary(self, where: str) -> dict[tuple[Any, ...], tuple[int, ...]]:
        columns = "dim_value, period_start, previous_state, state, users, sum_streak, sum_interval"
        rows = self.layer.rows("summary", columns, where)
        return {(v, self.number(p), before, now): (*rest,) for v, p, before, now, *rest in rows}


def moves(found: Mapping[tuple[str, reference.Move], reference.Total]) -> dict[Any, Any]:
    return {
        (value, p, before and before.value, now.value): (t.users, t.sum_streak, t.sum_interval)
        for (value, (p, before, now)), t in found.items()
    }


@GRAINS
@OFTEN
@given(seed=seeds)
def test_a_dimension_splits_the_same_users_by_their_last_visit(
    layer_of: Any, grain: str, seed: int
):
    world = World(layer_of, grain, seed, dimensions=["country"])
    world.build("activation", "summary")
    expected = reference.summary_by(world.values(), world.first, world.until)
    assert world.summary("dim_name = 'country'") == moves(expected)
    total = reference.summary(world.numbers(), world.first, world.until)
    assert world.summary("dim_name = 'total'") == moves({("", m): t for m, t in total.items()})
    assert world.broken() == []
    rows = {
        (user, world.number(period)): (now or "(none)", before)
        for user, period, now, before in world.layer.rows(
            "activation", "user_id, period_start, country, previous_country"
        )
    }
    for key, values in world.values().items():
        before = None
        for period in sorted(values):
            assert rows[key, period] == (values[period], before)
            before = None if values[period] == "(none)" else values[period]


@pytest.mark.slow
@GRAINS
@OFTEN
@given(seed=seeds)
def test_birth_says_who_is_new(layer_of: Any, grain: str, seed: int) -> None:
    world = World(layer_of, grain, seed, birth="signed_up", dimensions=["country"])
    world.build("activation", "summary")
    born = world.born()
    got = world.layer.rows("activation", "user_id, period_start, state, previous_state")
    expected = [
        (key, world.label(r.period), r.state.value, r.previous_state and r.previous_state.value)
        for key, periods in world.numbers().items()
        for r in reference.active_rows(periods, born[key])
    ]
    assert sorted(got) == sorted(expected)
    by_country = reference.summary_by(world.values(), world.first, world.until, born)
    assert world.summary("dim_name = 'country'") == moves(by_country)
    assert world.broken() == []


@GRAINS
@OFTEN
@given(seed=seeds)
def test_the_inactive_keep_a_row_until_the_horizon(layer_of: Any, grain: str, seed: int) -> None:
    world = World(layer_of, grain, seed, inactive_rows=HORIZON, dimensions=["country"])
    world.build("activation", "summary", "returns")
    columns = "user_id, period_start, state, previous_state, streak, churned, previous_period"
    got = world.layer.rows("activation", columns)
    expected = []
    for key, periods in world.numbers().items():
        active, rows = set(periods), reference.active_rows(periods)
        expected += [
            (key, world.label(r.period), r.state.value, r.previous_state and r.previous_state.value,
             r.streak, r.churned, r.previous and world.label(r.previous))
            for r in rows
        ]  # fmt: skip
        for period in set(range(world.first, world.until)) - active:
            status = reference.status(active, period)
            if status and status.inactive <= HORIZON:
                before = reference.state_at(active, period - 1)
                expected.append(
                    (key, world.label(period), "Inactive", before.value if before else None, 0,
                     status.inactive, world.label(status.last))
                )  # fmt: skip
    assert sorted(got, key=str) == sorted(expected, key=str)
    total = reference.summary(world.numbers(), world.first, world.until)
    assert world.summary("dim_name = 'total'") == moves({("", m): t for m, t in total.items()})
    assert sum(row[0] for row in world.layer.rows("returns", "users")) == sum(
        map(len, world.numbers().values())
    )


@pytest.mark.slow
@GRAINS
@OFTEN
@given(seed=seeds)
def test_returns_and_spans(layer_of: Any, grain: str, seed: int) -> None:
    world = World(layer_of, grain, seed, dimensions=["country"])
    world.build("activation", "returns", "spans")
    got = {
        (before and world.number(before), world.number(period)): users
        for before, period, users in world.layer.rows(
            "returns", "previous_period, period_start, users"
        )
    }
    assert got == reference.returns(world.numbers(), world.first, world.until)
    columns = "user_id, streak_start, streak_end, next_start, country"
    values = world.values()
    expected = [
        (key, *map(world.label, span), values[key][span.end].replace("(none)", "") or None)
        for key, periods in world.numbers().items()
        for span in reference.spans(periods)
    ]
    assert sorted(world.layer.rows("spans", columns), key=str) == sorted(expected, key=str)


@GRAINS
@OFTEN
@given(seed=seeds)
def test_the_status_of_everybody_as_of_a_date(layer_of: Any, grain: str, seed: int) -> None:
    world = World(layer_of, grain, seed, dimensions=["country"], birth="signed_up")
    world.build()
    day = START + timedelta(world.rng.randrange(LENGTHS[grain]))
    harness = world.layer.harness
    sql = harness.render("activation_status_asof", FACT, grain, str(day))
    columns = (
        "user_id, state, inactive_periods, streak, first_period, last_period, streak_start,"
        " longest_streak"
    )
    got = harness.con.execute(f"select {columns} from ({sql})").fetchall()
    expected = []
    for key, periods in world.numbers().items():
        found = reference.status(periods, world.number(day), world.born()[key])
        if found:
            dates = map(world.label, (found.first, found.last, found.streak_start))
            expected.append(
                (key, found.state.value, found.inactive, found.streak, *dates, found.longest_streak)
            )
    assert sorted(got) == sorted(expected)
