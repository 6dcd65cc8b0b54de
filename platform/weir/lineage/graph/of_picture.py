"""The graph of a project: its due partitions and Weir's edges between the stages. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from functools import partial

from weir.lineage.graph.edges import Each, Edge, Graph, Same, UpTo
from weir.lineage.inputs import last_day, needed_checkpoint
from weir.lineage.nodes import Kind, Node
from weir.lineage.reads import hours_of_days
from weir.lineage.stale import Picture

Hours = Mapping[datetime, Mapping[str, Iterable[datetime]]]
"""Day of a fact → event log → the landing hours that hold its events."""


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
    hours = hours_of_days(picture, node)
    for log in picture.logs_of(node):
        yield Each(log.asset, node.asset, partial(_looked_up, hours, log.asset))


def _looked_up(hours: Hours, log: str, day: datetime) -> Iterable[datetime]:
    return hours.get(day, {}).get(log, ())


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
