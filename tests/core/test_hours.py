"""Hours of the day: past midnight, in zones, and on days whose clock changes."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from weir.core.errors import UsageError
from weir.core.hours import Hours


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


@pytest.mark.parametrize(
    ("hours", "now", "opens"),
    [
        ("", "2026-01-01T12:00", "2026-01-01T12:00"),
        ("09:00-17:00", "2026-01-01T08:59", "2026-01-01T09:00"),
        ("09:00-17:00", "2026-01-01T09:00", "2026-01-01T09:00"),
        ("09:00-17:00", "2026-01-01T17:00", "2026-01-02T09:00"),
        ("22:00-06:00", "2026-01-01T05:59", "2026-01-01T05:59"),
        ("22:00-06:00", "2026-01-01T06:00", "2026-01-01T22:00"),
        ("22:00-06:00", "2026-01-01T23:30", "2026-01-01T23:30"),
        ("22:00-06:00 Asia/Seoul", "2026-01-01T12:59", "2026-01-01T13:00"),
        ("22:00-06:00 Asia/Seoul", "2026-01-01T20:59", "2026-01-01T20:59"),
        ("22:00-06:00 Asia/Seoul", "2026-01-01T21:00", "2026-01-02T13:00"),
        # the clock goes forward on 2026-03-08 and back on 2026-11-01, both at 02:00 in New York
        ("22:00-06:00 America/New_York", "2026-03-08T09:59", "2026-03-08T09:59"),
        ("22:00-06:00 America/New_York", "2026-03-08T10:00", "2026-03-09T02:00"),
        ("22:00-06:00 America/New_York", "2026-11-01T10:59", "2026-11-01T10:59"),
        ("22:00-06:00 America/New_York", "2026-11-01T11:00", "2026-11-02T03:00"),
        # 02:15 to 02:45 does not exist on the first of them, and is taken with the offset before it
        ("02:15-02:45 America/New_York", "2026-03-08T07:20", "2026-03-08T07:20"),
        ("02:15-02:45 America/New_York", "2026-03-08T07:50", "2026-03-09T06:15"),
        # 01:15 to 01:45 comes twice on the other, and the first counts
        ("01:15-01:45 America/New_York", "2026-11-01T05:20", "2026-11-01T05:20"),
        ("01:15-01:45 America/New_York", "2026-11-01T06:20", "2026-11-02T06:15"),
    ],
)
def test_when_hours_are_on(hours: str, now: str, opens: str) -> None:
    assert Hours.parse(hours).until_open(at(now)) == at(opens)


@pytest.mark.parametrize(
    "hours", ["22-6", "22:00-25:00", "22:00-22:00", "22:00", "a-b UTC", "22:00-06:00 Mars/A"]
)
def test_what_is_no_range_of_hours_is_refused_with_an_example(hours: str) -> None:
    with pytest.raises(UsageError, match=r"22:00-06:00|IANA"):
        Hours.parse(hours)


@given(
    st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1)),
    st.sampled_from(["22:00-06:00", "01:30-03:30", "00:00-00:30", "23:30-00:00"]),
    st.sampled_from(["UTC", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe"]),
)
def test_hours_come_within_a_day_and_are_on_when_they_come(
    now: datetime, hours: str, zone: str
) -> None:
    window = Hours.parse(f"{hours} {zone}")
    opens = window.until_open(now)
    assert now <= opens <= now + timedelta(hours=25)
    assert window.are_on(opens)
    assert opens == now or not window.are_on(opens - timedelta(seconds=1))
