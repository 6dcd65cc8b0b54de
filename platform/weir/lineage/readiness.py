"""Which partitions may be built now: their inputs exist, are current and passed their checks. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from weir.core import zones
from weir.core.errors import NotReady
from weir.core.grains import Range, coalesce
from weir.lineage.expired import require_kept
from weir.lineage.inputs import last_day, needed_checkpoint
from weir.lineage.nodes import Kind, Node
from weir.lineage.stale import Picture

Held = dict[datetime, Node]
"""Partitions that may not be built yet → the input that is in the way."""


def require_ready(picture: Picture, nodes: Sequence[Node], labels: Range) -> None:
    """Check the inputs of a range of partitions; what the same run builds is no obstacle.

    Raises:
        NotReady: naming the asset and the partitions to build first.
    """
    together = {node.asset for node in nodes}
    for node in nodes:
        require_kept(picture, node, labels)
        in_the_way = held(picture, node, labels)
        blocking = {at: by for at, by in in_the_way.items() if by.asset not in together}
        if blocking:
            needed = next(iter(blocking.values()))
            spans = ", ".join(str(r) for r in coalesce(bad(picture, needed), needed.grain)[:3])
            raise NotReady(
                f"`{node.asset}` {labels} cannot be built: `{needed.asset}` is missing, stale or"
                f" failed its checks for {spans or 'every partition'}.",
                f"Materialize `{needed.asset}` first; `weir run` does all in order.",
            )


def held(picture: Picture, node: Node, labels: Iterable[datetime]) -> Held:
    """Return which of a node's partitions may not be built now, and what is in the way."""
    if node.kind in (Kind.LANDING, Kind.ACCEPTED, Kind.EVENT_LOG, Kind.SEARCH):
        return _same_hour(picture, node, labels)
    if node.kind is Kind.FACT:
        return _facts(picture, node, set(labels))
    return _after_facts(picture, node, labels)


def bad(picture: Picture, node: Node) -> set[datetime]:
    """Return the due partitions of a node that nothing may be built from.

    A fact's day whose late events are too old to be taken in at once holds nothing back.
    """
    waits = picture.overdue(node) if node.kind is Kind.FACT else set()
    return (set(picture.look(node).todo) - waits) | picture.failed(node)


def _same_hour(picture: Picture, node: Node, labels: Iterable[datetime]) -> Held:
    """Landing holds accepted back only by a failed check; from accepted on, all must be current."""
    found: Held = {}
    for needed, wrong in _inputs_of_hour(picture, node):
        found |= {label: needed for label in labels if label in wrong}
    return found


def _inputs_of_hour(picture: Picture, node: Node) -> Iterable[tuple[Node, set[datetime]]]:
    if node.kind in (Kind.ACCEPTED, Kind.EVENT_LOG):
        landing = picture.nodes[f"landing/{node.tier}"]
        yield landing, picture.failed(landing)
    if node.kind is Kind.EVENT_LOG:
        accepted = picture.nodes[f"accepted/{node.tier}"]
        yield accepted, bad(picture, accepted)
    if node.kind is Kind.SEARCH:
        for accepted in picture.of_kind(Kind.ACCEPTED):
            yield accepted, bad(picture, accepted)


def _facts(picture: Picture, node: Node, labels: set[datetime]) -> Held:
    """A day waits for the landing hours that hold its events, and for no others."""
    found: Held = {}
    for log in picture.logs_of(node):
        if log.table not in picture.tables:
            return dict.fromkeys(labels, log)
        wrong = bad(picture, log)
        for event in log.events if wrong else ():
            for hour, event_hour in picture.history.by_event.get(event, {}):
                if hour in wrong:
                    days = zones.days_of_hour(event_hour, node.zone)
                    found |= {day: log for day in days if day in labels}
    return found


def _after_facts(picture: Picture, node: Node, labels: Iterable[datetime]) -> Held:
    """A period depends on every fact day up to its end, and on the checkpoint before it."""
    fact = picture.fact_of(node)
    first = min(bad(picture, fact), default=None)
    found: Held = {}
    for label in labels:
        if first is not None and last_day(node, label) >= first:
            found[label] = fact
    for needed, wrong in _own_layer(picture, node):
        for label in labels:
            key = needed_checkpoint(node, label) if needed.kind is Kind.CHECKPOINT else label
            if key in wrong:
                found.setdefault(label, needed)
    return found


def _own_layer(picture: Picture, node: Node) -> Iterable[tuple[Node, set[datetime]]]:
    """What a layer's models read of the layer itself: the checkpoints, and its active rows."""
    if node.kind is Kind.CHECKPOINT:
        return
    for other in picture.of_kind(Kind.CHECKPOINT, Kind.ACTIVATION):
        beside = other.kind is Kind.ACTIVATION and node.kind in (Kind.SUMMARY, Kind.RETURNS)
        if (other.fact, other.period) != (node.fact, node.period):
            continue
        if beside or other.kind is Kind.CHECKPOINT:
            yield other, bad(picture, other)
