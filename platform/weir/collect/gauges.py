"""What is true of a writer at the moment of a scrape, and of several writers together. Pure.

Fields whose metadata say `counter` only grow; they outlive their writer, gauges end with it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from typing import Any

COUNTER = {"counter": True}


@dataclass(frozen=True)
class Gauges:
    """What is true at the moment of a scrape; of several writers the sum, but for those named.

    Attributes:
        writers: living writers.
        epoch: the writer's epoch; the newest.
        ready: whether every lane can be written; by all writers.
        pending_bytes: what waits for the disk, by lane.
        segments: complete segments in the spool, by lane; looked at once, for all writers.
        free_bytes: free space of the spool's disk; likewise.
        likely_duplicates: counted at the edge.
        rules: registered events in force; the fewest.
        rules_loaded_at: since when, in seconds of the epoch; the earliest.
        reloads: how often they were replaced.
        reload_failures: how often newer event files were wrong.
        rules_stale: whether the rules in force are older than the event files, which are wrong; for
            any writer.
        tail_listeners: open live tails.
        tail_dropped: what slow listeners lost.
        drops_waiting: kinds of drops that are not written yet.
        drops_failures: how often they could not be written.
    """

    writers: int = 1
    epoch: int = 0
    ready: bool = True
    pending_bytes: Mapping[str, int] = field(default_factory=dict)
    segments: Mapping[str, int] = field(default_factory=dict)
    free_bytes: int = 0
    likely_duplicates: int = field(default=0, metadata=COUNTER)
    rules: int = 0
    rules_loaded_at: float = 0.0
    reloads: int = field(default=0, metadata=COUNTER)
    reload_failures: int = field(default=0, metadata=COUNTER)
    rules_stale: bool = False
    tail_listeners: int = 0
    tail_dropped: int = field(default=0, metadata=COUNTER)
    drops_waiting: int = 0
    drops_failures: int = field(default=0, metadata=COUNTER)

    def plain(self) -> dict[str, Any]:
        """Return it as plain data."""
        return asdict(self)

    def ended(self) -> dict[str, int]:
        """Return what outlives the writer, as plain data."""
        return {one.name: getattr(self, one.name) for one in fields(self) if one.metadata}

    @classmethod
    def of_all(cls, parts: Sequence[Mapping[str, Any]]) -> Gauges:
        """Return what is true of all writers, from what is plainly said of each, or of ended ones."""
        living = [part for part in parts if part.get("writers")]
        return cls(
            **{one.name: sum(part.get(one.name, 0) for part in parts) for one in fields(cls)
               if one.metadata},
            writers=len(living),
            epoch=max(_all("epoch", living), default=0),
            ready=all(_all("ready", living)),
            pending_bytes=_sums(_all("pending_bytes", living)),
            rules=min(_all("rules", living), default=0),
            rules_loaded_at=min(_all("rules_loaded_at", living), default=0.0),
            rules_stale=any(_all("rules_stale", living)),
            tail_listeners=sum(_all("tail_listeners", living)),
            drops_waiting=sum(_all("drops_waiting", living)),
        )  # fmt: skip


def _all(name: str, parts: Iterable[Mapping[str, Any]]) -> list[Any]:
    return [part[name] for part in parts if name in part]


def _sums(by_lane: Iterable[Mapping[str, int]]) -> dict[str, int]:
    total: Counter[str] = Counter()
    for one in by_lane:
        total.update(one)
    return dict(total)
