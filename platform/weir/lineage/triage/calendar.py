"""Rules on time and on what was set aside: C12, C18, C20. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from weir.core import grains, zones
from weir.core.grains import Grain
from weir.lineage.causes import spans
from weir.lineage.nodes import LAYER, Kind, Node
from weir.lineage.stale import Picture
from weir.lineage.triage.case import Case
from weir.lineage.triage.codes import Code
from weir.lineage.triage.diagnosis import Confidence, Evidence, Finding

AHEAD = timedelta(hours=1)
"""An event time so far after the landing partition's end was no honest clock: of a zone, or wrong."""
SLACK = timedelta(hours=2)
"""Landing hours are closed within minutes; open for so long, nobody closes them."""
Placed = tuple[str, datetime | None, Finding]
"""Asset, partition, cause."""


def not_due(case: Case, node: Node, at: datetime) -> Finding | None:
    """C18 or C12: why a partition that was asked for is not due; None if it is an empty hour."""
    if grains.floor(at, node.grain) != at:
        start = grains.text(grains.floor(at, node.grain), node.grain)
        text = f"{case.key(node.asset, at)} is no start of a {node.grain.unit} of {node.asset}"
        return Finding(Code.CALENDAR, text, (Evidence("its start", start),))
    if node.kind is Kind.FACT or node.kind in LAYER:
        return _day_not_due(case, node, at)
    closed = case.picture.history.closed_until
    if closed is None or at >= closed:
        text = f"the landing hour {case.key(node.asset, at)} is not closed"
        return Finding(Code.WINDOW_OPEN, text, (_closed(case.picture),))
    return None


def _day_not_due(case: Case, node: Node, at: datetime) -> Finding | None:
    day = case.last_days(node, at)
    after = grains.shift(day, Grain.DAY, 1)
    ends = zones.to_utc(after, node.zone)
    zone = Evidence("zone", f"{node.zone}: the day ends at {ends:%Y-%m-%d %H:%M} UTC")
    now = case.facts.now
    if now < ends:
        key = case.key(node.asset, at)
        if now >= after:  # it is over in UTC, where most clocks of machines are
            text = f"{key} is over in UTC and not yet in {node.zone}"
            return Finding(Code.CALENDAR, text, (zone,))
        return Finding(Code.WINDOW_OPEN, f"{key} is not over yet", (zone,))
    if day in _late_to_close(case, node):
        return _held_open(case, node, {day})
    fact = case.picture.nodes[f"fact/{node.fact}"]
    due = case.picture.due(fact)
    if due and min(due) <= day <= max(due):
        return None
    known = spans(due, Grain.DAY) or "none"
    text = f"{fact.asset} has no such day: events and settings begin or end elsewhere"
    return Finding(Code.WINDOW_OPEN, text, (Evidence("days", known), zone))


def closing(case: Case, node: Node) -> Iterator[Placed]:
    """C12: days that are over, and wait for landing hours which nothing closes."""
    if node.kind is not Kind.FACT:
        return
    waiting = _late_to_close(case, node)
    if waiting:
        for day in waiting:
            yield node.asset, day, _held_open(case, node, set(waiting))


def _held_open(case: Case, node: Node, days: set[datetime]) -> Finding:
    text = f"days of {node.asset} are over, and their landing hours are still open"
    told = Evidence("waits", spans(days, Grain.DAY))
    return Finding(Code.WINDOW_OPEN, text, (_closed(case.picture), told), Confidence.LIKELY)


def _late_to_close(case: Case, node: Node) -> list[datetime]:
    """Return the fact's days that would be due had the hours before now been closed."""
    picture, now = case.picture, case.facts.now
    closed, fact = picture.history.closed_until, picture.nodes[f"fact/{node.fact}"]
    should = grains.floor(now - SLACK, picture.nodes["landing/normal"].grain)
    if closed is None or closed >= should:
        return []
    history = replace(picture.history, closed_until=should)
    due = picture.due_by(fact, history)
    return sorted(due.keys() - picture.due(fact).keys())


def _closed(picture: Picture) -> Evidence:
    closed = picture.history.closed_until
    return Evidence(
        "closed until", f"{closed:%Y-%m-%d %H:%M} UTC" if closed else "nothing is closed"
    )


def clocks(case: Case, node: Node) -> Iterator[Placed]:
    """C18: events of a log whose time is well after they came: sent in local time, or a wrong clock.

    Of live hours only: an import says itself when its events came, often by the day alone.
    """
    live = case.picture.history.first_hour
    if node.kind is not Kind.EVENT_LOG or live is None:
        return
    for event in node.events:
        for (hour, event_hour), counted in case.picture.history.by_event.get(event, {}).items():
            ahead = event_hour - grains.shift(hour, node.grain, 1)
            if hour >= live and ahead >= AHEAD:
                text = f"{event} has times that lie after their arrival: a zone or clock is wrong"
                told = f"{counted.rows:,} events of {event_hour:%Y-%m-%d %H:00} UTC, {ahead} ahead"
                found = Finding(Code.CALENDAR, text, (Evidence("landed", told),), Confidence.LIKELY)
                yield node.asset, hour, found


def diverted(case: Case, node: Node) -> Iterator[Placed]:
    """C20: events of a log that are in quarantine and were not replayed."""
    if node.kind is not Kind.EVENT_LOG:
        return
    for one in case.facts.diverted or ():
        if one.event in node.events:
            text = f"events of {one.event} are in quarantine: no table counts them"
            told = f"{one.rows:,} events of {case.key(node.asset, one.hour)}"
            why = (Evidence("why", one.reason),) if one.reason else ()
            found = Finding(Code.DIVERTED, text, (Evidence("quarantine", told), *why))
            yield node.asset, one.hour, found
