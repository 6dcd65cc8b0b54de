"""What the analysis says of a layer, against counting in plain Python."""

from __future__ import annotations

import random
from collections import Counter
from datetime import date, datetime, time, timedelta
from typing import Any

import pandas as pd
import pytest

from weir.activation import analysis
from weir.activation.reference import State, active_rows, state_at, summary_by
from weir.activation.tables import Tables, Window, periods, window
from weir.core.errors import InvalidValue, NotReady, UsageError
from weir.core.grains import Grain, index

FACT = "users_looked_at"
FIRST = date(2024, 1, 3)  # inside a week and a month
DAYS = 200
COUNTRIES = [f"c{n:02}" for n in range(15)]
Days = dict[str, dict[date, str]]
GRAINS = [("daily", "monday"), ("weekly", "monday"), ("weekly", "sunday"), ("monthly", "monday")]


def visits(seed: int) -> Days:
    """Return forty users' days with streaks and pauses; the country changes now and then."""
    chance = random.Random(seed)
    found: Days = {}
    for user in range(40):
        day, country = chance.randrange(DAYS // 2), chance.choice(COUNTRIES)
        days: dict[date, str] = {}
        while day < DAYS:
            if chance.random() < 0.1:
                country = chance.choice(COUNTRIES)
            days |= {
                FIRST + timedelta(d): country
                for d in range(day, min(DAYS, day + chance.choice([1, 1, 3, 20])))
            }
            day += chance.choice([2, 9, 25, 60]) + len(days) % 3
        found[f"u{user}"] = days
    return found


class World:
    """A built layer, its tables, and the same history in period indexes."""

    def __init__(self, layer_of: Any, grain: str, week_start: str, closed: date | None) -> None:
        self.layer = layer_of(
            FACT, grain, start=str(FIRST), week_start=week_start, dimensions=["country"]
        )
        self.con = self.layer.harness.con
        self.tables = Tables(FACT, grain, schema="", week_start=week_start)
        self.days = visits(7)
        self._facts()
        until = FIRST + timedelta(DAYS)
        span = (self.tables.floor(FIRST), self.tables.shift(self.tables.floor(until), 1))
        if closed:
            self.layer.harness.closed_until = f"timestamp '{closed}'"
        try:
            for kind in ("activation", "summary", "returns"):
                self.layer.build(kind, span)
        finally:
            self.layer.harness.closed_until = "timestamp '2100-01-01'"
        self.users = {
            user: {self.index(day): country for day, country in sorted(days.items())}
            for user, days in self.days.items()
        }

    def _facts(self) -> None:
        self.con.execute(
            f"create or replace table {FACT} (user_id varchar, activity_date date,"
            " event_count bigint, country varchar)"
        )
        rows = [(u, day, 1, c) for u, days in self.days.items() for day, c in days.items()]
        values = ", ".join(f"('{u}', date '{day}', {n}, '{c}')" for u, day, n, c in rows)
        self.con.execute(f"insert into {FACT} values {values}")

    def index(self, day: date) -> int:
        return index(datetime.combine(day, time()), self.tables.period)

    def active(self, period: int) -> set[str]:
        return {user for user, history in self.users.items() if period in history}


@pytest.fixture(params=GRAINS, ids="-".join, scope="module")
def world(request: pytest.FixtureRequest, layer_of: Any) -> World:
    return World(layer_of, *request.param, closed=None)


@pytest.fixture(scope="module")
def open_world(layer_of: Any) -> World:
    """Landing is closed in the middle of the last three weeks."""
    return World(layer_of, "weekly", "monday", closed=FIRST + timedelta(DAYS - 16))


def same(found: Any, expected: float | None) -> bool:
    return bool(pd.isna(found)) if expected is None else bool(found == pytest.approx(expected))


def part(above: int, below: int) -> float | None:
    return above / below if below else None


def check(row: Any, new: int, retained: int, reactivated: int, went: int, before: int) -> None:
    """Check a row of a decomposition against its counts."""
    active = new + retained + reactivated
    assert (row.new_users, row.retained, row.reactivated) == (new, retained, reactivated)
    assert (row.active, row.went, row.active_before) == (active, went, before)
    assert same(row.new_share, part(new, active))
    assert same(row.retained_share, part(retained, active))
    assert same(row.reactivated_share, part(reactivated, active))
    assert same(row.churn_rate, part(went, before))
    assert same(row.pulse, part(new + reactivated, went))


def test_the_decomposition_of_all_users(world: World) -> None:
    seen = window(world.con, world.tables, since=FIRST)
    frame = analysis.decomposition(world.con, world.tables, seen)
    assert list(frame["period_start"]) == world.tables.spine(seen.start, seen.until)
    assert frame["is_complete"].all()
    for row in frame.itertuples():
        at = world.index(row.period_start)
        states = Counter(state_at(set(h), at) for h in world.users.values())
        before, here = world.active(at - 1), world.active(at)
        check(
            row, states[State.NEW], states[State.RETAINED], states[State.REACTIVATED],
            len(before - here), len(before),
        )  # fmt: skip
        assert row.inactive == states[State.INACTIVE]


def test_a_window_that_begins_later_knows_who_was_active_before(world: World) -> None:
    whole = window(world.con, world.tables, since=FIRST)
    later = Window(world.tables.shift(whole.start, 3), whole.until, whole.at, is_complete=True)
    every, some = (analysis.decomposition(world.con, world.tables, w) for w in (whole, later))
    pd.testing.assert_frame_equal(every.iloc[3:].reset_index(drop=True), some)


def test_the_decomposition_by_a_dimension(world: World) -> None:
    seen = window(world.con, world.tables, since=FIRST)
    frame = analysis.decomposition(world.con, world.tables, seen, "country")
    first, last = world.index(seen.start), world.index(seen.until)
    moves = summary_by(world.users, first, last)
    size: Counter[str] = Counter()
    for (value, (_, _, state)), total in moves.items():
        size[value] += total.users if state is not State.INACTIVE else 0
    ranked = sorted(size, key=lambda value: (-size[value], value))
    alone = ranked[: analysis.MOST_VALUES]
    assert list(frame["dim_value"].unique()) == [*alone, analysis.OTHERS]
    named = {value: value if value in alone else analysis.OTHERS for value in ranked}
    counts: Counter[tuple[str, int, str]] = Counter()
    for (value, (at, before, state)), total in moves.items():
        left = state is State.INACTIVE and before is not State.INACTIVE
        counts[named[value], at, "went" if left else state.value] += total.users
    for row in frame.itertuples():
        here = row.dim_value, world.index(row.period_start)
        states = (State.NEW, State.RETAINED, State.REACTIVATED)
        active_before = sum(counts[here[0], here[1] - 1, s.value] for s in states)
        new, retained, reactivated = (counts[*here, s.value] for s in states)
        check(row, new, retained, reactivated, counts[*here, "went"], active_before)
    total = analysis.decomposition(world.con, world.tables, seen)
    columns = ["active", "new_users", "retained", "reactivated", "went", "inactive"]
    summed = frame.groupby("period_start")[columns].sum().reset_index(drop=True)
    pd.testing.assert_frame_equal(summed, total[columns], check_dtype=False)


def test_the_transitions_of_every_period(world: World) -> None:
    for start in periods(world.con, world.tables):
        seen = Window(start, world.tables.shift(start, 1), start, is_complete=True)
        frame = analysis.transitions(world.con, world.tables, seen)
        at = world.index(start)
        expected = Counter(
            (state_at(set(h), at - 1) or analysis.NOT_SEEN, state)
            for h in world.users.values()
            if (state := state_at(set(h), at))
        )
        of_all = Counter(before for before, _ in expected.elements())
        assert len(frame) == 20
        for row in frame.itertuples():
            users = expected[row.previous_state, row.state]
            assert row.users == users
            assert same(row.share, part(users, of_all[row.previous_state]))


def test_streaks_intervals_and_absences(world: World) -> None:
    seen = window(world.con, world.tables, since=FIRST + timedelta(50), at=FIRST + timedelta(120))
    assert seen.at < world.tables.shift(seen.until, -1)
    rows = [row for history in world.users.values() for row in active_rows(history)]
    first, last, at = map(world.index, (seen.start, seen.until, seen.at))
    histograms: dict[Any, Counter[int]] = {
        analysis.streaks: Counter(r.streak for r in rows if r.period == at),
        analysis.intervals: Counter(r.interval for r in rows if r.interval and first <= r.period < last),
        analysis.absences: Counter(
            at - past for h in world.users.values() if (past := max((p for p in h if p <= at), default=at)) < at
        ),
    }  # fmt: skip
    for question, expected in histograms.items():
        frame = question(world.con, world.tables, seen)
        assert frame is not None
        assert dict(zip(frame["periods"], frame["users"], strict=True)) == dict(expected)
        assert frame["periods"].is_monotonic_increasing
        assert frame["share"].sum() == pytest.approx(1)


def test_absences_are_not_told_where_earlier_returns_are_missing(world: World) -> None:
    seen = window(world.con, world.tables)
    frame = analysis.absences(world.con, world.tables, seen)
    assert frame is not None
    last_seen = world.tables.shift(seen.at, -int(frame["periods"].max()))
    returns = world.tables.name("returns")
    world.con.execute("begin")
    world.con.execute(f"delete from {returns} where period_start = ?", [last_seen])
    try:
        assert analysis.absences(world.con, world.tables, seen) is None
    finally:
        world.con.execute("rollback")


def test_what_is_provisional_has_no_inactive_figures(open_world: World) -> None:
    con, tables = open_world.con, open_world.tables
    seen = window(con, tables)
    frame = analysis.decomposition(con, tables, seen)
    late = frame[~frame["is_complete"]]
    assert 2 <= len(late) <= 3
    assert (late["active"] > 0).all()
    assert late[["went", "inactive", "churn_rate", "pulse"]].isna().all(axis=None)
    assert frame[frame["is_complete"]]["went"].notna().all()
    assert seen.is_complete
    assert seen.at == frame[frame["is_complete"]]["period_start"].max()

    one = window(con, tables, at=late["period_start"].max())
    assert not one.is_complete
    moves = analysis.transitions(con, tables, one)
    absent = moves["state"] == "Inactive"
    assert moves[absent]["users"].isna().all()
    assert moves[~absent]["users"].notna().all()
    assert moves["share"].isna().all()
    assert analysis.absences(con, tables, one) is None
    assert analysis.streaks(con, tables, one)["users"].sum() == late["active"].iloc[-1]


def test_a_period_without_rows_is_not_taken_for_one_without_users(world: World) -> None:
    seen = window(world.con, world.tables, since=FIRST)
    gone = world.tables.shift(seen.start, 2)
    world.con.execute("begin")
    world.con.execute(f"delete from {world.tables.name('summary')} where period_start = ?", [gone])
    try:
        frame = analysis.decomposition(world.con, world.tables, seen).set_index("period_start")
    finally:
        world.con.execute("rollback")
    assert frame.loc[gone, ["active", "new_users", "went", "new_share", "pulse"]].isna().all()
    after = frame.loc[world.tables.shift(gone, 1)]
    assert after["active"] >= 0
    assert pd.isna(after["churn_rate"])


def test_the_usual_window(world: World) -> None:
    usual = {"daily": 30, "weekly": 26, "monthly": 24}[world.tables.grain]
    known = list(periods(world.con, world.tables))
    seen = window(world.con, world.tables)
    assert world.tables.spine(seen.start, seen.until) == known[-usual:]
    assert seen.at == known[-1]


@pytest.mark.parametrize("offset", range(8))
def test_a_range_is_half_open_and_takes_every_period_with_a_day_in_it(
    world: World, offset: int
) -> None:
    since = FIRST + timedelta(50 + offset)
    until = since + timedelta(40)
    seen = window(world.con, world.tables, since=since, until=until, at=since)
    days = [since + timedelta(n) for n in range(40)]
    expected = sorted({world.tables.floor(day) for day in days})
    assert world.tables.spine(seen.start, seen.until) == expected
    assert seen.at == expected[0]


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"since": FIRST, "until": FIRST}, "is empty"),
        ({"since": FIRST + timedelta(1), "until": FIRST}, "swap them"),
        ({"since": date(2030, 1, 1)}, "The layer has days from 2024-01-"),
        ({"until": date(2020, 1, 1)}, "no rows in that range"),
        ({"at": date(2030, 1, 1)}, "no rows of the day 2030-01-01"),
    ],
)
def test_a_wrong_range_is_told(layer_of: Any, given: dict[str, date], told: str) -> None:
    world = World(layer_of, "daily", "monday", None)
    with pytest.raises(UsageError, match=told):
        window(world.con, world.tables, **given)


