"""Read-only SQL: what is refused leaves the lake as it was; what runs away ends."""

from __future__ import annotations

import hashlib
import multiprocessing
import os
import time
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from weir.core.errors import LakeError, UsageError
from weir.core.settings import Settings
from weir.engines.embedded.lake import Lake
from weir.engines.embedded.readonly import MOST_COLUMNS, _answer, lock_down, query
from weir.engines.embedded.statement import checked

REFUSED = [
    "EXPLAIN ANALYZE COPY (SELECT 1) TO '{catalog}'",
    "explain analyze copy (select 1) to '{data}/x.csv'",
    "/* a */ EXPLAIN -- b\n /* c */ ANALYZE COPY (SELECT 1) TO '{data}/x.csv'",
    "/* a /* nested */ */ EXPLAIN ANALYZE COPY (SELECT 1) TO '{data}/x.csv'",
    "EXPLAIN (ANALYZE, FORMAT JSON) COPY (SELECT 1) TO '{data}/x.csv'",
    "EXPLAIN (FORMAT JSON) SELECT 1",
    "EXPLAIN EXPLAIN ANALYZE COPY (SELECT 1) TO '{data}/x.csv'",
    "EXPLAIN ANALYZE CREATE TABLE fact.z AS SELECT 1",
    "EXPLAIN ANALYZE DELETE FROM weir.format",
    "EXPLAIN DELETE FROM weir.format",
    "EXPLAIN SELECT * FROM sqlite_scan('{catalog}', 'ducklake_snapshot')",
    "EXPLAIN ANALYZE CALL ducklake_expire_snapshots('lake')",
    "COPY (SELECT 1) TO '{catalog}'",
    "COPY (SELECT 1) TO '{catalog}' (USE_TMP_FILE false)",
    "EXPLAIN ANALYZE COPY (SELECT 1) TO '{catalog}' (USE_TMP_FILE false)",
    "/* SELECT 1 */ COPY (SELECT 1) TO '{data}/x.csv'",
    "-- SELECT\nCOPY weir.format FROM '/etc/passwd'",
    "ATTACH '{catalog}' AS c (TYPE sqlite)",
    "ATTACH ':memory:' AS m",
    "DETACH lake",
    "USE memory",
    "INSTALL httpfs",
    "LOAD httpfs",
    "SET memory_limit = '99GB'",
    "RESET memory_limit",
    "SET VARIABLE a = 1",
    "PRAGMA database_list",
    "PRAGMA enable_profiling",
    "CALL ducklake_expire_snapshots('lake', older_than => now())",
    "CALL pragma_version()",
    "EXPORT DATABASE '{data}/out'",
    "IMPORT DATABASE '{data}/out'",
    "CHECKPOINT",
    "VACUUM",
    "BEGIN",
    "CREATE TABLE fact.z (a INTEGER)",
    "CREATE TEMP TABLE z AS SELECT 1",
    "CREATE MACRO m() AS TABLE SELECT 1",
    "PREPARE p AS DELETE FROM weir.format",
    "EXECUTE p",
    "INSERT INTO weir.format VALUES (9, 'x')",
    "UPDATE weir.format SET version = 9",
    "DELETE FROM weir.format",
    "DROP TABLE weir.format",
    "WITH x AS (DELETE FROM weir.format RETURNING *) SELECT * FROM x",
    "WITH x AS (SELECT 1) INSERT INTO weir.format SELECT 1, 'x'",
    "SELECT 1; SELECT 2",
    "SELECT 1; COPY (SELECT 1) TO '{data}/x.csv'",
    "",
    "-- nothing",
    "SELECT * FROM read_text('/etc/passwd')",
    "SELECT * FROM READ_CSV('/etc/passwd')",
    "SELECT * FROM \"read_blob\"('/etc/passwd')",
    "SELECT * FROM system.main.read_text('/etc/passwd')",
    "SELECT * FROM read_blob('{catalog}')",
    "SELECT * FROM read_parquet('{data}/**/*.parquet')",
    "SELECT * FROM parquet_metadata('{data}/**/*.parquet')",
    "SELECT * FROM glob('/etc/*')",
    "SELECT * FROM sniff_csv('/etc/passwd')",
    "SELECT * FROM sqlite_scan('{catalog}', 'ducklake_snapshot')",
    "SELECT * FROM sqlite_query('{catalog}', 'select 1')",
    "SELECT * FROM postgres_query('lake', 'select 1')",
    "SELECT * FROM query('SELECT 1')",
    "SELECT * FROM query_table('__ducklake_metadata_lake.ducklake_snapshot')",
    "SELECT * FROM json_execute_serialized_sql('{{}}')",
    "SELECT (SELECT count(*) FROM read_text('/etc/passwd'))",
    "SELECT 1 WHERE EXISTS (FROM read_text('/etc/passwd'))",
    "WITH x AS (FROM read_text('/etc/passwd')) FROM x",
    "SELECT * FROM fact.t JOIN LATERAL (FROM glob('/*')) ON true",
    "SUMMARIZE SELECT * FROM read_csv('/etc/passwd')",
    "DESCRIBE '/etc/passwd'",
    "FROM '/etc/passwd'",
    "FROM '{catalog}'",
    "FROM '{data}/x.parquet'",
    "SELECT getenv('HOME')",
    "SELECT write_log('x')",
    "SELECT * FROM __ducklake_metadata_lake.ducklake_snapshot",
    "SELECT * FROM __ducklake_metadata_lake.main.ducklake_snapshot",
    "SELECT * FROM lake.__ducklake_metadata_lake.ducklake_snapshot",
    "SUMMARIZE __ducklake_metadata_lake.ducklake_snapshot",
    "FROM ducklake_snapshots('lake')",
    "FROM ducklake_list_files('lake', 't', schema => 'fact')",
    "FROM ducklake_expire_snapshots('lake')",
    "FROM ducklake_set_commit_message('lake', 'a', 'b')",
    "FROM duckdb_secrets()",
    "FROM duckdb_databases()",
    "FROM duckdb_databases",
    "FROM pragma_database_list",
    "FROM (WITH duckdb_databases AS (SELECT 1) FROM duckdb_databases), duckdb_databases",
    "FROM pg_catalog.pg_settings",
]
ALLOWED = [
    "SELECT version FROM weir.format",
    "select version from lake.weir.format;",
    "FROM fact.t",
    "TABLE fact.t",
    "VALUES (1)",
    "WITH a AS (FROM fact.t), b AS (FROM A) SELECT * FROM b JOIN a USING (n)",
    "WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM r WHERE n < 5) FROM r",
    "/* a */ SELECT count(*) FROM range(10) -- b",
    "SELECT * FROM unnest([1, 2])",
    "FROM (PIVOT fact.t ON n IN (1, 2) USING count(*))",
    "SELECT list_transform([1], lambda x: x + 1)",
    "SELECT table_name FROM information_schema.tables",
    "FROM duckdb_tables()",
    "SHOW ALL TABLES",
    "SHOW TABLES FROM fact",
    "DESCRIBE fact.t",
    "SUMMARIZE fact.t",
    "EXPLAIN SELECT * FROM fact.t",
    "-- why\nexplain /* it */ analyze\nSELECT * FROM fact.t",
]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    folder = tmp_path_factory.mktemp("it's a home")
    settings = Settings(home=folder, project=folder)
    Lake(settings).create()
    with Lake(settings).write() as connection:
        connection.execute("CREATE TABLE fact.t AS SELECT n FROM range(3) AS r(n)")
    return settings


