"""Reads a range of partitions as a user types it. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime

from weir.core import grains
from weir.core.errors import InvalidValue, NotFound
from weir.core.grains import Grain
from weir.core.instants import within
from weir.engines.storage import EVERYTHING, Span
from weir.lineage.nodes import Node

_FORMS = ("a partition such as 2026-01-31", "a range such as 2026-01-01..2026-01-31")


def span_of(text: str, grain: Grain) -> Span:
    """Return the first and last label that a range means in a grain; both ends are inside.

    >>> [str(at) for at in span_of("2026-01-01..2026-01-31", Grain.HOUR)]
    ['2026-01-01 00:00:00', '2026-01-31 23:00:00']
    >>> [str(at.date()) for at in span_of("2026-02-10", Grain.MONTH)]
    ['2026-02-01', '2026-02-01']

    Args:
        text: `key`, `first..last`, `first..` or `..last`; days also where partitions are hours, weeks
            or months; '' for everything.
        grain: grain of the asset's partitions.

    Raises:
        InvalidValue: if it has another form, or ends before it begins.
    """
    first, dots, last = (part.strip() for part in text.partition(".."))
    if not dots:
        last = first
    low = grains.floor(_parse(first, text), grain) if first else EVERYTHING[0]
    high = _last(last, text, grain) if last else EVERYTHING[1]
    if low > high:
        raise InvalidValue("range", text, ["a range whose first partition is not after its last"])
    return low, high


def _last(key: str, text: str, grain: Grain) -> datetime:
    """Return the last label of a key: of a day, its last hour."""
    at = _parse(key, text)
    if grain is Grain.HOUR and ":" not in key:
        return grains.shift(grains.shift(at, Grain.DAY, 1), grain, -1)
    return grains.floor(at, grain)


def _parse(key: str, text: str) -> datetime:
    for grain in (Grain.DAY, Grain.HOUR):
        try:
            at = grains.parse(key, grain)
        except InvalidValue:
            continue
        return within("range", at)
    raise InvalidValue("range", text, _FORMS)


def chosen(nodes: Iterable[Node], wanted: Collection[str]) -> list[Node]:
    """Return the nodes of some names: an asset's key, a table's name, or a stage; all if none is given.

    Raises:
        NotFound: if a name is none of these; near names are told.
    """
    listed = list(nodes)
    found: list[Node] = []
    for name in wanted:
        here = [node for node in listed if name in (node.asset, node.table, node.stage)]
        if not here:
            names = {*(n.asset for n in listed), *(n.table for n in listed)}
            raise NotFound("asset", name, sorted(names), "`weir status` lists them.")
        found += [node for node in here if node not in found]
    return found if wanted else listed
