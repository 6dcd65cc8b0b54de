"""The definition of the activation layer in plain Python: slow, readable, without SQL or dates.

Everything counts in *period indexes* (`weir.core.grains.index`): neighbours differ by 1 in any grain.
What stays out: how the layer is computed at scale. Definitions: PostHog's lifecycle, with New meaning
the first activity ever and Inactive being a state of every period, not of the first one only.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """What a key is in one period. Before its first activity it has no state."""

    NEW = "New"  # its first active period
    RETAINED = "Retained"  # active, and active in the period before
    REACTIVATED = "Reactivated"  # active after at least one inactive period
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


Move = tuple[int, State | None, State]


def active_rows(periods: Iterable[int]) -> list[ActiveRow]:
    """Return one row per active period of a key, in order.

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
                state=_state(active, period),
                previous_state=state_at(active, period - 1),
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


def state_at(active: set[int], period: int) -> State | None:
    """Return the state in any period; None before the first activity.

    >>> state_at({3}, 2), state_at({3}, 5).value
    (None, 'Inactive')
    """
    if not active or period < min(active):
        return None
    return _state(active, period) if period in active else State.INACTIVE


def _state(active: set[int], period: int) -> State:
    if period == min(active):
        return State.NEW
    return State.RETAINED if period - 1 in active else State.REACTIVATED


def summary(histories: Mapping[str, Iterable[int]], start: int, until: int) -> dict[Move, Total]:
    """Return users and sums per (period, previous state, state) for each period in [start, until).

    Inactive keys are counted one by one here; the SQL gets them by identity.
    """
    users: Counter[Move] = Counter()
    streaks: Counter[Move] = Counter()
    intervals: Counter[Move] = Counter()
    for periods in histories.values():
        active = set(periods)
        rows = {row.period: row for row in active_rows(active)}
        for period in range(start, until):
            state = state_at(active, period)
            if state is None:
                continue
            move = (period, state_at(active, period - 1), state)
            users[move] += 1
            if period in rows:
                streaks[move] += rows[period].streak
                intervals[move] += rows[period].interval or 0
    return {move: Total(n, streaks[move], intervals[move]) for move, n in users.items()}


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
