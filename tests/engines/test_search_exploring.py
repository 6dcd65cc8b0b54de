"""Counts over time and by field against the same searches one by one."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from weir.core.errors import QueryRejected
from weir.engines.embedded.search import SearchIndex
from weir.routing.indexing import build
from weir.routing.sampling import Policy

START = datetime(2026, 1, 5)
HOURS = 30
PLATFORMS = ("ios", "android", None)


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> SearchIndex:
    """Two landing days of 40 users, of whom about half are kept."""
    index = SearchIndex(tmp_path_factory.mktemp("search"))
    rows = [_row(hour, user) for hour in range(HOURS) for user in range(40)]
    counts = Counter((row["landing_hour"], row["event_name"]) for row in rows)
    until = START + timedelta(hours=HOURS)
    build(index, START, until, rows, counts, {"look_shop": Policy(0.5)})
    return index


def _row(hour: int, user: int) -> dict[str, Any]:
    at = START + timedelta(hours=hour)
    return {
        "landing_hour": at, "lane": "normal", "epoch": 1, "offset": hour * 100 + user,
        "received_at": at + timedelta(minutes=user), "event_id": f"e{hour}-{user}",
        "event_name": "look_shop" if user % 4 else "buy_shop",
        "event_time": at + timedelta(minutes=user), "user_id": f"u{user}", "device_id": None,
        "platform": PLATFORMS[user % 3], "app_version": "1.0", "params": '{"n": 1}',
    }  # fmt: skip


def test_each_bar_counts_what_a_search_of_its_time_counts(index: SearchIndex) -> None:
    found = index.explore("params.n:1")
    whole = index.search("params.n:1")
    assert sum(bar.count.value for bar in found.bars) == pytest.approx(whole.estimate)
    assert whole.interval == "keys"
    for bar in found.bars[:: max(1, len(found.bars) // 8)]:
        until = bar.start + timedelta(seconds=found.seconds)
        one = index.search("params.n:1", since=bar.start, until=until)
        assert bar.matched == one.matched_documents
        assert (bar.count.value, bar.count.low, bar.count.high) == pytest.approx(
            (one.estimate, one.low, one.high)
        )


def test_each_value_counts_what_a_search_for_it_counts(index: SearchIndex) -> None:
    found = index.explore("*")
    assert {v.value for v in found.facets["event_name"]} == {"look_shop", "buy_shop"}
    assert {v.value for v in found.facets["platform"]} == {"ios", "android"}
    for field, values in found.facets.items():
        for value in values:
            one = index.search(f'{field}:"{value.value}"')
            assert (value.matched, value.count.low) == (
                one.matched_documents, pytest.approx(one.low)
            )  # fmt: skip
    (exact,) = [v for v in found.facets["event_name"] if v.value == "buy_shop"]
    assert exact.count.value == exact.count.high == HOURS * 10


def test_the_rate_and_one_document(index: SearchIndex) -> None:
    offered, kept = index.rate()
    assert offered == HOURS * 40
    assert HOURS * 10 < kept < offered
    assert index.rate(START + timedelta(days=3)) == (0, 0)
    hit = index.search("*", 1).hits[0]
    assert index.document(hit.day, hit.document.receipt) == hit.document
    assert index.document(hit.day, "normal/1/999999") is None


@pytest.mark.parametrize(
    ("query", "line", "column"), [("a AND (", 1, 8), ("가나 AND (", 1, 9), ("a AND\nb:(", 2, 4)]
)
def test_a_query_is_told_where_it_goes_wrong(
    index: SearchIndex, query: str, line: int, column: int
) -> None:
    with pytest.raises(QueryRejected) as told:
        index.explore(query)
    assert (told.value.line, told.value.column) == (line, column)


def test_an_index_of_nothing_has_no_bars(tmp_path: Path) -> None:
    found = SearchIndex(tmp_path).explore("*")
    assert (found.bars, found.whole) == ([], True)
