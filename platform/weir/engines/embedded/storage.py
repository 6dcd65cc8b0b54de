"""Looks at the embedded lake for the partition checker: catalogue, files, footers, rows. Judges nothing."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from weir.engines.embedded.accepted import HASHED
from weir.engines.embedded.commit import content_hash_sql
from weir.engines.embedded.duck import literal
from weir.engines.embedded.lake import Lake, fingerprints, table_columns
from weir.engines.storage import EVERYTHING, Column, DataFile, Footer, Span, Table

STRAY_AGE_SECONDS = 24 * 3600.0
"""A younger file that the catalogue does not know may belong to a transaction that still runs."""
_META = "__ducklake_metadata_lake"
_FOLDER = f"""
SELECT concat(s.path, t.path) FROM {_META}.ducklake_table AS t
JOIN {_META}.ducklake_schema AS s USING (schema_id)
WHERE t.end_snapshot IS NULL AND s.end_snapshot IS NULL AND s.schema_name = ? AND t.table_name = ?
"""
_COLUMNS = f"""
SELECT t.table_name, c.column_id, c.column_name, c.begin_snapshot
FROM {_META}.ducklake_table AS t
JOIN {_META}.ducklake_schema AS s USING (schema_id)
JOIN {_META}.ducklake_column AS c ON c.table_id = t.table_id AND c.end_snapshot IS NULL
WHERE t.end_snapshot IS NULL AND s.end_snapshot IS NULL AND s.schema_name = $schema
    AND c.parent_column IS NULL ORDER BY t.table_name, c.column_order
"""
_FILES = f"""
SELECT t.table_name, concat(s.path, t.path), f.path, f.path_is_relative::BOOLEAN, f.file_size_bytes,
    f.record_count, f.begin_snapshot, b.min_value, b.max_value, d.path, d.path_is_relative::BOOLEAN,
    d.file_size_bytes, d.delete_count
FROM {_META}.ducklake_table AS t
JOIN {_META}.ducklake_schema AS s USING (schema_id)
JOIN {_META}.ducklake_data_file AS f ON f.table_id = t.table_id AND f.end_snapshot IS NULL
LEFT JOIN {_META}.ducklake_column AS c
    ON c.table_id = t.table_id AND c.column_name = $column AND c.end_snapshot IS NULL
    AND c.parent_column IS NULL
LEFT JOIN {_META}.ducklake_file_column_stats AS b
    ON b.data_file_id = f.data_file_id AND b.table_id = f.table_id AND b.column_id = c.column_id
LEFT JOIN {_META}.ducklake_delete_file AS d
    ON d.data_file_id = f.data_file_id AND d.table_id = f.table_id AND d.end_snapshot IS NULL
