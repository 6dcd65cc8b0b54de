"""`audited`: the one way to enter what is done into the audit log."""

from __future__ import annotations

import json
import logging
import os
import socket
import time
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Any

from weir.audit.actions import check_action
from weir.audit.actor import Actor, actor_of
from weir.audit.masking import masked, masked_text
from weir.audit.store import BEGIN, END, AuditLog
from weir.core.clock import utc_now
from weir.core.errors import AuditError, NotReady, RegistryError, UsageError
from weir.core.settings import Settings

log = logging.getLogger(__name__)

OK, REFUSED, FAILED = "ok", "refused", "failed"


@dataclass
class Entry:
    """An entry that is open: what is known at its end is told to it.

    Attributes:
        id: its number; 0 until it is written.
        request: what binds the entries of one command or request together.
        run: the Dagster run.
        did: what was done, as plain values.
        words: whether the words of the error that ends it are kept; without them only its kind is, for
            what may tell values.
    """

    request: str
    id: int = 0
    run: str = ""
    did: dict[str, Any] = field(default_factory=dict)
    words: bool = True

    def tell(self, *, run: str = "", **did: Any) -> None:
        """Note the run, or what was done."""
        self.run = run or self.run
        self.did |= did


_current: ContextVar[Entry | None] = ContextVar("audit_entry", default=None)


def note(*, run: str = "", **did: Any) -> None:
    """Tell the innermost open entry of this context what was done; without one, do nothing."""
    entry = _current.get()
    if entry is not None:
        entry.tell(run=run, **did)


@lru_cache(maxsize=16)
def _log(url: str) -> AuditLog:
    return AuditLog(url)


def log_of(settings: Settings) -> AuditLog:
    """Return the audit log of a home."""
    return _log(settings.audit_url)


@contextmanager
def audited(
    settings: Settings,
    action: str,
    *,
    by: Actor | None = None,
    run: str = "",
    request: str = "",
    **arguments: Any,
) -> Iterator[Entry]:
    """Enter into the audit log what the block does, and how it ends.

    Args:
        settings: the home whose log it is.
        action: what is done, from `ACTIONS`.
        by: who does it; else `settings.actor`, else the login.
        run: the Dagster run that does it.
        request: what it is part of; else that of the entry around it, else a new one.
        arguments: what was asked for. Secrets and personal data are masked.

    Yields:
        The open entry.

    Raises:
        AuditError: if the log cannot be written; then the block does not start.
        InvalidValue: if the action is not in the list.
    """
    around = _current.get()
    entry = Entry(request or (around.request if around else uuid.uuid4().hex), run=run)
    audit = log_of(settings)
    base = _base(settings, check_action(action), by or actor_of(settings.actor), entry)
    began = {"entry": 0, "phase": BEGIN, "at": _now(), "arguments": _json(masked(arguments))}
    entry.id = audit.append([base | began])[0]
    token, started = _current.set(entry), time.perf_counter()
    result, message = OK, ""
    try:
        yield entry
    except BaseException as error:
        result, message = result_of(error)
        message = message if entry.words else type(error).__name__
        raise
    finally:
        _current.reset(token)
        ended = {
            "entry": entry.id,
            "phase": END,
            "at": _now(),
            "arguments": _json(masked(entry.did)),
            "run": entry.run,
            "result": result,
            "message": message,
            "seconds": f"{time.perf_counter() - started:.3f}",
        }
        _append_end(audit, base | ended)


def record(
    settings: Settings,
    action: str,
    *,
    by: Actor,
    began: datetime,
    seconds: float,
    result: str,
    message: str = "",
    run: str = "",
    **arguments: Any,
) -> int:
    """Enter what has begun and ended elsewhere, a run that Dagster started for example.

    Args:
        settings: the home whose log it is.
        action: what was done, from `ACTIONS`.
        by: who did it.
        began: when; naive UTC.
        seconds: how long it took.
        result: `ok`, `refused` or `failed`.
        message: why it failed.
        run: the Dagster run.
        arguments: what was asked for.

    Returns:
        The entry's number.
    """
    base = _base(settings, check_action(action), by, Entry(uuid.uuid4().hex, run=run))
    first = {"entry": 0, "phase": BEGIN, "at": stamp(began), "arguments": _json(masked(arguments))}
    last = {
        "entry": -1,
        "phase": END,
        "at": _now(),
        "result": result,
        "message": masked_text(message),
        "seconds": f"{seconds:.3f}",
    }
    return log_of(settings).append([base | first, base | last])[0]


def result_of(error: BaseException) -> tuple[str, str]:
    """Return (result, message) of what ended with an error.

    An exit with a code (Typer's) is a failure unless the code is 0. What Weir did not do because it
    may not be done is refused; everything else failed.
    """
    code = getattr(error, "exit_code", None)
    if type(error).__name__ == "Exit" and isinstance(code, int):
        return (FAILED, f"exit code {code}") if code else (OK, "")
    if isinstance(error, KeyboardInterrupt) or type(error).__name__ == "Abort":
        return FAILED, "interrupted"
    words = masked_text(f"{error}" or type(error).__name__)
    if isinstance(error, (UsageError, NotReady, RegistryError)):
        return REFUSED, words
    return FAILED, words


def stamp(at: datetime) -> str:
    """Return naive UTC as it is written: always six digits of seconds' fraction, and a Z."""
    return at.isoformat(timespec="microseconds") + "Z"


def _base(settings: Settings, action: str, by: Actor, entry: Entry) -> dict[str, Any]:
    return {
        "action": action,
        "kind": by.kind,
        "name": by.name,
        "authenticated": by.authenticated,
        "project": str(settings.project),
        "home": str(settings.home),
        "request": entry.request,
        "run": entry.run,
        "host": socket.gethostname(),
        "pid": os.getpid(),
        "arguments": "{}",
        "result": "",
        "message": "",
        "seconds": "",
    }


def _append_end(audit: AuditLog, row: Mapping[str, Any]) -> None:
    """Write the end of an entry; what was done is done, so failing to is told and not raised."""
    try:
        audit.append([row])
    except AuditError as error:
        log.error("The end of audit entry %s was not written: %s", row["entry"], error)  # noqa: TRY400 - in words


def _now() -> str:
    return stamp(utc_now())


def _json(values: Mapping[str, Any]) -> str:
    return json.dumps(values, ensure_ascii=False, separators=(",", ":"))
