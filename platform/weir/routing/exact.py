"""The same query on every accepted event instead of the sample: exact, bounded, in a process of its own.

The rows of the asked time are indexed in a folder that is thrown away, whole, and the query is put to
that: so it means what it means in the search index, word for word.
"""

from __future__ import annotations

import multiprocessing
import re
import signal
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, NamedTuple

import duckdb
import pyarrow as pa

from weir.core.errors import LakeError, UsageError, WeirError
from weir.core.settings import Settings
from weir.engines.embedded.lake import Lake
from weir.engines.embedded.search import Result, SearchIndex, Surroundings
from weir.engines.embedded.search.reading import explained, parse
from weir.routing.indexing import ACCEPTED_SQL, ROWS, build

DAYS = 92
"""Longest stretch of event time."""
ROWS_MOST = 300_000
SECONDS = 60.0
_BATCH = 8_192
_GRACE = 5.0
_EARLIEST = timedelta(hours=24)  # an event is never later than its arrival by more than this
_BARE = re.compile(
    r'\b(event_name|user_id|device_id|event_id|platform|app_version):("?)([\w.@-]+)\2(?=\s|$)'
)
_NOT_SO_PLAIN = re.compile(r"\b(OR|NOT)\b|[()\[\]{}^~*+]|(?:^|\s)-|\bIN\b")
_WHERE = (
    "landing_day >= $first::DATE AND coalesce(event_time, received_at) >= $since"
    " AND coalesce(event_time, received_at) < $until"
)
Progress = Callable[[int, int], object]
"""Called with rows read and rows there are."""


@dataclass(frozen=True)
class Wanted:
    """What is searched.

    Attributes:
        query: as for the search index.
        since, until: event times [since, until), naive UTC.
        limit: most hits.
    """

    query: str
    since: datetime
    until: datetime
    limit: int = 100

    def check(self) -> None:
        """Check the bounds and the query.

        Raises:
            UsageError: if the time is empty or too long, or the query cannot be read.
        """
        if self.since >= self.until:
            raise UsageError("The time is empty.", "Choose an end after the start.")
        if self.until - self.since > timedelta(days=DAYS):
            raise UsageError(
                f"The time is longer than {DAYS} days.", "Search a part of it, or use `weir sql`."
            )
        with explained(self.query):
            parse(self.query)


@dataclass(frozen=True)
class Exact:
    """The answer.

    Attributes:
        result: hits and exact counts.
        around: counts over time and by field.
        scanned: rows that were read.
        filters: columns by which rows were left out before they were read, with the value.
        seconds: how long it took.
    """

    result: Result
    around: Surroundings
    scanned: int
    filters: dict[str, str]
    seconds: float


class _Failed(NamedTuple):
    """An error on its way between two processes."""

    usage: bool
    what: str
    remedy: str


def plain_terms(query: str) -> dict[str, str]:
    """Return field → value of terms without which no event can match; {} where that is not certain.

    >>> plain_terms('event_name:buy_item params.n:>2'), plain_terms("user_id:a OR user_id:b")
    ({'event_name': 'buy_item'}, {})
    >>> plain_terms('"event_name:buy_item"')
    {}
    """
    if _NOT_SO_PLAIN.search(query) or re.search(r'(?:^|\s)"', query):
        return {}
    return {name: value for name, _, value in _BARE.findall(query)}


