"""How much of an event landed, as plain data, and the port that engines answer it through."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol


@dataclass(frozen=True)
class Count:
    """What landed of one event and version on one landing day (UTC).

    Attributes:
        day: the landing day.
        event: the event's name; None where the sender gave none.
        version: its version; None where it is not known.
        valid: rows that are valid.
        quarantined: rows in quarantine.
        lanes: the landing tables that hold them.
    """

    day: date
    event: str | None
    version: int | None
    valid: int
    quarantined: int
    lanes: Sequence[str]


@dataclass(frozen=True)
class AppCount:
    """What one version of an app sent of one event and version, on one landing day (UTC).

    Attributes:
        day: the landing day.
        version: the event's version.
        app_version: the sender's version; None where it gave none.
        valid: rows that are valid, the flagged ones included.
        flagged: valid rows with violations.
        quarantined: rows in quarantine.
        last_seen: when the newest of them was received, naive UTC.
    """

    day: date
    version: int | None
    app_version: str | None
    valid: int
    flagged: int
    quarantined: int
    last_seen: datetime


@dataclass(frozen=True)
class RuleCount:
    """Rows that break one rule, by landing day, version and app version; a row may break several."""

    day: date
    version: int | None
    app_version: str | None
    rule: str
    rows: int


class VolumeStore(Protocol):
    """Where the figures come from."""

    def reading(self) -> AbstractContextManager[None]:
        """Answer what is asked inside from one snapshot."""
        ...

    def counts(self, since: date, event: str | None = None) -> list[Count]:
        """Count what landed since a day, of one event or of all. Reads the manifest only."""
        ...

    def refused(self, since: date, event: str) -> dict[date, int]:
        """Return events that the collector refused and kept nothing of, by day."""
        ...

    def last_landed(self, event: str | None = None) -> dict[str, datetime]:
        """Return the newest landing hour by event, over all time. Reads the manifest only."""
        ...

    def by_app(self, event: str, found: Sequence[Count]) -> tuple[list[AppCount], list[RuleCount]]:
        """Count an event's rows and violations by app version, in the days and tables of its counts."""
        ...
