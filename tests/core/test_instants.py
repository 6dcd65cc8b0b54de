"""Instants that somebody gives: naive UTC, or an error that names what they were given for."""

from __future__ import annotations

from datetime import datetime

import pytest

from weir.core.errors import InvalidValue
from weir.core.grains import Grain
from weir.core.instants import instant, within
from weir.lineage.checking.ranges import span_of


def test_a_day_and_an_instant_are_read_as_utc() -> None:
    assert instant("from", "") is None
    assert instant("from", "2026-11-21T09:00:00+09:00") == datetime(2026, 11, 21)
    assert instant("to", "2026-11-21", end=True) == datetime(2026, 11, 22)
    assert instant("to", "2026-11-21T05:00", end=True) == datetime(2026, 11, 21, 5)
    assert within("since", None) is None


@pytest.mark.parametrize(
    "text",
    [
        "0001-01-01T00:00:00+10:00", "9999-12-31", "9999-12-31T23:59:59-10:00", "1699-12-31",
        "2262-01-02", "soon",
    ],
)  # fmt: skip
def test_what_nothing_can_reckon_with_is_refused_by_name(text: str) -> None:
    with pytest.raises(InvalidValue, match="`to="):
        instant("to", text, end=True)


@pytest.mark.parametrize("text", ["0001-01-01", "2026-01-01..9999-12-31", "9999-12-31"])
@pytest.mark.parametrize("grain", [Grain.HOUR, Grain.DAY, Grain.MONTH])
def test_a_range_beyond_the_calendar_is_refused(text: str, grain: Grain) -> None:
    with pytest.raises(InvalidValue, match="`range="):
        span_of(text, grain)