def search_all(
    settings: Settings, wanted: Wanted, tell: Progress = lambda *_: None,
    stopped: Callable[[], bool] = lambda: False,
    most: int = ROWS_MOST, seconds: float = SECONDS,
) -> Exact:  # fmt: skip
    """Search every accepted event of a time.

    Args:
        settings: whose lake.
        wanted: the query and its bounds.
        tell: told how far it is.
        stopped: asked some times a second; True ends it.
        most: rows above which nothing is searched.
        seconds: how long it may take.

    Raises:
        UsageError: if the query is wrong or would read too much.
        LakeError: if there is no lake, the time is up, or it was stopped.
    """
    wanted.check()
    with Lake(settings).read():
        pass  # a clear error here when there is no lake
    with tempfile.TemporaryDirectory(prefix="weir-search-") as folder:  # also if it is killed
        spawn = multiprocessing.get_context("spawn")
        ours, theirs = spawn.Pipe()
        given = (theirs, settings, wanted, Path(folder), most, seconds)
        worker = spawn.Process(target=_work, args=given, daemon=True)
        worker.start()
        theirs.close()
        try:
            return _outcome(ours, tell, stopped, time.monotonic() + seconds)
        except EOFError:
            told = "The search's process ended without an answer."
            raise LakeError(told, "Search less.") from None
        finally:
            worker.kill()
            worker.join()
            ours.close()


def _outcome(pipe: Connection, tell: Progress, stopped: Callable[[], bool], end: float) -> Exact:
    while time.monotonic() < end:
        if stopped():
            raise LakeError("The search was stopped.", "Start it again if it is wanted.")
        if not pipe.poll(0.1):
            continue
        found = pipe.recv()
        if isinstance(found, Exact):
            return found
        if isinstance(found, _Failed):
            raise (UsageError if found.usage else LakeError)(found.what, found.remedy)
        tell(*found)
    raise LakeError("The search did not end in time.", "Choose less time, or name an event.")


def _work(
    pipe: Connection, settings: Settings, wanted: Wanted, folder: Path, most: int, seconds: float
) -> None:  # fmt: skip
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.setitimer(signal.ITIMER_REAL, seconds + _GRACE)  # ends it even if the caller is gone
    try:
        with Lake(settings).read() as connection:
            connection.begin()  # counts and rows of one snapshot
            pipe.send(_searched(connection, wanted, folder, most, pipe))
    except WeirError as error:
        pipe.send(_Failed(isinstance(error, UsageError), error.what, error.remedy))


def _searched(
    connection: duckdb.DuckDBPyConnection,
    wanted: Wanted,
    folder: Path,
    most: int,
    pipe: Connection,
) -> Exact:
    began = time.monotonic()
    filters = plain_terms(wanted.query)
    source, given = _source(wanted, filters)
    counts = {
        (hour, name): int(rows)
        for hour, name, rows in connection.execute(
            f"SELECT landing_hour, event_name, count(*) FROM ({source}) GROUP BY ALL", given
        ).fetchall()
    }
    total = sum(counts.values())
    if total > most:
        raise UsageError(
            f"{total:,} events are in that time; {most:,} at most are searched one by one.",
            "Choose less time, or name an event: `event_name:…`.",
        )
    index = SearchIndex(folder)
    if counts:
        columns = ", ".join(f'"{name}"' for name in ROWS.names)
        rows = connection.execute(
            f"SELECT {columns} FROM ({source}) ORDER BY landing_hour", given
        ).to_arrow_reader(_BATCH)
        hours = sorted(hour for hour, _ in counts)
        build(
            index, hours[0], hours[-1] + timedelta(hours=1),
            _counted(rows, total, pipe), counts, {},
        )  # fmt: skip
    result = index.search(wanted.query, wanted.limit, wanted.since, wanted.until)
    around = index.explore(wanted.query, wanted.since, wanted.until)
    return Exact(result, around, total, filters, time.monotonic() - began)


def _source(wanted: Wanted, filters: dict[str, str]) -> tuple[str, dict[str, Any]]:
    conditions = "".join(f" AND {name} = ${name}" for name in filters)
    given = {
        "first": (wanted.since - _EARLIEST).date(), "since": wanted.since, "until": wanted.until,
        **filters,
    }  # fmt: skip
    return f"SELECT * FROM ({ACCEPTED_SQL}) WHERE {_WHERE}{conditions}", given


def _counted(
    rows: Iterator[pa.RecordBatch], total: int, pipe: Connection
) -> Iterator[pa.RecordBatch]:
    seen = 0
    for batch in rows:
        yield batch
        seen += batch.num_rows
        pipe.send((seen, total))
