"""Whether an asset's newest partition that should be there is there, whole and current. Pure.

What should be there follows from the clock, not from what landed: a collector that stands still is
no excuse for a fact.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from weir.core import grains, zones
from weir.core.grains import Grain, Range
from weir.lineage.expired import expired
from weir.lineage.inputs import last_day
from weir.lineage.nodes import LAYER, Kind, Node
from weir.lineage.stale import Picture

CHECKED = (Kind.EVENT_LOG, Kind.FACT, *LAYER)
"""Kinds of which a partition may be expected at a time."""
Count = Callable[[Node, datetime], int | str]
"""Returns the rows that a partition really has, or why they cannot be read."""


class State(StrEnum):
    """What was found of an asset's newest expected partition."""

    FRESH = "fresh"
    NOT_EXPECTED = "not_expected"
    EXPIRED = "expired"
    ABSENT = "absent"
    LOST = "lost"
    STALE = "stale"


@dataclass(frozen=True)
class Freshness:
    """What was found of one asset.

    Attributes:
        asset: key as `schema/table`.
        state: what was found.
        expected: key of the partition that should be there; empty if none should.
        newest: key of the newest partition that was built; empty if there is none.
        text: what was found, in words.
    """

    asset: str
    state: State
    expected: str
    newest: str
    text: str

    @property
    def passed(self) -> bool:
        """Whether nothing is wrong."""
        return self.state in (State.FRESH, State.NOT_EXPECTED, State.EXPIRED)


def expected(
    picture: Picture, node: Node, now: datetime, lag: timedelta, grace: timedelta
) -> datetime | None:
    """Return the newest partition of an asset that should be built by now; None if none should.

    Args:
        picture: what landed.
        node: an event log, a fact, or of a fact's layer.
        now: naive UTC.
        lag: how long after its end a fact's day is first built.
        grace: how long building may take after that.
    """
    if node.kind is Kind.EVENT_LOG:
        ended = now - grace - timedelta(hours=24 if node.grain is Grain.DAY else 1)
        landed = {
            hour for event in node.events for hour, _ in picture.history.by_event.get(event, ())
        }
        return max((hour for hour in landed if hour <= ended), default=None)
    fact = node if node.kind is Kind.FACT else picture.fact_of(node)
    day = _last_day(picture, fact, now - lag - grace)
    if day is None or node.kind is Kind.FACT:
        return day
    return _period(node, day, _first_day(picture, fact))


def _first_day(picture: Picture, fact: Node) -> datetime | None:
    hours = [hour for event in fact.events for _, hour in picture.history.by_event.get(event, ())]
    first: datetime | None
    if hours:
        first = min(zones.days_of_hour(min(hours), fact.zone))
    else:  # a fact that reads no events is due when it says so
        first = min(picture.due(fact), default=None)
    return max(first, fact.start) if first and fact.start else first


def _last_day(picture: Picture, fact: Node, at: datetime) -> datetime | None:
    """Return the last day of a fact that ended before an instant, in its zone and its life."""
    first = _first_day(picture, fact)
    last = grains.shift(grains.floor(zones.to_local(at, fact.zone), Grain.DAY), Grain.DAY, -1)
    if fact.end is not None:
        last = min(last, grains.shift(fact.end, Grain.DAY, -1))
    return last if first is not None and last >= first else None


def _period(node: Node, day: datetime, first: datetime | None) -> datetime | None:
    label = grains.floor(day, node.grain)
    if last_day(node, label) > day:
        label = grains.shift(label, node.grain, -1)
    return label if first is not None and last_day(node, label) >= first else None


def freshness(
    picture: Picture, node: Node, now: datetime, *, lag: timedelta, grace: timedelta, count: Count
) -> Freshness:
    """Look at the newest partition of an asset that should be there.

    Args:
        picture: what landed and what is built.
        node: the asset.
        now: naive UTC.
        lag: how long after its end a fact's day is first built.
        grace: how long building may take after that.
        count: returns the rows that a partition really has.
    """
    label, built = expected(picture, node, now, lag, grace), picture.built(node)
    newest = grains.text(max(built), node.grain) if built else ""
    if label is None:
        text = "No partition is expected yet."
        return Freshness(node.asset, State.NOT_EXPECTED, "", newest, text)
    key = grains.text(label, node.grain)
    state, text = _found(picture, node, label, count)
    return Freshness(node.asset, state, key, newest, f"{key} {text}")


def _found(picture: Picture, node: Node, label: datetime, count: Count) -> tuple[State, str]:
    built = picture.built(node).get(label)
    if gone := _expired(picture, node, label):
        return State.EXPIRED, gone
    if built is None:
        return State.ABSENT, f"was not built{_landing(picture, node, label)}."
    rows = count(node, label)
    if isinstance(rows, str):
        return State.LOST, f"cannot be read: {rows}"
    if rows != built.rows:
        return State.LOST, f"has {rows:,} rows and was built with {built.rows:,}."
    if label in picture.look(node).stale:
        return State.STALE, "was built, and what it is made from is another since."
    return State.FRESH, f"is there with {rows:,} rows, as it was built."


def _expired(picture: Picture, node: Node, label: datetime) -> str:
    """Return that retention dropped a partition, or what it would be built from; empty if not."""
    built = picture.built(node)
    if expired(picture.expired, node.asset, built, [label]):
        return "has expired: retention dropped it."
    if label not in built and label in picture.beyond(node):
        return "cannot be built any more: what it reads has expired."
    return ""


def _landing(picture: Picture, node: Node, label: datetime) -> str:
    """Return what landing has to do with it: an open hour keeps a fact's day waiting."""
    closed = picture.history.closed_until
    if node.kind is Kind.EVENT_LOG or closed is None:
        return ""
    _, end = zones.window(Range.of(last_day_of(node, label), Grain.DAY), node.zone)
    if closed >= end:
        return ""
    return f": no landing hour has closed since {closed:%Y-%m-%d %H:%M} UTC"


def last_day_of(node: Node, label: datetime) -> datetime:
    """Return the last day of its fact that a partition needs."""
    return label if node.kind is Kind.FACT else last_day(node, label)
