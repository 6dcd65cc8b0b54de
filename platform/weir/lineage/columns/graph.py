"""The columns of a whole project: what feeds one, and what one feeds, through any number of models.

A node is a column of an asset, or the asset's rows (`ROWS`), which what it filters, joins and groups by
decides. Every column depends on its asset's rows. Whoever reads an asset depends on its rows.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

from weir.core.errors import NotFound
from weir.lineage.columns.flows import Lineage, Ref, Use

ROWS = ""
"""Stands for the rows of an asset in the place of a column."""


class Node(NamedTuple):
    """A column of an asset, or the asset's rows."""

    asset: str
    column: str = ROWS

    @property
    def text(self) -> str:
        """The node as one word."""
        return f"{self.asset}.{self.column}" if self.column else self.asset


@dataclass(frozen=True)
class Step:
    """One edge on the way up or down.

    Attributes:
        here: the node that the step starts at.
        there: the node that it leads to.
        uses: how the downstream one of them reads the other.
        depth: how many steps it is from where the walk began, from 1.
        path: the place inside the upstream column that is read, '' for all of it.
    """

    here: Node
    there: Node
    uses: frozenset[Use]
    depth: int
    path: str = ""

    def as_json(self) -> dict[str, Any]:
        """Return the step as JSON values."""
        return {
            "from": self.here.text,
            "to": self.there.text,
            "path": f"${self.path}" if self.path else "",
            "uses": sorted(use.value for use in self.uses),
            "depth": self.depth,
        }


