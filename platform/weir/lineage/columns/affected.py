"""What changes of code reach, through the columns that are really read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from weir.lineage.columns.changes import Change, ModelChange
from weir.lineage.columns.graph import ROWS, ColumnGraph, Node

Affected = Mapping[str, frozenset[str]]
"""Asset → its affected columns; `ROWS` ('') among them means its rows, and so every column."""


def affected(changes: Iterable[ModelChange], graph: ColumnGraph) -> Affected:
    """Return what breaking changes reach, the changed assets included.

    Only breaking changes make the past stale: nothing built reads what is new, and a wider type holds
    what was there.

    Args:
        changes: what changed.
        graph: the columns of the project BEFORE the change: what is built was built by them.
    """
    starts = [node for change in changes for node in _starts(change)]
    reached = set(starts) | {s.there for s in graph.down_from(starts)}
    found: dict[str, set[str]] = {}
    for node in sorted(reached):
        found.setdefault(node.asset, set()).add(node.column)
    return {asset: frozenset(columns) for asset, columns in found.items()}


def _starts(change: ModelChange) -> list[Node]:
    if change.change is not Change.BREAKING:
        return []
    if change.rows:
        return [Node(change.asset, ROWS)]
    return [Node(change.asset, column) for column in sorted(change.names(Change.BREAKING))]