WHERE t.end_snapshot IS NULL AND s.end_snapshot IS NULL AND s.schema_name = $schema
ORDER BY t.table_name, f.path
"""
_KNOWN = f"""
SELECT CASE WHEN f.path_is_relative THEN concat(s.path, t.path, f.path) ELSE f.path END
FROM (
    SELECT table_id, path, path_is_relative::BOOLEAN AS path_is_relative FROM {_META}.ducklake_data_file
    UNION ALL
    SELECT table_id, path, path_is_relative::BOOLEAN FROM {_META}.ducklake_delete_file
) AS f
JOIN (SELECT DISTINCT table_id, schema_id, path FROM {_META}.ducklake_table) AS t USING (table_id)
JOIN (SELECT DISTINCT schema_id, path FROM {_META}.ducklake_schema) AS s USING (schema_id)
UNION
SELECT path FROM {_META}.ducklake_files_scheduled_for_deletion
"""


class EmbeddedStorage:
    """One lake, looked at through one connection per `reading` block.

    Args:
        lake: the lake.
        clock: seconds since 1970, for the age of files.
    """

    def __init__(self, lake: Lake, clock: Callable[[], float] = time.time) -> None:
        self.lake, self.clock = lake, clock
        self._held: duckdb.DuckDBPyConnection | None = None
        self._tables: dict[tuple[str, str], dict[str, Table]] = {}
        self._known: set[str] = set()

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Use one connection inside the block, and read the catalogue once: opening takes about 0.1 s."""
        if self._held is not None:
            yield
            return
        with self.lake.read() as connection, self.using(connection):
            yield

    @contextmanager
    def using(self, connection: duckdb.DuckDBPyConnection | None) -> Iterator[None]:
        """Look through somebody's open connection inside the block."""
        self._held = connection
        try:
            yield
        finally:
            self._held = None
            self._tables.clear()
            self._known.clear()

    def _ask(self, sql: str, bound: Any = None) -> list[Any]:
        with self.reading():
            assert self._held is not None
            return self._held.execute(sql, bound).fetchall()

    def version(self) -> int:
        """Return the id of the newest commit."""
        return int(self._ask("SELECT id FROM ducklake_current_snapshot('lake')")[0][0])

    def table(self, table: str, column: str) -> Table:
        """Return what the catalogue says of a table whose partition labels are in a column.

        A schema's tables are read together: one by one, five hundred take a hundred times as long.
        """
        schema, name = table.split("/")
        with self.reading():
            if (schema, column) not in self._tables:
                self._tables[schema, column] = self._schema(schema, column)
            return self._tables[schema, column].get(name, Table())

    def _schema(self, schema: str, column: str) -> dict[str, Table]:
        assert self._held is not None
        kinds = table_columns(self._held, schema)
        columns: dict[str, list[Column]] = {}
        for name, number, called, begun in self._ask(_COLUMNS, {"schema": schema}):
            kind = kinds.get(name, {}).get(called, "")
            columns.setdefault(name, []).append(Column(number, called, kind, begun))
        files: dict[str, list[DataFile]] = {}
        for name, folder, *row in self._ask(_FILES, {"schema": schema, "column": column}):
            files.setdefault(name, []).append(_file(folder, row))
        return {
            name: Table(exists=True, files=files.get(name, []), columns=mine)
            for name, mine in columns.items()
        }

    def _kinds(self, table: str) -> dict[str, str]:
        schema, name = table.split("/")
        with self.reading():
            assert self._held is not None
            return table_columns(self._held, schema).get(name, {})

    def _path(self, path: str) -> Path:
        return self.lake.data_dir / path  # an absolute path stays as it is

    def sizes(self, paths: Iterable[str]) -> dict[str, int | None]:
        """Return the bytes of files on disk; None for one that is absent."""
        return {path: _size(self._path(path)) for path in paths}

    def strays(self, table: str) -> list[str]:
        """Return files in a table's folder that the catalogue does not know and that are older than a day."""
        found = self._ask(_FOLDER, table.split("/"))
        return self.unknown(found[0][0]) if found else []

    def unknown(self, folder: str = "") -> list[str]:
        """Return the files in a folder of the lake that the catalogue does not know, if old enough.

        Only files of more than a day count, so what a commit adds meanwhile is none of them.
        """
        root = self.lake.data_dir
        there = [path for path in sorted((root / folder).rglob("*.parquet")) if path.is_file()]
        with self.reading():
            self._known = self._known or {str(self._path(row[0])) for row in self._ask(_KNOWN)}
            known = self._known
        limit = self.clock() - STRAY_AGE_SECONDS
        return [
            str(path.relative_to(root))
            for path in there
            if str(path) not in known and _changed(path) < limit
        ]

    def footers(self, paths: Iterable[str]) -> dict[str, Footer]:
        """Return what Parquet files say of themselves, without reading their data."""
        return {path: _footer(self._path(path)) for path in paths}

    def counts(self, table: str, column: str, span: Span) -> dict[datetime, int]:
        """Return the rows of every partition in a span that has any."""
        return dict(
            self._ask(
                f'SELECT "{column}"::TIMESTAMP, count(*) FROM {_name(table)}'
                f" WHERE {_inside(column, span)} GROUP BY 1"
            )
        )

    def counts_in(
        self, table: str, column: str, span: Span, files: Collection[DataFile]
    ) -> dict[datetime, int]:
        """Return the same, counted in these files alone: what is left where others are broken."""
        del table
        total: dict[datetime, int] = {}
        for file in files:
            rows = f"read_parquet('{literal(str(self._path(file.path)))}', file_row_number = true)"
            gone = ""
            if file.delete_path:
                deletes = literal(str(self._path(file.delete_path)))
                gone = f" ANTI JOIN (SELECT pos FROM read_parquet('{deletes}')) ON pos = file_row_number"
            found = self._ask(
                f'SELECT "{column}"::TIMESTAMP, count(*) FROM {rows}{gone}'
                f" WHERE {_inside(column, span)} GROUP BY 1"
            )
            for label, count in found:
                total[label] = total.get(label, 0) + count
        return total

    def doubles(
        self, table: str, column: str, keys: Sequence[str], span: Span
    ) -> dict[datetime, int]:
        """Return how many rows of every partition in a span repeat another row's key."""
        named = ", ".join(f'"{key}"' for key in keys)
        found = self._ask(
            f'SELECT label, sum(again)::BIGINT FROM (SELECT "{column}"::TIMESTAMP AS label,'
            f" count(*) - 1 AS again FROM {_name(table)} WHERE {_inside(column, span)}"
            f" GROUP BY label, {named} HAVING count(*) > 1) GROUP BY 1"
        )
        return dict(found)

    def hashes(self, table: str, column: str, span: Span) -> dict[datetime, str]:
        """Return the content hash of every partition in a span, as the ledger records it."""
        stage, name = table.split("/")
        with self.reading():
            assert self._held is not None
            if stage == "landing":
                return fingerprints(self._held, f"landing.{name}", span[0], _after(span[1]))
            columns = HASHED if stage == "accepted" else list(self._kinds(table))
            return dict(
                self._ask(
                    f'SELECT "{column}"::TIMESTAMP, {content_hash_sql(columns)} FROM {_name(table)}'
                    f" WHERE {_inside(column, span)} GROUP BY 1"
                )
            )


