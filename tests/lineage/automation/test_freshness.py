"""The newest partition that should be there: by clock, zone, close lag and a fact's life."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from tests.lineage.automation.conftest import Ticking
from tests.lineage.recovery.conftest import EVENT, FACT, START
from weir.engines.history import Expiry
from weir.lineage.automation.freshness import Freshness, State, expected, freshness
from weir.lineage.nodes import Kind, Node
from weir.lineage.stale import Picture

FACTS, LOG = f"fact/{FACT}", f"event_log/{EVENT}"
DAILY, WEEKLY = (f"activation/{FACT}_activation_{word}" for word in ("daily", "weekly"))
LAG, GRACE = timedelta(hours=1), timedelta(hours=2)


def day(number: int) -> datetime:
    return START + timedelta(days=number)


def due(picture: Picture, asset: str, now: datetime, **changed: object) -> datetime | None:
    node = replace(picture.nodes[asset], **changed)  # type: ignore[arg-type]
    return expected(picture, node, now, LAG, GRACE)


@pytest.mark.parametrize(
    ("asset", "now", "label"),
    [
        (FACTS, day(40) + timedelta(hours=2, minutes=59), day(38)),
        (FACTS, day(40) + timedelta(hours=3), day(39)),
        (FACTS, day(0) + timedelta(hours=23), None),
        (DAILY, day(40) + timedelta(hours=3), day(39)),
        # 2026-01-01 is a Thursday: the first Monday is day 4, the sixth 39
        (WEEKLY, day(39) + timedelta(hours=3), day(32)),
        (WEEKLY, day(39) + timedelta(hours=2), day(25)),
        (WEEKLY, day(2), None),
        (LOG, day(38) + timedelta(hours=12, minutes=59), day(37) + timedelta(hours=10)),
        (LOG, day(38) + timedelta(hours=13), day(38) + timedelta(hours=10)),
        (LOG, day(90), day(39) + timedelta(hours=10)),  # nobody sends any more: no fault
        (LOG, day(0), None),
    ],
)  # fmt: skip
def test_what_should_be_there(
    ticking: Ticking, asset: str, now: datetime, label: datetime | None
) -> None:
    assert due(ticking.look(), asset, now) == label


def test_a_day_ends_in_the_fact_s_zone(ticking: Ticking) -> None:
    # Seoul is nine hours ahead: its day 40 ends at 15:00 UTC
    now = day(40) + timedelta(hours=18)
    assert due(ticking.look(), FACTS, now, zone="Asia/Seoul") == day(40)
    assert due(ticking.look(), FACTS, now - timedelta(minutes=1), zone="Asia/Seoul") == day(39)


def test_of_a_retired_fact_only_its_last_day_should_be_there(ticking: Ticking) -> None:
    assert due(ticking.look(), FACTS, day(400), end=day(20)) == day(19)


@pytest.fixture
def found(ticking: Ticking) -> Callable[..., Freshness]:
    def look(asset: str, now: datetime, rows: int | str = 1) -> Freshness:
        picture = ticking.look()

        def count(node: Node, label: datetime) -> int | str:
            assert (node.asset, label in picture.built(node)) == (asset, True)
            return rows

        return freshness(picture, picture.nodes[asset], now, lag=LAG, grace=GRACE, count=count)

    return look


def test_what_is_there_whole_and_current_is_fresh(found: Callable[..., Freshness]) -> None:
    for asset in (FACTS, DAILY, LOG):
        one = found(asset, day(40) + timedelta(hours=3))
        assert (one.state, one.passed) == (State.FRESH, True)
    assert found(WEEKLY, START).state is State.NOT_EXPECTED
    assert found(WEEKLY, START).passed


def test_a_collector_that_stands_still_is_no_excuse(found: Callable[..., Freshness]) -> None:
    one = found(FACTS, day(43))
    assert (one.state, one.passed, one.expected) == (State.ABSENT, False, "2026-02-11")
    assert one.newest == "2026-02-09"
    assert "no landing hour has closed since 2026-02-10 03:00" in one.text


def test_rows_that_are_gone_are_no_freshness(found: Callable[..., Freshness]) -> None:
    now = day(40) + timedelta(hours=3)
    assert found(FACTS, now, 0).state is State.LOST
    assert "0 rows" in found(FACTS, now, 0).text
    assert "no such file" in found(FACTS, now, "no such file").text


def test_what_changed_since_is_stale_and_another_day_s_change_is_not(
    ticking: Ticking, found: Callable[..., Freshness]
) -> None:
    now = day(40) + timedelta(hours=3)
    ticking.world.land(day(40), day(30) + timedelta(hours=9), 5)
    ticking.picture = None
    assert found(FACTS, now).state is State.FRESH
    ticking.world.land(day(40), day(39) + timedelta(hours=9), 5)
    ticking.picture = None
    assert found(FACTS, now).state is State.STALE


def test_code_that_changed_is_stale(ticking: Ticking, found: Callable[..., Freshness]) -> None:
    ticking.world.edit(Kind.ACTIVATION, "other")
    ticking.picture = None
    assert found(DAILY, day(40) + timedelta(hours=3)).state is State.STALE


def test_what_retention_dropped_is_no_fault(
    ticking: Ticking, found: Callable[..., Freshness]
) -> None:
    picture = ticking.look()
    gone = [Expiry(None, day(20), day(399))]
    picture.history = replace(picture.history, expired={FACTS: gone})
    node = replace(picture.nodes[FACTS], end=day(20))

    def count(node: Node, label: datetime) -> int:
        return 0

    one = freshness(picture, node, day(400), lag=LAG, grace=GRACE, count=count)
    assert (one.state, one.passed, one.expected) == (State.EXPIRED, True, "2026-01-20")
    kept = replace(picture.nodes[FACTS], end=day(21))
    assert freshness(picture, kept, day(400), lag=LAG, grace=GRACE, count=count).state is State.LOST
