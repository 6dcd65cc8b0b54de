"""Every fault, done to a real lake: exactly it is found, of exactly its partitions."""

import os
import sqlite3
import time
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.checking.warehouses import DAYS, Warehouse, day, key
from weir.lineage.checking import Fault, Level, Recorded

SINGLE = day(40)
JANUARY = [label for label in DAYS if label.month == 1]
EARLY_FEBRUARY = [label for label in DAYS[:38] if label.month == 2]


def only_file(warehouse: Warehouse, *labels: object) -> Path:
    (file,) = warehouse.files(*labels)  # type: ignore[arg-type]
    return file


def tell_size(warehouse: Warehouse, file: Path) -> None:
    """Make the catalogue agree with a file's new size, so that only its columns differ."""
    with sqlite3.connect(warehouse.lake.settings.catalog_uri.removeprefix("sqlite:")) as catalogue:
        changed = catalogue.execute(
            "UPDATE ducklake_data_file SET file_size_bytes = ? WHERE path LIKE ?",
            [file.stat().st_size, f"%{file.name}"],
        )
        assert changed.rowcount == 1


@pytest.mark.parametrize("level", list(Level))
def test_a_sound_warehouse_has_no_findings(untouched: Warehouse, level: Level) -> None:
    report = untouched.check(level)
    assert report.findings == []
    assert len(report.assets[0].checked) == 40


class TestFiles:
    def test_a_deleted_file_is_told_of_its_partitions_from_level_listing_on(
        self, warehouse: Warehouse
    ) -> None:
        only_file(warehouse, SINGLE).unlink()
        assert warehouse.found(Level.METADATA) == []
        assert warehouse.found(Level.LISTING) == [(key(SINGLE), "file_missing")]
        assert warehouse.found(Level.HASH) == [(key(SINGLE), "file_missing")]

    def test_a_deleted_file_of_many_days_is_told_of_all_that_it_held(
        self, warehouse: Warehouse
    ) -> None:
        only_file(warehouse, *JANUARY).unlink()
        assert warehouse.found() == [(key(d), "file_missing") for d in JANUARY]

    def test_a_day_whose_rows_lie_in_another_file_is_not_told_of(
        self, warehouse: Warehouse
    ) -> None:
        """Day 10 was built again: the file of January covers it, and none of its rows count."""
        old = only_file(warehouse, day(10))
        warehouse.build([day(10)])
        old.unlink()
        expected = [(key(d), "file_missing") for d in JANUARY if d != day(10)]
        assert warehouse.found(Level.LISTING) == expected
        report = warehouse.check(Level.HASH)
        assert len(report.findings) == len(expected)
        assert "around broken files" in report.coverage["fact/bought"]["hash"]

    def test_a_deleted_delete_file_is_missing_too(self, warehouse: Warehouse) -> None:
        """Without it nobody knows which rows of the data file count."""
        warehouse.build([day(10)])
        (deletes,) = warehouse.lake.data_dir.rglob("*-delete.parquet")
        deletes.unlink()
        expected = [(key(d), "file_missing") for d in JANUARY if d != day(10)]
        assert warehouse.found() == expected

    def test_a_truncated_file(self, warehouse: Warehouse) -> None:
        file = only_file(warehouse, SINGLE)
        os.truncate(file, 100)
        assert warehouse.found(Level.METADATA) == []
        assert warehouse.found(Level.LISTING) == [(key(SINGLE), "file_wrong_size")]
        assert warehouse.found(Level.HASH) == [(key(SINGLE), "file_wrong_size")]

    def test_a_file_of_the_right_size_with_another_footer(self, warehouse: Warehouse) -> None:
        file = only_file(warehouse, SINGLE)
        file.write_bytes(os.urandom(file.stat().st_size))
        assert warehouse.found(Level.LISTING) == []
        assert warehouse.found(Level.FOOTER) == [(key(SINGLE), "footer_differs")]

    def test_a_foreign_file(self, warehouse: Warehouse) -> None:
        """No query reads it, and a young one may belong to a run: it hits no partition."""
        stray = only_file(warehouse, SINGLE).with_name("stray.parquet")
        pq.write_table(pa.table({"a": [1]}), stray)
        assert warehouse.found() == []
        old = time.time() - 2 * 24 * 3600
        os.utime(stray, (old, old))
        report = warehouse.check(Level.LISTING)
        assert [(f.key, f.fault, f.labels) for f in report.findings] == [("", Fault.STRAY_FILE, ())]
        assert report.findings[0].evidence.endswith("stray.parquet")
        assert report.broken("fact/bought") == set()


