"""What the issue promises of the CDNOW example, on a real home."""

import csv
import shutil
import threading
from datetime import date, datetime
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from weir.core.grains import Grain, Range
from weir.engines.embedded.conservation import conservation
from weir.engines.embedded.lake import Lake
from weir.engines.embedded.readonly import query
from weir.engines.embedded.search import SearchIndex
from weir.lineage.plan import RangeRun

EXPECTED = (
    Path(__file__).resolve().parents[1] / "activation" / "data" / "cdnow_sample_day_counts.csv"
)
FACT, SUMMARY = "users_purchased_item", "users_purchased_item_activation_daily_summary"
LAYERS = (
    f"fact/{FACT}",
    f"activation/{FACT}_firstlast_daily",
    f"activation/{FACT}_activation_daily",
    f"activation/{SUMMARY}",
)


def hashes(story: Any) -> dict[str, dict[str, str]]:
    story.project.picture()
    ledger = story.project.ledger
    return {asset: {k: b.hash for k, b in ledger.built(asset).items()} for asset in ledger.assets()}


def test_every_acknowledged_purchase_is_in_the_event_log_once(story: Any) -> None:
    assert (story.replayed.posted, story.replayed.verdicts["accepted"]) == (6919, 6919)
    with Lake(story.settings).read() as connection:
        counts = conservation(connection, story.spooled, story.replayed.posted)
    assert counts.as_dict() == {
        "acknowledged": 6919, "durable": 6919, "sealed": 6919, "landed": 6919, "valid": 6919, "quarantined": 0, "accepted": 6919, "duplicates": 0,
        "event_log": 6919, "broken": (), "holds": True,
    }  # fmt: skip


def test_there_is_one_fact_row_per_user_and_day(story: Any) -> None:
    with Lake(story.settings).read() as connection:
        rows = connection.execute(
            f"SELECT count(*), count(DISTINCT (user_id, activity_date)), sum(event_count) FROM fact.{FACT}"
        ).fetchone()
    assert rows == (6696, 6696, 6919)


def test_every_daily_count_equals_the_independent_oracle(story: Any) -> None:
    with EXPECTED.open() as file:
        expected = {
            (date.fromisoformat(r["period"]), r["prev_state"], r["state"]): int(r["users"])
            for r in csv.DictReader(file)
        }
    with Lake(story.settings).read() as connection:
        rows = connection.execute(
            f"SELECT period_start, coalesce(previous_state, 'None'), state, users FROM activation.{SUMMARY}"
            " WHERE dim_name = 'total' AND is_complete"
        ).fetchall()
    found = {(day, before, state): users for day, before, state, users in rows}
    assert len(found) == len(rows) == len(expected) == 2011
    assert found == expected


def test_running_again_changes_nothing(story: Any) -> None:
    before = hashes(story)
    assert story.bring_up_to_date() == []
    assert hashes(story) == before


@pytest.mark.slow
def test_rebuilding_everything_gives_the_same_content(story: Any) -> None:
    before = hashes(story)
    launcher = story.launcher()
    for outcome in story.outcomes:
        launcher.launch(outcome.run)
    assert hashes(story) == before


@pytest.mark.parametrize("asset", LAYERS)
def test_a_deleted_partition_comes_back_with_the_same_hash(story: Any, asset: str) -> None:
    node = story.project.picture().nodes[asset]
    label = datetime(1997, 6, 1) if node.grain is Grain.MONTH else datetime(1997, 6, 10)
    column = {"fact": "activity_date"}.get(node.stage, "period_start")
    column = "checkpoint_start" if node.grain is Grain.MONTH else column
    before = hashes(story)
    with Lake(story.settings).write() as connection:
        deleted = connection.execute(
            f"DELETE FROM {node.stage}.{node.table} WHERE {column} = ?", [label]
        ).fetchone()
    assert deleted is not None
    assert deleted[0] > 0
    wave = {"fact": "fact"}.get(
        node.stage, "checkpoint" if node.grain is Grain.MONTH else "activation"
    )
    run = RangeRun(wave, (asset,), Range.of(label, node.grain), 1, 0)
    story.launcher().launch(run)
    assert hashes(story) == before
    with Lake(story.settings).read() as connection:
        back = connection.execute(
            f"SELECT count(*) FROM {node.stage}.{node.table} WHERE {column} = ?", [label]
        ).fetchone()
    assert back == deleted


