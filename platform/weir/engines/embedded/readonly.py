"""Read-only SQL for people: the engine is locked down first, then the statement is checked, then run.

The order matters: even a SELECT can read files (`read_text('/etc/passwd')`), so the lock on the
engine is what protects, and the check of the statement only explains. It runs in a process of its
own, with a memory limit and a timer.
"""

from __future__ import annotations

import multiprocessing
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Any

import duckdb

from weir.core.errors import LakeError, UsageError
from weir.core.settings import Settings
from weir.engines.embedded.duck import literal
from weir.engines.embedded.lake import Lake

MEMORY_LIMIT = "2GB"
_ALLOWED = {
    duckdb.StatementType.SELECT,
    duckdb.StatementType.EXPLAIN,
}
_READ_ONLY = "Only one SELECT, WITH, SHOW, DESCRIBE, SUMMARIZE or EXPLAIN statement runs here."


@dataclass(frozen=True)
class Answer:
    """Columns and rows of one query; `truncated` if there were more rows than asked for."""

    columns: list[str]
    rows: list[tuple[Any, ...]]
    truncated: bool


def query(settings: Settings, statement: str, *, limit: int = 100, seconds: float = 60.0) -> Answer:
    """Run one read-only statement on the lake.

    Args:
        settings: which lake.
        statement: one SQL statement.
        limit: most rows to return.
        seconds: most seconds to run.

    Raises:
        UsageError: if the statement is not one read-only statement, or the engine refuses it.
        LakeError: if there is no lake, or the time is up.
    """
    with Lake(settings).read():
        pass  # a clear error here when there is no lake
    spawn = multiprocessing.get_context("spawn")
    ours, theirs = spawn.Pipe()
    worker = spawn.Process(target=_work, args=(theirs, settings, statement, limit), daemon=True)
    worker.start()
    theirs.close()
    try:
        if not ours.poll(seconds):
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
    raise UsageError(
        str(outcome), _READ_ONLY if str(outcome).startswith("Refused") else "Mend the query."
    )


def _work(pipe: Connection, settings: Settings, statement: str, limit: int) -> None:
    try:
        with Lake(settings).read() as connection:
            lock_down(connection, settings)
            pipe.send(_answer(connection, statement, limit))
    except duckdb.Error as error:
        pipe.send(str(error))
    except ValueError as error:
        pipe.send(f"Refused: {error}")


def lock_down(connection: duckdb.DuckDBPyConnection, settings: Settings) -> None:
    """Confine a connection to the lake's own files, for good."""
    folder = literal(str(settings.lake_dir))
    connection.execute(f"SET memory_limit = '{MEMORY_LIMIT}'")
    connection.execute(f"SET allowed_directories = ['{folder}/']")
    connection.execute("SET enable_external_access = false")
    connection.execute("SET lock_configuration = true")


def _answer(connection: duckdb.DuckDBPyConnection, statement: str, limit: int) -> Answer:
    statements = connection.extract_statements(statement)
    if len(statements) != 1:
        raise ValueError(f"{len(statements)} statements.")
    if statements[0].type not in _ALLOWED:
        raise ValueError(f"a {statements[0].type.name} statement.")
    cursor = connection.execute(statements[0])
    columns = [column[0] for column in cursor.description or []]
    rows = cursor.fetchmany(limit + 1)
    return Answer(columns, rows[:limit], len(rows) > limit)
