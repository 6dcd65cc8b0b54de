"""Figures of an asset, as every page shows them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from weir.core.grains import text
from weir.lineage.nodes import Node
from weir.lineage.stale import Picture


@dataclass(frozen=True)
class Figures:
    """How an asset stands.

    Attributes:
        rows: of all its partitions.
        rows_today: of those that begin today (UTC).
        newest: key of the newest one with rows, '' if there is none.
        missing, stale: partitions that are to be built.
        failed: checks that failed and were not mended.
    """

    rows: int
    rows_today: int
    newest: str
    missing: int
    stale: int
    failed: int


def figures(picture: Picture, node: Node, now: datetime) -> Figures:
    """Return an asset's figures; nothing is read but what the picture holds."""
    built, look = picture.built(node), picture.look(node)
    filled = [label for label, part in built.items() if part.rows]
    return Figures(
        rows=sum(part.rows for part in built.values()),
        rows_today=sum(p.rows for label, p in built.items() if label.date() == now.date()),
        newest=text(max(filled), node.grain) if filled else "",
        missing=len(look.missing),
        stale=len(look.stale),
        failed=len(picture.ledger.failed(node.asset)),
    )
