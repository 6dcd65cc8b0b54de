"""The same figures of an earlier time, beside those that are looked at."""

from __future__ import annotations

from dataclasses import replace
from enum import StrEnum

from weir.activation.tables import Tables, Window

_YEAR = {"day": 364, "week": 52, "month": 12}


class Earlier(StrEnum):
    """With what a window is compared."""

    PERIOD = "period"
    YEAR = "year"


def earlier(tables: Tables, window: Window, how: Earlier) -> Window:
    """Return the window to compare with: as long as this one.

    `period` is what lies right before it; `year` is a year earlier: 12 months, 52 weeks, or 364 days, so
    that weekdays meet.
    """
    length = len(tables.spine(window.start, window.until))
    back = length if how is Earlier.PERIOD else _YEAR[tables.word]
    start, until, at = (tables.shift(day, -back) for day in (window.start, window.until, window.at))
    return replace(window, start=start, until=until, at=at)