def test_a_range_is_bounded(layer_of: Any) -> None:
    layer = layer_of(FACT, "daily", start="2020-01-01")
    layer.facts([("a", "2020-01-01"), ("a", "2023-01-01")])
    layer.build("activation", ("2020-01-01", "2023-01-02"))
    layer.build("summary", ("2020-01-01", "2023-01-02"))
    tables = Tables(FACT, "daily", schema="")
    with pytest.raises(UsageError, match="1,097 days"):
        window(layer.harness.con, tables, since=date(2020, 1, 1))


def test_a_layer_without_rows_is_told(layer_of: Any) -> None:
    layer = layer_of(FACT, "daily", start="2020-01-01")
    with pytest.raises(NotReady, match="has no rows yet"):
        window(layer.harness.con, Tables(FACT, "daily", schema=""))
    layer.facts([])
    layer.build("activation", ("2020-01-01", "2020-01-02"))
    layer.build("summary", ("2020-01-01", "2020-01-02"))
    with pytest.raises(NotReady, match="weir run"):
        window(layer.harness.con, Tables(FACT, "daily", schema=""))


def test_a_dimension_that_the_layer_does_not_have_yet(world: World) -> None:
    seen = window(world.con, world.tables)
    with pytest.raises(NotReady, match="weir activation add"):
        analysis.analyse(world.con, world.tables, seen, "platform")