@pytest.fixture(scope="module")
def locked(home: Settings) -> Iterator[duckdb.DuckDBPyConnection]:
    with Lake(home).read() as connection:
        lock_down(connection, home)
        yield connection


def fill(statement: str, home: Settings) -> str:
    lake = str(home.lake_dir).replace("'", "''")
    return statement.format(catalog=f"{lake}/catalog.sqlite", data=f"{lake}/data", lake=lake)


def state(home: Settings) -> dict[str, str]:
    files = (path for path in home.lake_dir.rglob("*") if path.is_file())
    return {
        str(path): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in files
        if not path.name.endswith(("-shm", "-wal"))
    }


@pytest.mark.parametrize("statement", REFUSED)
def test_an_attack_is_refused_and_the_lake_is_as_it_was(
    home: Settings, locked: duckdb.DuckDBPyConnection, statement: str
) -> None:
    before = state(home)
    with pytest.raises((ValueError, duckdb.Error)):
        checked(locked, fill(statement, home))
    assert state(home) == before


@pytest.mark.parametrize("statement", ALLOWED)
def test_a_query_runs(locked: duckdb.DuckDBPyConnection, statement: str) -> None:
    assert locked.execute(checked(locked, statement)).fetchall()


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT * FROM read_text('/etc/passwd')",
        "SELECT * FROM glob('/etc/*')",
        "SELECT * FROM read_blob('{lake}/write.lock')",
        "COPY (SELECT 1) TO '{catalog}'",
        "EXPLAIN ANALYZE COPY (SELECT 1) TO '{catalog}'",
        "ATTACH '{catalog}-2' AS c",
        "SET enable_external_access = true",
        "SET allowed_directories = ['/']",
        "SET temp_directory = '/tmp'",
        "DELETE FROM weir.format",
        "CALL ducklake_expire_snapshots('lake', older_than => now())",
    ],
)
def test_the_engine_alone_refuses_without_the_check(
    home: Settings, locked: duckdb.DuckDBPyConnection, statement: str
) -> None:
    before = state(home)
    with pytest.raises(duckdb.Error):
        locked.execute(fill(statement, home)).fetchall()
    assert state(home) == before


