"""What the engine does to an environment's and production's tables: views, differences, copies."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest

from weir.core.errors import LakeError
from weir.core.grains import Grain, Range
from weir.core.settings import Settings
from weir.engines.embedded import promotion
from weir.engines.embedded.commit import LedgerEntry, Partition, read_entries
from weir.engines.embedded.data_diff import Compared, TableDiff, compare
from weir.engines.embedded.environments import EnvironmentLake
from weir.engines.embedded.lake import Lake, table_columns
from weir.engines.embedded.pins import pin, pinned, unpin
from weir.engines.embedded.promotion import Logged, Replaced
from weir.engines.environments import Overlay

NOW = datetime(2026, 2, 1)


def days(first: int, last: int) -> Range:
    """Return days of January 2026."""
    return Range(datetime(2026, 1, first), datetime(2026, 1, last + 1), Grain.DAY)


class Two:
    """Production with a fact of four days, and an environment beside it."""

    def __init__(self, folder: Path) -> None:
        self.settings = Settings(home=folder, project=folder)
        self.production = Lake(self.settings)
        self.production.create()
        self.write(self.production, "CREATE TABLE fact.t (k VARCHAR, d DATE, n INTEGER)")
        self.write(
            self.production,
            "INSERT INTO fact.t SELECT 'k' || i, DATE '2026-01-01' + i::INT, i::INT FROM range(4) AS r(i)",
        )
        settings = self.settings.model_copy(update={"home": folder / "env" / "x", "env": "x"})
        self.environment = EnvironmentLake(settings)
        self.environment.create()

    @staticmethod
    def write(lake: Lake, *statements: str) -> None:
        with lake.write() as connection:
            for statement in statements:
                connection.execute(statement)

    def own(self, select: str) -> None:
        """Make the environment's own table of the fact."""
        self.write(self.environment.lake, f"CREATE TABLE lake.own_fact.t AS {select}")

    def show(self, own: list[Range], hidden: list[Range]) -> int:
        return self.environment.show([Overlay("fact", "t", "d", own, hidden)])

    @property
    def shown(self) -> list[tuple[Any, ...]]:
        with self.environment.lake.read() as connection:
            return connection.execute("SELECT k, n FROM fact.t ORDER BY ALL").fetchall()

    @property
    def rows(self) -> list[tuple[Any, ...]]:
        with self.production.read() as connection:
            return connection.execute("FROM fact.t ORDER BY ALL").fetchall()

    def promote(self, ranges: list[Range], rows: int, lake: Lake | None = None) -> None:
        def work(connection: duckdb.DuckDBPyConnection) -> None:
            promotion.attach(connection, self.environment.lake)
            promotion.promote(connection, [replaced(ranges, rows)])
            told = Logged("1", "promote", "x", "me", NOW, promotion.newest(connection), {})
            promotion.log(connection, told, [ENTRY])

        (lake or self.production).transact(work)


ENTRY = LedgerEntry("fact/t", "day", {"2026-01-01": Partition(1, "2:1:2:3", "input")}, code="c")


def replaced(ranges: list[Range], rows: int) -> Replaced:
    return Replaced("fact", "t", "d", ranges, rows, ENTRY)


@pytest.fixture
def two(tmp_path: Path) -> Two:
    return Two(tmp_path / "a home")


def test_a_model_is_shown_as_own_and_production_s_partitions(two: Two) -> None:
    assert two.shown == [("k0", 0), ("k1", 1), ("k2", 2), ("k3", 3)]
    two.own("SELECT * REPLACE (n * 100 AS n) FROM production.fact.t WHERE n < 3")
    assert two.show([days(2, 2)], [days(3, 3)]) == 2
    assert two.shown == [("k0", 0), ("k1", 100), ("k3", 3)]
    assert two.show([days(2, 2)], [days(3, 3)]) == 0


