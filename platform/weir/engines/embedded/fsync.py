"""Makes the lake's new files durable: DuckLake never fsyncs the Parquet files that it writes.

Files are synced twice: before COMMIT those that the transaction wrote (so the catalogue never names
a file that a power cut can take), after COMMIT whatever the catalogue lists since a snapshot, which
is what allows a seal to be marked `synced`.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

import duckdb

_NEW_FILES = """
WITH files AS (
    SELECT table_id, path, path_is_relative FROM __ducklake_metadata_lake.ducklake_data_file
    WHERE begin_snapshot > {after} AND end_snapshot IS NULL
    UNION ALL
    SELECT table_id, path, path_is_relative FROM __ducklake_metadata_lake.ducklake_delete_file
    WHERE begin_snapshot > {after} AND end_snapshot IS NULL
)
SELECT CASE WHEN f.path_is_relative THEN concat(s.path, t.path, f.path) ELSE f.path END
FROM files AS f
JOIN __ducklake_metadata_lake.ducklake_table AS t ON t.table_id = f.table_id AND t.end_snapshot IS NULL
JOIN __ducklake_metadata_lake.ducklake_schema AS s
    ON s.schema_id = t.schema_id AND s.end_snapshot IS NULL
WHERE s.schema_name IN ('landing', 'weir')
"""


def fsync_path(path: Path) -> None:
    """Make one file or folder durable."""
    fd = os.open(path, os.O_RDONLY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


def fsync_files(files: Iterable[Path], root: Path) -> int:
    """Make files durable, and every folder between them and `root`; return the number of files."""
    folders: set[Path] = set()
    count = 0
    for path in files:
        fsync_path(path)
        count += 1
        folder = path.parent
        while folder not in folders and folder.is_relative_to(root):
            folders.add(folder)
            folder = folder.parent
    for folder in sorted(folders, reverse=True):
        fsync_path(folder)
    return count


class NewFiles:
    """The Parquet files that appear in some folders of the lake during one transaction.

    Args:
        root: the lake's data folder.
        folders: folders to watch, relative to `root`; their subfolders are watched too.
    """

    def __init__(self, root: Path, folders: Iterable[str]) -> None:
        self._root = root
        self._folders = [root / folder for folder in folders]
        self._before = set(self._list())

    def fsync(self) -> int:
        """Make what is new durable; call it last before COMMIT. Returns the number of files."""
        return fsync_files([p for p in self._list() if p not in self._before], self._root)

    def _list(self) -> Iterable[Path]:
        for folder in self._folders:
            for base, _, names in os.walk(folder):
                yield from (Path(base, name) for name in names)


def files_since(connection: duckdb.DuckDBPyConnection, root: Path, snapshot: int) -> list[Path]:
    """Return the live files of landing and system tables that commits after a snapshot added."""
    found = connection.execute(_NEW_FILES.format(after=int(snapshot))).fetchall()
    return [root / row[0] for row in found]


def table_folder(connection: duckdb.DuckDBPyConnection, schema: str, table: str) -> str:
    """Return a table's folder, relative to the data folder: renaming a table does not move it."""
    row = connection.execute(
        "SELECT concat(s.path, t.path) FROM __ducklake_metadata_lake.ducklake_table AS t"
        " JOIN __ducklake_metadata_lake.ducklake_schema AS s USING (schema_id)"
        " WHERE t.end_snapshot IS NULL AND s.end_snapshot IS NULL"
        " AND s.schema_name = ? AND t.table_name = ?",
        [schema, table],
    ).fetchone()
    assert row is not None
    return str(row[0])
