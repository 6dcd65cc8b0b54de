"""The live tail: what arrives at the collector, with its verdict, before it is sealed; server-sent events."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal

import orjson
from fastapi import APIRouter, Query, Request
from sse_starlette import EventSourceResponse
from starlette.concurrency import run_in_threadpool
from starlette.types import Receive, Scope, Send

from weir.collect.listeners import Filter
from weir.collect.ownership import live_url
from weir.collect.watching import Watcher, as_sent, watch
from weir.console.access import Person, Role
from weir.console.context import Console
from weir.console.http.errors import Refused
from weir.console.http.who import Asked, Viewer, person_of, require
from weir.console.pages.personal import mask_of

router = APIRouter(prefix="/tail", tags=["tail"])
PER_SECOND = 50
"""Events that are shown in a second."""
_PING_SECONDS = 15
_LOOK_TICKS, _ASK_TICKS = 3, 15  # seconds between two looks for the collector, at the session
_META = (
    "received_at", "event_id", "event_name", "version", "user_id", "device_id", "app_version",
    "platform", "producer", "environment",
)  # fmt: skip

Text = Annotated[str, Query(max_length=200)]
Names = Annotated[list[Annotated[str, Query(max_length=200)]], Query(max_length=20)]
Said = Literal["accepted", "flagged", "quarantined", "rejected"]


@dataclass
class _Stream:
    """One open tail."""

    request: Request
    console: Console
    person: Person
    watcher: Watcher

    async def lines(self) -> AsyncIterator[dict[str, str]]:
        """Yield what the page is told, until its session ends or it goes."""
        ticks, url = 0, await self._url()
        yield _line("hello", {"collector": url, "per_second": PER_SECOND})
        spool = self.console.settings.spool_dir
        async for kind, what in watch(spool, self.watcher, PER_SECOND):
            if kind == "event":
                yield _line(kind, self._shown(what))
            elif kind == "tick":
                ticks += 1
                if ticks % _ASK_TICKS == 0 and not await self._may():
                    yield _line("bye", {"why": "session"})
                    return
                if ticks % _LOOK_TICKS == 0 and (now := await self._url()) != url:
                    url = now
                    yield _line("collector", {"collector": url})
            else:
                yield _line(kind, {"count": what} if kind == "left_out" else what)

    async def _url(self) -> str | None:
        return await asyncio.to_thread(live_url, self.console.settings.spool_dir)

    async def _may(self) -> bool:
        try:
            self.person = require(await run_in_threadpool(person_of, self.request), Role.VIEWER)
        except Refused:
            return False
        return True

    def _shown(self, record: Mapping[str, Any]) -> dict[str, Any]:
        columns = record["event"]
        registry = self.console.projects.current().registry
        mask = mask_of(registry, columns.get("event_name"), self.person)
        whole = as_sent(columns)
        sent = mask.event(whole)
        return {
            **{name: columns.get(name) for name in _META},
            "verdict": record["verdict"],
            "lane": record["lane"],
            "cut": record.get("cut"),
            "hidden": bool(mask.names) or sent != whole,
            "violations": [mask.violation(one) for one in record["violations"]],
            "sent": sent,
        }

    def read(self, record: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return that part of a record in which a text is looked for: what the person may see."""
        return record if self.person.role.may(Role.EDITOR) else self._shown(record)


class _Seated(EventSourceResponse):
    """A stream that gives its seat back however it ends."""

    def __init__(self, stream: _Stream) -> None:
        super().__init__(stream.lines(), ping=_PING_SECONDS, headers={"Cache-Control": "no-store"})
        self._stream = stream

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer."""
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._stream.console.tails.leave(self._stream.person.name)


@router.get(
    "",
    response_class=EventSourceResponse,
    responses={200: {"content": {"text/event-stream": {"schema": {"type": "string"}}}}},
)
def tail(
    request: Request,
    console: Asked,
    person: Viewer,
    event: Names = [],  # noqa: B006 - FastAPI copies it
    user: Names = [],  # noqa: B006 - as above
    rule: Names = [],  # noqa: B006 - as above
    verdict: Annotated[list[Said], Query()] = [],  # noqa: B006 - as above
    text: Text = "",
) -> EventSourceResponse:
    """Stream what arrives: `event`, `refused`, `left_out` (what was too much), `collector`, `bye`.

    `event` takes any names, registered or not; `text` is looked for anywhere in what is shown of an event.
    """
    wanted = Filter(frozenset(event), frozenset(user), frozenset(verdict), frozenset(rule))
    console.tails.take(person.name)
    stream = _Stream(request, console, person, Watcher(wanted, text.strip()))
    stream.watcher.reads = stream.read
    return _Seated(stream)


def _line(kind: str, what: Any) -> dict[str, str]:
    return {"event": kind, "data": orjson.dumps(what).decode()}
