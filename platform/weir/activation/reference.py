"""The definition of the activation layer in plain Python: slow, readable, without SQL or dates.

Everything counts in *period indexes* (`weir.core.grains.index`): neighbours differ by 1 in any grain.
What stays out: how the layer is computed at scale. Definitions: PostHog's lifecycle, with New meaning
the first activity ever (or the period of a given birth) and Inactive being a state of every period,
not of the first one only.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from types import MappingProxyType
from typing import NamedTuple


class State(StrEnum):
    """What a key is in one period. Before its first activity it has no state."""

    NEW = "New"  # active in the period of its birth: its first active one, unless said otherwise
    RETAINED = "Retained"  # else active, and active in the period before
    REACTIVATED = "Reactivated"  # else active
    INACTIVE = "Inactive"  # not active, but was at some time before


@dataclass(frozen=True)
class ActiveRow:
    """One active period of one key, in period indexes."""

    period: int
    state: State
    previous_state: State | None
    streak: int
    longest_streak: int
    interval: int | None
    churned: int | None
    first: int
    previous: int | None
    streak_start: int


@dataclass(frozen=True)
class Checkpoint:
    """What later periods need of a key's past."""

    first: int
    last: int
    streak_start: int
    longest_streak: int


@dataclass(frozen=True)
class Total:
    """One row of the summary."""

    users: int
    sum_streak: int = 0
    sum_interval: int = 0


@dataclass(frozen=True)
class Status:
    """What a key is in one period, Inactive included."""

    state: State
    inactive: int
    streak: int
    first: int
    last: int
    streak_start: int
    longest_streak: int


class Span(NamedTuple):
    """A streak that a return has followed, in period indexes."""

    start: int
    end: int
    next_start: int


Move = tuple[int, State | None, State]
Values = Mapping[int, str]
"""Active period of a key → its value of a dimension there."""


def active_rows(periods: Iterable[int], birth: int | None = None) -> list[ActiveRow]:
    """Return one row per active period of a key, in order.

    Args:
        periods: the key's active periods.
        birth: the period in which it is New; None for its first active one.

    >>> [row.state.value for row in active_rows([3, 4, 9])]
    ['New', 'Retained', 'Reactivated']
    """
    rows: list[ActiveRow] = []
    active = set(periods)
    for period in sorted(active):
        past = rows[-1] if rows else None
        adjacent = past is not None and past.period == period - 1
        streak = past.streak + 1 if past and adjacent else 1
        interval = period - past.period if past else None
        rows.append(
            ActiveRow(
                period=period,
                state=_state(active, period, birth),
                previous_state=state_at(active, period - 1, birth),
                streak=streak,
                longest_streak=max(streak, past.longest_streak if past else 0),
                interval=interval,
                churned=interval - 1 if interval and not adjacent else None,
                first=rows[0].period if rows else period,
                previous=past.period if past else None,
                streak_start=period - streak + 1,
            )
        )
    return rows


def state_at(active: set[int], period: int, birth: int | None = None) -> State | None:
    """Return the state in any period; None before the first activity.

    >>> state_at({3}, 2), state_at({3}, 5).value
    (None, 'Inactive')
    """
    if not active or period < min(active):
        return None
    return _state(active, period, birth) if period in active else State.INACTIVE


def _state(active: set[int], period: int, birth: int | None) -> State:
    if period == (min(active) if birth is None else birth):
        return State.NEW
    return State.RETAINED if period - 1 in active else State.REACTIVATED


def summary(
    histories: Mapping[str, Iterable[int]],
    start: int,
    until: int,
    births: Mapping[str, int] = MappingProxyType({}),
) -> dict[Move, Total]:
    """Return users and sums per (period, previous state, state) for each period in [start, until).

    Inactive keys are counted one by one here; the SQL gets them by identity.
    """
    everybody = {key: dict.fromkeys(periods, "") for key, periods in histories.items()}
    split = summary_by(everybody, start, until, births)
    return {move: total for (_, move), total in split.items()}


