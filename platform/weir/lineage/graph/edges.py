"""The kinds of edges between partitioned assets, and the graph that they make. Pure.

An edge says which partitions of an upstream asset one partition reads. Grains, weeks, time zones and
what really landed are behind it: `Each` takes any function.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from graphlib import CycleError, TopologicalSorter

from weir.core.errors import WeirError

Labels = frozenset[datetime]


@dataclass(frozen=True)
class Edge:
    """One asset reads another: a partition reads the one with its own label."""

    parent: str
    child: str

    def read(self, label: datetime, there: Labels) -> set[datetime]:
        """Return which of the parent's partitions a partition reads."""
        return {label} & there

    def reached(
        self, labels: Labels, wrong: Collection[datetime]
    ) -> Iterator[tuple[datetime, datetime]]:
        """Yield (label, the first wrong partition that it reads) of the child's partitions."""
        return ((at, at) for at in labels.intersection(wrong))


class Same(Edge):
    """A partition reads the one with its own label."""


@dataclass(frozen=True)
class Each(Edge):
    """A partition reads those that a function names.

    Attributes:
        reads: label of the child → labels of the parent.
    """

    reads: Callable[[datetime], Iterable[datetime]] = field(compare=False, default=lambda _: ())

    def read(self, label: datetime, there: Labels) -> set[datetime]:
        """Return which of the parent's partitions a partition reads."""
        return set(self.reads(label)) & there

    def reached(
        self, labels: Labels, wrong: Collection[datetime]
    ) -> Iterator[tuple[datetime, datetime]]:
        """Yield (label, the first wrong partition that it reads) of the child's partitions."""
        for at in labels:
            first = min((read for read in self.reads(at) if read in wrong), default=None)
            if first is not None:
                yield at, first


@dataclass(frozen=True)
class UpTo(Edge):
    """A partition reads all of the parent's up to a last one: what accumulates over time.

    Attributes:
        last: label of the child → the last label of the parent that it reads.
    """

    last: Callable[[datetime], datetime] = field(compare=False, default=lambda label: label)

    def read(self, label: datetime, there: Labels) -> set[datetime]:
        """Return which of the parent's partitions a partition reads."""
        last = self.last(label)
        return {at for at in there if at <= last}

    def reached(
        self, labels: Labels, wrong: Collection[datetime]
    ) -> Iterator[tuple[datetime, datetime]]:
        """Yield (label, the first wrong partition that it reads) of the child's partitions."""
        first = min(wrong)
        return ((at, first) for at in labels if self.last(at) >= first)


class Previous(Edge):
    """A partition reads its own asset's partition before it: the next lower label that exists."""

    def read(self, label: datetime, there: Labels) -> set[datetime]:
        """Return which of the parent's partitions a partition reads."""
        before = max((at for at in there if at < label), default=None)
        return set() if before is None else {before}

    def reached(
        self, labels: Labels, wrong: Collection[datetime]
    ) -> Iterator[tuple[datetime, datetime]]:
        """Yield (label, the partition before it) of all partitions after the first wrong one."""
        first, before = min(wrong), None
        for at in sorted(labels.union(wrong)):
            if at > first and before is not None:
                yield at, before
            before = at


class Graph:
    """Assets with their partitions, and the edges between them.

    Args:
        labels: asset → the partitions that it has or should have.
        edges: who reads whom; an edge names known assets only.
    """

    def __init__(self, labels: Mapping[str, Collection[datetime]], edges: Iterable[Edge]) -> None:
        self.labels: dict[str, Labels] = {a: frozenset(found) for a, found in labels.items()}
        self._into: dict[str, list[Edge]] = defaultdict(list)
        for edge in edges:
            self._into[edge.child].append(edge)

    def into(self, asset: str) -> list[Edge]:
        """Return the edges by which an asset reads; that of its own past last."""
        return sorted(self._into.get(asset, []), key=lambda edge: edge.parent == asset)

    @cached_property
    def order(self) -> list[str]:
        """The assets, each after all that it reads.

        Raises:
            WeirError: if assets read each other in a circle.
        """
        parents = {
            asset: sorted({edge.parent for edge in self.into(asset)} - {asset})
            for asset in self.labels
        }
        try:
            return list(TopologicalSorter(parents).static_order())
        except CycleError as error:
            circle = " reads ".join(reversed(error.args[1]))
            raise WeirError(
                f"Assets read each other in a circle: {circle}.",
                "Break the circle; an asset that reads its own past needs a self-edge.",
            ) from None

    def reads(self, asset: str, label: datetime) -> dict[str, list[datetime]]:
        """Return which partitions one partition reads: upstream asset → labels, in order."""
        found: dict[str, set[datetime]] = defaultdict(set)
        for edge in self.into(asset):
            found[edge.parent] |= edge.read(label, self.labels[edge.parent])
        return {parent: sorted(labels) for parent, labels in found.items()}
