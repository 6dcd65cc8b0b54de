"""The live tail, `GET /v1/tail`: what was just received, with its verdict, as server-sent events.

Nothing is kept for it: whoever listens too slowly loses the oldest and is told how many. It shows
events as they are stored, personal data included, so whether somebody may listen is asked first. What
the other workers receive comes through `weir.collect.passing`.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, MutableMapping, Sequence
from contextlib import AbstractAsyncContextManager, nullcontext
from typing import Any
from urllib.parse import parse_qs

from sse_starlette import EventSourceResponse

from weir.collect.answers import VERDICTS
from weir.collect.judging import Record
from weir.collect.listeners import QUEUE, Filter, Listener, shown, text
from weir.collect.rules import Rules
from weir.collect.wire import Refusal

__all__ = ["Filter", "Listener", "Tail", "shown"]

SUBSCRIBERS = 20
HEARTBEAT_SECONDS = 15
FILTERS = ("event", "user", "verdict", "rule")
Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
MayTail = Callable[[Mapping[bytes, bytes]], bool]
Following = Callable[[Listener], AbstractAsyncContextManager[None]]


class Tail:
    """Everybody who listens to one writer.

    Args:
        may_tail: whether a request, by its headers, may see events with their personal data.
        epoch: the writer's epoch, told to each listener.
        most: what may wait for one listener.
        listeners: how many may be connected here.

    Attributes:
        listeners: whoever is shown what this writer receives, at other writers too.
        own: those of them that are connected here.
        following: shows a listener what the other writers receive.
        dropped: what slow listeners lost here.
    """

    def __init__(
        self, may_tail: MayTail, epoch: int = 0, most: int = QUEUE, listeners: int = SUBSCRIBERS
    ) -> None:
        self.listeners: set[Listener] = set()
        self.own: set[Listener] = set()
        self.following: Following = lambda _listener: nullcontext()
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
        for listener in self.own:
            listener.close()

    async def __call__(
        self,
        scope: Scope,
        receive: Callable[[], Awaitable[Message]],
        send: Callable[[Message], Awaitable[None]],
        rules: Rules,
    ) -> None:
        """Answer one request with a stream.

        Raises:
            Refusal: 400 for a wrong filter, 401 without a valid token where one is needed, 403 if the
                token is not for listening, 503 if too many listen.
        """
        if not self._may_tail(dict(scope["headers"])):
            raise Refusal(
                403, "tail_not_allowed", "The tail shows everybody's events; this token only sends.",
                "Make a token with `weir tokens create NAME --tail`, or use `weir quarantine` on the"
                " collector's machine.",
            )  # fmt: skip
        wanted = _filter(scope.get("query_string", b""), rules)
        if self._closed or len(self.own) >= self._limit:
            raise Refusal(
                503, "too_many_tails", f"{len(self.own)} connections are listening already.",
                "Close one of them, or try again.",
            )  # fmt: skip
        listener = Listener(wanted, self._most)
        self.own.add(listener)
        self.listeners.add(listener)
        try:
            async with self.following(listener):
                await EventSourceResponse(self._stream(listener), ping=HEARTBEAT_SECONDS)(
                    scope, receive, send
                )
        finally:
            self.own.discard(listener)
            self.listeners.discard(listener)

    async def _stream(self, listener: Listener) -> AsyncIterator[dict[str, str]]:
        yield _sse("hello", {"epoch": self._epoch, "heartbeat_seconds": HEARTBEAT_SECONDS})
        async for kind, what in listener.take():
            yield _sse(kind, what)
        yield _sse("bye", {"why": "the collector ends; connect again"})


def _sse(kind: str, what: Any) -> dict[str, str]:
    return {"event": kind, "data": text(what).decode()}


def _filter(query: bytes, rules: Rules) -> Filter:
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
    for name in given.get("event", []):
        if name not in rules.events:
            raise _unknown_event(name, rules)
    return Filter(**{name: frozenset(values) for name, values in given.items()})


def _unknown_event(name: str, rules: Rules) -> Refusal:
    meant = rules.meant(name)
    near = [meant.name] if meant.name else list(meant.like)
    hint = f"Did you mean {' or '.join(f'`{one}`' for one in near[:3])}? " if near else ""
    return Refusal(
        400, "unknown_event", f"`{name[:100]}` is no registered event.",
        f"{hint}`weir events list` shows all; `rule=unknown_event` shows what is sent unregistered.",
    )  # fmt: skip