def summary_by(
    values: Mapping[str, Values],
    start: int,
    until: int,
    births: Mapping[str, int] = MappingProxyType({}),
) -> dict[tuple[str, Move], Total]:
    """Return the summary by a dimension: who is Inactive counts under the value of the last visit."""
    users: Counter[tuple[str, Move]] = Counter()
    streaks: Counter[tuple[str, Move]] = Counter()
    intervals: Counter[tuple[str, Move]] = Counter()
    for key, history in values.items():
        active, birth = set(history), births.get(key)
        rows = {row.period: row for row in active_rows(active, birth)}
        for period in range(start, until):
            state = state_at(active, period, birth)
            if state is None:
                continue
            last = max(p for p in active if p <= period)
            move = history[last], (period, state_at(active, period - 1, birth), state)
            users[move] += 1
            if period in rows:
                streaks[move] += rows[period].streak
                intervals[move] += rows[period].interval or 0
    return {move: Total(n, streaks[move], intervals[move]) for move, n in users.items()}


def returns(
    histories: Mapping[str, Iterable[int]], start: int, until: int
) -> dict[tuple[int | None, int], int]:
    """Return users per (previous active period, period) for each period in [start, until)."""
    rows = (row for periods in histories.values() for row in active_rows(periods))
    return Counter((row.previous, row.period) for row in rows if start <= row.period < until)


def spans(periods: Iterable[int]) -> list[Span]:
    """Return a key's streaks that a return has followed, in order.

    >>> spans([3, 4, 9, 20])
    [Span(start=3, end=4, next_start=9), Span(start=9, end=9, next_start=20)]
    """
    return [
        Span(before.streak_start, before.period, after.period)
        for before, after in pairwise(active_rows(periods))
        if after.period > before.period + 1
    ]


def status(periods: Iterable[int], period: int, birth: int | None = None) -> Status | None:
    """Return what a key is in a period; None before its first activity.

    >>> status([3, 4, 9], 7)
    Status(state=<State.INACTIVE: 'Inactive'>, inactive=3, streak=2, first=3, last=4, streak_start=3, longest_streak=2)
    """
    rows = [row for row in active_rows(periods, birth) if row.period <= period]
    if not rows:
        return None
    last = rows[-1]
    state = last.state if last.period == period else State.INACTIVE
    return Status(
        state, period - last.period, last.streak, last.first, last.period, last.streak_start,
        last.longest_streak,
    )  # fmt: skip


def checkpoint(periods: Iterable[int], until: int) -> Checkpoint | None:
    """Return what is known of a key before period `until`; None if it was never active.

    >>> checkpoint([3, 4, 9, 20], until=10)
    Checkpoint(first=3, last=9, streak_start=9, longest_streak=2)
    """
    rows = active_rows(period for period in periods if period < until)
    if not rows:
        return None
    last = rows[-1]
    return Checkpoint(last.first, last.period, last.streak_start, last.longest_streak)


DUOLINGO = (("Current", "At-risk WAU", 7), ("Reactivated", "At-risk MAU", 30))
"""State when active and when not, while the last activity is fewer days ago than this."""


def duolingo(days: Iterable[int], day: int) -> str | None:
    """Return which of Duolingo's seven states a user has on a day; None before the first activity.

    >>> [duolingo([3, 5], day) for day in (3, 4, 5, 12, 35)]
    ['New', 'At-risk WAU', 'Current', 'At-risk MAU', 'Dormant']
    """
    active = set(days)
    before = [other for other in active if other < day]
    if day in active and not before:
        return "New"
    if not before:
        return None
    away = day - max(before)
    states = (s for *s, limit in DUOLINGO if away < limit)
    present, absent = next(states, ("Resurrected", "Dormant"))
    return present if day in active else absent