@pytest.mark.parametrize(
    "lost",
    ["accepted.normal", pytest.param("event_log.purchase_item_shop", marks=pytest.mark.slow)],
)
def test_what_was_lost_comes_back_by_running_with_a_check(story: Any, lost: str) -> None:
    before = hashes(story)
    with Lake(story.settings).write() as connection:
        connection.execute(f"DELETE FROM {lost}")
        connection.execute(f"DELETE FROM fact.{FACT} WHERE activity_date = '1998-02-03'")
    assert story.bring_up_to_date() == []  # without a look, the ledger is believed
    ran = [o.run.wave for o in story.launcher().bring_up_to_date(check=True)]
    assert "fact" in ran
    assert hashes(story) == before
    assert list(story.launcher().bring_up_to_date(check=True)) == []


def test_a_deleted_search_index_comes_back(story: Any) -> None:
    before = hashes(story)
    shutil.rmtree(story.settings.search_dir)
    assert [o.run.wave for o in story.bring_up_to_date()] == ["search"]
    assert hashes(story) == before


@pytest.mark.slow
def test_a_second_process_reads_whole_ranges_while_a_run_writes(story: Any) -> None:
    seen, done = set(), threading.Event()

    def read() -> None:
        while not done.is_set():
            answer = query(story.settings, f"SELECT count(*), sum(event_count) FROM fact.{FACT}")
            seen.add(answer.rows[0])

    reader = threading.Thread(target=read)
    reader.start()
    whole = Range(datetime(1997, 1, 1), datetime(1998, 7, 1), Grain.DAY)
    for _ in range(2):
        story.launcher().launch(RangeRun("fact", (LAYERS[0],), whole, 546, 0))
    done.set()
    reader.join()
    assert seen == {(6696, 6919)}


def test_dagster_shows_every_partition_materialized(story: Any) -> None:
    counts = {
        asset: len(story.instance.get_materialized_partitions(dg.AssetKey(asset.split("/"))))
        for asset in LAYERS
    }
    assert counts == {LAYERS[0]: 546, LAYERS[1]: 18, LAYERS[2]: 546, LAYERS[3]: 546}


def test_no_check_failed(story: Any) -> None:
    assert story.project.ledger.failed() == []


def test_the_range_of_a_year_and_a_half_is_one_run_per_layer(story: Any) -> None:
    runs = [(o.run.wave, str(o.run.labels)) for o in story.outcomes if o.run.wave != "landing"]
    days, weeks = "1997-01-01..1998-06-30", "1996-12-30..1998-06-29"
    months, quarters, years = (
        "1997-01-01..1998-06-01",
        "1997-01-01..1998-04-01",
        "1997-01-01..1998-01-01",
    )
    assert [wave for wave, _ in runs[:2]] == ["event_log", "search"]
    assert runs[2] == ("fact", days)
    assert sorted(runs[3:]) == sorted([
        *(("activation", labels) for labels in (days, weeks, months)),
        *(("checkpoint", labels) for labels in (months, quarters, years)),
    ])  # fmt: skip


def test_search_finds_purchases_and_its_interval_holds_the_truth(story: Any) -> None:
    found = SearchIndex(story.settings.search_dir).search("params.quantity:3", limit=3)
    with Lake(story.settings).read() as connection:
        (truth,) = connection.execute(
            "SELECT count(*) FROM event_log.purchase_item_shop WHERE quantity = 3"
        ).fetchone() or (0,)
    assert len(found.hits) == 3
    assert found.matched_documents < truth
    assert found.low <= truth <= found.high
