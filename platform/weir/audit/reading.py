"""Reads the audit log: its entries, begin and end put together, newest first."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from weir.audit.auditing import FAILED, REFUSED, stamp
from weir.audit.store import BEGIN, END, ROW, AuditLog
from weir.core.errors import NotFound
from weir.core.processes import lives

UNFINISHED, RUNNING = "unfinished", "running"
OPEN = "open"
"""Asks for both: what has no end in the log."""
_begin, _end = ROW.alias("b"), ROW.alias("e")


@dataclass(frozen=True)
class Found:
    """One entry of the log.

    Attributes:
        id: its number.
        at: when it began, UTC.
        action: what was done.
        kind: the kind of who did it.
        name: who did it.
        authenticated: how that is known.
        result: ok, refused, failed; running while its process lives, else unfinished.
        message: why it was refused or failed.
        seconds: how long it took; None while it has no end.
        arguments: what was asked for, masked.
        did: what was done.
        project: the project's folder.
        home: the home's folder.
        request: what binds the entries of one command together.
        run: the Dagster run, if any.
        host: the machine.
        pid: the process.
        hash: the hash of its last row.
    """

    id: int
    at: str
    action: str
    kind: str
    name: str
    authenticated: str
    result: str
    message: str
    seconds: float | None
    arguments: dict[str, Any]
    did: dict[str, Any]
    project: str
    home: str
    request: str
    run: str
    host: str
    pid: int
    hash: str

    def as_dict(self) -> dict[str, Any]:
        """Return the entry as plain data."""
        return asdict(self)


@dataclass(frozen=True)
class Wanted:
    """Which entries are wanted; what is empty or None does not matter.

    Attributes:
        action: an action, or `events.*` for all of a kind.
        who: a name.
        since: began at or after it; naive UTC.
        asset: named in what was asked for or done.
        failed: only what failed, was refused or is unfinished.
        request: of one command.
        limit: most entries, the newest.
        until: began before it; naive UTC.
        result: ok, refused or failed; `open` for what has no end.
        before: only entries with a smaller number: the next page of a list.
    """

    action: str = ""
    who: str = ""
    since: datetime | None = None
    asset: str = ""
    failed: bool = False
    request: str = ""
    limit: int = 50
    until: datetime | None = None
    result: str = ""
    before: int = 0


def find(log: AuditLog, wanted: Wanted) -> list[Found]:
    """Return the newest entries that are wanted, newest first."""
    if not log.exists:
        return []
    query = _query().order_by(_begin.c.seq.desc())
    for condition in _conditions(wanted):
        query = query.where(condition)
    with log.engine.connect() as connection:
        found = (_found(row) for row in connection.execute(query.limit(wanted.limit)))
        return list(found)


def get(log: AuditLog, number: int) -> Found:
    """Return one entry.

    Raises:
        NotFound: if there is none of that number.
    """
    if log.exists:
        with log.engine.connect() as connection:
            row = connection.execute(_query().where(_begin.c.seq == number)).first()
        if row is not None:
            return _found(row)
    raise NotFound("audit entry", str(number), remedy="`weir audit list` shows their numbers.")


def knows_run(log: AuditLog, run: str) -> bool:
    """Tell whether a Dagster run is in the log already."""
    if not log.exists:
        return False
    with log.engine.connect() as connection:
        return connection.execute(sa.select(ROW.c.seq).where(ROW.c.run == run)).first() is not None


def _query() -> sa.Select[Any]:
    columns = [column.label(f"b_{column.name}") for column in _begin.columns]
    columns += [column.label(f"e_{column.name}") for column in _end.columns]
    joined = _begin.outerjoin(_end, sa.and_(_end.c.entry == _begin.c.seq, _end.c.phase == END))
    return sa.select(*columns).select_from(joined).where(_begin.c.phase == BEGIN)


def _conditions(wanted: Wanted) -> Iterator[sa.ColumnElement[bool]]:
    if wanted.action.endswith(".*"):
        yield _begin.c.action.startswith(wanted.action[:-1], autoescape=True)
    elif wanted.action:
        yield _begin.c.action == wanted.action
    if wanted.who:
        yield _begin.c.name == wanted.who
    if wanted.request:
        yield _begin.c.request == wanted.request
    if wanted.asset:
        named = (
            table.c.arguments.contains(wanted.asset, autoescape=True) for table in (_begin, _end)
        )
        yield sa.or_(*named)
    yield from _when(wanted)
    yield from _how_it_ended(wanted)


def _when(wanted: Wanted) -> Iterator[sa.ColumnElement[bool]]:
    if wanted.since is not None:
        yield _begin.c.at >= stamp(wanted.since)
    if wanted.until is not None:
        yield _begin.c.at < stamp(wanted.until)
    if wanted.before:
        yield _begin.c.seq < wanted.before


def _how_it_ended(wanted: Wanted) -> Iterator[sa.ColumnElement[bool]]:
    if wanted.failed:
        yield sa.or_(_end.c.result.in_((FAILED, REFUSED)), _end.c.seq.is_(None))
    if wanted.result:
        yield _end.c.seq.is_(None) if wanted.result == OPEN else _end.c.result == wanted.result


def _found(row: sa.Row[Any]) -> Found:
    ended = row.e_seq is not None
    result = row.e_result if ended else (RUNNING if _lives(row) else UNFINISHED)
    return Found(
        row.b_seq,
        row.b_at,
        row.b_action,
        row.b_kind,
        row.b_name,
        row.b_authenticated,
        result,
        row.e_message or "",
        float(row.e_seconds) if ended else None,
        json.loads(row.b_arguments),
        json.loads(row.e_arguments) if ended else {},
        row.b_project,
        row.b_home,
        row.b_request,
        row.e_run or row.b_run,
        row.b_host,
        row.b_pid,
        row.e_hash or row.b_hash,
    )


def _lives(row: sa.Row[Any]) -> bool:
    """Tell whether the process that began an entry lives: on this machine, started before it."""
    here: bool = row.b_host == socket.gethostname()
    return here and lives(row.b_pid, datetime.fromisoformat(row.b_at))
