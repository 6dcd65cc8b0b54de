"""Grains, calendar labels and half-open label ranges. Pure arithmetic: no clock, no I/O.

A *label* is the naive start of a period (`datetime` for hours, midnight for the rest). Labels say
nothing about a time zone; `weir.core.zones` gives the UTC window that a label means in a zone.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from weir.core.errors import InvalidValue

_ORDINAL_MONDAY = 1  # 0001-01-01, ordinal 1, is a Monday
_WEEKDAYS = ("monday", "sunday", "saturday", "friday", "thursday", "wednesday", "tuesday")


class Grain(StrEnum):
    """The length of one partition or period; a week also says on which day it starts."""

    HOUR = "hour"
    DAY = "day"
    WEEK = "week"
    WEEK_SUNDAY = "week_sunday"
    WEEK_SATURDAY = "week_saturday"
    WEEK_FRIDAY = "week_friday"
    WEEK_THURSDAY = "week_thursday"
    WEEK_WEDNESDAY = "week_wednesday"
    WEEK_TUESDAY = "week_tuesday"
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"

    @classmethod
    def parse(cls, value: str) -> Grain:
        """Return the grain named `value` (`day` and `daily` both work).

        Raises:
            InvalidValue: if there is no such grain.
        """
        words = {"hourly": "hour", "daily": "day", "weekly": "week", "monthly": "month"}
        try:
            return cls(words.get(value, value))
        except ValueError:
            plain = [g.value for g in cls if g.value == g.unit]
            raise InvalidValue("grain", value, plain) from None

    @classmethod
    def week(cls, start: str = "monday") -> Grain:
        """Return the grain of weeks that start on a weekday, given in lower-case English.

        Raises:
            InvalidValue: if there is no such weekday.
        """
        if start not in _WEEKDAYS:
            raise InvalidValue("week_start", start, _WEEKDAYS)
        return cls.WEEK if start == "monday" else cls(f"week_{start}")

    @property
    def unit(self) -> str:
        """The calendar unit: `week` for every start of a week."""
        return self.value.partition("_")[0]

    @property
    def week_shift(self) -> int:
        """Days from the first day of a week to Monday; 0 for other grains."""
        return _WEEKDAYS.index(self.value.partition("_")[2] or "monday")


CHECKPOINT_OF = {"day": Grain.MONTH, "week": Grain.QUARTER, "month": Grain.YEAR}
"""Unit of a layer's periods → grain of its checkpoints: about thirty periods at most in one."""


def of_layer(word: str, week_start: str = "monday") -> Grain:
    """Return the grain that a layer's name says (daily, weekly, monthly) for a fact's week.

    >>> of_layer("weekly", "sunday")
    <Grain.WEEK_SUNDAY: 'week_sunday'>

    Raises:
        InvalidValue: if there is no such grain or weekday.
    """
    return Grain.week(week_start) if word == "weekly" else Grain.parse(word)


def index(at: datetime, grain: Grain) -> int:
    """Return the period index of `at`: neighbours differ by exactly 1, in any grain.

    >>> index(datetime(2026, 3, 1), Grain.MONTH) - index(datetime(2026, 2, 28), Grain.MONTH)
    1
    """
    ordinal = at.toordinal()
    match grain:
        case Grain.HOUR:
            return ordinal * 24 + at.hour
        case Grain.DAY:
            return ordinal
        case Grain.MONTH:
            return at.year * 12 + at.month - 1
        case Grain.QUARTER:
            return at.year * 4 + (at.month - 1) // 3
        case Grain.YEAR:
            return at.year
        case _:
            return (ordinal - _ORDINAL_MONDAY + grain.week_shift) // 7


