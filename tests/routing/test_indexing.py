"""From accepted rows to the index: exact counts, nested samples, hashes that reruns repeat."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest

from weir.core.errors import NotReady
from weir.engines.embedded.search import HourStats, SearchIndex
from weir.routing.indexing import COUNTS_SQL, ROWS, ROWS_SQL, build
from weir.routing.sampling import Policy, sampling_key

DAY = datetime(2026, 11, 20)
HOUR = timedelta(hours=1)
END = DAY + 48 * HOUR
NAMES = ("view_item_shop", "view_item_shop", "view_item_shop", "purchase_item_shop")


def accepted(count: int = 2000) -> list[dict[str, Any]]:
    """Return rows over 30 hours in arrival order: users, then devices, then neither."""
    rows = []
    for n in range(count):
        hour = DAY + (n * 30 // count) * HOUR
        rows.append(
            {
                "landing_hour": hour,
                "lane": "normal",
                "epoch": 1,
                "offset": n,
                "received_at": hour + timedelta(seconds=n % 3600),
                "event_id": f"e{n}",
                "event_name": NAMES[n % 4],
                "event_time": hour,
                "user_id": f"u{n % 150}" if n % 3 else ("" if n % 2 else None),
                "device_id": f"d{n % 90}" if n % 5 else None,
                "platform": "ios",
                "app_version": "3.1.0",
                "params": '{"quantity": 2}',
            }
        )
    return rows


def counted(rows: list[dict[str, Any]]) -> Counter[tuple[datetime, str]]:
    return Counter((row["landing_hour"], row["event_name"]) for row in rows)


def run(
    index: SearchIndex, rows: list[dict[str, Any]], policies: Mapping[str, Policy]
) -> list[HourStats]:
    return build(index, DAY, END, rows, counted(rows), policies)


def kept(index: SearchIndex) -> set[str]:
    return {hit.document.event_id for hit in index.search("*", 10_000).hits}


@pytest.fixture
def index(tmp_path: Path) -> SearchIndex:
    return SearchIndex(tmp_path)


def test_an_event_without_a_policy_is_kept_whole(index: SearchIndex) -> None:
    stats = run(index, accepted(), {})
    assert sum(hour.rows for hour in stats) == sum(hour.offered for hour in stats) == 2000
    assert len(stats) == 30
    found = index.search("*")
    assert (found.low, found.estimate, found.high, found.interval) == (2000, 2000, 2000, "exact")


def test_the_sample_is_what_the_policy_says(index: SearchIndex) -> None:
    rows = accepted()
    policy = Policy(0.3)
    run(index, rows, {"view_item_shop": policy})
    draw = policy.draw(100)
    expected = {
        row["event_id"]
        for row in rows
        if row["event_name"] != "view_item_shop"
        or draw.keeps(sampling_key(row["user_id"], row["device_id"], row["event_id"]))
    }
    assert kept(index) == expected
    assert index.search("stratum:view_item_shop").strata["view_item_shop"].rate == pytest.approx(
        0.3
    )
    assert index.search("policy_version:" + policy.version).matched_documents > 100


def test_rates_nest(tmp_path: Path) -> None:
    samples = []
    for rate in (0.05, 0.2, 0.7, 1.0):
        index = SearchIndex(tmp_path, str(rate))
        run(index, accepted(), dict.fromkeys(NAMES, Policy(rate)))
        samples.append(kept(index))
    assert all(few <= many for few, many in pairwise(samples))
    assert len({len(s) for s in samples}) == 4


def test_the_truth_is_inside_the_interval(index: SearchIndex) -> None:
    run(index, accepted(), dict.fromkeys(NAMES, Policy(0.2, floor=5)))
    for query, truth in (("*", 2000), ("purchase", 500), ("view", 1500)):
        found = index.search(query)
        assert found.low <= truth <= found.high
        assert found.low < found.estimate < found.high


def test_a_floor_gives_rare_hours_their_own_weight(index: SearchIndex) -> None:
    stats = run(index, accepted(), {"purchase_item_shop": Policy(0.01, floor=8)})
    weights = {s.strata["purchase_item_shop"].weight for s in stats}
    offers = {s.strata["purchase_item_shop"].offered for s in stats}
    assert sorted(weights) == pytest.approx(sorted(n / 8 for n in offers))


def test_building_again_repeats_every_hash(index: SearchIndex) -> None:
    policies = dict.fromkeys(NAMES, Policy(0.2))
    first = run(index, accepted(), policies)
    assert run(index, accepted(), policies) == first
    assert [(s.rows, s.hash) for s in first] == [index.content_hash(s.landing_hour) for s in first]


def test_batches_and_rows_give_the_same(tmp_path: Path) -> None:
    rows, policies = accepted(), dict.fromkeys(NAMES, Policy(0.4))
    one = run(SearchIndex(tmp_path, "rows"), rows, policies)
    batches = pa.Table.from_pylist(rows, schema=ROWS).to_batches(max_chunksize=77)
    two = build(SearchIndex(tmp_path, "batches"), DAY, END, batches, counted(rows), policies)
    assert one == two


def test_straight_from_duckdb(tmp_path: Path) -> None:
    table = pa.Table.from_pylist(accepted(), schema=ROWS)
    with duckdb.connect() as connection:
        connection.register("accepted", table)
        bounds = {"start": DAY + 2 * HOUR, "end": DAY + 28 * HOUR}
        source = "select * from accepted"
        counts = connection.execute(COUNTS_SQL.format(source=source), bounds).fetchall()
        rows = connection.execute(ROWS_SQL.format(source=source), bounds).to_arrow_reader(100)
        stats = build(
            SearchIndex(tmp_path),
            bounds["start"],
            bounds["end"],
            rows,
            {(hour, name): n for hour, name, n in counts},
            {"view_item_shop": Policy(0.5)},
        )
    assert [s.landing_hour for s in stats] == [DAY + n * HOUR for n in range(2, 28)]
    assert sum(s.offered for s in stats) == sum(n for *_, n in counts)


@pytest.mark.parametrize("extra", [1, -1])
@pytest.mark.parametrize("hours", [0, 29])
def test_rows_that_were_not_counted_leave_the_old_state(
    index: SearchIndex, extra: int, hours: int
) -> None:
    run(index, accepted(), {})
    day = DAY + hours * HOUR
    before = index.content_hash(day)
    rows = accepted()
    counts = counted(rows)
    counts[day, "view_item_shop"] += extra
    with pytest.raises(NotReady, match="view_item_shop") as error:
        build(index, DAY, END, rows, counts, dict.fromkeys(NAMES, Policy(0.5)))
    assert "snapshot" in error.value.remedy
    assert index.content_hash(day) == before


def test_an_hour_without_rows_loses_its_documents(index: SearchIndex) -> None:
    run(index, accepted(), {})
    assert build(index, DAY, DAY + HOUR, [], {}, {}) == []
    assert index.content_hash(DAY) == (0, "0:0:0")
    assert index.content_hash(DAY + HOUR)[0] > 0
