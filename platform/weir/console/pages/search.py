"""Search: the sample and what it stands for, one event's document, and every event of a bounded time."""

from __future__ import annotations

import asyncio
import re
import threading
from collections.abc import AsyncIterator
from dataclasses import asdict
from datetime import UTC, date, datetime
from typing import Annotated, Any, Literal

import orjson
from fastapi import APIRouter, Path, Query, Request
from pydantic import BaseModel, Field
from sse_starlette import EventSourceResponse
from starlette.concurrency import run_in_threadpool

from weir.audit import Actor, audited
from weir.console.context import Console
from weir.console.http.errors import code_of
from weir.console.http.who import Asked, Viewer, acting
from weir.core.errors import NameRejected, NotFound, NotReady, UsageError, WeirError
from weir.core.estimate import Estimate
from weir.core.instants import within
from weir.engines.embedded.search import (
    FIELDS,
    Bar,
    Document,
    Result,
    SearchIndex,
    Surroundings,
    Value,
)
from weir.routing.exact import DAYS, ROWS_MOST, SECONDS, Exact, Wanted, search_all

router = APIRouter(prefix="/search", tags=["search"])
_INDEX = re.compile(r"[a-z][a-z0-9_]*")
_busy = threading.Semaphore(1)
_TICK = 0.25  # seconds between two looks at how far a search is


class Count(BaseModel):
    """A re-scaled count of events, with the ends of its 95 % interval."""

    matched: int = Field(description="Documents in the sample.")
    estimate: float
    low: float
    high: float


class BarCount(Count):
    """The events of a stretch of event time."""

    start: datetime


class ValueCount(Count):
    """The events with one value."""

    value: str


class Event(BaseModel):
    """One event that was found."""

    day: date = Field(description="The landing day (UTC): of the index that has it.")
    receipt: str = Field(description="lane/epoch/offset: where it landed.")
    at: datetime = Field(description="The event's time, else its arrival.")
    event_time: datetime | None
    received_at: datetime
    landing_hour: datetime
    event_id: str
    event_name: str
    user_id: str | None
    device_id: str | None
    platform: str | None
    app_version: str | None
    params: dict[str, Any]
    weight: float = Field(description="Events that it stands for: 1 ÷ its probability.")
    stratum: str
    policy_version: str


class Rate(BaseModel):
    """How the landing days that were opened are sampled."""

    offered: int
    kept: int
    days: int
    first: date | None
    last: date | None


class Limits(BaseModel):
    """What may be searched event by event."""

    days: int = DAYS
    rows: int = ROWS_MOST
    seconds: float = SECONDS


class Found(BaseModel):
    """The answer to a query."""

    query: str
    count: Count
    interval: Literal["exact", "keys", "some keys"] = Field(
        description="exact: nothing was left out; keys: by user; some keys: from a part of the users."
    )
    sampled: bool = Field(description="False if every event was searched.")
    bar_seconds: int
    bars: list[BarCount]
    facets: dict[str, list[ValueCount]]
    facets_whole: bool = Field(description="False: values are those of the newest hits.")
    hits: list[Event]
    rate: Rate | None = Field(description="Null if every event was searched.")
    scanned: int | None = Field(description="Events read, if every event was searched.")
    filters: dict[str, str] = Field(description="By which events were left out before reading.")
    seconds: float
    fields: list[str] = list(FIELDS)
    limits: Limits = Limits()


Text = Annotated[str, Query(max_length=2_000, description="As for `weir search`.")]
Since = Annotated[datetime | None, Query(alias="from", description="Earliest event time.")]
Until = Annotated[datetime | None, Query(alias="to", description="Event time to leave out from.")]


@router.get("")
def search(
    console: Asked, _: Viewer, q: Text = "*", since: Since = None, until: Until = None,
    limit: int = Query(100, ge=1, le=1_000),
    index: str = Query("events", max_length=50),
) -> Found:  # fmt: skip
    """Search the sample: newest events first, and what the hits stand for."""
    store = _store(console, index)
    if not store.days:
        raise NotReady(f"There is no search index `{index}` yet.", "Build it: `weir run`.")
    window = within("from", since), within("to", until)
    if None not in window and window[0] >= window[1]:  # type: ignore[operator]  # neither is None
        raise UsageError("The time is empty.", "Choose an end after the start.")
    result, around = store.search(q, limit, *window), store.explore(q, *window)
    offered, kept = store.rate(window[0])
    days = store.days_for(window[0])
    rate = Rate(
        offered=offered, kept=kept, days=len(days),
        first=min(days, default=None), last=max(days, default=None),
    )  # fmt: skip
    return _found(q, result, around, rate=rate)


@router.get("/documents/{day}/{receipt:path}")
def document(
    console: Asked, _: Viewer, day: date,
    receipt: Annotated[str, Path(max_length=200, pattern=r"^[\w/-]+$")],
    index: str = Query("events", max_length=50),
) -> Event:  # fmt: skip
    """Return the whole document of one event."""
    found = _store(console, index).document(day, receipt)
    if found is None:
        raise NotFound("document", receipt, remedy="Search for its event_id.")
    return _event(day, found)