def _file(folder: str, row: Sequence[Any]) -> DataFile:
    path, relative, size, rows, snapshot, low, high, gone, gone_relative, gone_size, deleted = row
    return DataFile(
        f"{folder}{path}" if relative else path,
        size,
        rows,
        deleted or 0,
        _label(low),
        _label(high),
        "" if gone is None else (f"{folder}{gone}" if gone_relative else gone),
        gone_size or 0,
        snapshot,
    )


def _label(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


def _name(table: str) -> str:
    schema, name = table.split("/")
    return f'lake.{schema}."{name}"'


def _inside(column: str, span: Span) -> str:
    """Return the SQL condition of a span; days as DATE, which prunes files by either type of column."""
    low, high = (_constant(label) for label in span)
    return f'"{column}" BETWEEN {low} AND {high}'


def _constant(label: datetime) -> str:
    if label.time() == datetime.min.time():
        return f"DATE '{label.date()}'"
    return f"TIMESTAMP '{label}'"


def _after(label: datetime) -> datetime:
    return min(label, EVERYTHING[1]) + timedelta(microseconds=1)


def _size(path: Path) -> int | None:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return None


def _changed(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except FileNotFoundError:  # another maintenance moved it
        return math.inf


def _footer(path: Path) -> Footer:
    try:
        with pq.ParquetFile(path) as file:
            return Footer(file.metadata.num_rows, dict(map(_column, file.schema_arrow)))
    except (OSError, pa.ArrowException) as error:
        return Footer(problem=str(error).split("\n", maxsplit=1)[0][:200] or type(error).__name__)


def _column(found: pa.Field) -> tuple[int | str, tuple[str, str]]:
    number = (found.metadata or {}).get(b"PARQUET:field_id")
    return (int(number) if number else found.name), (found.name, str(found.type))