class ColumnGraph:
    """The columns of a project.

    Args:
        models: asset → the lineage of its columns. An asset that nothing feeds has columns that nothing
            flows into.
        services: what reads whole assets from outside → those assets.
    """

    def __init__(
        self, models: Mapping[str, Lineage], services: Mapping[str, Iterable[str]] | None = None
    ) -> None:
        self.models = models
        self.services = {name: frozenset(read) for name, read in (services or {}).items()}

    @cached_property
    def _down(self) -> dict[str, dict[str, set[tuple[Node, str, Use]]]]:
        """Asset → column → who reads it (node, place inside, use)."""
        found: dict[str, dict[str, set[tuple[Node, str, Use]]]] = defaultdict(
            lambda: defaultdict(set)
        )
        for asset, lineage in self.models.items():
            for column, refs in lineage.columns.items():
                for ref in refs:
                    found[ref.asset][ref.column].add((Node(asset, column), ref.path, Use.VALUE))
            for ref, use in lineage.rows:
                found[ref.asset][ref.column].add((Node(asset), ref.path, use))
        return found

    @cached_property
    def _readers(self) -> dict[str, list[str]]:
        """Asset → the assets that read it, known columns or not."""
        found: dict[str, list[str]] = defaultdict(list)
        for asset, lineage in self.models.items():
            for read in lineage.reads:
                found[read].append(asset)
        for service, reads in self.services.items():
            for read in reads:
                found[read].append(service)
        return {asset: sorted(readers) for asset, readers in found.items()}

    def columns(self, asset: str) -> list[str]:
        """Return the columns of an asset, in the order of its SQL.

        Raises:
            NotFound: if there is no such asset.
        """
        if asset in self.services:
            return []
        if asset not in self.models:
            raise NotFound("asset", asset, [*self.models, *self.services])
        return list(self.models[asset].columns)

    def node(self, asset: str, column: str = ROWS) -> Node:
        """Return a node that exists.

        Raises:
            NotFound: if there is no such asset, or it has no such column; near names are told.
        """
        known = self.columns(asset)
        if column and column not in known:
            raise NotFound(f"column of {asset}", column, known)
        return Node(asset, column)

    def readers(self, asset: str, column: str = ROWS) -> list[Step]:
        """Return who reads a column directly, or any column of an asset."""
        return list(self._below(Node(asset, column), 1))

    def up(self, asset: str, column: str = ROWS, depth: int | None = None) -> list[Step]:
        """Return everything that a column is made of, nearest first; each edge once.

        Raises:
            NotFound: if there is no such asset or column.
        """
        return self._walk([self.node(asset, column)], self._above, depth)

    def down(self, asset: str, column: str = ROWS, depth: int | None = None) -> list[Step]:
        """Return everything that a column reaches, nearest first; each edge once.

        Raises:
            NotFound: if there is no such asset or column.
        """
        return self.down_from([self.node(asset, column)], depth)

    def down_from(self, starts: Iterable[Node], depth: int | None = None) -> list[Step]:
        """Return everything that several nodes reach, nearest first; each edge once."""
        return self._walk(starts, self._below, depth)

    def assets(self, asset: str, *, up: bool, depth: int | None = None) -> list[Step]:
        """Return the assets that feed one, or that it feeds, nearest first; each edge once.

        Raises:
            NotFound: if there is no such asset.
        """

        def beyond(node: Node, far: int) -> Iterator[Step]:
            for one in self._reads(node.asset) if up else self._readers.get(node.asset, []):
                if one != node.asset:
                    yield Step(node, Node(one), frozenset(), far)

        return self._walk([self.node(asset)], beyond, depth)

    def _reads(self, asset: str) -> list[str]:
        found = self.models.get(asset)
        return sorted(found.reads if found else self.services.get(asset, frozenset()))

    def at(self, asset: str, column: str, path: str) -> list[Step]:
        """Return who reads a place inside a column, what is around it or what is inside it."""
        return [
            step
            for step in self.readers(asset, column)
            if Ref(asset, column, step.path).meets(path)
        ]

    def _walk(self, starts: Iterable[Node], beyond: Any, depth: int | None) -> list[Step]:
        waiting = deque((node, 0) for node in dict.fromkeys(starts))
        seen = {node for node, _ in waiting}
        steps = []
        while waiting:
            node, far = waiting.popleft()
            if depth is not None and far >= depth:
                continue
            for step in beyond(node, far + 1):
                steps.append(step)
                if step.there not in seen:
                    seen.add(step.there)
                    waiting.append((step.there, far + 1))
        return steps

    def _above(self, node: Node, depth: int) -> Iterator[Step]:
        lineage = self.models.get(node.asset)
        if lineage is None:
            for read in sorted(self.services.get(node.asset, ())):
                yield Step(node, Node(read), frozenset({Use.VALUE}), depth)
            return
        refs = lineage.columns.get(node.column, frozenset())
        for ref in sorted(refs):
            there = Node(ref.asset, ref.column)
            yield Step(node, there, frozenset({Use.VALUE}), depth, ref.path)
        deciding: dict[Ref, set[Use]] = defaultdict(set)
        for ref, use in lineage.rows:
            deciding[ref].add(use)
        for ref in sorted(deciding):
            there = Node(ref.asset, ref.column)
            yield Step(node, there, frozenset(deciding[ref]), depth, ref.path)
        told = {ref.asset for ref in [*refs, *deciding]}  # their rows come with their columns
        for read in sorted(lineage.reads if lineage.unknown else lineage.reads - told):
            how = frozenset(Use) if lineage.unknown else frozenset({Use.FILTER})
            yield Step(node, Node(read), how, depth)

    def _below(self, node: Node, depth: int) -> Iterator[Step]:
        if not node.column:
            for reader in self._readers.get(node.asset, ()):
                if reader != node.asset:
                    yield Step(node, Node(reader), frozenset({Use.FILTER}), depth)
            return
        uses: dict[tuple[Node, str], set[Use]] = defaultdict(set)
        for there, path, use in self._down.get(node.asset, {}).get(node.column, ()):
            uses[there, path].add(use)
        for there in self._guessed(node.asset):
            uses[there, ""].update(Use)
        for (there, path), how in sorted(uses.items()):
            yield Step(node, there, frozenset(how), depth, path)

    def _guessed(self, asset: str) -> Iterator[Node]:
        """Yield what must be taken to read every column of an asset: services, and what is unresolved."""
        for reader in self._readers.get(asset, ()):
            lineage = self.models.get(reader)
            if lineage is None:
                yield Node(reader)
                continue
            for column in lineage.unknown:
                yield Node(reader, column)
