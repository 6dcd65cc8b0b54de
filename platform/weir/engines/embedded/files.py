"""The lake's live Parquet files, as its catalogue lists them, and their footers. Reads only."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow.parquet as pq

_META = "__ducklake_metadata_lake"
_TABLES = f"""
SELECT t.table_id, s.schema_name || '/' || t.table_name AS asset,
    CASE WHEN t.path_is_relative THEN concat(s.path, t.path) ELSE t.path END AS folder
FROM {_META}.ducklake_table AS t
JOIN {_META}.ducklake_schema AS s ON s.schema_id = t.schema_id AND s.end_snapshot IS NULL
WHERE t.end_snapshot IS NULL
"""
_FILES = f"""
WITH tables AS ({_TABLES}), placed AS (
    SELECT data_file_id, list(partition_value ORDER BY partition_key_index) AS part
    FROM {_META}.ducklake_file_partition_value GROUP BY 1
)
SELECT tables.asset, placed.part,
    CASE WHEN f.path_is_relative THEN concat(tables.folder, f.path) ELSE f.path END AS path,
    f.file_size_bytes, f.record_count
FROM {_META}.ducklake_data_file AS f
JOIN tables USING (table_id)
LEFT JOIN placed USING (data_file_id)
WHERE f.end_snapshot IS NULL
"""
_WRITTEN = f"""
SELECT f.begin_snapshot, tables.asset, sum(f.file_size_bytes)::BIGINT
FROM {_META}.ducklake_data_file AS f JOIN ({_TABLES}) AS tables USING (table_id)
WHERE f.begin_snapshot > ? GROUP BY ALL
"""
_PER_ROW = f"""
SELECT tables.asset, sum(f.file_size_bytes) / greatest(sum(f.record_count), 1)
FROM {_META}.ducklake_data_file AS f JOIN ({_TABLES}) AS tables USING (table_id)
WHERE f.end_snapshot IS NULL GROUP BY ALL
"""


@dataclass(frozen=True)
class DataFile:
    """One live Parquet file.

    Attributes:
        asset: `schema/table`.
        partition: the physical partition as a prefix of the partition keys in it: `2026-03-05`,
            `2026-03` (a month), `2026` (a year); '' without one.
        path: relative to the lake's data folder, or absolute.
        bytes: its size.
        rows: its rows; deleted ones count until it is written anew.
    """

    asset: str
    partition: str
    path: str
    bytes: int
    rows: int


def data_files(connection: duckdb.DuckDBPyConnection) -> Iterator[DataFile]:
    """Yield the live files of every table, by table and physical partition."""
    found = [
        DataFile(asset, _prefix(part or []), *rest)
        for asset, part, *rest in connection.execute(_FILES).fetchall()
    ]
    yield from sorted(found, key=lambda file: (file.asset, file.partition, file.path))


def _prefix(values: Iterable[str | None]) -> str:
    """Return partition values as they begin a key.

    >>> _prefix(["2026", "3"]), _prefix(["2026-03-05"]), _prefix([None])
    ('2026-03', '2026-03-05', '')
    """
    return "-".join(value.zfill(2) for value in values if value)


def written(connection: duckdb.DuckDBPyConnection, after: int) -> dict[tuple[int, str], int]:
    """Return the bytes that each commit after a snapshot wrote: (snapshot, asset) → bytes.

    Files that were merged with others since are missing, or count for the first of them.
    """
    found = connection.execute(_WRITTEN, [after]).fetchall()
    return {(snapshot, asset): size for snapshot, asset, size in found}


def bytes_per_row(connection: duckdb.DuckDBPyConnection) -> dict[str, float]:
    """Return the bytes that a row takes in each table's live files, on average."""
    return dict(connection.execute(_PER_ROW).fetchall())


def columns_hash(path: Path) -> str:
    """Return 12 hex digits over the names and types of a Parquet file's columns, from its footer.

    Raises:
        OSError: if it cannot be read.
        pyarrow.ArrowInvalid: if it is no Parquet file.
    """
    schema = pq.read_schema(path)
    told = "\n".join(f"{field.name} {field.type}" for field in schema)
    return hashlib.blake2b(told.encode(), digest_size=6).hexdigest()
