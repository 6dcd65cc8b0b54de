"""Which upstream partitions each partition reads, and the vector that its entry carries."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest

from weir.core import grains
from weir.core.grains import Grain, Range
from weir.engines.history import Counted, LandedHour, LandingHistory
from weir.lineage.ledger import Ledger, data_version
from weir.lineage.nodes import Kind, Node
from weir.lineage.reads import reads, reads_each, vector, vectors
from weir.lineage.stale import Picture

spec = importlib.util.spec_from_file_location("commits", Path(__file__).with_name("commits.py"))
assert spec
assert spec.loader
doubles = importlib.util.module_from_spec(spec)
spec.loader.exec_module(doubles)

Look = Callable[..., Picture]
OPEN = datetime(2026, 1, 10, 12)
FACT, LOG = "fact/users_bought", "event_log/buy_item_shop"
CHAIN = "activation/users_bought_firstlast_daily"
ROWS = "activation/users_bought_activation_daily"


def day(number: int, month: int = 1) -> datetime:
    return datetime(2026, month, number)


@pytest.fixture
def built(look: Look, history: LandingHistory, ledger: Ledger) -> Picture:
    """January, all built, and some days of February."""
    closed = replace(history, closed_until=datetime(2026, 2, 5))
    doubles.run_all(look, closed, ledger, doubles.Commits())
    return look(closed)


@pytest.mark.parametrize(
    ("asset", "upstream"),
    [
        ("accepted/normal", "landing/normal"),
        (LOG, "accepted/normal"),
        ("search/events", "accepted/normal"),
    ],
)
def test_before_facts_an_hour_reads_the_same_hour(
    built: Picture, asset: str, upstream: str
) -> None:
    assert reads(built, built.nodes[asset], [OPEN]) == {upstream: {OPEN}}


def test_landing_reads_nothing(built: Picture) -> None:
    assert reads(built, built.nodes["landing/normal"], [OPEN]) == {}


def test_a_fact_day_reads_the_hours_that_hold_its_events(
    look: Look, history: LandingHistory
) -> None:
    hour, here = datetime(2026, 1, 11, 3), Counted(4, (1, 2, 3, 4))
    arrived = {(hour, datetime(2026, 1, 7, 23)): here, (hour, datetime(2026, 1, 8, 1)): here}
    events = {"buy_item_shop": {**history.by_event["buy_item_shop"], **arrived}}
    hours = {**history.hours, ("normal", hour): LandedHour(1, here, closed=False)}
    picture = look(replace(history, by_event=events, hours=hours))
    each = reads_each(picture, picture.nodes[FACT], [day(6), day(7), day(8), day(9)])
    assert each == {
        day(6): {LOG: [OPEN]},
        day(7): {LOG: [OPEN, hour]},
        day(8): {LOG: [hour]},
        day(9): {},
    }


def test_a_day_of_another_zone_reads_by_its_own_clock(
    look: Look, history: LandingHistory, nodes: list[Node]
) -> None:
    event = {(OPEN, datetime(2026, 1, 5, 16)): Counted(1, (1, 1, 1, 1))}  # the 6th in Seoul
    seoul = [replace(n, zone="Asia/Seoul") if n.asset == FACT else n for n in nodes]
    picture = look(replace(history, by_event={"buy_item_shop": event}), nodes=seoul)
    node = picture.nodes[FACT]
    assert reads(picture, node, [day(5)]) == {}
    assert reads(picture, node, [day(6)]) == {LOG: {OPEN}}


def test_a_checkpoint_reads_the_days_of_its_month_and_the_one_before(
    look: Look, history: LandingHistory, ledger: Ledger
) -> None:
    closed = replace(history, closed_until=datetime(2026, 3, 5))
    doubles.run_all(look, closed, ledger, doubles.Commits())
    picture = look(closed)
    each = reads_each(picture, picture.nodes[CHAIN], [day(1), day(1, 2)])
    assert each[day(1)] == {FACT: list(Range(day(5), day(1, 2), Grain.DAY))}
    assert each[day(1, 2)] == {
        CHAIN: [day(1)],
        FACT: list(Range(day(1, 2), day(1, 3), Grain.DAY)),
    }


def test_a_layer_reads_its_checkpoint_and_the_days_after_it(built: Picture) -> None:
    node = built.nodes[ROWS]
    assert reads_each(built, node, [day(6), day(3, 2)]) == {
        day(6): {FACT: [day(5), day(6)]},  # no checkpoint ends before January
        day(3, 2): {CHAIN: [day(1)], FACT: [day(1, 2), day(2, 2), day(3, 2)]},
    }
    summary = reads(built, built.nodes[f"{ROWS}_summary"], [day(1, 2)])
    assert summary == {CHAIN: {day(1)}, FACT: {day(1, 2)}, ROWS: {day(1, 2)}}


def test_returns_read_the_rows_of_the_layer_and_spans_do_not(
    look: Look, history: LandingHistory, nodes: list[Node], built: Picture
) -> None:
    rows = built.nodes[ROWS]
    returns = replace(rows, asset=f"{ROWS}_returns", kind=Kind.RETURNS)
    spans = replace(rows, asset="activation/users_bought_spans_daily", kind=Kind.SPANS)
    closed = replace(history, closed_until=datetime(2026, 2, 5))
    picture = look(closed, nodes=[*nodes, returns, spans])
    assert reads(picture, returns, [day(7)]) == {ROWS: {day(7)}}
    assert reads(picture, spans, [day(7)]) == reads(picture, rows, [day(7)])


def test_the_union_is_that_of_the_single_partitions(built: Picture) -> None:
    for node in built.nodes.values():
        labels = sorted(built.due(node))
        union: dict[str, set[datetime]] = {}
        for upstream in reads_each(built, node, labels).values():
            for asset, found in upstream.items():
                union.setdefault(asset, set()).update(found)
        assert {a: s for a, s in reads(built, node, labels).items() if s} == union, node.asset


def test_a_vector_holds_the_version_of_each_partition_once(built: Picture, ledger: Ledger) -> None:
    found = vector(built, built.nodes[ROWS], [day(2, 2), day(3, 2)])
    facts = ledger.built(FACT)
    assert found["reads"][FACT] == {
        f"2026-02-0{n}": facts[f"2026-02-0{n}"].version for n in (1, 2, 3)
    }
    assert found["spans"]["2026-02-02"] == {CHAIN: [[0, 1]], FACT: [[0, 2]]}
    assert found["spans"]["2026-02-03"] == {CHAIN: [[0, 1]], FACT: [[0, 3]]}


def test_landing_is_read_in_the_version_of_its_content(
    built: Picture, history: LandingHistory
) -> None:
    content = history.hours["normal", OPEN].counted.text
    found = vector(built, built.nodes["accepted/normal"], [OPEN])
    assert found["reads"] == {
        "landing/normal": {grains.text(OPEN, Grain.HOUR): data_version(content)}
    }


def test_what_the_run_itself_builds_has_no_version_yet(built: Picture) -> None:
    layer = [built.nodes[ROWS], built.nodes[f"{ROWS}_summary"]]
    found = vectors(built, layer, [day(3, 2)])[f"{ROWS}_summary"]["reads"]
    assert found[ROWS] == {"2026-02-03": ""}
    assert all(found[FACT].values())


def test_a_chain_knows_the_checkpoint_before_its_range_and_not_those_inside(
    look: Look, history: LandingHistory, ledger: Ledger
) -> None:
    closed = replace(history, closed_until=datetime(2026, 4, 5))
    doubles.run_all(look, closed, ledger, doubles.Commits())
    picture = look(closed)
    months = [day(1, 2), day(1, 3)]
    found = vectors(picture, [picture.nodes[CHAIN]], months)[CHAIN]["reads"][CHAIN]
    assert found == {"2026-01-01": ledger.built(CHAIN)["2026-01-01"].version, "2026-02-01": ""}
