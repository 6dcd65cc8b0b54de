"""The collector's ASGI application: a few routes, no framework. HTTP only; no file is touched here.

`POST /v1/events` takes one event, `POST /v1/batch` many; both answer 200 when all kept events are
durable. `GET /healthz` says that the process lives, `GET /readyz` that the spool can be written. The
tail and the metrics are `weir.collect.observer`'s; every route is described in `weir.collect.openapi`.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, MutableMapping
from difflib import get_close_matches
from time import perf_counter
from typing import Any, NamedTuple

import orjson

from weir.collect import answers, wire
from weir.collect.cors import Cors, Headers
from weir.collect.drops import DISCONNECTED, ENDED
from weir.collect.gate import Gate
from weir.collect.judging import Budget, Judging, Record
from weir.collect.observer import Observer, answer_scrape
from weir.collect.openapi import described
from weir.collect.producers import ANONYMOUS, Producer
from weir.collect.reload import Reload
from weir.collect.room import Guest, Room
from weir.collect.rules import Rules
from weir.collect.sinks import Sink
from weir.collect.verdict import ORIGINS
from weir.collect.wire import Body, Refusal
from weir.core.errors import SinkError, SinkRefused, SpoolFull

log = logging.getLogger(__name__)

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

RETRY_AFTER = b"1"
BODY_SECONDS = 30.0
_JSON = (b"content-type", b"application/json")


class Limits(NamedTuple):
    """Sizes in bytes, times in seconds; `held_bytes` is for the bodies of all requests together."""

    event_bytes: int
    body_bytes: int
    body_seconds: float = BODY_SECONDS
    held_bytes: int = 64_000_000


class Disconnected(Exception):
    """The sender went away before its body was whole; there is nobody to answer."""


class Collector:
    """The ASGI application.

    Args:
        spool: where kept events become durable: the spool, or a broker.
        rules: the registry's events.
        limits: sizes and times.
        new_id: makes an id for an event without one.
        gate: admits requests; without one, anybody may send.
        cors: which web pages may send; without it, none.
        observer: is told of every request; without one there are no metrics, tail and drops.
    """

    def __init__(
        self,
        spool: Sink,
        rules: Rules,
        limits: Limits,
        new_id: Callable[[], str],
        *,
        gate: Gate | None = None,
        cors: Cors | None = None,
        observer: Observer | None = None,
    ) -> None:
        self.counts: Counter[str] = Counter()
        self._draining = False
        self._observer = observer
        self.reload: Reload | None = None
        self._spool, self.rules, self._limits, self._new_id = spool, rules, limits, new_id
        self._room = Room(limits.held_bytes)
        self._gate, self._cors = gate, cors or Cors(())
        self._routes: dict[str, tuple[str, Callable[[Scope, Receive], Awaitable[bytes]]]] = {
            "/v1/events": ("POST", self._single),
            "/v1/batch": ("POST", self._batch),
            "/healthz": ("GET", self._health),
            "/readyz": ("GET", self._ready),
            "/openapi.json": ("GET", _describe),
        }
        self._streams: dict[str, Callable[[Scope, Receive, Send], Awaitable[None]]] = {}
        if observer is not None:
            observer.watch(lambda: (self.rules, self.reload))
            self._streams = {"/metrics": self._scrape, "/v1/tail": self._listen}

    @contextlib.asynccontextmanager
    async def observed(self) -> AsyncIterator[None]:
        """Write what was dropped every few seconds while the block runs, and the rest at its end."""
        if self._observer is not None:
            await self._observer.start()
        try:
            yield
        finally:
            if self._observer is not None:
                await self._observer.close()

    @property
    def draining(self) -> bool:
        """Whether the collector is about to end: every connection gets one more answer."""
        return self._draining

    @draining.setter
    def draining(self, ending: bool) -> None:
        self._draining = ending
        if ending and self._observer is not None:
            self._observer.tail.close()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            return
        if self.draining:
            send = _adding(send, ((b"connection", b"close"),))
        if self._cors.open:
            send = _adding(send, self._cors.headers(dict(scope["headers"])))
        try:
            await self._respond(scope, receive, send)
        except Disconnected:
            self._lost(scope)
        except Refusal as refusal:
            await self._refuse(scope, send, refusal)
        except (SpoolFull, SinkError) as error:
            await self._refuse(scope, send, _not_kept(error))

    async def _respond(self, scope: Scope, receive: Receive, send: Send) -> None:
        path, method = scope["path"], scope["method"]
        if method == "OPTIONS" and (path in self._routes or path in self._streams):
            await _answer_preflight(send, self._cors.preflight(dict(scope["headers"])))
        elif path in self._streams:
            if method not in {"GET", "HEAD"}:
                raise _wrong_method(path, method, "GET")
            await self._streams[path](scope, receive, send)
        else:
            await _answer(send, 200, await self._route(scope)(scope, receive))

    def unheard(self, refusal: Refusal, size: int) -> None:
        """Note what the connection itself refused: no request came of it."""
        self.counts[refusal.code] += 1
        if self._observer is not None:
            self._observer.unheard(refusal, size)

    def _lost(self, scope: Scope) -> None:
        self.counts[scope.get(ENDED, DISCONNECTED)] += 1
        if self._observer is not None:
            self._observer.disconnected(scope)

    async def _refuse(self, scope: Scope, send: Send, refusal: Refusal) -> None:
        self.counts[refusal.code] += 1
        if self._observer is not None:
            self._observer.refused(scope, refusal)
        await _answer(send, refusal.status, answers.error(refusal), refusal.headers)

    async def _listen(self, scope: Scope, receive: Receive, send: Send) -> None:
        assert self._observer is not None
        await self._observer.tail(scope, receive, send, self.rules)

    async def _scrape(self, _scope: Scope, _receive: Receive, send: Send) -> None:
        assert self._observer is not None
        await answer_scrape(send, await self._observer.scrape())

    def _route(self, scope: Scope) -> Callable[[Scope, Receive], Awaitable[bytes]]:
        path, method = scope["path"], scope["method"]
        if path not in self._routes:
            raise Refusal(
                404, "not_found", f"There is nothing at `{path[:200]}`.", self._near(path)
            )
        wanted, handler = self._routes[path]
        if method != wanted and (wanted, method) != ("GET", "HEAD"):
            raise _wrong_method(path, method, wanted)
        return handler

    def _near(self, path: str) -> str:
        meant = get_close_matches(path[:50].lower(), self._routes, n=1, cutoff=0.7)
        known = ", ".join(
            [
                *(f"{m} {p}" for p, (m, _) in self._routes.items()),
                *(f"GET {p}" for p in self._streams),
            ]
        )
        return f"Did you mean `{meant[0]}`?" if meant else f"Use {known}."

    async def _single(self, scope: Scope, receive: Receive) -> bytes:
        return await self._keep(scope, receive, _read_single)

    async def _batch(self, scope: Scope, receive: Receive) -> bytes:
        return await self._keep(scope, receive, wire.batch)

    async def _keep(self, scope: Scope, receive: Receive, read: wire.Reader) -> bytes:
        headers = dict(scope["headers"])
        producer = self._gate.admit(headers, scope.get("client")) if self._gate else ANONYMOUS
        scope["weir.producer"] = producer.name
        origin = _origin(headers)
        kind = headers.get(b"content-type", b"")
        wire.check_type(kind)
        with self._room.guest() as held:
            data = await self._body(headers, receive, held)
            return await self._keep_body(data, kind, producer, origin, read)

    async def _keep_body(
        self, data: bytes, kind: bytes, producer: Producer, origin: str, read: wire.Reader
    ) -> bytes:
        # From here to the spool's queue nothing is awaited: see weir.collect.spool.
        began, now = perf_counter(), self._spool.now()
        judging = Judging(
            self.rules, now, self._new_id, self._limits.event_bytes, origin, producer, Budget()
        )
        records = read(data, kind, judging)
        if self._gate and producer.limited:
            self._gate.charge(producer, len(records), len(data))
        answer, counts = answers.results(records)
        await self._spool.commit(records)
        self.counts.update(counts)
        if self._observer is not None:
            seconds = perf_counter() - began
            self._observer.kept(records, counts, len(data), seconds, self.rules)
        return answer

    async def _body(self, headers: dict[bytes, bytes], receive: Receive, held: Guest) -> bytes:
        limit = self._limits.body_bytes
        declared = headers.get(b"content-length", b"0")
        if declared.isdigit() and int(declared) > limit:
            raise wire.too_large(limit)
        try:
            async with asyncio.timeout(self._limits.body_seconds):
                data = await _receive_body(receive, limit, held)
        except TimeoutError:
            raise Refusal(
                408, "too_slow", "The body did not arrive in time.", "Send it again."
            ) from None
        encoding = headers.get(b"content-encoding")
        if encoding is None:
            return data
        plain = wire.decompress(Body(data, b"", encoding), limit)
        held.take(len(plain))
        return plain

    async def _health(self, _scope: Scope, _receive: Receive) -> bytes:
        status = {"status": "ok", "epoch": self._spool.epoch, "counts": dict(self.counts)}
        return orjson.dumps(status)

    async def _ready(self, _scope: Scope, _receive: Receive) -> bytes:
        if self.draining:
            raise Refusal(
                503, "not_ready", "This worker answers what is under way and ends.",
                "Send to another one: a new connection reaches it.",
            )  # fmt: skip
        failed = self._spool.failed_lanes
        if failed:
            raise Refusal(
                503, "not_ready", f"These lanes cannot be written: {', '.join(failed)}.",
                "Free disk space, or mend the broker; the collector recovers by itself.",
            )  # fmt: skip
        return b'{"status":"ready"}'


def _read_single(data: bytes, _kind: bytes, judging: Judging) -> list[Record]:
    return wire.single(data, judging)


async def _describe(_scope: Scope, _receive: Receive) -> bytes:
    return described()


def _wrong_method(path: str, method: str, wanted: str) -> Refusal:
    return Refusal(
        405, "wrong_method", f"`{path}` does not take {method}.", f"Use {wanted}.",
        ((b"allow", wanted.encode()),),
    )  # fmt: skip


def _not_kept(error: SpoolFull | SinkError) -> Refusal:
    if isinstance(error, SinkRefused):
        return Refusal(413, "record_too_large", error.what, error.remedy)
    log.error("Events were not kept: %s", error)
    return Refusal(
        503, "unavailable", "The collector cannot keep events now: nothing of this was kept.",
        "Send it again, with the same ids; Retry-After says when.",
    )  # fmt: skip


def _origin(headers: dict[bytes, bytes]) -> str:
    origin = headers.get(b"x-weir-origin", b"live").decode("latin-1").strip().lower()
    if origin not in ORIGINS:
        raise Refusal(
            400, "wrong_origin", f"X-Weir-Origin is `{origin[:50]}`.",
            f"Send one of {', '.join(ORIGINS)}, or leave the header out.",
        )  # fmt: skip
    return origin


async def _receive_body(receive: Receive, limit: int, held: Guest) -> bytes:
    parts: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise Disconnected
        parts.append(message.get("body", b""))
        held.take(len(parts[-1]))
        size += len(parts[-1])
        if size > limit:
            raise wire.too_large(limit)
        if not message.get("more_body"):
            return b"".join(parts) if len(parts) > 1 else parts[0]


def _adding(send: Send, headers: Headers) -> Send:
    """Return a `send` that adds headers to the answer."""

    async def adding(message: MutableMapping[str, Any]) -> None:
        if message["type"] == "http.response.start":
            message["headers"] = [*message["headers"], *headers]
        await send(message)

    return adding


async def _answer_preflight(send: Send, headers: Headers) -> None:
    await send({"type": "http.response.start", "status": 204, "headers": list(headers)})
    await send({"type": "http.response.body", "body": b""})


async def _answer(send: Send, status: int, body: bytes, more: Headers = ()) -> None:
    headers = [_JSON, (b"content-length", str(len(body)).encode()), *more]
    if status == 503:
        headers.append((b"retry-after", RETRY_AFTER))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