def test_tables_that_come_and_go_in_production_are_followed(two: Two) -> None:
    two.write(
        two.production, "CREATE TABLE fact.u AS SELECT 1 AS a", "ALTER TABLE fact.t ADD m INT"
    )
    two.show([], [])
    with two.environment.lake.read() as connection:
        assert connection.execute("FROM fact.u").fetchall() == [(1,)]
        assert len(connection.execute("FROM fact.t").fetchall()[0]) == 4
    two.write(two.production, "DROP TABLE fact.u")
    two.show([], [])
    with two.environment.lake.read() as connection:
        assert set(table_columns(connection, "fact")) == {"t"}


def test_a_model_that_only_the_environment_has_is_shown(two: Two) -> None:
    two.write(
        two.environment.lake, "CREATE TABLE lake.own_fact.new AS SELECT DATE '2026-01-01' AS d"
    )
    two.environment.show([Overlay("fact", "new", "d", [days(1, 1)])])
    with two.environment.lake.read() as connection:
        assert len(connection.execute("FROM fact.new").fetchall()) == 1
        two.environment.show([Overlay("fact", "new", "d")])
        assert connection.execute("FROM fact.new").fetchall() == []


def test_what_is_run_beside_a_build_shows_it_and_keeps_production_s_code(two: Two) -> None:
    two.own("SELECT * REPLACE (7 AS n) FROM production.fact.t")
    overlay = Overlay("fact", "t", "d", [days(1, 1)], [days(2, 4)])
    for base in ({"2026-01-01": "old"}, {"2026-01-01": "o'ld", "2026-01-02": ""}):
        two.write(two.environment.lake, *two.environment.statements(overlay, base))
    assert two.shown == [("k0", 7)]
    assert two.environment.bases() == {"fact/t": {"2026-01-01": "o'ld", "2026-01-02": ""}}


def diff(two: Two, keys: list[str], limit: int = 5) -> TableDiff:
    with two.environment.lake.read() as connection:
        return compare(connection, Compared("fact", "t", "d", keys, [days(1, 4)]), limit)


def test_rows_are_counted_by_what_became_of_them(two: Two) -> None:
    two.own(
        "SELECT k, d, CASE WHEN n = 1 THEN NULL ELSE n END AS n FROM production.fact.t WHERE n < 3"
        " UNION ALL SELECT 'new', DATE '2026-01-02', 5"
    )
    found = diff(two, ["k", "d"])
    assert (found.added, found.removed, found.changed, found.same) == (1, 1, 1, 2)
    assert found.columns == {"n": 1}
    assert [(row["what"], row["key"]["k"], row["columns"]) for row in found.examples] == [
        ("changed", "k1", {"n": (1, None)}),
        ("removed", "k3", {"n": (3, None)}),
        ("added", "new", {"n": (None, 5)}),
    ]
    assert len(diff(two, ["k", "d"], 1).examples) == 1


def test_rows_of_the_same_key_are_matched_one_by_one(two: Two) -> None:
    two.write(
        two.production, "INSERT INTO fact.t VALUES ('k0', '2026-01-01', 0), (NULL, '2026-01-01', 4)"
    )
    two.own("SELECT * FROM production.fact.t UNION ALL SELECT NULL, DATE '2026-01-01', 4")
    found = diff(two, ["k", "d"])
    assert (found.added, found.removed, found.changed, found.same) == (1, 0, 0, 6)


def test_columns_that_differ_are_told_with_their_types(two: Two) -> None:
    two.own("SELECT k, d, n::BIGINT AS n, 'x' AS more FROM production.fact.t")
    found = diff(two, ["k", "d"])
    assert found.types == {"n": ("INTEGER", "BIGINT"), "more": ("", "VARCHAR")}
    assert found.same == 4