def test_the_first_attack_through_the_whole_way(home: Settings) -> None:
    before = state(home)
    with pytest.raises(UsageError, match="Refused"):
        query(home, fill(REFUSED[0], home))
    assert state(home) == before
    assert query(home, "SELECT * FROM fact.t ORDER BY n", limit=2).rows == [(0,), (1,)]


def children() -> set[int]:
    listed = Path(f"/proc/{os.getpid()}/task/{os.getpid()}/children")
    return {int(pid) for pid in listed.read_text().split()} if listed.exists() else set()


def test_a_runaway_query_ends_at_its_time_and_its_process_is_gone(home: Settings) -> None:
    before = children()
    started = time.monotonic()
    with pytest.raises(LakeError, match="did not end within 3 s"):
        query(home, "SELECT count(*) FROM range(1000000000000) WHERE random() > 2", seconds=3)
    assert time.monotonic() - started < 15
    assert not multiprocessing.active_children()
    assert not {pid for pid in children() - before if "spawn_main" in command(pid)}


def command(pid: int) -> str:
    return Path(f"/proc/{pid}/cmdline").read_text()


def test_rows_beyond_the_limit_are_not_materialised(home: Settings) -> None:
    answer = query(
        home, "SELECT repeat('x', 1000), n FROM range(10000000) AS r(n)", limit=5, seconds=60
    )
    assert len(answer.rows) == 5
    assert answer.truncated


def test_a_query_that_needs_too_much_memory_is_told_so(
    home: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UsageError) as caught:
        query(
            home,
            "SELECT n, count(*) FROM range(2000000000) AS r(n) GROUP BY ALL ORDER BY ALL",
            seconds=60,
        )
    assert "memory" in caught.value.what.lower()
    assert "read less" in caught.value.remedy
    assert not list(tmp_path.iterdir())  # nothing was spilled


def test_wide_rows_on_their_way_to_python_are_bounded_too(home: Settings) -> None:
    """They leave DuckDB's memory, and its limit: 3.5 GB here."""
    with pytest.raises(UsageError, match="Out of Memory"):
        query(home, "SELECT repeat('x', 10000000) FROM range(350)", limit=400, most_bytes=5_000_000)


def test_empty_values_count_and_columns_are_bounded(
    home: Settings, locked: duckdb.DuckDBPyConnection
) -> None:
    def empty(columns: int) -> str:
        nothing = ", ".join(["''"] * columns)
        return f"SELECT {nothing} FROM range(10000)"

    answer = _answer(locked, empty(MOST_COLUMNS), 10_000, 100_000)
    assert answer.truncated
    assert len(answer.rows) < 100_000 / MOST_COLUMNS
    with pytest.raises(UsageError, match="Too many columns: 501") as caught:
        query(home, empty(MOST_COLUMNS + 1), most_bytes=100_000)
    assert "fewer" in caught.value.remedy


@pytest.mark.parametrize(
    ("name", "value"),
    [("threads", "4"), ("temp_directory", ""), ("lock_configuration", "true")],
)
def test_the_limits_are_set_for_good(
    locked: duckdb.DuckDBPyConnection, name: str, value: str
) -> None:
    found = locked.execute("SELECT value FROM duckdb_settings() WHERE name = ?", [name])
    assert found.fetchone() == (value,)
