"""A lake of an older format opens: nothing in it changes, and what is new can be used."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pyarrow as pa
import pytest

from tests.engines.spool_records import T0, payloads
from weir.core.errors import FormatMismatch
from weir.core.grains import Grain, floor
from weir.core.landing import COLUMNS, FORMAT_VERSION, LANES, RECORD, TIERS
from weir.core.settings import Settings
from weir.engines.embedded import sealing
from weir.engines.embedded.accepted import EmbeddedAccepted
from weir.engines.embedded.commit import LedgerEntry, Partition, read_entries, write_entry
from weir.engines.embedded.lake import Lake
from weir.engines.embedded.records import to_arrow
from weir.engines.embedded.reland import reland_unsynced
from weir.engines.embedded.schema import SYSTEM_TABLES, column_list
from weir.engines.embedded.sealing import EmbeddedLanding
from weir.engines.embedded.verdicts import EmbeddedVerdicts, read_reports
from weir.engines.ports import Batch, Position
from weir.engines.verdicts import Report

H0 = floor(T0, Grain.HOUR)
FIRST_TABLES = ("format", "lane_owner", "seal", "manifest")
FIRST_COLUMNS = {name: kind for name, kind in COLUMNS.items() if name != "replay_of"}


@pytest.fixture
def first(settings: Settings) -> Lake:
    """A lake of format 1, with three rows in `landing.normal` and `accepted.normal`."""
    lake = Lake(settings)
    lake.data_dir.mkdir(parents=True)
    with lake.write() as connection:
        _create(connection, settings.landing_grain)
    with lake.write() as connection:
        _land(connection)
    return lake


def _create(connection, grain: str) -> None:
    for schema in ("landing", "accepted", "event_log", "fact", "activation", "weir"):
        connection.execute(f"CREATE SCHEMA lake.{schema}")
    for lane in LANES:
        _table(connection, f"lake.landing.{lane}", FIRST_COLUMNS)
    for tier in TIERS:
        _table(connection, f"lake.accepted.{tier}", {**FIRST_COLUMNS, "id_conflict": "BOOLEAN"})
    for table in FIRST_TABLES:
        connection.execute(f"CREATE TABLE lake.weir.{table} ({column_list(SYSTEM_TABLES[table])})")
    connection.execute("INSERT INTO lake.weir.format VALUES (1, ?)", [grain])
    for lane in LANES:
        connection.execute("INSERT INTO lake.weir.lane_owner VALUES (?, -1, 0, NULL, NULL)", [lane])


def _table(connection, name: str, columns: dict[str, str]) -> None:
    connection.execute(f"CREATE TABLE {name} ({column_list(columns)})")
    connection.execute(f"ALTER TABLE {name} SET PARTITIONED BY (landing_day)")


def _land(connection) -> None:
    """Seal offsets 0 to 2 of epoch 1 as format 1 did."""
    batch = Batch("normal", Position(-1, 0), 1, 0, payloads("normal", 1, 0, 3))
    offsets = pa.array(range(3), pa.int64())
    sealing.move_fence(connection, batch)
    connection.register("weir_records", to_arrow(batch.payloads).append_column("offset", offsets))
    sealing.stage(connection, "normal", None, Grain.HOUR)
    record = ", ".join(f'"{name}"' for name in RECORD if name != "replay_of")
    placed = (
        f"SELECT landing_hour::DATE, landing_hour, generation, 'normal', 1, \"offset\", {record}"
    )
    connection.execute(f"INSERT INTO lake.landing.normal {placed} FROM {sealing.STAGED}")
    connection.execute(f"INSERT INTO lake.accepted.normal {placed}, false FROM {sealing.STAGED}")
    sealing.insert_manifest(connection, "normal")
    sealing.insert_seals(connection, "normal", 1, T0)


@pytest.mark.parametrize("opened", ["read", "create"])
def test_a_lake_of_format_1_opens(
    first: Lake, rows: Callable, opened: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if opened == "create":
        first.create()
    assert rows("SELECT version FROM weir.format") == [(FORMAT_VERSION,)]
    assert rows("SELECT count(*), count(replay_of) FROM landing.normal") == [(3, 0)]
    for table in ("replayed", "drop"):
        assert rows(f"SELECT count(*) FROM weir.{table}") == [(0,)]
    for lane in LANES:
        described = rows(f"DESCRIBE landing.{lane}")
        assert [row[0] for row in described] == list(COLUMNS)
    snapshots = rows("SELECT max(snapshot_id) FROM ducklake_snapshots('lake')")
    first.create()
    assert rows("SELECT max(snapshot_id) FROM ducklake_snapshots('lake')") == snapshots


def test_an_upgraded_lake_is_sealed_and_rebuilt_with_the_same_hashes(
    first: Lake, rows: Callable
) -> None:
    first.create()
    before = rows("SELECT * FROM accepted.normal ORDER BY ALL")
    store = EmbeddedAccepted(first)
    (built,) = store.replace_hours("normal", H0, H0 + timedelta(hours=1))
    assert rows("SELECT * FROM accepted.normal ORDER BY ALL") == before
    fresh = Lake(first.settings.model_copy(update={"home": first.settings.home / "fresh"}))
    fresh.create()
    EmbeddedLanding(fresh).seal(
        Batch("normal", Position(-1, 0), 1, 0, payloads("normal", 1, 0, 3)), T0
    )
    (of_fresh,) = EmbeddedAccepted(fresh).replace_hours("normal", H0, H0 + timedelta(hours=1))
    assert of_fresh.hash == built.hash
    EmbeddedLanding(first).seal(
        Batch("normal", Position(1, 3), 1, 3, payloads("normal", 1, 3, 2)), T0
    )
    assert rows("SELECT count(*) FROM landing.normal") == [(5,)]


def test_files_from_before_the_upgrade_are_landed_again(first: Lake, rows: Callable) -> None:
    first.create()
    EmbeddedLanding(first).seal(
        Batch("normal", Position(1, 3), 1, 3, payloads("normal", 1, 3, 2)), T0
    )
    files = sorted(
        (first.data_dir / "landing" / "normal").rglob("*.parquet"), key=lambda p: p.stat().st_mtime
    )
    before = rows("SELECT * FROM landing.normal ORDER BY ALL")
    files[-1].write_bytes(b"PAR1")  # only the one of format 1 is left
    assert reland_unsynced(first, lambda lane, e, a, b: payloads(lane, e, a, b - a, _at(a))) == 2
    assert rows("SELECT * FROM landing.normal ORDER BY ALL") == before


def _at(offset: int):
    """When the tests' records of this offset begin: both batches begin at T0."""
    return T0