class TestRows:
    def test_rows_inserted_twice(self, warehouse: Warehouse) -> None:
        """The totals of the catalogue disagree already: the rows are counted there at any level."""
        warehouse.sql(
            "INSERT INTO fact.bought FROM fact.bought WHERE activity_date = DATE '2026-01-05'"
        )
        for level in Level:
            assert warehouse.found(level) == [("2026-01-05", "duplicated")]

    def test_as_many_rows_with_a_key_twice(self, warehouse: Warehouse) -> None:
        warehouse.sql(
            "UPDATE fact.bought SET user_id = 'u1'"
            " WHERE activity_date = DATE '2026-01-05' AND user_id = 'u2'"
        )
        assert warehouse.found(Level.FOOTER) == []
        assert warehouse.found(Level.ROWS) == [("2026-01-05", "duplicated")]

    def test_other_content(self, warehouse: Warehouse) -> None:
        warehouse.sql(
            "UPDATE fact.bought SET event_count = 77"
            " WHERE activity_date = DATE '2026-01-05' AND user_id = 'u2'"
        )
        assert warehouse.found(Level.ROWS) == []
        assert warehouse.found(Level.HASH) == [("2026-01-05", "hash_differs")]

    def test_some_rows_dropped(self, warehouse: Warehouse) -> None:
        warehouse.sql(
            "DELETE FROM fact.bought WHERE activity_date = DATE '2026-01-05' AND user_id = 'u2'"
        )
        assert warehouse.found(Level.METADATA) == [("2026-01-05", "short")]
        assert warehouse.check(Level.METADATA).findings[0].evidence == "9 rows, 10 recorded"
        assert warehouse.found() == [("2026-01-05", "short")]

    def test_all_rows_dropped_of_a_day_among_others(self, warehouse: Warehouse) -> None:
        warehouse.sql("DELETE FROM fact.bought WHERE activity_date = DATE '2026-01-05'")
        assert warehouse.found(Level.METADATA) == [("2026-01-05", "empty")]

    def test_all_rows_dropped_of_a_day_with_a_file_of_its_own(self, warehouse: Warehouse) -> None:
        warehouse.sql(f"DELETE FROM fact.bought WHERE activity_date = DATE '{SINGLE.date()}'")
        assert warehouse.found(Level.METADATA) == [(key(SINGLE), "recorded_but_absent")]
        assert warehouse.found() == [(key(SINGLE), "recorded_but_absent")]

    def test_the_table_dropped(self, warehouse: Warehouse) -> None:
        warehouse.sql("DROP TABLE fact.bought")
        found = warehouse.found()
        assert found == [(key(d), "recorded_but_absent") for d in DAYS]

    def test_rows_that_nobody_built(self, warehouse: Warehouse) -> None:
        warehouse.sql("INSERT INTO fact.bought VALUES ('x', DATE '2026-03-01', 1)")
        for level in (Level.METADATA, Level.HASH):
            assert warehouse.found(level) == [("2026-03-01", "present_but_unknown")]
        believed = {*warehouse.believed, "2026-03-01"}
        assert warehouse.found(believed=believed) == [("2026-03-01", "present_but_unknown")]

    def test_rows_moved_to_another_day_show_when_they_are_counted(
        self, warehouse: Warehouse
    ) -> None:
        """Totals agree, so the levels below `rows` cannot see it."""
        warehouse.sql(
            "UPDATE fact.bought SET activity_date = DATE '2026-01-06', user_id = 'moved'"
            " WHERE activity_date = DATE '2026-01-05' AND user_id = 'u2'"
        )
        assert warehouse.found(Level.ROWS) == [
            ("2026-01-05", "short"),
            ("2026-01-06", "duplicated"),
        ]