def test_a_copy_replaces_ranges_and_leaves_the_rest(two: Two) -> None:
    two.own("SELECT k, d, n * 100 AS n FROM production.fact.t")
    two.promote([days(1, 2), days(4, 4)], 3)
    assert [row[2] for row in two.rows] == [0, 100, 2, 300]
    with two.production.read() as connection:
        assert [e.asset for _, _, e in read_entries(connection)] == ["fact/t"]
        (entry,) = promotion.logged(connection)
    assert (entry.id, entry.actor, entry.at) == ("1", "me", NOW)


def test_columns_are_added_and_types_are_swapped_in_the_same_commit(two: Two) -> None:
    two.own("SELECT k, d, n * 10000000000 AS n, 'x' AS more FROM production.fact.t")
    two.write(two.environment.lake, "ALTER TABLE lake.own_fact.t SET PARTITIONED BY (year(d))")
    with two.production.read() as connection:
        before = promotion.newest(connection)
    two.promote([days(2, 2)], 1)
    assert [row[2:] for row in two.rows] == [(0, None), (10**10, "x"), (2, None), (3, None)]
    with two.production.read() as connection:
        assert promotion.newest(connection) == before + 1
        assert table_columns(connection, "fact")["t"]["n"] == "BIGINT"

    def back(connection: duckdb.DuckDBPyConnection) -> None:
        promotion.restore(connection, two.production, [replaced([days(2, 2)], 1)], before)

    two.production.transact(back)
    assert [row[2:] for row in two.rows] == [(0, None), (1, None), (2, None), (3, None)]


def test_a_new_table_is_made_as_it_is_stored_in_the_environment(two: Two) -> None:
    two.own("SELECT * FROM production.fact.t")
    two.write(two.environment.lake, "ALTER TABLE lake.own_fact.t SET PARTITIONED BY (year(d), k)")
    two.write(two.production, "DROP TABLE fact.t")
    two.promote([days(1, 4)], 4)
    assert len(two.rows) == 4
    with two.production.read() as connection:
        found = connection.execute(
            "SELECT transform FROM __ducklake_metadata_lake.ducklake_partition_column AS p"
            " JOIN __ducklake_metadata_lake.ducklake_table AS t USING (table_id)"
            " WHERE table_name = 't' AND end_snapshot IS NULL ORDER BY partition_key_index"
        ).fetchall()
    assert found == [("year",), ("identity",)]


def test_a_copy_that_is_not_what_the_ledger_says_is_not_committed(two: Two) -> None:
    two.own("SELECT * REPLACE (7 AS n) FROM production.fact.t WHERE n < 2")
    before = two.rows
    with pytest.raises(LakeError, match="would hold 2 rows where 3 were built"):
        two.promote([days(1, 3)], 3)
    assert two.rows == before


def test_what_was_there_is_put_back_also_where_whole_files_went(two: Two) -> None:
    two.own("SELECT k, d, n + 1 AS n FROM production.fact.t")
    before = two.rows
    with two.production.read() as connection:
        snapshot = promotion.newest(connection)
    two.promote([days(1, 4)], 4)
    assert two.rows != before
    restore: Callable[[Any], None] = lambda c: promotion.restore(  # noqa: E731
        c, two.production, [replaced([days(1, 4)], 4)], snapshot
    )
    two.production.transact(restore)
    assert two.rows == before
    with pytest.raises(LakeError, match="snapshot 999"):
        two.production.transact(
            lambda c: promotion.restore(c, two.production, [replaced([days(1, 4)], 4)], 999)
        )


def test_snapshots_are_kept_for_a_reason(two: Two) -> None:
    with two.production.write() as connection:
        assert pinned(connection) == {}
        unpin(connection, "nothing")
        pin(connection, 3, "a")
        pin(connection, 3, "b")
        pin(connection, 5, "b")
        assert pinned(connection) == {3: ["a", "b"], 5: ["b"]}
        unpin(connection, "b")
        assert pinned(connection) == {3: ["a"]}


def test_the_plain_lake_is_no_environment(two: Two) -> None:
    with pytest.raises(LakeError, match="no environment"):
        EnvironmentLake(two.settings)
