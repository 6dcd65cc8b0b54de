"""Counts likely duplicates at the edge: events whose content was kept a short while ago. Drops none.

What a duplicate is, exactly, is decided in `accepted`; here is an early number for dashboards. Two
generations of content hashes are remembered, so at least the last `MOST` and at most twice as many.
"""

from __future__ import annotations

from collections.abc import Sequence

from weir.collect.judging import Record

MOST = 200_000
"""Contents of one generation: about 14 MB."""


class LikelyDuplicates:
    """Remembers recent events by a 64-bit hash of their payload hash, which covers the event's id.

    Args:
        most: contents of one generation.
    """

    def __init__(self, most: int = MOST) -> None:
        self.count = 0
        self._most = most
        self._young: set[int] = set()
        self._old: set[int] = set()

    def add(self, records: Sequence[Record]) -> int:
        """Count those that were seen before and remember the rest; return how many were.

        Events without an id of their own are never duplicates.
        """
        seen = [r.columns["payload_hash"] for r in records if not r.columns["id_assigned"]]
        fresh = set(map(hash, seen))
        if not (fresh.isdisjoint(self._young) and fresh.isdisjoint(self._old)):
            fresh -= self._young
            fresh -= self._old
        found = len(seen) - len(fresh)
        self.count += found
        self._young |= fresh
        if len(self._young) >= self._most:
            self._old, self._young = self._young, set()
        return found