class TestSchema:
    def test_a_column_dropped_from_the_table(self, warehouse: Warehouse) -> None:
        declared = {"user_id": "varchar", "activity_date": "date", "event_count": "bigint"}
        assert warehouse.found(Level.FOOTER, columns=declared) == []
        warehouse.sql("ALTER TABLE fact.bought DROP COLUMN event_count")
        found = warehouse.check(Level.METADATA, columns=declared).findings
        assert {f.fault for f in found} == {Fault.SCHEMA_DRIFT}
        assert [f.key for f in found] == [key(d) for d in DAYS]
        assert found[0].evidence == "column `event_count` is not in the table"

    def test_a_stale_partition_waits_for_its_new_column(self, warehouse: Warehouse) -> None:
        declared = {"user_id": "varchar", "new_one": "date"}
        found = warehouse.found(Level.METADATA, columns=declared, stale=DAYS)
        assert found == [(key(d), "older_than_inputs") for d in DAYS]

    def test_a_column_added_to_the_table_is_no_drift(self, warehouse: Warehouse) -> None:
        warehouse.sql("ALTER TABLE fact.bought ADD COLUMN more VARCHAR")
        assert warehouse.found() == []

    def test_a_file_with_another_type(self, warehouse: Warehouse) -> None:
        file = only_file(warehouse, SINGLE)
        table = pq.read_table(file)
        at = table.schema.get_field_index("event_count")
        field = table.schema.field(at)
        changed = table.set_column(
            at, field.with_type(pa.string()), table["event_count"].cast("string")
        )
        pq.write_table(changed, file)
        tell_size(warehouse, file)
        assert warehouse.found(Level.LISTING) == []
        assert warehouse.found(Level.FOOTER) == [(key(SINGLE), "schema_drift")]


class TestRecords:
    def test_a_deleted_ledger_row_is_read_from_the_lakes_commits(
        self, warehouse: Warehouse
    ) -> None:
        left = {at: part for at, part in warehouse.recorded().items() if at != SINGLE}
        assert warehouse.found(recorded=left) == [(key(SINGLE), "unrecorded")]

    def test_a_record_of_what_was_never_built(self, warehouse: Warehouse) -> None:
        ghost = {**warehouse.recorded(), day(40).replace(month=3): Recorded(5, "2:5:1:1")}
        believed = {*warehouse.believed, "2026-03-09"}
        assert warehouse.found(recorded=ghost, believed=believed) == [
            ("2026-03-09", "recorded_but_absent")
        ]

    def test_a_wiped_event_of_dagster(self, warehouse: Warehouse) -> None:
        assert warehouse.found(believed=warehouse.believed - {key(SINGLE)}) == [
            (key(SINGLE), "dagster_unaware")
        ]

    def test_a_materialization_of_nothing(self, warehouse: Warehouse) -> None:
        believed = {*warehouse.believed, "2026-03-01"}
        assert warehouse.found(believed=believed) == [("2026-03-01", "dagster_only")]

    def test_a_partition_older_than_its_inputs(self, untouched: Warehouse) -> None:
        report = untouched.check(Level.METADATA, stale=[SINGLE])
        assert [(f.key, f.fault) for f in report.findings] == [
            (key(SINGLE), Fault.OLDER_THAN_INPUTS)
        ]
        assert report.broken("fact/bought") == set()

    def test_two_faults_are_both_named(self, warehouse: Warehouse) -> None:
        warehouse.sql("DELETE FROM fact.bought WHERE activity_date = DATE '2026-01-05'")
        believed = warehouse.believed - {"2026-01-05"}
        assert warehouse.found(Level.LISTING, believed=believed) == [
            ("2026-01-05", "dagster_unaware"),
            ("2026-01-05", "empty"),
        ]


class TestCoverage:
    def test_levels_that_were_not_asked_for_are_named(self, untouched: Warehouse) -> None:
        coverage = untouched.check(Level.LISTING, believed=None).coverage["fact/bought"]
        assert coverage == {
            "metadata": "Dagster was not asked",
            "footer": "not asked for",
            "rows": "not asked for",
            "hash": "not asked for",
        }
        assert untouched.check(Level.HASH).coverage["fact/bought"] == {}

    def test_a_table_without_a_key_says_so(self, untouched: Warehouse) -> None:
        report = untouched.check(Level.HASH, unique=())
        assert report.coverage["fact/bought"] == {
            "rows": "its rows have no key that could be there twice"
        }

    def test_what_lies_outside_the_range_is_not_told(self, warehouse: Warehouse) -> None:
        warehouse.sql(
            "DELETE FROM fact.bought WHERE activity_date IN (DATE '2026-01-05', DATE '2026-01-20')"
        )
        report = warehouse.check(Level.HASH, span=(day(4), day(10)))
        assert [f.key for f in report.findings] == ["2026-01-05"]
        assert len(report.assets[0].checked) == 7
