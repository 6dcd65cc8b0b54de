"""Daily hours on the wall clock of a time zone, such as the hours off peak. Pure: no clock, no I/O."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from weir.core import zones
from weir.core.errors import InvalidValue

_FORM = re.compile(r"^(\d\d:\d\d)-(\d\d:\d\d)(?:\s+(\S+))?$")
_EXAMPLE = "22:00-06:00 Asia/Seoul"


@dataclass(frozen=True)
class Hours:
    """The same hours of every day: from one time of the wall clock to another, or past midnight.

    On a day whose clock changes they are longer or shorter. A time that the change skips is taken
    with the offset before it; of a time that comes twice, the first counts.

    Attributes:
        start: first minute; None: all day.
        end: the minute after the last one; of the next day if it is not after `start`.
        zone: IANA time zone of both.
    """

    start: time | None = None
    end: time | None = None
    zone: str = "UTC"

    @classmethod
    def parse(cls, text: str) -> Hours:
        """Return the hours of `HH:MM-HH:MM`, with a zone behind or in UTC; all day if empty.

        Raises:
            InvalidValue: if the text has another form.
            NotFound: if the zone is unknown.
        """
        if not text.strip():
            return cls()
        found = _FORM.match(text.strip())
        try:
            start, end = (time.fromisoformat(found[i]) for i in (1, 2)) if found else (None, None)
        except ValueError:
            start = end = None
        if found is None or start is None or start == end:
            raise InvalidValue("hours", text, [_EXAMPLE, "nothing for all day"])
        return cls(start, end, zones.zone(found[3] or "UTC").key)

    def until_open(self, now: datetime) -> datetime:
        """Return when the hours are on: `now` while they are, else their next start.

        Args:
            now: naive UTC.
        """
        return next(max(now, start) for start, end in self._around(now) if now < end)

    def are_on(self, now: datetime) -> bool:
        """Tell whether an instant (naive UTC) lies in the hours.

        >>> Hours.parse("22:00-06:00").are_on(datetime(2026, 1, 1, 3))
        True
        """
        return self.until_open(now) == now

    def _around(self, now: datetime) -> Iterator[tuple[datetime, datetime]]:
        """Yield the UTC windows of yesterday, today and the days after, in order."""
        if self.start is None or self.end is None:
            yield now, now + timedelta(days=1)
            return
        today = zones.to_local(now, self.zone).date()
        for days in range(-1, 4):
            first = datetime.combine(today + timedelta(days=days), self.start)
            last = datetime.combine(first.date(), self.end)
            last += timedelta(days=0 if self.end > self.start else 1)
            yield zones.to_utc(first, self.zone), zones.to_utc(last, self.zone)
