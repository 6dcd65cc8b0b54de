"""What checks found is kept in the lake, and outlives the expiry of its commits."""

from __future__ import annotations

from collections.abc import Callable

import duckdb
import pytest

from weir.core.settings import Settings
from weir.engines.embedded.commit import (
    LedgerEntry,
    Partition,
    archive_entries,
    read_entries,
    write_entry,
)
from weir.engines.embedded.files import columns_hash, data_files
from weir.engines.embedded.history import EmbeddedHistory
from weir.engines.embedded.lake import Lake
from weir.engines.embedded.verdicts import EmbeddedVerdicts, drop_overtaken, read_reports
from weir.engines.verdicts import Report
from weir.lineage.ledger import Ledger

PASSED = {"checks": {"unique": {"blocking": True, "failing": {}}}}
FAILED = {"checks": {"unique": {"blocking": True, "failing": {"2026-01-02": "it's 2 rows"}}}}


def report(run: str, body: dict, last: str = "2026-01-02") -> Report:
    return Report(run, "fact/f", "day", "2026-01-01", last, body)


def _snapshot(connection: duckdb.DuckDBPyConnection) -> int:
    row = connection.execute("SELECT id FROM ducklake_current_snapshot('lake')").fetchone()
    assert row
    return row[0]


@pytest.fixture(params=["sqlite", "postgres"])
def any_lake(request: pytest.FixtureRequest) -> Lake:
    """A lake on either catalogue."""
    name = "settings" if request.param == "sqlite" else "postgres_settings"
    settings: Settings = request.getfixturevalue(name)
    made = Lake(settings)
    made.create()
    return made


def test_reports_are_read_back_in_order_and_leave_no_file(any_lake: Lake) -> None:
    store = EmbeddedVerdicts(any_lake)
    with any_lake.read() as connection:
        before = _snapshot(connection)
    store.write([])
    store.write([report("a", PASSED), report("a", {**PASSED, "seen": {"k": "g1"}})])
    store.close()
    store.write([report("b", FAILED)])
    with any_lake.read() as connection:
        found = read_reports(connection, before)
        assert [(at - before, r.run, r.body.get("seen")) for at, _, r in found] == [
            (1, "a", None),
            (1, "a", {"k": "g1"}),
            (2, "b", None),
        ]
        assert found[-1][2] == report("b", FAILED)
        assert read_reports(connection, before + 2) == []
    store.close()
    assert not list((any_lake.data_dir / "weir" / "verdict").glob("**/*.parquet"))


def test_a_ledger_takes_verdicts_from_the_lake(lake: Lake) -> None:
    EmbeddedVerdicts(lake).write([report("a", FAILED)])
    ledger = Ledger(lake.settings.ledger_path)
    assert ledger.sync(EmbeddedHistory(lake)) == 1
    assert [(v.key, v.detail) for v in ledger.failed()] == [("2026-01-02", "it's 2 rows")]
    assert len(ledger.verdicts("fact/f")) == 2


def test_a_failed_write_leaves_the_store_usable(lake: Lake) -> None:
    store = EmbeddedVerdicts(lake)
    store.write([report("a", PASSED)])
    store._open.close()  # as if the catalogue's server had gone
    with pytest.raises(duckdb.Error):
        store.write([report("lost", PASSED)])
    store.write([report("b", PASSED)])
    with lake.read() as connection:
        assert [r.run for _, _, r in read_reports(connection)] == ["a", "b"]


def test_reports_that_later_ones_replace_are_dropped(lake: Lake) -> None:
    store = EmbeddedVerdicts(lake)
    store.write([report("a", {**PASSED, "seen": {"k": "g1"}})])
    store.write([report("b", PASSED)])
    store.write([report("c", FAILED)])
    store.write([report("d", PASSED, last="2026-01-01")])
    store.write([report("e", {"checks": {}, "partitions": {}})])
    store.write([report("f", PASSED)])
    with lake.write() as connection:
        assert drop_overtaken(connection) == 2
    with lake.read() as connection:
        assert [r.run for _, _, r in read_reports(connection)] == ["a", "d", "e", "f"]


