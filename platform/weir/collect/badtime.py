"""Why a time cannot be when an event happened, and how its sender writes it right. Pure: sentences only."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any

from weir.core.told import told

TIME = "RFC 3339 text with an offset, such as 2026-11-20T21:00:00.123Z"

_EPOCHS = ((10, 1, "seconds"), (13, 1_000, "milliseconds"), (16, 10**6, "microseconds"),
           (19, 10**9, "nanoseconds"))  # fmt: skip
_DATE = re.compile(r"\d{4}-\d\d-\d\d\Z", re.ASCII)
_LOCAL = re.compile(
    r"(\d{4}-\d\d-\d\d)[Tt ](\d\d:\d\d(?::\d\d(?:\.\d+)?)?)\s*(UTC|GMT)?\Z", re.ASCII
)
_COMPACT = re.compile(
    r"((?:19|20)\d\d)(\d\d)(\d\d)(?:(\d\d)(\d\d)(?:(\d\d)(\d{3})?)?)?\Z", re.ASCII
)
_LEAP = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:60", re.ASCII)


def unreadable_time(name: str, value: Any, received_at: datetime) -> str:
    """Return how to write a time that could not be read.

    Args:
        name: `time` or `sent_at`.
        value: what was sent.
        received_at: serves as the example.
    """
    if (how := _compact(_plain(value))) is not None:
        return f'{how[0]}: `"{name}": "{how[1]}"`.'
    if (since := _since_1970(value)) is not None:
        unit, at = since
        return f'That is {unit} since 1970: send `"{name}": "{_text(at)}"`.'
    if isinstance(value, str) and (how := _mended(value.strip())) is not None:
        return f'{how[0]}: `"{name}": "{how[1]}"`.'
    return f'Send when it happened, as UTC or with its offset: `"{name}": "{_text(received_at)}"`.'


def ahead(at: datetime, received_at: datetime) -> str:
    """Return what to do about a time in the future."""
    away = timedelta(seconds=round((at - received_at).total_seconds()))
    return (
        f"It is {away} ahead of the collector's clock ({_text(received_at)}): send when it happened,"
        " and set the clock that it was read from."
    )


def before(name: str) -> str:
    """Return what to do about a time that is older than its event."""
    return f"Send when it happened; `first_event_date` of `{name}` says how old its events can be."


def _plain(value: Any) -> str:
    return value.strip() if isinstance(value, str) else told(value).partition(" (")[0]


def _compact(text: str) -> tuple[str, str] | None:
    """Read digits that are year, month, day and time of day: 20261120, 20261120210000."""
    found = _COMPACT.match(text)
    try:
        at = found and datetime(*(int(part) for part in found.groups("0")[:6]))  # type: ignore[arg-type]  # noqa: DTZ001
    except ValueError:
        return None
    if not found or not at:
        return None
    millis = f".{found[7]}" if found[7] else ""
    if found[4] is None:
        return "That is a date: add the time of day and the offset", f"{at.isoformat()}Z"
    return (
        "That is year, month, day and time of day: add Z if it is UTC, else its offset such as"
        " +09:00", f"{at.isoformat()}{millis}Z",
    )  # fmt: skip


def _since_1970(value: Any) -> tuple[str, datetime] | None:
    text = _plain(value)
    if isinstance(value, bool) or not re.fullmatch(r"\d{9,19}(\.\d+)?", text, re.ASCII):
        return None
    digits = text.partition(".")[0]
    _, scale, unit = next(e for e in _EPOCHS if len(digits) <= e[0])
    millis = int(digits) * 1_000 // scale
    return unit, datetime(1970, 1, 1) + timedelta(milliseconds=millis)  # noqa: DTZ001 - naive UTC


def _mended(text: str) -> tuple[str, str] | None:
    if _LEAP.match(text):
        return "Leap seconds are not kept: send the second 59", text.replace(":60", ":59", 1)
    if _DATE.match(text):
        return "Add the time of day and the offset", f"{text}T00:00:00Z"
    if found := _LOCAL.match(text):
        clock = found[2] if found[2].count(":") > 1 else f"{found[2]}:00"
        return "Add Z if it is UTC, else its offset such as +09:00", f"{found[1]}T{clock}Z"
    return None


def _text(at: datetime) -> str:
    return at.isoformat(timespec="milliseconds" if at.microsecond else "seconds") + "Z"