def start(period: int, grain: Grain) -> datetime:
    """Return the label of the period with this index: the inverse of `index`.

    >>> start(index(datetime(2026, 11, 21, 5, 40), Grain.HOUR), Grain.HOUR)
    datetime.datetime(2026, 11, 21, 5, 0)
    """
    match grain:
        case Grain.HOUR:
            return datetime.fromordinal(period // 24) + timedelta(hours=period % 24)
        case Grain.DAY:
            return datetime.fromordinal(period)
        case Grain.MONTH:
            return datetime(period // 12, period % 12 + 1, 1)  # noqa: DTZ001 - labels are naive
        case Grain.QUARTER:
            return datetime(period // 4, period % 4 * 3 + 1, 1)  # noqa: DTZ001
        case Grain.YEAR:
            return datetime(period, 1, 1)  # noqa: DTZ001
        case _:
            return datetime.fromordinal(period * 7 + _ORDINAL_MONDAY - grain.week_shift)


def floor(at: datetime, grain: Grain) -> datetime:
    """Return the label of the period that holds `at`."""
    return start(index(at, grain), grain)


def shift(label: datetime, grain: Grain, periods: int) -> datetime:
    """Return the label `periods` later (or earlier, if negative)."""
    return start(index(label, grain) + periods, grain)


def text(label: datetime, grain: Grain) -> str:
    """Return the label as its partition key, in Dagster's format for the grain.

    >>> text(datetime(2026, 1, 2, 3), Grain.HOUR), text(datetime(2026, 1, 2), Grain.DAY)
    ('2026-01-02-03:00', '2026-01-02')
    """
    return label.strftime("%Y-%m-%d-%H:%M" if grain is Grain.HOUR else "%Y-%m-%d")


def parse(key: str, grain: Grain) -> datetime:
    """Return the label of a partition key: the inverse of `text`.

    Raises:
        InvalidValue: if the key has another form.
    """
    form = "%Y-%m-%d-%H:%M" if grain is Grain.HOUR else "%Y-%m-%d"
    try:
        return datetime.strptime(key, form)  # noqa: DTZ007 - labels are naive
    except ValueError:
        example = "2026-01-02-03:00" if grain is Grain.HOUR else "2026-01-02"
        raise InvalidValue("partition", key, [f"a {grain} such as {example}"]) from None


@dataclass(frozen=True, order=True)
class Range:
    """The half-open range `[start, end)` of labels of one grain."""

    start: datetime
    end: datetime
    grain: Grain

    @classmethod
    def of(cls, label: datetime, grain: Grain) -> Range:
        """Return the range of one label."""
        return cls(label, shift(label, grain, 1), grain)

    @classmethod
    def parse(cls, words: str, grain: Grain) -> Range:
        """Return the range written `first..last` (both inside) or as one partition key.

        >>> str(Range.parse("2026-01-01..2026-01-03", Grain.DAY))
        '2026-01-01..2026-01-03'

        Raises:
            InvalidValue: if a key has another form, is no start of a period, or last comes first.
        """
        first, dots, last = words.partition("..")
        start_at, last_at = parse(first, grain), parse(last if dots else first, grain)
        for at in (start_at, last_at):
            if floor(at, grain) != at:
                raise InvalidValue("partition", text(at, grain), [text(floor(at, grain), grain)])
        if last_at < start_at:
            raise InvalidValue("range", words, [f"{last}..{first}"])
        return cls(start_at, shift(last_at, grain, 1), grain)

    def __len__(self) -> int:
        """Return the number of labels."""
        return max(0, index(self.end, self.grain) - index(self.start, self.grain))

    def __contains__(self, label: object) -> bool:
        """Tell whether a label lies in the range."""
        return isinstance(label, datetime) and self.start <= label < self.end

    def __iter__(self) -> Iterator[datetime]:
        """Yield each label in order."""
        return (start(i, self.grain) for i in range(self._first, self._first + len(self)))

    @property
    def _first(self) -> int:
        return index(self.start, self.grain)

    @property
    def keys(self) -> list[str]:
        """The partition keys in order."""
        return [text(label, self.grain) for label in self]

    @property
    def last(self) -> datetime:
        """The last label inside the range."""
        return shift(self.end, self.grain, -1)

    def __str__(self) -> str:
        """Return `first..last` as partition keys."""
        first, last = text(self.start, self.grain), text(self.last, self.grain)
        return first if len(self) == 1 else f"{first}..{last}"


def coalesce(
    labels: Iterable[datetime],
    grain: Grain,
    limit: int = 1000,
    *,
    keep_out: Container[datetime] | None = None,
) -> list[Range]:
    """Join labels into the fewest contiguous ranges of at most `limit` labels each.

    Args:
        labels: the labels.
        grain: their grain.
        limit: most labels of one range.
        keep_out: where given, a range also bridges gaps, as long as it holds none of these.

    >>> days = [datetime(2026, 1, d) for d in (1, 2, 3, 7)]
    >>> [str(r) for r in coalesce(days, Grain.DAY)]
    ['2026-01-01..2026-01-03', '2026-01-07']
    >>> [str(r) for r in coalesce(days, Grain.DAY, keep_out=())]
    ['2026-01-01..2026-01-07']
    """
    ranges: list[Range] = []
    for label in sorted(set(labels)):
        if ranges and _joins(ranges[-1], label, limit, keep_out):
            ranges[-1] = Range(ranges[-1].start, shift(label, grain, 1), grain)
        else:
            ranges.append(Range.of(label, grain))
    return ranges


def _joins(
    before: Range, label: datetime, limit: int, keep_out: Container[datetime] | None
) -> bool:
    gap = Range(before.end, label, before.grain)
    if len(before) + len(gap) >= limit:
        return False
    return len(gap) == 0 or (keep_out is not None and not any(at in keep_out for at in gap))