def test_a_lake_of_a_newer_format_is_refused(lake: Lake) -> None:
    with lake.write() as connection:
        connection.execute("UPDATE lake.weir.format SET version = 99")
    with pytest.raises(FormatMismatch), lake.read():
        pass


def test_a_lake_of_format_2_keeps_its_entries_and_takes_verdicts(lake: Lake) -> None:
    with lake.write() as connection:
        for table in ("verdict", "entry", "pin", "expired"):
            connection.execute(f"DROP TABLE lake.weir.{table}")
        connection.execute("UPDATE lake.weir.format SET version = 2")
    with lake.write() as connection:
        connection.execute("CREATE TABLE lake.fact.f AS SELECT 1 AS a")
        write_entry(connection, LedgerEntry("fact/f", "day", {"2026-01-01": Partition(1, "h")}))
    (report,) = [Report("r", "fact/f", "day", "2026-01-01", "2026-01-01", {"checks": {}})]
    with lake.read() as connection:  # upgrades
        assert connection.execute("SELECT version FROM weir.format").fetchone() == (FORMAT_VERSION,)
        ((_, _, entry),) = read_entries(connection)
        assert (entry.asset, entry.reads, entry.spans) == ("fact/f", {}, {})
        assert read_reports(connection) == []
    store = EmbeddedVerdicts(lake)
    store.write([report])
    store.close()
    with lake.read() as connection:
        assert [r for _, _, r in read_reports(connection)] == [report]
    assert not list((lake.data_dir / "weir" / "verdict").glob("**/*.parquet"))
