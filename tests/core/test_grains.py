import calendar
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from weir.core import grains
from weir.core.errors import InvalidValue
from weir.core.grains import Grain, Range, coalesce

moments = st.datetimes(min_value=datetime(1970, 1, 1), max_value=datetime(2100, 1, 1))
every_grain = st.sampled_from(Grain)


@given(moments, every_grain)
def test_floor_is_the_start_of_the_period_that_holds_the_moment(at: datetime, grain: Grain) -> None:
    label = grains.floor(at, grain)
    assert label <= at < grains.shift(label, grain, 1)
    assert grains.floor(label, grain) == label


@given(moments, every_grain, st.integers(-500, 500))
def test_neighbours_differ_by_one_in_every_grain(at: datetime, grain: Grain, n: int) -> None:
    label = grains.floor(at, grain)
    assert grains.index(grains.shift(label, grain, n), grain) == grains.index(label, grain) + n


@given(moments, every_grain)
def test_a_partition_key_reads_back_as_its_label(at: datetime, grain: Grain) -> None:
    label = grains.floor(at, grain)
    assert grains.parse(grains.text(label, grain), grain) == label


@pytest.mark.parametrize("day", list(calendar.day_name))
def test_a_week_starts_on_its_weekday(day: str) -> None:
    grain = Grain.week(day.lower())
    assert grain.unit == "week"
    for n in range(14):
        label = grains.floor(datetime(2026, 11, 16 - 1) + timedelta(days=n), grain)
        assert label.strftime("%A") == day


def test_a_week_without_a_weekday_starts_on_monday() -> None:
    assert grains.floor(datetime(2026, 11, 21), Grain.week()) == datetime(2026, 11, 16)
    with pytest.raises(InvalidValue, match="tuesday"):
        Grain.week("Tue")


def test_quarters_and_years() -> None:
    at = datetime(2026, 11, 21)
    assert grains.floor(at, Grain.QUARTER) == datetime(2026, 10, 1)
    assert grains.floor(at, Grain.YEAR) == datetime(2026, 1, 1)


@given(st.lists(moments, max_size=40), every_grain, st.integers(1, 7))
def test_coalesce_covers_each_label_once_within_the_limit(
    at: list[datetime], grain: Grain, limit: int
) -> None:
    labels = {grains.floor(m, grain) for m in at}
    ranges = coalesce(labels, grain, limit)
    covered = [label for r in ranges for label in r]
    assert sorted(covered) == sorted(labels)
    assert len(covered) == len(set(covered))
    assert all(0 < len(r) <= limit for r in ranges)


def test_coalesce_joins_across_the_end_of_a_month() -> None:
    days = [datetime(2026, 2, 27) + timedelta(days=n) for n in range(4)]
    assert [str(r) for r in coalesce(days, Grain.DAY)] == ["2026-02-27..2026-03-02"]


@given(st.sets(st.integers(0, 60), max_size=20), st.sets(st.integers(0, 60)), st.integers(1, 9))
def test_a_bridged_gap_holds_nothing_that_is_to_be_kept_out(
    wanted: set[int], kept_out: set[int], limit: int
) -> None:
    def at(n: int) -> datetime:
        return datetime(2026, 1, 1) + timedelta(days=n)

    labels, out = {at(n) for n in wanted}, {at(n) for n in kept_out - wanted}
    ranges = coalesce(labels, Grain.DAY, limit, keep_out=out)
    covered = [label for r in ranges for label in r]
    assert labels <= set(covered)
    assert len(covered) == len(set(covered))
    assert not out & set(covered)
    assert all(len(r) <= limit for r in ranges)


def test_an_empty_range_has_no_labels() -> None:
    empty = Range(datetime(2026, 1, 2), datetime(2026, 1, 2), Grain.DAY)
    assert (len(empty), list(empty)) == (0, [])


@pytest.mark.parametrize(("word", "grain"), [("day", Grain.DAY), ("weekly", Grain.WEEK)])
def test_parse_takes_nouns_and_adverbs(word: str, grain: Grain) -> None:
    assert Grain.parse(word) is grain


def test_an_unknown_grain_is_named_with_the_valid_ones() -> None:
    with pytest.raises(
        InvalidValue, match=r"`grain=dayly`\. Valid values are: hour, day, week, month"
    ):
        Grain.parse("dayly")


def test_a_wrong_partition_key_shows_an_example() -> None:
    with pytest.raises(InvalidValue, match="2026-01-02-03:00"):
        grains.parse("2026-01-02", Grain.HOUR)