def _build(lake: Lake, number: int) -> None:
    entry = LedgerEntry(
        "fact/f", "day", {"2026-01-01": Partition(number, f"h{number}")}, f"r{number}",
        reads={"event_log/e": {"h": "v"}}, spans={"2026-01-01": {"event_log/e": [[0, 1]]}},
    )  # fmt: skip
    with lake.write() as connection:
        connection.execute("INSERT INTO lake.fact.f SELECT range FROM range(?)", [number])
        write_entry(connection, entry)


def test_entries_outlive_the_commits_that_carried_them(lake: Lake) -> None:
    with lake.write() as connection:
        connection.execute("CREATE TABLE lake.fact.f (a INTEGER)")
    for number in (1, 2, 3):
        _build(lake, number)
    with lake.read() as connection:
        before = read_entries(connection)
        newest = _snapshot(connection)
    with lake.write() as connection:
        assert archive_entries(connection, newest) == 2
    with lake.write() as connection:
        assert archive_entries(connection, newest) == 0
    with lake.read() as connection:
        assert read_entries(connection) == before  # each once, while both places have it
    connection = lake.connect()
    connection.execute(f"CALL ducklake_expire_snapshots('lake', versions => [{newest - 2}])")
    connection.execute(f"CALL ducklake_expire_snapshots('lake', versions => [{newest - 1}])")
    connection.close()
    with lake.read() as connection:
        assert read_entries(connection) == before
        assert [at for at, _, _ in read_entries(connection, newest - 1)] == [newest]


def test_history_adds_the_bytes_that_each_commit_wrote(lake: Lake) -> None:
    with lake.write() as connection:
        connection.execute("CREATE TABLE lake.fact.f (a INTEGER)")
    _build(lake, 1)
    _build(lake, 1000)
    one, many = (entry["bytes"] for _, _, entry in EmbeddedHistory(lake).entries_after(-1))
    with lake.read() as connection:
        assert sorted(f.bytes for f in data_files(connection) if f.asset == "fact/f") == [one, many]


def test_sizes_of_merged_files_are_estimated_by_rows(lake: Lake) -> None:
    with lake.write() as connection:
        connection.execute("CREATE TABLE lake.fact.f (a INTEGER)")
    _build(lake, 100)
    _build(lake, 300)
    connection = lake.connect()
    connection.execute("CALL ducklake_merge_adjacent_files('lake')")
    connection.close()
    sizes = [entry["bytes"] for _, _, entry in EmbeddedHistory(lake).entries_after(-1)]
    with lake.read() as connection:
        (merged,) = [f for f in data_files(connection) if f.asset == "fact/f"]
    assert all(0 < size <= merged.bytes for size in sizes)


def test_files_name_their_partition_as_keys_begin(lake: Lake, rows: Callable) -> None:
    with lake.write() as connection:
        connection.execute("CREATE TABLE lake.fact.f (a DATE)")
        connection.execute("ALTER TABLE lake.fact.f SET PARTITIONED BY (year(a), month(a))")
        connection.execute("INSERT INTO lake.fact.f VALUES ('2026-03-01'), ('2026-12-31')")
        connection.execute("CREATE TABLE lake.fact.g (a INTEGER, b VARCHAR)")
        connection.execute("INSERT INTO lake.fact.g VALUES (1, 'x')")
    with lake.read() as connection:
        files = [f for f in data_files(connection) if f.asset in ("fact/f", "fact/g")]
    assert [(f.asset, f.partition, f.rows) for f in files] == [
        ("fact/f", "2026-03", 1),
        ("fact/f", "2026-12", 1),
        ("fact/g", "", 1),
    ]
    hashes = [columns_hash(lake.data_dir / f.path) for f in files]
    assert hashes[0] == hashes[1] != hashes[2]
