"""Read-only SQL for people: the engine is locked down first, then the statement is checked, then run.

Neither is enough alone. The lock keeps every statement away from all files but the lake's data
(`read_text('/etc/passwd')` is a SELECT too). But DuckDB cannot be told to only read there, and it
always allows the file of an attached catalogue; so the check of the statement (`statement.py`)
lets nothing through that writes or opens a file by name. It runs in a process of
its own, with a limit of memory (DuckDB's, and the process's), without a folder to spill to, and with a timer.
"""

from __future__ import annotations

import multiprocessing
import re
import resource
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import duckdb

from weir.core.errors import LakeError, QueryRejected
from weir.core.settings import Settings
from weir.engines.embedded.duck import literal
from weir.engines.embedded.lake import Lake
from weir.engines.embedded.statement import checked

MEMORY_LIMIT = "2GB"
THREADS = 4
BEYOND = 3 * 2**30
"""Bytes of addresses that the process may take once the lake is open: DuckDB's memory, and rows in Python's."""
MOST_COLUMNS = 500
"""Columns that are returned where bytes are counted."""
_CELL = 8  # bytes that a value counts beside its text: an empty one is not nothing
_TICK = 0.1
_GRACE = 5.0  # seconds after the time is up in which the caller ends the process
_WIDE = "Too many columns"
_READ_ONLY = "Only one SELECT, WITH, SHOW, DESCRIBE, SUMMARIZE or EXPLAIN statement runs here."


class _TooWide(Exception):
    """An answer has more columns than are shown."""


@dataclass(frozen=True)
class Answer:
    """Columns and rows of one query.

    Attributes:
        columns: their names.
        rows: the rows.
        truncated: whether there were more rows than asked for, or than `most_bytes` hold.
        types: DuckDB's types of the columns.
    """

    columns: list[str]
    rows: list[tuple[Any, ...]]
    truncated: bool
    types: list[str] = field(default_factory=list)


def query(
    settings: Settings, statement: str, *, limit: int = 100, seconds: float = 60.0,
    most_bytes: int | None = None, stopped: Callable[[], bool] | None = None,
) -> Answer:  # fmt: skip
    """Run one read-only statement on the lake.

    Args:
        settings: which lake.
        statement: one SQL statement.
        limit: most rows to return.
        seconds: most seconds to run.
        most_bytes: most bytes to return, values written as text and some for each value; None for any.
            Where it is given, more than `MOST_COLUMNS` are refused.
        stopped: asked some times a second; True ends the query.

    Raises:
        QueryRejected: if the statement is not one read-only statement, or the engine refuses it.
        LakeError: if there is no lake, the time is up, or it was stopped.
    """
    with Lake(settings).read():
        pass  # a clear error here when there is no lake
    spawn = multiprocessing.get_context("spawn")
    ours, theirs = spawn.Pipe()
    given = (theirs, settings, statement, limit, seconds, most_bytes)
    worker = spawn.Process(target=_work, args=given, daemon=True)
    worker.start()
    theirs.close()
    try:
        if not _waited(ours, seconds, stopped):
            raise LakeError(
                f"The query did not end within {seconds:g} s.", "Read less, or give --timeout."
            )
        outcome = ours.recv()
    except EOFError:
        remedy = f"It may have needed more than {MEMORY_LIMIT}: read less."
        raise LakeError("The query's process ended without an answer.", remedy) from None
    finally:
        worker.kill()
        worker.join()
        ours.close()
    if isinstance(outcome, Answer):
        return outcome
    told = str(outcome)
    raise QueryRejected(told, _remedy(told), *(place(told, statement) or (None, None)))


def _waited(pipe: Connection, seconds: float, stopped: Callable[[], bool] | None) -> bool:
    """Wait for an answer; tell whether it came in time."""
    if stopped is None:
        return pipe.poll(seconds)
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if pipe.poll(_TICK):
            return True
        if stopped():
            raise LakeError("The query was stopped.", "Run it again if it is wanted.")
    return False


_LINE = re.compile(r"^LINE (\d+): (.*)\n( *)\^", re.MULTILINE)


