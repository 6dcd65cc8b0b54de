"""The live tail, `GET /v1/tail`: what was just received, with its verdict, as server-sent events.

Nothing is kept for it: whoever listens too slowly loses the oldest and is told how many. It shows
events as they are stored, personal data included, so whether somebody may listen is asked first. One
writer shows what it receives itself; with several workers, each connection follows one of them.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, MutableMapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs

import orjson
from sse_starlette import EventSourceResponse

from weir.collect.answers import VERDICTS
from weir.collect.judging import Record
from weir.collect.wire import Refusal
from weir.core.landing import FINGERPRINT

QUEUE = 1_000
SUBSCRIBERS = 20
HEARTBEAT_SECONDS = 15
FILTERS = ("event", "user", "verdict", "rule")
_HIDDEN = frozenset({*FINGERPRINT, "violations", "verdict"})

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
MayTail = Callable[[Mapping[bytes, bytes]], bool]


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


class Tail:
    """Everybody who listens to one writer.

    Args:
        may_tail: whether a request, by its headers, may see events with their personal data.
        epoch: the writer's epoch, told to each listener.
        most: what may wait for one listener.
        listeners: how many there may be.
    """

    def __init__(
        self, may_tail: MayTail, epoch: int = 0, most: int = QUEUE, listeners: int = SUBSCRIBERS
    ) -> None:
        self.listeners: set[Listener] = set()
        self.dropped = 0
        self._may_tail, self._epoch, self._most, self._limit = may_tail, epoch, most, listeners
        self._closed = False

    def publish(self, records: Sequence[Record]) -> None:
        """Show records to whoever wants them. Call it only if there are listeners."""
        for listener in self.listeners:
            for record in records:
                if listener.filter.wants(record):
                    self.dropped += not listener.put("event", record)

    def refused(self, refusal: Refusal, path: str) -> None:
        """Show a refused request to those who filter nothing."""
        told = {"path": path, "status": refusal.status, "code": refusal.code,
                "message": refusal.message, "remedy": refusal.remedy}  # fmt: skip
        for listener in self.listeners:
            if listener.filter.everything:
                self.dropped += not listener.put("refused", told)

    def close(self) -> None:
        """End every stream: the collector is about to end."""
        self._closed = True
        for listener in self.listeners:
            listener.close()

    async def __call__(
        self,
        scope: Scope,
        receive: Callable[[], Awaitable[Message]],
        send: Callable[[Message], Awaitable[None]],
    ) -> None:
        """Answer one request with a stream.

        Raises:
            Refusal: 400 for a wrong filter, 403 if the sender may not listen, 503 if too many do.
        """
        if not self._may_tail(dict(scope["headers"])):
            raise Refusal(
                403, "tail_not_allowed", "Events are shown only where the collector needs no tokens.",
                "Use `weir quarantine` on the collector's machine, or a development collector.",
            )  # fmt: skip
        wanted = _filter(scope.get("query_string", b""))
        if self._closed or len(self.listeners) >= self._limit:
            raise Refusal(
                503, "too_many_tails", f"{len(self.listeners)} connections are listening already.",
                "Close one of them, or try again.",
            )  # fmt: skip
        listener = Listener(wanted, self._most)
        self.listeners.add(listener)
        try:
            await EventSourceResponse(self._stream(listener), ping=HEARTBEAT_SECONDS)(
                scope, receive, send
            )
        finally:
            self.listeners.discard(listener)

    async def _stream(self, listener: Listener) -> AsyncIterator[dict[str, str]]:
        yield _sse("hello", {"epoch": self._epoch, "heartbeat_seconds": HEARTBEAT_SECONDS})
        async for kind, what in listener.take():
            yield _sse(kind, shown(what) if isinstance(what, Record) else what)
        yield _sse("bye", {"why": "the collector ends; connect again"})


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


def _sse(kind: str, value: Any) -> dict[str, str]:
    return {"event": kind, "data": orjson.dumps(value).decode()}


def _filter(query: bytes) -> Filter:
    given = parse_qs(query.decode("latin-1"), keep_blank_values=True)
    for name in given:
        if name not in FILTERS:
            raise Refusal(
                400, "unknown_filter", f"`{name[:50]}` is no filter of the tail.",
                f"Filter by {', '.join(FILTERS)}.",
            )  # fmt: skip
    for verdict in given.get("verdict", []):
        if verdict not in VERDICTS:
            raise Refusal(
                400, "unknown_verdict", f"`{verdict[:50]}` is no verdict.",
                f"Verdicts are {', '.join(VERDICTS)}.",
            )  # fmt: skip
    return Filter(**{name: frozenset(values) for name, values in given.items()})
