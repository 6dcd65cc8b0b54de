"""What each partition should be built from, now: one digest per due partition. Pure.

A partition is *due* when it can and should exist. Its digest covers exactly what its rows depend on:
the manifest for what landed, content hashes for what was built from it. A rebuilt partition whose
content came out the same therefore makes nothing stale after it (early cut-off).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from weir.core import grains, zones
from weir.core.grains import CHECKPOINT_OF, Grain, Range
from weir.engines.history import Counted, LandingHistory
from weir.lineage.ledger import Built
from weir.lineage.nodes import Node, label_of

Digests = dict[datetime, str]


def digest(*parts: str) -> str:
    """Return 24 hex digits over the parts, in order."""
    return hashlib.blake2b("\x1f".join(parts).encode(), digest_size=12).hexdigest()


def landed(node: Node, history: LandingHistory) -> Digests:
    """Return the version of each landing hour of a lane or tier."""
    return {hour: here.version for hour, here in history.lane(node.tier).items()}


def accepted(node: Node, history: LandingHistory) -> Digests:
    """Return the digest of each landing hour that a tier should have accepted.

    Closed hours never change, so what deduplication reads from the 168 hours before is settled.
    """
    return {
        hour: digest(node.code, here.counted.text) for hour, here in history.lane(node.tier).items()
    }


def event_log(node: Node, history: LandingHistory) -> Digests:
    """Return the digest of each landing hour in which the node's event has rows."""
    per_hour: dict[datetime, list[Counted]] = {}
    for event in node.events:
        for (hour, _), counted in history.by_event.get(event, {}).items():
            per_hour.setdefault(hour, []).append(counted)
    return {hour: digest(node.code, _total(counts).text) for hour, counts in per_hour.items()}


def fact(node: Node, history: LandingHistory, lag: timedelta, now: datetime) -> Digests:
    """Return the digest of each fact day that is due.

    A day is due from the fact's first event on, once all landing hours up to its end in its zone
    plus the lag are closed: then it is complete but for late events, which change its digest.
    """
    per_day: dict[datetime, list[Counted]] = {}
    for event in node.events:
        for (_, hour), counted in history.by_event.get(event, {}).items():
            for day in zones.days_of_hour(hour, node.zone):
                per_day.setdefault(day, []).append(counted)
    if not per_day:
        return {}
    days = _bounded(node, min(per_day), _last_complete_day(node, history, lag, now))
    return {day: digest(node.code, _total(per_day.get(day, [])).text) for day in days}


def prefix(due: Digests, built: Mapping[datetime, Built]) -> Digests:
    """Return for each due fact day a digest of all due days up to it; it stops at the first gap.

    Days that somebody built although they were not due change nothing.
    """
    state, found = "", Digests()
    for day in sorted(due):
        if day not in built:
            break
        state = digest(state, grains.text(day, Grain.DAY), built[day].hash)
        found[day] = state
    return found


def layer(node: Node, facts: Digests) -> Digests:
    """Return the digest of each period of a layer whose fact days are all built.

    Args:
        node: a checkpoint chain, activation rows, or what is made of them.
        facts: what `prefix` returned for its fact.
    """
    return {label: digest(node.code, facts[last_day(node, label)]) for label in whole(node, facts)}


def whole(node: Node, facts: Iterable[datetime]) -> list[datetime]:
    """Return the periods of a layer whose last day is among these days of its fact, in order."""
    days = set(facts)
    labels = sorted({grains.floor(day, node.grain) for day in days})
    return [label for label in labels if last_day(node, label) in days]


def last_day(node: Node, label: datetime) -> datetime:
    """Return the last day of its fact that a period of a layer reads; of a fact, the day itself.

    A checkpoint holds the periods whose last day lies in it: a week that leads into the next quarter
    belongs to that one.
    """
    end = grains.shift(label, node.grain, 1)
    last = grains.shift(grains.floor(end, node.period), Grain.DAY, -1)
    fact_end = node.meta.get("end")
    return min(last, label_of(fact_end)) if fact_end else last


def needed_checkpoint(node: Node, label: datetime) -> datetime:
    """Return the checkpoint that a period of a layer reads: the last one that ends before it."""
    grain = CHECKPOINT_OF[node.period.unit]
    last = grains.shift(grains.shift(label, node.period, 1), Grain.DAY, -1)
    return grains.shift(grains.floor(last, grain), grain, -1)


def search(node: Node, accepted_hashes: Iterable[Mapping[datetime, Built]], policy: str) -> Digests:
    """Return the digest of each landing hour of a search index: all tiers' content and the policy."""
    per_hour: dict[datetime, list[str]] = {}
    for tier in accepted_hashes:
        for hour, built in tier.items():
            per_hour.setdefault(hour, []).append(built.hash)
    return {hour: digest(node.code, policy, *hashes) for hour, hashes in per_hour.items()}


def _total(counts: Iterable[Counted]) -> Counted:
    rows, sums = 0, [0, 0, 0, 0]
    for counted in counts:
        rows += counted.rows
        sums = [a + b for a, b in zip(sums, counted.fingerprint, strict=True)]
    return Counted(rows, (sums[0], sums[1], sums[2], sums[3]))


def _last_complete_day(
    node: Node, history: LandingHistory, lag: timedelta, now: datetime
) -> datetime:
    """Return the last day of the node's zone that ended, lag included, in closed landing time."""
    closed = history.closed_until
    if closed is None or (history.first_hour is not None and closed <= history.first_hour):
        # Nothing live has closed yet: time before the first live hour was never open.
        closed = history.first_hour or grains.floor(now, Grain.HOUR)
    today = grains.floor(zones.to_local(closed - lag, node.zone), Grain.DAY)
    return grains.shift(today, Grain.DAY, -1)


def _bounded(node: Node, first: datetime, last: datetime) -> Range:
    start = max(first, node.start) if node.start else first
    end = grains.shift(last, Grain.DAY, 1)
    if node.end is not None:
        end = min(end, node.end)
    return Range(start, max(start, end), Grain.DAY)
