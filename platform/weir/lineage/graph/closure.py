"""What a set of faulty partitions reaches, over any number of steps, and from where. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from weir.lineage.graph.edges import Graph

Partition = tuple[str, datetime]


@dataclass(frozen=True)
class Reached:
    """A partition that a fault reaches.

    Attributes:
        root: the faulty partition where it begins; the partition itself if it reads none.
        via: the partition that it is read from; itself if it reads none that is reached.
    """

    root: Partition
    via: Partition


Closure = dict[str, dict[datetime, Reached]]


def closure(graph: Graph, seeds: Mapping[str, Collection[datetime]]) -> Closure:
    """Return every partition that the faulty ones reach, with its first cause.

    The first cause is the root of the first edge, in the graph's order, and of the earliest partition
    that is read through it. A faulty partition that reads another faulty one has that one's root:
    mending begins there.

    Args:
        graph: the partitions and who reads whom.
        seeds: asset → faulty partitions.

    Returns:
        Asset → label → how it is reached, in the graph's order; what is not reached is absent.
    """
    found: Closure = {}
    for asset in graph.order:
        mine = {at: Reached((asset, at), (asset, at)) for at in seeds.get(asset, ())}
        labels = graph.labels[asset]
        upstream: set[datetime] = set()
        for edge in graph.into(asset):
            wrong = mine if edge.parent == asset else found.get(edge.parent)
            if not wrong:
                continue
            for at, read in edge.reached(labels, wrong.keys()):
                if at not in upstream:
                    mine[at] = Reached(wrong[read].root, (edge.parent, read))
                    upstream.add(at)
        if mine:
            found[asset] = dict(sorted(mine.items()))
    return found


def needed(graph: Graph, wanted: Mapping[str, Collection[datetime]]) -> dict[str, set[datetime]]:
    """Return the wanted partitions and every partition that they read, over any number of steps."""
    found: dict[str, set[datetime]] = defaultdict(set)
    for asset, labels in wanted.items():
        found[asset] |= set(labels)
    for asset in reversed(graph.order):
        for edge in graph.into(asset) if asset in found else ():
            for at in sorted(found[asset], reverse=True):
                found[edge.parent] |= edge.read(at, graph.labels[edge.parent])
    return dict(found)
