"""From when on each asset is kept: by the settings, and never what still waits to be read. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from weir.core import grains
from weir.core.grains import Grain
from weir.lineage.nodes import LAYER, Kind, Node
from weir.lineage.reads import reads
from weir.lineage.stale import Picture

_SEEN = timedelta(hours=168)
"""How far back deduplication reads landing."""
_AFTER = {
    Kind.LANDING: (Kind.ACCEPTED,),
    Kind.ACCEPTED: (Kind.EVENT_LOG, Kind.SEARCH),
    Kind.EVENT_LOG: (Kind.FACT,),
    Kind.FACT: LAYER,
    Kind.CHECKPOINT: (Kind.ACTIVATION, Kind.SPANS, Kind.SUMMARY, Kind.RETURNS, Kind.CHECKPOINT),
    Kind.ACTIVATION: (Kind.SUMMARY, Kind.RETURNS),
}
"""Kind → the kinds that read it."""


@dataclass(frozen=True)
class Cutoff:
    """From when on an asset is kept.

    Attributes:
        node: the asset.
        end: the first label that stays.
        waits_for: the asset that still has to read what would be dropped, '' if none.
    """

    node: Node
    end: datetime
    waits_for: str = ""


def cutoffs(picture: Picture, days: Mapping[str, int], now: datetime) -> list[Cutoff]:
    """Return from when on each asset is kept, where it is not for ever.

    Args:
        picture: what is due and built.
        days: stage, or an asset's key, → days; 0: for ever. The asset's own wins.
        now: naive UTC instant.
    """
    found = []
    for node in picture.nodes.values():
        keep = days.get(node.asset, days.get(node.stage, 0))
        if keep:
            end = grains.floor(grains.floor(now, Grain.DAY) - timedelta(days=keep), node.grain)
            found.append(_held(picture, node, grains.floor(end, Grain.DAY)))
    return found


def _held(picture: Picture, node: Node, end: datetime) -> Cutoff:
    """Move a cutoff back to the first partition that something due still reads."""
    closed = picture.history.closed_until
    if node.kind is Kind.LANDING and closed is not None:
        end = min(end, grains.floor(closed, Grain.DAY))
    waits_for = ""
    for reader in _readers(picture, node):
        first = _first_needed(picture, reader, node)
        if first is not None and first < end:
            end, waits_for = grains.floor(first, _day_or(node.grain)), reader.asset
    return Cutoff(node, end, waits_for)


def _day_or(grain: Grain) -> Grain:
    return Grain.DAY if grain is Grain.HOUR else grain


def _readers(picture: Picture, node: Node) -> Iterator[Node]:
    for reader in picture.of_kind(*_AFTER.get(node.kind, ())):
        if _reads(reader, node):
            yield reader


def _reads(reader: Node, node: Node) -> bool:
    if reader.kind in (Kind.ACCEPTED, Kind.EVENT_LOG):
        return reader.tier == node.tier
    if reader.kind is Kind.FACT:
        return bool(set(reader.events) & set(node.events))
    return reader.kind is Kind.SEARCH or reader.fact == node.fact


def _first_needed(picture: Picture, reader: Node, node: Node) -> datetime | None:
    """Return the first partition of a node that something due of a reader is still to be built from."""
    todo: Iterable[datetime] = picture.look(reader).todo
    if reader.kind is Kind.ACCEPTED:
        return min((label - _SEEN for label in todo), default=None)
    return min(reads(picture, reader, todo).get(node.asset, ()), default=None)
