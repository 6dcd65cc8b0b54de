"""Copies a SQLite catalogue at one snapshot, and says which files of the lake it names.

The write lock is held while the catalogue is copied, and for nothing else: data files never change.
Files that only wait for their removal are not named.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from weir.core.errors import BackupError
from weir.core.settings import Settings
from weir.engines.embedded import manifest
from weir.engines.embedded.lake import Lake

_FILES = """
SELECT DISTINCT
    CASE WHEN f.path_is_relative
        THEN CASE WHEN t.path_is_relative THEN s.path ELSE '' END || t.path || f.path
        ELSE f.path
    END,
    f.file_size_bytes
FROM (
    SELECT table_id, path, path_is_relative, file_size_bytes FROM ducklake_data_file
    UNION ALL
    SELECT table_id, path, path_is_relative, file_size_bytes FROM ducklake_delete_file
) AS f
JOIN ducklake_table AS t ON t.table_id = f.table_id
JOIN ducklake_schema AS s ON s.schema_id = t.schema_id
ORDER BY 1
"""


@dataclass(frozen=True)
class LakeFile:
    """A file that a catalogue names: its path below the data folder, and its bytes."""

    path: str
    size: int


@dataclass(frozen=True)
class CatalogueCopy:
    """A copied catalogue.

    Attributes:
        snapshot: its newest snapshot.
        files: the files of every snapshot that it still holds.
    """

    snapshot: int
    files: tuple[LakeFile, ...]


def copy_sqlite(source: Path, target: Path) -> None:
    """Copy a SQLite database that is in use, whole and at one moment, by SQLite's backup API.

    The copy is one file: whatever its write-ahead log held is in it.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    target.unlink(missing_ok=True)
    with (
        closing(sqlite3.connect(f"file:{source}?mode=ro", uri=True, timeout=60)) as reader,
        closing(sqlite3.connect(target)) as writer,
    ):
        reader.backup(writer)
        writer.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def copy_catalogue(lake: Lake, target: Path) -> CatalogueCopy:
    """Copy the catalogue of a lake while its write lock is held.

    Raises:
        BackupError: if the catalogue is PostgreSQL's, or names files outside the lake's folder.
    """
    if not lake.on_sqlite:
        raise BackupError(
            "The lake's catalogue is in PostgreSQL, which `weir backup` does not copy.",
            "Stop the writers, take `pg_dump` of the catalogue and a snapshot of WEIR_HOME's disk.",
        )
    with lake.locked():
        copy_sqlite(Path(lake.settings.catalog_uri.removeprefix("sqlite:")), target)
    return read_catalogue(target)


def read_catalogue(path: Path) -> CatalogueCopy:
    """Return what a copied catalogue names.

    Raises:
        BackupError: if it names files outside the lake's folder.
    """
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
        (snapshot,) = connection.execute(
            "SELECT max(snapshot_id) FROM ducklake_snapshot"
        ).fetchone()
        files = [LakeFile(*row) for row in connection.execute(_FILES)]
    outside = [file.path for file in files if _is_outside(file.path)]
    if outside:
        raise BackupError(
            f"{len(outside)} files of the lake are outside its folder: {outside[0]}, ….",
            "Such files were added by hand and are not copied: write them into tables of the lake.",
        )
    return CatalogueCopy(int(snapshot), tuple(files))


def sealed_offsets(settings: Settings) -> dict[str, dict[int, int]]:
    """Return up to which offset each epoch of each lane is in the lake of a home."""
    with Lake(settings).read() as connection:
        return manifest.sealed_offsets(connection)


def _is_outside(path: str) -> bool:
    return path.startswith("/") or "://" in path or ".." in Path(path).parts
