"""Period indexes and dates: the SQL, the literals and `weir.core` must be one calendar."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from weir.core import grains, zones
from weir.core.grains import Grain

UNITS = ("day", "week", "month", "quarter", "year")
days = st.dates(date(1900, 1, 1), date(2100, 12, 31))
ZONES = ("UTC", "Asia/Seoul", "America/New_York", "America/Havana", "Asia/Kolkata", "Pacific/Apia")


def _scalar(harness: Any, sql: str) -> Any:
    (row,) = harness.con.execute(f"select {sql}").fetchall()
    return row[0]


@pytest.mark.parametrize("week_start", ["monday", "sunday", "saturday", "tuesday"])
@pytest.mark.parametrize("unit", UNITS)
@settings(max_examples=30, deadline=None)
@given(day=days)
def test_sql_and_literals_agree(harness: Any, unit: str, week_start: str, day: date) -> None:
    call = harness.context
    number = call["period_number"](unit, day, week_start)
    assert _scalar(harness, call["period_index"](unit, f"date '{day}'", week_start)) == number
    first = call["period_date"](unit, number, week_start)
    assert _scalar(harness, call["period_start"](unit, str(number), week_start)) == first
    assert first <= day < call["period_date"](unit, number + 1, week_start)
    last = _scalar(harness, call["period_last_day"](unit, str(number), week_start))
    assert last == call["period_date"](unit, number + 1, week_start) - timedelta(days=1)


@given(day=days)
def test_the_index_is_that_of_core(harness: Any, day: date) -> None:
    at = datetime(day.year, day.month, day.day)
    for unit in ("day", "week", "month"):
        assert harness.context["period_number"](unit, day) == grains.index(at, Grain(unit))


def test_a_week_begins_on_its_day(harness: Any) -> None:
    names = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
    call = harness.context
    for weekday, name in enumerate(names):
        number = call["period_number"]("week", date(2024, 2, 29), name)
        assert call["period_date"]("week", number, name).weekday() == weekday


def test_the_spine_is_half_open(harness: Any) -> None:
    assert harness.con.execute(harness.context["period_spine"](3, 6)).fetchall() == [
        (3,),
        (4,),
        (5,),
    ]
    assert harness.con.execute(harness.context["period_spine"](3, 3)).fetchall() == []


@pytest.mark.parametrize("zone", ZONES)
@settings(max_examples=50, deadline=None)
@given(at=st.datetimes(datetime(1990, 1, 1), datetime(2030, 1, 1)))
def test_a_date_is_that_of_the_zone(harness: Any, zone: str, at: datetime) -> None:
    local = harness.context["local_date"](f"timestamp '{at}'", zone)
    assert _scalar(harness, local) == zones.to_local(at, zone).date()


@pytest.mark.parametrize("zone", ZONES)
@settings(max_examples=50, deadline=None)
@given(at=st.datetimes(datetime(2020, 3, 1), datetime(2020, 3, 12)))
def test_the_window_takes_exactly_the_events_of_the_dates(
    harness: Any, zone: str, at: datetime
) -> None:
    first, until = date(2020, 3, 5), date(2020, 3, 9)  # over New York's and Havana's clock change
    window = harness.render("event_window", f"timestamp '{at}'", zone, span=(first, until))
    assert _scalar(harness, window) == (first <= zones.to_local(at, zone).date() < until)


def test_the_window_is_cut_to_the_fact(harness: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    meta = {"weir": {"start": "2020-01-10", "end": date(2020, 1, 12)}}
    config = SimpleNamespace(get=lambda key, default=None: meta if key == "meta" else default)
    monkeypatch.setitem(harness.context, "config", config)
    inside = {
        day: _scalar(
            harness,
            harness.render(
                "event_window",
                f"timestamp '2020-01-{day:02} 12:00:00'",
                "UTC",
                span=("2020-01-01", "2020-02-01"),
            ),
        )
        for day in range(9, 14)
    }
    assert inside == {9: False, 10: True, 11: True, 12: True, 13: False}


def test_without_a_range_no_event_is_taken(harness: Any) -> None:
    assert harness.render("event_window", "event_time", "UTC") == "false"