@router.get("/all", response_class=EventSourceResponse)
async def everything(
    request: Request, console: Asked, person: Viewer, q: Text, since: Since = None,
    until: Until = None, limit: int = Query(100, ge=1, le=1_000),
) -> EventSourceResponse:  # fmt: skip
    """Search every accepted event of a time, one by one: `progress` events, then `found` or `failed`.

    It is bounded in days, events and seconds, and one at a time; it ends when nobody listens.
    """
    if since is None or until is None:
        raise UsageError("Every event of what time?", "Give `from` and `to`.")
    wanted = Wanted(q, within("from", since), within("to", until), limit)
    wanted.check()
    run = _Run(console, wanted, acting(request, person))
    return EventSourceResponse(run.events(request), ping=15)


class _Run:
    """A search of every event, on its way."""

    def __init__(self, console: Console, wanted: Wanted, by: Actor) -> None:
        self._console, self._wanted, self._by = console, wanted, by
        self._read, self._gone = (0, 0), False

    async def events(self, request: Request) -> AsyncIterator[dict[str, str]]:
        """Yield how far it is, four times a second, and at last what was found."""
        work = asyncio.ensure_future(run_in_threadpool(self._search))
        try:
            while not work.done():
                yield _sent("progress", {"read": self._read[0], "of": self._read[1]})
                await asyncio.wait([work], timeout=_TICK)
                self._gone = await request.is_disconnected()
            yield _sent(*work.result())
        finally:
            self._gone = True  # ends the search, if nobody listens any more

    def _search(self) -> tuple[str, Any]:
        if not _busy.acquire(blocking=False):
            return "failed", {
                "code": "busy", "message": "Somebody searches every event just now.",
                "remedy": "Try again in a minute.",
            }  # fmt: skip
        try:
            with audited(
                self._console.settings, "console.search_all", by=self._by,
                since=self._wanted.since, until=self._wanted.until,
            ) as entry:  # fmt: skip
                entry.words = False  # of a wrong query, they repeat it
                found = search_all(
                    self._console.settings, self._wanted, self._tell, lambda: self._gone
                )
        except WeirError as error:
            return "failed", {
                "code": code_of(error), "message": error.what, "remedy": error.remedy,
            }  # fmt: skip
        finally:
            _busy.release()
        return "found", exactly(self._wanted.query, found).model_dump(mode="json")

    def _tell(self, read: int, of: int) -> None:
        self._read = read, of


def exactly(query: str, found: Exact) -> Found:
    """Return the answer of a search of every event."""
    return _found(
        query, found.result, found.around, scanned=found.scanned, filters=found.filters,
        seconds=found.seconds,
    )  # fmt: skip


def _sent(kind: str, data: Any) -> dict[str, str]:
    return {"event": kind, "data": orjson.dumps(data).decode()}


def _store(console: Console, index: str) -> SearchIndex:
    if not _INDEX.fullmatch(index):
        raise NameRejected(index, "an index is named in snake_case", "Name one like `events`.")
    return SearchIndex(console.settings.search_dir, index)


def _found(
    query: str, result: Result, around: Surroundings, *, rate: Rate | None = None,
    scanned: int | None = None, filters: dict[str, str] | None = None,
    seconds: float | None = None,
) -> Found:  # fmt: skip
    return Found(
        query=query,
        count=Count(
            matched=result.matched_documents, estimate=result.estimate,
            low=result.low, high=result.high,
        ),
        interval=result.interval,
        sampled=scanned is None,
        bar_seconds=around.seconds,
        bars=[_bar(one) for one in around.bars],
        facets={name: [_value(one) for one in values] for name, values in around.facets.items()},
        facets_whole=around.whole,
        hits=[_event(hit.day, hit.document) for hit in result.hits],
        rate=rate,
        scanned=scanned,
        filters=filters or {},
        seconds=result.took if seconds is None else seconds,
    )  # fmt: skip


def _bar(one: Bar) -> BarCount:
    return BarCount(start=one.start.replace(tzinfo=UTC), **_ends(one.matched, one.count))


def _value(one: Value) -> ValueCount:
    return ValueCount(value=one.value, **_ends(one.matched, one.count))


def _ends(matched: int, count: Estimate) -> dict[str, Any]:
    return {
        "matched": matched, "estimate": count.value, "low": count.low, "high": count.high,
    }  # fmt: skip


def _event(day: date, found: Document) -> Event:
    fields = asdict(found)
    del fields["randomness"]
    fields["params"] = orjson.loads(found.params)
    times = ("event_time", "received_at", "landing_hour")
    fields |= {name: fields[name] and fields[name].replace(tzinfo=UTC) for name in times}
    return Event(day=day, at=found.at.replace(tzinfo=UTC), **fields)
