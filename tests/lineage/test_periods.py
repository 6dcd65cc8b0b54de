"""Which fact days and which checkpoint a period of a layer reads, in every grain."""

from __future__ import annotations

from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from weir.core import grains
from weir.core.grains import CHECKPOINT_OF, Grain
from weir.lineage.inputs import last_day, layer, needed_checkpoint
from weir.lineage.nodes import Kind, Node

PERIODS = [Grain.DAY, Grain.WEEK, Grain.WEEK_SUNDAY, Grain.MONTH]


def node(kind: Kind, period: Grain, end: str | None = None) -> Node:
    grain = CHECKPOINT_OF[period.unit] if kind is Kind.CHECKPOINT else period
    return Node("activation/x", kind, grain, code="1", counts=period, meta={"end": end})


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


@pytest.mark.parametrize(
    ("period", "label", "last", "checkpoint"),
    [
        (Grain.DAY, "2026-03-01", "2026-03-01", "2026-02-01"),
        (Grain.DAY, "2026-03-31", "2026-03-31", "2026-02-01"),
        (Grain.WEEK, "2026-03-23", "2026-03-29", "2025-10-01"),
        (Grain.WEEK, "2026-03-30", "2026-04-05", "2026-01-01"),  # its last day is in April
        (Grain.WEEK_SUNDAY, "2026-03-29", "2026-04-04", "2026-01-01"),
        (Grain.MONTH, "2026-12-01", "2026-12-31", "2025-01-01"),
        (Grain.MONTH, "2027-01-01", "2027-01-31", "2026-01-01"),
    ],
)
def test_a_period_reads_to_its_last_day_from_the_checkpoint_before(
    period: Grain, label: str, last: str, checkpoint: str
) -> None:
    layer = node(Kind.ACTIVATION, period)
    assert last_day(layer, at(label)) == at(last)
    assert needed_checkpoint(layer, at(label)) == at(checkpoint)


@pytest.mark.parametrize(
    ("period", "label", "last"),
    [
        (Grain.DAY, "2026-02-01", "2026-02-28"),
        (Grain.WEEK, "2026-01-01", "2026-03-29"),
        (Grain.WEEK_SUNDAY, "2026-01-01", "2026-03-28"),
        (Grain.MONTH, "2026-01-01", "2026-12-31"),
    ],
)
def test_a_checkpoint_holds_the_periods_that_end_in_it(
    period: Grain, label: str, last: str
) -> None:
    assert last_day(node(Kind.CHECKPOINT, period), at(label)) == at(last)


@given(st.sampled_from(PERIODS), st.dates().map(lambda d: datetime(d.year, d.month, d.day)))
def test_no_period_lies_between_a_checkpoint_and_the_rows_after_it(period, day) -> None:
    day = min(max(day, datetime(1900, 1, 1)), datetime(2200, 1, 1))
    rows, chain = node(Kind.ACTIVATION, period), node(Kind.CHECKPOINT, period)
    label = grains.floor(day, period)
    checkpoint = needed_checkpoint(rows, label)
    assert last_day(chain, checkpoint) < label
    following = grains.shift(checkpoint, chain.grain, 1)
    assert last_day(chain, following) >= last_day(rows, label)


def test_a_fact_that_ended_completes_its_last_period() -> None:
    facts = {datetime(2026, 3, d): str(d) for d in range(1, 19)}  # the 18th is a Wednesday
    weekly, months = node(Kind.ACTIVATION, Grain.WEEK), node(Kind.ACTIVATION, Grain.MONTH)
    assert max(layer(weekly, facts)) == at("2026-03-09")
    assert layer(months, facts) == {}
    ended = node(Kind.ACTIVATION, Grain.WEEK, end="2026-03-18")
    assert max(layer(ended, facts)) == at("2026-03-16")
    assert list(layer(node(Kind.CHECKPOINT, Grain.DAY, end="2026-03-18"), facts)) == [
        at("2026-03-01")
    ]


def test_a_week_waits_for_its_last_day_and_changes_with_each_day_before() -> None:
    facts = {datetime(2026, 3, d): str(d) for d in range(1, 16)}
    weekly = node(Kind.ACTIVATION, Grain.WEEK)
    assert sorted(layer(weekly, facts)) == [at("2026-02-23"), at("2026-03-02"), at("2026-03-09")]
    del facts[datetime(2026, 3, 15)]
    assert max(layer(weekly, facts)) == at("2026-03-02")
