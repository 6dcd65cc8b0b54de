"""Maintenance keeps what counts: rows, records, pinned commits; and the checker sees no fault in it."""

import time
from datetime import timedelta
from pathlib import Path

import pytest

from tests.checking.warehouses import Warehouse, day
from weir.engines.embedded.commit import read_entries
from weir.engines.embedded.history import EmbeddedHistory
from weir.engines.embedded.maintenance import Done, Maintenance
from weir.engines.embedded.storage import EmbeddedStorage
from weir.lineage.checking import Level
from weir.lineage.ledger import Ledger

DAY = 24 * 3600.0
ROWS = "SELECT count(*), sum(event_count), count(DISTINCT user_id) FROM fact.bought"


def later(warehouse: Warehouse, days: float = 10.0, *, dry_run: bool = False) -> Maintenance:
    """Return the maintenance as it runs some days from now."""
    return Maintenance(warehouse.lake, dry_run=dry_run, clock=lambda: time.time() + days * DAY)


def told(done: list[Done]) -> list[tuple[str, str, int]]:
    return [(one.step, one.subject, one.count) for one in done]


def snapshots(warehouse: Warehouse) -> list[int]:
    with warehouse.lake.read() as connection:
        found = connection.execute("SELECT snapshot_id FROM ducklake_snapshots('lake')").fetchall()
    return sorted(row[0] for row in found)


def parquet(warehouse: Warehouse) -> set[Path]:
    return set(warehouse.lake.data_dir.rglob("fact/**/*.parquet"))


def test_merging_keeps_rows_records_and_earlier_states(warehouse: Warehouse) -> None:
    before, at = warehouse.sql(ROWS), max(snapshots(warehouse))
    assert ("merge", "fact/bought", 2) in told(list(later(warehouse).compact()))
    assert len(warehouse.files()) == 2  # of January and of February
    assert warehouse.sql(ROWS) == before
    old = warehouse.sql(f"SELECT count(*) FROM fact.bought AT (VERSION => {at - 1})")
    assert old == [(390,)]
    assert warehouse.found() == []


def test_merging_waits_until_a_partition_is_quiet(warehouse: Warehouse) -> None:
    assert list(later(warehouse, 0.0).compact()) == []


@pytest.mark.slow
def test_a_file_that_is_mostly_deleted_is_written_anew(warehouse: Warehouse) -> None:
    for number in range(1, 20):
        warehouse.build([day(number)])
    steps = told(list(later(warehouse).compact()))
    assert ("rewrite", "fact/bought", 1) in steps
    assert warehouse.found() == []
    table = EmbeddedStorage(warehouse.lake).table("fact/bought", "activity_date")
    assert sum(file.deleted for file in table.files) == 0


def test_expiry_keeps_every_ledger_entry(warehouse: Warehouse, tmp_path: Path) -> None:
    built = warehouse.ledger.built("fact/bought")
    with warehouse.lake.read() as connection:
        entries = read_entries(connection)
    count = len(snapshots(warehouse))
    assert told(list(later(warehouse).expire(timedelta(days=7)))) == [
        ("expire", "commits", count - 1)
    ]
    assert len(snapshots(warehouse)) == 2  # the newest of then, and the expiry itself
    with warehouse.lake.read() as connection:
        assert read_entries(connection) == entries
    fresh = Ledger(tmp_path / "other.db")
    fresh.sync(EmbeddedHistory(warehouse.lake))
    assert fresh.built("fact/bought") == built
    assert warehouse.found() == []


def test_young_commits_stay(warehouse: Warehouse) -> None:
    assert list(later(warehouse, 6.9).expire(timedelta(days=7))) == []


def test_a_pinned_commit_can_be_travelled_back_to_until_it_is_let_go(warehouse: Warehouse) -> None:
    at = warehouse.lake.pin("backup of today")
    warehouse.sql("DELETE FROM fact.bought")
    steps = list(later(warehouse).expire(timedelta(days=7)))
    assert steps[0].note == "1 are pinned"
    assert at in snapshots(warehouse)
    list(later(warehouse, 20.0).clean())
    assert warehouse.sql(f"SELECT count(*) FROM fact.bought AT (VERSION => {at})") == [(400,)]
    warehouse.lake.unpin("backup of today")
    list(later(warehouse).expire(timedelta(days=7)))
    assert at not in snapshots(warehouse)


def test_cleaning_deletes_what_no_commit_needs_after_a_day(warehouse: Warehouse) -> None:
    list(later(warehouse).compact())
    list(later(warehouse).expire(timedelta(days=7)))
    before = parquet(warehouse)
    assert list(later(warehouse, 0.5).clean()) == []
    assert parquet(warehouse) == before
    (done,) = later(warehouse, 2.0).clean()
    gone = before - parquet(warehouse)
    assert done.bytes > 0
    assert len(gone) == 3
    assert warehouse.found() == []


def test_cleaning_goes_on_where_it_was_cut_off(warehouse: Warehouse) -> None:
    """A file may be gone already whose deletion the catalogue never heard of."""
    files = warehouse.files(day(40))
    list(later(warehouse).compact())
    files[0].unlink()
    assert len(list(later(warehouse, 2.0).clean())) == 1
    assert list(later(warehouse, 2.0).clean()) == []
    assert warehouse.found() == []


def test_strays_are_put_aside_and_deleted_a_week_later(warehouse: Warehouse) -> None:
    stray = warehouse.files(day(40))[0].with_name("stray.parquet")
    stray.write_bytes(b"half a file")
    assert list(later(warehouse, 0.5).put_strays_aside()) == []  # a run may be writing it
    assert told(list(later(warehouse, 2.0).put_strays_aside())) == [
        ("strays", "files put aside", 1)
    ]
    assert not stray.exists()
    (aside,) = (warehouse.lake.settings.lake_dir / "strays").rglob("stray.parquet")
    assert aside.read_bytes() == b"half a file"
    assert list(later(warehouse, 8.0).put_strays_aside()) == []
    (done,) = later(warehouse, 10.0).put_strays_aside()
    assert (done.count, aside.exists()) == (1, False)


def test_a_dry_run_touches_nothing(warehouse: Warehouse) -> None:
    stray = warehouse.files(day(40))[0].with_name("stray.parquet")
    stray.write_bytes(b"half a file")
    files, commits = parquet(warehouse), snapshots(warehouse)
    dry = later(warehouse, dry_run=True)
    steps = [*dry.compact(), *dry.expire(timedelta(days=7)), *dry.clean(), *dry.put_strays_aside()]
    assert {one.step for one in steps} == {"merge", "expire", "strays"}
    assert (parquet(warehouse), snapshots(warehouse)) == (files, commits)


@pytest.mark.parametrize("level", list(Level))
def test_after_all_of_it_no_level_has_findings(warehouse: Warehouse, level: Level) -> None:
    warehouse.build([day(3), day(4)], salt=5)
    work = later(warehouse)
    steps = [*work.compact(), *work.expire(timedelta(days=7))]
    steps += [*later(warehouse, 12.0).clean(), *work.put_strays_aside()]
    assert {one.step for one in steps} == {"merge", "expire", "clean"}
    assert warehouse.check(level).findings == []
