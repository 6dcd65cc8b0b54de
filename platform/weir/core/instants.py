"""Instants that somebody gives: naive UTC, and within the years that everything here can reckon with."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import overload

from weir.core.errors import InvalidValue

FIRST = datetime(1700, 1, 1)  # noqa: DTZ001 - naive UTC
LAST = datetime(2262, 1, 1)  # noqa: DTZ001 - naive UTC
"""Between them 64 bits hold nanoseconds, and no step to a neighbouring period leaves the calendar."""


@overload
def within(name: str, at: datetime) -> datetime: ...
@overload
def within(name: str, at: None) -> None: ...
def within(name: str, at: datetime | None) -> datetime | None:
    """Return an instant as naive UTC; without a zone it is UTC already; None stays None.

    Args:
        name: of what it was given for, to be told in an error.
        at: the instant.

    Raises:
        InvalidValue: if it is not between `FIRST` and `LAST`.
    """
    if at is None:
        return None
    bare = at.replace(tzinfo=None)  # what is compared first cannot leave the calendar by its zone
    if not FIRST <= bare <= LAST:
        raise InvalidValue(
            name, at.isoformat(), [f"an instant from {FIRST.year} to {LAST.year - 1}"]
        )
    return at.astimezone(UTC).replace(tzinfo=None) if at.tzinfo else at


def instant(name: str, text: str, *, end: bool = False) -> datetime | None:
    """Return naive UTC of a day or an instant as text, None of ''; a day that ends something counts itself.

    Raises:
        InvalidValue: if it is neither, or not between `FIRST` and `LAST`.
    """
    if not text:
        return None
    try:
        at = within(name, datetime.fromisoformat(text))
    except ValueError:
        raise InvalidValue(name, text, ["2026-11-21", "2026-11-21T05:00:00Z"]) from None
    return at + timedelta(days=1) if end and len(text) == len("2026-11-21") else at
