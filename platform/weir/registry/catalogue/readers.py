"""Who reads an event: everything downstream of its log in a graph of edges. Pure.

Where the edges come from (dbt's manifest, services) is not the registry's business: it takes them.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from weir.core.errors import NotFound
from weir.registry.model import Event

Edges = Mapping[str, Collection[str]]
"""Asset (`schema/table`) → the assets that read it."""


@dataclass(frozen=True)
class Reader:
    """One asset that reads an event.

    Args:
        asset: its key, `schema/table`.
        stage: the first part of the key: fact, activation, search, service, …
        distance: how many steps it is from the event's log; 1 reads it directly.
        via: one shortest way to it, from the event's log; both ends are in it.
    """

    asset: str
    stage: str
    distance: int
    via: tuple[str, ...]


def readers(event: Event, edges: Edges) -> list[Reader]:
    """Return what reads an event, the nearest first.

    Args:
        event: the event; it is read through its log and, if it is sampled into search, from there.
        edges: who reads whom.

    Raises:
        NotFound: if the graph does not have the event's log.
    """
    start = f"event_log/{event.name}"
    known = set(edges).union(*edges.values())
    if start not in known:
        remedy = "Run `weir events generate`: it writes the log's model."
        raise NotFound("asset", start, remedy=remedy)
    ways: dict[str, tuple[str, ...]] = {start: (start,)}
    waiting = [start]
    while waiting:
        asset = waiting.pop(0)
        for reader in sorted(edges.get(asset, ())):
            if reader not in ways:
                ways[reader] = (*ways[asset], reader)
                waiting.append(reader)
    del ways[start]
    found = [Reader(asset, asset.split("/")[0], len(via) - 1, via) for asset, via in ways.items()]
    return sorted(found, key=lambda reader: (reader.distance, reader.asset))
