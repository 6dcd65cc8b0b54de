"""Who listens to the live tail: what each wants to see, and what waits for it. No HTTP, no sockets."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import orjson

from weir.collect.judging import Record
from weir.core.landing import FINGERPRINT

QUEUE = 1_000
"""What may wait for one listener."""
_HIDDEN = frozenset({*FINGERPRINT, "violations", "verdict"})


@dataclass(frozen=True)
class Filter:
    """What a listener wants; an empty set is everything."""

    event: frozenset[str] = frozenset()
    user: frozenset[str] = frozenset()
    verdict: frozenset[str] = frozenset()
    rule: frozenset[str] = frozenset()

    @property
    def everything(self) -> bool:
        """Whether nothing is filtered out."""
        return not (self.event or self.user or self.verdict or self.rule)

    def wants(self, record: Record) -> bool:
        """Tell whether the listener wants to see a record."""
        columns = record.columns
        return (
            (not self.event or columns["event_name"] in self.event)
            and (not self.user or columns["user_id"] in self.user)
            and (not self.verdict or record.verdict in self.verdict)
            and (not self.rule or any(v.rule in self.rule for v in record.violations))
        )


class Listener:
    """One connection: its filter, and what waits for it."""

    def __init__(self, wanted: Filter, most: int) -> None:
        self.filter, self.dropped = wanted, 0
        self._most = most
        self._waiting: deque[tuple[str, Any]] = deque()
        self._ready = asyncio.Event()
        self._closed = False

    def put(self, kind: str, what: Any) -> bool:
        """Queue something; False if the oldest had to go for it."""
        full = len(self._waiting) >= self._most
        if full:
            self._waiting.popleft()
            self.dropped += 1
        self._waiting.append((kind, what))
        self._ready.set()
        return not full

    def lost(self, number: int) -> None:
        """Note what was lost on the way here."""
        self.dropped += number
        self._ready.set()

    def close(self) -> None:
        """End the stream once what waits has been sent."""
        self._closed = True
        self._ready.set()

    async def take(self) -> AsyncIterator[tuple[str, Any]]:
        """Yield what was queued, and how much was lost, until it is closed."""
        while True:
            await self._ready.wait()
            self._ready.clear()
            if self.dropped:
                lost, self.dropped = self.dropped, 0
                yield "dropped", {"dropped": lost}
            while self._waiting:
                yield self._waiting.popleft()
            if self._closed:
                return


def shown(record: Record) -> dict[str, Any]:
    """Return what a listener sees of a record."""
    columns = {k: v for k, v in record.columns.items() if v is not None and k not in _HIDDEN}
    columns["params"] = orjson.Fragment(record.columns["params"])
    return {
        "verdict": record.verdict,
        "lane": record.lane,
        "violations": [violation._asdict() for violation in record.violations],
        "event": columns,
    }


def text(what: Any) -> bytes:
    """Return what a listener is shown of a record, or of anything else, as JSON."""
    return orjson.dumps(shown(what) if isinstance(what, Record) else what)
