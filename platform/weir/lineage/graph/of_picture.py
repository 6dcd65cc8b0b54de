"""The graph of a project: its due partitions and Weir's edges between the stages. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime
from functools import partial

from weir.core import zones
from weir.lineage.graph.edges import Each, Edge, Graph, Same, UpTo
from weir.lineage.inputs import last_day, needed_checkpoint
from weir.lineage.nodes import Kind, Node
from weir.lineage.stale import Picture


def graph_of(picture: Picture) -> Graph:
    """Return the graph over everything that is built, due, or due once its inputs are built."""
    labels = {
        node.asset: picture.expected(node) | picture.built(node).keys()
        for node in picture.nodes.values()
    }
    return Graph(labels, [e for node in picture.nodes.values() for e in _edges(picture, node)])


def _edges(picture: Picture, node: Node) -> Iterator[Edge]:
    match node.kind:
        case Kind.LANDING:
            return
        case Kind.ACCEPTED:
            yield Same(f"landing/{node.tier}", node.asset)
        case Kind.EVENT_LOG:
            yield Same(f"accepted/{node.tier}", node.asset)
        case Kind.SEARCH:
            yield from (Same(n.asset, node.asset) for n in picture.of_kind(Kind.ACCEPTED))
        case Kind.FACT:
            yield from _of_fact(picture, node)
        case _:
            yield from _of_layer(picture, node)


def _of_fact(picture: Picture, node: Node) -> Iterator[Edge]:
    for log in picture.logs_of(node):
        hours = hours_by_day(picture, log, node)
        yield Each(log.asset, node.asset, partial(_looked_up, hours))


def hours_by_day(picture: Picture, log: Node, fact: Node) -> dict[datetime, set[datetime]]:
    """Return for each day of a fact the landing hours of a log that hold its events."""
    found: dict[datetime, set[datetime]] = defaultdict(set)
    for event in log.events:
        for landing_hour, event_hour in picture.history.by_event.get(event, {}):
            for day in zones.days_of_hour(event_hour, fact.zone):
                found[day].add(landing_hour)
    return found


def _looked_up(found: dict[datetime, set[datetime]], label: datetime) -> set[datetime]:
    return found.get(label, set())


def _of_layer(picture: Picture, node: Node) -> Iterator[Edge]:
    """A layer's models read all days up to a period's last, the checkpoint before it, its rows."""
    yield UpTo(f"fact/{node.fact}", node.asset, partial(last_day, node))
    if node.kind is Kind.CHECKPOINT:
        return
    for other in picture.of_kind(Kind.CHECKPOINT, Kind.ACTIVATION):
        if (other.fact, other.period) != (node.fact, node.period):
            continue
        if other.kind is Kind.CHECKPOINT:
            yield Each(other.asset, node.asset, partial(_before, node))
        elif node.kind in (Kind.SUMMARY, Kind.RETURNS):
            yield Same(other.asset, node.asset)


def _before(node: Node, label: datetime) -> tuple[datetime]:
    return (needed_checkpoint(node, label),)
