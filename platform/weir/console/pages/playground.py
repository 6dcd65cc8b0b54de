"""The playground: read-only SQL on the lake, bounded in rows, bytes and seconds, and drafts made of it."""

from __future__ import annotations

import asyncio
import threading
import time
from typing import Any, Literal

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field
from starlette.concurrency import run_in_threadpool

from weir.audit import Actor, audited
from weir.console.context import Console
from weir.console.http.again import only_asks
from weir.console.http.errors import Refused
from weir.console.http.who import Asked, Editor, Viewer, acting
from weir.console.pages.answers import Given
from weir.console.pages.builder import author_of
from weir.engines.embedded.lake import table_columns
from weir.engines.embedded.plain import shown
from weir.engines.embedded.readonly import Answer, query
from weir.engines.embedded.schema import SCHEMAS
from weir.engines.embedded.statement import digest, shape
from weir.orchestra.drafts import save_draft

router = APIRouter(prefix="/playground", tags=["playground"])
ROWS, BYTES, SECONDS, LONGEST = 10_000, 5_000_000, 30.0, 100_000
AT_ONCE = 2
_free = threading.Semaphore(AT_ONCE)
_TICK = 0.2  # seconds between two looks whether somebody still waits


class Limits(BaseModel):
    """What a query may return and take."""

    rows: int = ROWS
    bytes: int = BYTES
    seconds: float = SECONDS


class Column(BaseModel):
    """A column."""

    name: str
    type: str


class Table(BaseModel):
    """A table of the lake."""

    schema_name: str
    name: str
    columns: list[Column]


class Catalogue(BaseModel):
    """What a query may name."""

    tables: list[Table]
    limits: Limits = Limits()


class Wanted(Given):
    """A query."""

    sql: str = Field(max_length=LONGEST, description="One SELECT, SHOW, DESCRIBE, SUMMARIZE.")
    limit: int = Field(1_000, ge=1, le=ROWS, description="Most rows to return.")
    explain: Literal["", "plan", "analyze"] = Field(
        "", description="How it would be run (plan) or was (analyze), instead of its rows."
    )


class Ran(BaseModel):
    """What a query returned."""

    columns: list[Column]
    rows: list[list[Any]] = Field(
        description="By column. Whole numbers beyond 2^53, decimals and times are text."
    )
    cut: bool = Field(description="Whether there were more rows than these.")
    seconds: float
    fingerprint: str = Field(
        description="Of the statement without its values, as in the audit log."
    )


class Draft(Given):
    """A query to be kept as the draft of a model."""

    name: str = Field(max_length=100)
    sql: str = Field(max_length=LONGEST)
    description: str = Field("", max_length=2_000)


class Saved(BaseModel):
    """A draft that was saved."""

    branch: str
    commit: str
    path: str
    text: str
    unknown: list[str] = Field(description="Tables that are no model or source of the project.")


@router.get("")
def catalogue(console: Asked, _: Viewer) -> Catalogue:
    """Return the tables and columns of the lake, and the limits."""
    lake = console.projects.current().lake
    if not lake.exists:
        return Catalogue(tables=[])
    with lake.read() as connection:
        found = {schema: table_columns(connection, schema) for schema in SCHEMAS}
    return Catalogue(
        tables=[
            Table(
                schema_name=schema, name=name,
                columns=[Column(name=column, type=kind) for column, kind in columns.items()],
            )
            for schema, tables in found.items()
            for name, columns in tables.items()
        ]
    )  # fmt: skip


@router.post("/run")
@only_asks
async def run(request: Request, console: Asked, person: Viewer, wanted: Wanted) -> Ran:
    """Run one read-only query. It ends when nobody waits for it any more."""
    gone = threading.Event()
    by = acting(request, person)
    work = asyncio.ensure_future(run_in_threadpool(_run, console, by, wanted, gone))
    try:
        while not work.done():
            await asyncio.wait([work], timeout=_TICK)
            if not work.done() and await request.is_disconnected():
                gone.set()
        return work.result()
    finally:
        gone.set()


@router.post("/drafts")
def draft(request: Request, console: Asked, person: Editor, given: Draft) -> Saved:
    """Save a query as the draft of a model: a commit on a branch of its own."""
    project = console.projects.current()
    by = acting(request, person)
    with audited(console.settings, "console.draft", by=by, model=given.name) as entry:
        made = save_draft(
            console.settings, project.parsed.json, given.name, given.sql, author_of(person),
            given.description,
        )  # fmt: skip
        entry.tell(branch=made.branch, commit=made.commit)
    return Saved(
        branch=made.branch, commit=made.commit, path=made.path, text=made.text,
        unknown=made.unknown,
    )  # fmt: skip


def _run(console: Console, by: Actor, wanted: Wanted, gone: threading.Event) -> Ran:
    if not _free.acquire(timeout=SECONDS / 10):
        raise Refused(
            429, "busy", f"{AT_ONCE} queries run already.", "Try again when one has ended."
        )
    began = time.monotonic()
    mark = digest(wanted.sql)
    try:
        with audited(
            console.settings, "console.query", by=by, statement=shape(wanted.sql), fingerprint=mark
        ) as entry:
            entry.words = False  # DuckDB's repeat the statement with its values
            answer = query(
                console.settings, _explained(wanted), limit=wanted.limit, seconds=SECONDS,
                most_bytes=BYTES, stopped=gone.is_set,
            )  # fmt: skip
            entry.tell(rows=len(answer.rows))
    finally:
        _free.release()
    return _ran(answer, time.monotonic() - began, mark)


def _explained(wanted: Wanted) -> str:
    words = {"": "", "plan": "EXPLAIN ", "analyze": "EXPLAIN ANALYZE "}
    return words[wanted.explain] + wanted.sql


def _ran(answer: Answer, seconds: float, mark: str) -> Ran:
    pairs = zip(answer.columns, answer.types, strict=True)
    return Ran(
        columns=[Column(name=name, type=kind) for name, kind in pairs],
        rows=[[shown(value) for value in row] for row in answer.rows],
        cut=answer.truncated,
        seconds=seconds,
        fingerprint=mark,
    )