def place(told: str, statement: str) -> tuple[int, int] | None:
    r"""Return line and column, from 1 on, that DuckDB's message points to; None if to none.

    It shows a part of a long line only, between dots.

    >>> place("Parser Error: …\n\nLINE 2: from x y z\n                 ^", "select 1\nfrom x y z")
    (2, 10)
    """
    found = _LINE.search(told)
    lines = statement.split("\n")
    if found is None or int(found[1]) > len(lines):
        return None
    number, shown = int(found[1]), found[2]
    at = len(found[3]) - len(f"LINE {number}: ")
    cut = shown.startswith("...")
    part = shown.removeprefix("...").removesuffix("...")
    offset = lines[number - 1].find(part) if cut else 0
    return number, max(0, offset) + at - (3 if cut else 0) + 1


def _remedy(told: str) -> str:
    if told.startswith("Refused"):
        return _READ_ONLY
    if told.startswith(_WIDE):
        return "Name the columns that you want, fewer of them."
    if told.startswith("Out of Memory"):
        return f"It needs more than {MEMORY_LIMIT}: read less, or sort and group less."
    return "Mend the query."


def _work(
    pipe: Connection, settings: Settings, statement: str, limit: int, seconds: float,
    most_bytes: int | None,
) -> None:  # fmt: skip
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.setitimer(signal.ITIMER_REAL, seconds + _GRACE)  # ends it even if the caller is gone
    try:
        with Lake(settings).read() as connection:
            lock_down(connection, settings)
            _bound_memory()
            pipe.send(_answer(connection, statement, limit, most_bytes))
    except duckdb.OutOfMemoryException as error:
        pipe.send(str(error).partition("\n")[0])  # the rest advises settings that are locked
    except duckdb.Error as error:
        pipe.send(str(error))
    except MemoryError:
        pipe.send("Out of Memory: the rows do not fit.")
    except _TooWide as error:
        pipe.send(str(error))
    except ValueError as error:
        pipe.send(f"Refused: {error}")


def _bound_memory() -> None:
    """Let this process take no more than `BEYOND` on top of what it has: DuckDB's limit is its own only."""
    status = Path("/proc/self/statm")
    if not status.exists():  # not Linux
        return
    now = int(status.read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (now + BEYOND, now + BEYOND))


def lock_down(connection: duckdb.DuckDBPyConnection, settings: Settings) -> None:
    """Confine a connection to the lake's data files, for good. The catalogue is open already."""
    lakes = {str(Lake(each).data_dir) for each in (settings, settings.production)}
    folders = ", ".join(f"'{literal(folder)}/'" for folder in sorted(lakes))
    connection.execute(f"SET memory_limit = '{MEMORY_LIMIT}'")
    connection.execute(f"SET threads = {THREADS}")
    connection.execute("SET temp_directory = ''")
    connection.execute("SET python_enable_replacements = false")
    connection.execute(f"SET allowed_directories = [{folders}]")
    connection.execute("SET enable_external_access = false")
    connection.execute("SET lock_configuration = true")


def _answer(
    connection: duckdb.DuckDBPyConnection, statement: str, limit: int, most_bytes: int | None
) -> Answer:
    cursor = connection.execute(checked(connection, statement))
    columns = [column[0] for column in cursor.description or []]
    types = [str(column[1]) for column in cursor.description or []]
    if most_bytes is None:
        rows = cursor.fetchmany(limit + 1)
        return Answer(columns, rows[:limit], len(rows) > limit, types)
    if len(columns) > MOST_COLUMNS:
        raise _TooWide(f"{_WIDE}: {len(columns):,}, and {MOST_COLUMNS} at most are shown here.")
    kept: list[tuple[Any, ...]] = []
    size = 0
    while row := cursor.fetchone():  # one at a time: a few may be all of the memory
        size += sum(len(str(value)) + _CELL for value in row)
        if len(kept) == limit or size > most_bytes:
            return Answer(columns, kept, truncated=True, types=types)
        kept.append(row)
    return Answer(columns, kept, truncated=False, types=types)
