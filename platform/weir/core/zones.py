"""What a calendar label means in a time zone: its true UTC window. Pure: no clock, no I/O.

Dagster refuses to map UTC hours to days of another zone, so every partition definition is declared
in UTC and the zone's window is computed here. All UTC instants are naive `datetime`s.
"""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from weir.core.errors import NotFound
from weir.core.grains import Grain, Range, floor


def zone(name: str) -> ZoneInfo:
    """Return the IANA zone `name`.

    Raises:
        NotFound: if the name is no IANA zone.
    """
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        raise NotFound("time zone", name, remedy="Use an IANA name such as `Asia/Seoul`.") from None


def to_utc(local: datetime, name: str) -> datetime:
    """Return the naive UTC instant of a naive wall-clock time in zone `name`.

    A time that a clock change skips is taken with the offset before it, a doubled one is the first.

    >>> to_utc(datetime(2026, 1, 2), "Asia/Seoul")
    datetime.datetime(2026, 1, 1, 15, 0)
    """
    return local.replace(tzinfo=zone(name)).astimezone(UTC).replace(tzinfo=None)


def to_local(instant: datetime, name: str) -> datetime:
    """Return the naive wall-clock time in zone `name` of a naive UTC instant."""
    return instant.replace(tzinfo=UTC).astimezone(zone(name)).replace(tzinfo=None)


def window(labels: Range, name: str) -> tuple[datetime, datetime]:
    """Return the half-open UTC window that the labels cover in zone `name`.

    A day is 23, 24 or 25 hours long:

    >>> from weir.core.grains import Range, Grain
    >>> a, b = window(Range.of(datetime(2026, 3, 8), Grain.DAY), "America/New_York")
    >>> (b - a).total_seconds() / 3600
    23.0
    """
    return to_utc(labels.start, name), to_utc(labels.end, name)


def days_of_hour(hour: datetime, name: str) -> list[datetime]:
    """Return the one or two day labels in zone `name` that the UTC hour `hour` touches.

    Two only where the zone's offset is no whole hour (India) and the hour spans midnight.
    """
    last = hour.replace(minute=59, second=59, microsecond=999_999)
    days = {floor(to_local(at, name), Grain.DAY) for at in (hour, last)}
    return sorted(days)
