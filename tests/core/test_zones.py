from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from weir.core import zones
from weir.core.errors import NotFound
from weir.core.grains import Grain, Range, floor

names = st.sampled_from(
    ["UTC", "Asia/Seoul", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe", "Pacific/Apia"]
)
moments = st.datetimes(min_value=datetime(2000, 1, 1), max_value=datetime(2040, 1, 1))


@given(moments, names)
def test_utc_and_local_are_each_others_inverse(at: datetime, name: str) -> None:
    assert zones.to_utc(zones.to_local(at, name), name) in (at, at - timedelta(hours=1)) or (
        name == "Australia/Lord_Howe"  # changes its clock by half an hour
    )


@given(moments, names)
def test_a_moment_is_in_the_window_of_its_own_day(at: datetime, name: str) -> None:
    day = floor(zones.to_local(at, name), Grain.DAY)
    start, end = zones.window(Range.of(day, Grain.DAY), name)
    assert start <= at < end


@given(moments, names)
def test_the_days_of_an_hour_hold_each_moment_of_it(at: datetime, name: str) -> None:
    hour = at.replace(minute=0, second=0, microsecond=0)
    assert floor(zones.to_local(at, name), Grain.DAY) in zones.days_of_hour(hour, name)


@pytest.mark.parametrize(
    ("day", "hours"),
    [(datetime(2026, 3, 8), 23), (datetime(2026, 11, 1), 25), (datetime(2026, 6, 1), 24)],
)
def test_a_day_of_new_york_is_23_24_or_25_hours(day: datetime, hours: int) -> None:
    start, end = zones.window(Range.of(day, Grain.DAY), "America/New_York")
    assert end - start == timedelta(hours=hours)


def test_an_indian_midnight_splits_a_utc_hour() -> None:
    days = zones.days_of_hour(datetime(2026, 1, 1, 18), "Asia/Kolkata")
    assert days == [datetime(2026, 1, 1), datetime(2026, 1, 2)]


def test_an_unknown_zone_is_named() -> None:
    with pytest.raises(NotFound, match=r"no time zone `Asia/Soul`.*`Asia/Seoul`"):
        zones.zone("Asia/Soul")
