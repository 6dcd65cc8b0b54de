"""Watches what arrives, for people: the live tail of all writers, with a text to look for and a pace.

Whoever may read the spool's folder may watch: nothing of it goes over HTTP. Who of them may is the
caller's business, and so is what is hidden of an event. What is too much for eyes is counted, not shown.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import orjson

from weir.collect.jsontext import Unreadable, loads
from weir.collect.listeners import Filter, Listener, text
from weir.collect.passing import Following

WAITING = 300
"""What may wait for one watcher."""
LONGEST = 64_000
"""Bytes of an event that is shown whole."""
TICK_SECONDS = 1.0
_SENT = (
    ("id", "event_id"), ("name", "event_name"), ("version", "version"), ("time", "event_time"),
    ("sent_at", "sent_at"), ("user_id", "user_id"), ("device_id", "device_id"),
    ("session_id", "session_id"), ("platform", "platform"), ("app_version", "app_version"),
)  # fmt: skip
_TIMES = ("time", "sent_at")


class Watcher(Listener):
    """A listener that looks for a text, and takes no more of a long event than its beginning.

    Args:
        wanted: the filter, which the writers apply.
        words: shown is only what has this text somewhere, in any case of its letters; '' is everything.
        most: what may wait.

    Attributes:
        reads: what of an event the text is looked for in, where that is not all of it.
    """

    def __init__(self, wanted: Filter, words: str = "", most: int = WAITING) -> None:
        super().__init__(wanted, most)
        self._words = words.casefold()
        self.reads: Callable[[dict[str, Any]], Mapping[str, Any]] | None = None

    def put(self, kind: str, what: Any) -> bool:
        """Queue something if it is wanted; False if the oldest had to go for it."""
        body = text(what)
        if self._words and self._words not in self._readable(kind, body).casefold():
            return True
        if len(body) > LONGEST:
            found = orjson.loads(body)
            event = {k: v for k, v in found.get("event", {}).items() if k not in ("params", "raw")}
            body = orjson.dumps({**found, "event": event, "cut": len(body)})
        return super().put(kind, orjson.Fragment(body))

    def _readable(self, kind: str, body: bytes) -> str:
        if self.reads is not None and kind == "event":
            body = orjson.dumps(self.reads(orjson.loads(body)))
        return body.decode(errors="replace")


async def watch(
    spool_dir: Path,
    watcher: Watcher,
    per_second: int,
    clock: Callable[[], float] = time.monotonic,
) -> AsyncIterator[tuple[str, Any]]:
    """Yield what arrives, until the watcher is closed or nobody asks any more.

    Args:
        spool_dir: the spool of the collector; it may start later.
        watcher: who wants to see what.
        per_second: how much is shown in a second; the rest is only counted.
        clock: monotonic seconds.

    Yields:
        `("event", …)` and `("refused", …)` as the tail has them, `("left_out", n)` once a second if
        something was too much, and `("tick", None)` every second.
    """
    pace = _Pace(per_second, clock)
    async with Following(spool_dir).following(watcher):
        arriving = watcher.take()
        coming = asyncio.ensure_future(anext(arriving, None))
        try:
            while True:
                await asyncio.wait({coming}, timeout=pace.rest)
                if pace.over:
                    if pace.left_out:
                        yield "left_out", pace.left_out
                    pace.begin()
                    yield "tick", None
                if not coming.done():
                    continue
                found = coming.result()
                if found is None:
                    return
                coming = asyncio.ensure_future(anext(arriving, None))
                kind, what = found
                if kind == "dropped":
                    pace.left_out += what["dropped"]
                elif pace.allows():
                    yield kind, orjson.loads(text(what))
        finally:
            coming.cancel()
            with suppress(asyncio.CancelledError):
                await coming


class _Pace:
    """How much is shown in the second that runs."""

    def __init__(self, most: int, clock: Callable[[], float]) -> None:
        self._most, self._clock = most, clock
        self.begin()

    def begin(self) -> None:
        """Begin another second."""
        self._since, self._shown, self.left_out = self._clock(), 0, 0

    @property
    def rest(self) -> float:
        """Seconds that are left of it."""
        return max(0.0, self._since + TICK_SECONDS - self._clock())

    @property
    def over(self) -> bool:
        """Whether it is over."""
        return self.rest == 0.0

    def allows(self) -> bool:
        """Count one more; False if it is too many."""
        self._shown += 1
        self.left_out += self._shown > self._most
        return self._shown <= self._most


def as_sent(columns: Mapping[str, Any]) -> Any:
    """Return an event as its sender sent it, as far as the tail's columns have it: JSON, or a text."""
    if columns.get("raw") is not None:
        try:
            return loads(columns["raw"].encode())
        except Unreadable:
            return columns["raw"]
    assigned = {"id": columns.get("id_assigned"), "version": columns.get("version_assumed")}
    sent = {
        name: f"{columns[column]}Z" if name in _TIMES else columns[column]
        for name, column in _SENT
        if columns.get(column) is not None and not assigned.get(name)
    }
    return sent | {"params": columns.get("params", {})}
