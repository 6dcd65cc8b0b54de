"""Bytes that BigQuery would bill: against figures counted by hand and those of the research."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from weir.activation.bytes_billed import MINIMUM, Billed, Statistics, layer_bytes, row_size
from weir.activation.contract import Fact

START = date(2024, 1, 1)
ACTIVE, SEEN = 47_000, 2_000_000  # a day's users and all users ever: research/activation.md
KEY = {"user_id": "bigint", "activity_date": "date", "event_count": "bigint"}
FACT = Fact("users_did_it", "user_id", "UTC", START, types=KEY)
NAMES = ("checkpoint", "activation", "summary", "returns")


def statistics(days: int = 180, checkpoints: int = 5) -> Statistics:
    """Return a fact of `days` days, its daily layer, and checkpoints of the first months."""
    by_day = {START + timedelta(day): ACTIVE for day in range(days)}
    months = {date(2024, month + 1, 1): SEEN for month in range(checkpoints)}
    rows = {"fact": by_day, "activation": by_day, "checkpoint": months}
    return Statistics({**rows, "summary": {}, "returns": {}}, {})


def bill(known: Statistics, first: date, until: date, fact: Fact = FACT) -> dict[str, Billed]:
    found = layer_bytes(fact, "daily", (first, until), known)
    return dict(zip(NAMES, found, strict=True))


def test_the_figures_of_the_research() -> None:
    """A snapshot row of 32 B is 64 MB at 2M users; a day of two columns is 0.75 MB."""
    row = {"user_id": "bigint", "first": "date", "last": "date", "streak_start": "date"}
    assert row_size(row, {}) * SEEN == 64e6
    assert row_size({"user_id": "bigint", "activity_date": "date"}, {}) * ACTIVE == 0.752e6


def test_a_day_reads_one_checkpoint_and_the_facts_since() -> None:
    day = date(2024, 6, 20)
    found = bill(statistics(), day, day + timedelta(1))["activation"]
    # the checkpoint has its label, `birth` and the longest streak besides: 56 B, not 32
    assert found.reads["checkpoint"] == 56 * SEEN
    assert found.reads["fact"] == 20 * ACTIVE * 24  # June 1 to 20, with event_count
    assert found.reads["fact"] <= 30 * 1.2e6
    assert set(found.reads) == {"fact", "checkpoint"}


def test_a_day_costs_the_same_in_any_year() -> None:
    """It grows with the users seen, through one checkpoint, and not with the days before."""
    many = {START + timedelta(day): ACTIVE for day in range(1000)}
    known = statistics(1000, 5)
    early, late = date(2024, 6, 20), date(2026, 6, 20)
    rows = {
        **known.rows,
        "fact": many,
        "checkpoint": {date(2024, 5, 1): SEEN, date(2026, 5, 1): SEEN},
    }
    known = Statistics(rows, {})
    first = bill(known, early, early + timedelta(1))["activation"]
    assert first.reads == bill(known, late, late + timedelta(1))["activation"].reads


def test_without_checkpoints_all_facts_are_read() -> None:
    day = date(2024, 6, 20)
    found = bill(statistics(checkpoints=0), day, day + timedelta(1))["activation"]
    assert found.reads == {"fact": 172 * ACTIVE * 24}  # January 1 to June 20 of a leap year


def test_what_is_replaced_is_billed_too_and_each_statement_has_a_least_price() -> None:
    day = date(2024, 6, 20)
    known = statistics()
    built = bill(known, day, day + timedelta(1))["activation"]
    # key, five dates and five numbers of 8 B, and two states of 10 B
    assert built.replaced == built.written == ACTIVE * (10 * 8 + 20)
    assert built.billed == sum(built.reads.values()) + max(MINIMUM, built.replaced) + MINIMUM
    tiny = Statistics({"fact": {day: 1}}, {})
    assert bill(tiny, day, day + timedelta(1))["activation"].billed == 3 * MINIMUM


def test_returns_and_summary_read_the_columns_that_they_name() -> None:
    day = date(2024, 6, 20)
    found = bill(statistics(), day, day + timedelta(2))
    assert found["returns"].reads == {"activation": 2 * ACTIVE * (8 + 8 + 10)}
    assert found["returns"].lookup == 0
    assert found["summary"].reads["activation"] == 2 * ACTIVE * (8 + 10 + 10 + 8 + 8)
    assert found["summary"].reads["fact"] == 19 * ACTIVE * 24  # until the day before the range


def test_a_checkpoint_reads_the_one_before_and_its_own_month() -> None:
    known = statistics()
    found = bill(known, date(2024, 5, 10), date(2024, 5, 11))["checkpoint"]
    assert found.reads == {"fact": 31 * ACTIVE * 24, "checkpoint": 56 * SEEN}
    assert found.replaced == 56 * SEEN


def test_weeks_and_months_read_from_their_own_checkpoints() -> None:
    days = {START + timedelta(day): ACTIVE for day in range(366)}
    quarter = Statistics({"fact": days, "checkpoint": {date(2024, 4, 1): SEEN}}, {})
    week = layer_bytes(FACT, "weekly", (date(2024, 7, 8), date(2024, 7, 15)), quarter)[1]
    assert week.reads["fact"] == 14 * ACTIVE * 24  # the week of July 1 is the first after June
    year = Statistics({"fact": days, "checkpoint": {date(2023, 1, 1): SEEN}}, {})
    month = layer_bytes(FACT, "monthly", (date(2024, 2, 1), date(2024, 3, 1)), year)[1]
    assert month.reads["fact"] == 60 * ACTIVE * 24


@pytest.mark.parametrize(("bytes_of_key", "wanted"), [(8.0, 10), (30.0, 32)])
def test_text_keys_count_their_letters(bytes_of_key: float, wanted: int) -> None:
    fact = Fact("users_did_it", "user_id", "UTC", START, types={**KEY, "user_id": "varchar"})
    known = Statistics(statistics().rows, {"user_id": bytes_of_key})
    day = date(2024, 6, 20)
    found = bill(known, day, day + timedelta(1), fact)["activation"]
    assert found.reads["checkpoint"] == (48 + wanted) * SEEN