def test_a_wrong_grain_is_told() -> None:
    with pytest.raises(InvalidValue, match="daily, weekly, monthly"):
        Tables(FACT, "hourly")
    assert Tables(FACT, "weekly", week_start="sunday").period is Grain.WEEK_SUNDAY


def test_rows_of_the_inactive_have_no_streak(layer_of: Any) -> None:
    layer = layer_of(FACT, "daily", start="2024-01-01", inactive_rows=3)
    layer.facts([("a", "2024-01-01"), ("a", "2024-01-02"), ("b", "2024-01-01")])
    for kind in ("activation", "summary", "returns"):
        layer.build(kind, ("2024-01-01", "2024-01-03"))
    assert ("b", "Inactive") in layer.rows("activation", "user_id, state")
    tables = Tables(FACT, "daily", schema="")
    frame = analysis.streaks(layer.harness.con, tables, window(layer.harness.con, tables))
    assert list(zip(frame["periods"], frame["users"], strict=True)) == [(2, 1)]


def test_the_return_curve_counts_every_visit_as_long_as_it_could_be_seen(world: World) -> None:
    one = world
    seen = window(one.con, one.tables, since=FIRST, until=FIRST + timedelta(DAYS - 40))
    last = analysis.last_complete(one.con, one.tables)
    assert last is not None
    inside, after = (one.index(day) for day in (seen.start, seen.until))
    end = one.index(last)
    visits = [
        (min((other - period for other in periods if other > period), default=None), end - period)
        for periods in one.users.values()
        for period in periods
        if inside <= period < after
    ]
    frame = analysis.curve(one.con, one.tables, seen)
    left = 1.0
    for row in frame.itertuples():
        risk = [
            g for g, could in visits if could >= row.periods and (g is None or g >= row.periods)
        ]
        came = sum(1 for gap in risk if gap == row.periods)
        assert (row.users, row.at_risk) == (came, len(risk))
        left *= 1 - came / len(risk)
        assert row.returned == pytest.approx(1 - left)
    assert list(frame["periods"]) == list(range(1, len(frame) + 1))
    longest = max(could for _, could in visits)
    assert len(frame) <= longest
    assert frame["users"].sum() == sum(1 for gap, _ in visits if gap is not None)
