"""Keeps the embedded lake small: merges files, expires commits, removes what nobody reads any more.

Every step is a transaction of its own under the write lock, and may be cut off anywhere: what is done
stays done, and the next maintenance goes on. Files are deleted in a step that does nothing else: a
transaction that is rolled back cannot bring them back.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb

from weir.engines.embedded.commit import archive_entries, write_message
from weir.engines.embedded.duck import literal
from weir.engines.embedded.fsync import NewFiles
from weir.engines.embedded.lake import Lake
from weir.engines.embedded.pins import pinned
from weir.engines.embedded.storage import EmbeddedStorage

STRAYS = "strays"
"""Folder of the lake, beside its data, where unknown files wait before they are deleted."""
KEEP_STRAYS = timedelta(days=7)
QUIET = timedelta(hours=6)
"""A physical partition that nobody wrote for so long counts as closed."""
GRACE = timedelta(days=1)
"""How long a file that no live commit needs is left for readers that began before."""
_DELETED = 0.5  # part of a file's rows: beyond it, the file is written anew
_META = "__ducklake_metadata_lake"
_MANY = f"""
WITH file AS (
    SELECT f.data_file_id, f.table_id, f.begin_snapshot, f.record_count,
        coalesce(d.delete_count, 0) AS deleted, d.data_file_id IS NOT NULL AS has_deletes,
        (
            SELECT string_agg(concat(v.partition_key_index, '=', v.partition_value), '/' ORDER BY v.partition_key_index)
            FROM {_META}.ducklake_file_partition_value AS v
            WHERE v.data_file_id = f.data_file_id AND v.table_id = f.table_id
        ) AS part
    FROM {_META}.ducklake_data_file AS f
    LEFT JOIN {_META}.ducklake_delete_file AS d
        ON d.data_file_id = f.data_file_id AND d.table_id = f.table_id AND d.end_snapshot IS NULL
    WHERE f.end_snapshot IS NULL
), closed AS (
    SELECT table_id, part, count(*) FILTER (NOT has_deletes) AS whole,
        count(*) FILTER (deleted > {_DELETED} * record_count) AS hollow
    FROM file JOIN {_META}.ducklake_snapshot AS s ON s.snapshot_id = file.begin_snapshot
    GROUP BY ALL HAVING max(s.snapshot_time::TIMESTAMPTZ) < ?
)
SELECT s.schema_name, t.table_name, sum(greatest(whole - 1, 0))::BIGINT, sum(hollow)::BIGINT
FROM closed
JOIN {_META}.ducklake_table AS t ON t.table_id = closed.table_id AND t.end_snapshot IS NULL
JOIN {_META}.ducklake_schema AS s ON s.schema_id = t.schema_id AND s.end_snapshot IS NULL
GROUP BY ALL HAVING sum(whole) FILTER (whole > 1) > 1 OR sum(hollow) > 0 ORDER BY ALL
"""
_OLD = """
SELECT snapshot_id FROM ducklake_snapshots('lake')
WHERE snapshot_time < ? AND snapshot_id < (SELECT id FROM ducklake_current_snapshot('lake'))
ORDER BY 1
"""
_SCHEDULED = f"""
SELECT path FROM {_META}.ducklake_files_scheduled_for_deletion
WHERE schedule_start::TIMESTAMPTZ < ?
"""


@dataclass(frozen=True)
class Done:
    """What one step did, or would do.

    Attributes:
        step: `retention`, `rewrite`, `merge`, `expire`, `clean`, `strays`.
        subject: the asset, or what it was done to.
        count: partitions' rows, files or commits, as `unit` says.
        unit: what is counted.
        bytes: size of the files that went, 0 where nobody knows before.
        note: why less was done than one might expect.
    """

    step: str
    subject: str
    count: int
    unit: str
    bytes: int = 0
    note: str = ""

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain data."""
        return asdict(self)


class Maintenance:
    """The maintenance of one lake.

    Args:
        lake: the lake.
        dry_run: whether to say only what would be done.
        clock: seconds since 1970.
    """

    def __init__(
        self, lake: Lake, *, dry_run: bool = False, clock: Callable[[], float] = time.time
    ) -> None:
        self.lake, self.dry_run, self.clock = lake, dry_run, clock

    def _before(self, age: timedelta) -> datetime:
        return datetime.fromtimestamp(self.clock(), UTC) - age

    def compact(self) -> Iterator[Done]:
        """Write files anew that are mostly deleted rows, and merge the small ones, table by table.

        A table is left alone until one of its closed physical partitions has something to gain.
        """
        with self.lake.read() as connection:
            found = connection.execute(_MANY, [self._before(QUIET)]).fetchall()
        for schema, table, spare, hollow in found:
            if hollow:
                yield self._call(
                    "rewrite", schema, table, hollow, f"delete_threshold => {_DELETED}"
                )
            if spare:
                yield self._call("merge", schema, table, spare, "")

    def _call(self, step: str, schema: str, table: str, count: int, more: str) -> Done:
        done = Done(step, f"{schema}/{table}", count, "files")
        if self.dry_run:
            return done
        name = "rewrite_data_files" if step == "rewrite" else "merge_adjacent_files"
        options = ", ".join(part for part in (f"schema => '{literal(schema)}'", more) if part)

        def work(connection: duckdb.DuckDBPyConnection) -> None:
            fresh = NewFiles(self.lake.data_dir, [f"{schema}/{table}"])
            connection.execute(f"CALL ducklake_{name}('lake', '{literal(table)}', {options})")
            write_message(connection, f"{step} {schema}/{table}")
            fresh.fsync()  # DuckLake does not, and the files that these replace are deleted one day

        self.lake.transact(work)
        return done

    def expire(self, older_than: timedelta) -> Iterator[Done]:
        """Forget commits older than this, but for the newest one and the pinned ones.

        Their ledger entries are copied into the lake in the same transaction.
        """
        limit = self._before(older_than)
        if self.dry_run:
            with self.lake.read() as connection:
                old, kept = _expirable(connection, limit)
        else:
            old, kept = self.lake.transact(lambda connection: _expire(connection, limit))
        if old or kept:
            note = f"{len(kept)} are pinned" if kept else ""
            yield Done("expire", "commits", len(old), "commits", note=note)

    def clean(self) -> Iterator[Done]:
        """Delete the files that no commit needs any more."""
        limit = self._before(GRACE)
        with self.lake.locked():  # nobody schedules files between the count and the deletion
            with self.lake.read() as connection:
                paths = [row[0] for row in connection.execute(_SCHEDULED, [limit]).fetchall()]
            size = sum(_size(self.lake.data_dir / path) for path in paths)
            if not paths:
                return
        if not self.dry_run:
            with self.lake.write() as connection:
                connection.execute(
                    "CALL ducklake_cleanup_old_files('lake', older_than => ?)", [limit]
                )
        yield Done("clean", "files", len(paths), "files", size)

    def put_strays_aside(self) -> Iterator[Done]:
        """Move files that the catalogue does not know out of the data; delete them a week later."""
        with self.lake.locked():
            storage = EmbeddedStorage(self.lake, self.clock)
            with storage.reading():
                paths = storage.unknown()
            size = sum(_size(self.lake.data_dir / path) for path in paths)
            if paths:
                if not self.dry_run:
                    self._move(paths)
                yield Done("strays", "files put aside", len(paths), "files", size)
        yield from self._purge()

    @property
    def _aside(self) -> Path:
        return self.lake.settings.lake_dir / STRAYS

    def _move(self, paths: list[str]) -> None:
        day = datetime.fromtimestamp(self.clock(), UTC).date().isoformat()
        for path in paths:
            target = self._aside / day / path
            target.parent.mkdir(parents=True, exist_ok=True)
            (self.lake.data_dir / path).replace(target)

    def _purge(self) -> Iterator[Done]:
        limit = self._before(KEEP_STRAYS).date().isoformat()
        for folder in sorted(self._aside.glob("*-*-*")):
            if folder.name < limit:
                files = [file for file in folder.rglob("*") if file.is_file()]
                size = sum(map(_size, files))
                if not self.dry_run:
                    shutil.rmtree(folder)
                yield Done("strays", f"files of {folder.name} deleted", len(files), "files", size)


def _expirable(
    connection: duckdb.DuckDBPyConnection, limit: datetime
) -> tuple[list[int], list[int]]:
    """Return the commits that may be forgotten, and those that only a pin keeps."""
    old = [int(row[0]) for row in connection.execute(_OLD, [limit]).fetchall()]
    kept = pinned(connection)
    return [at for at in old if at not in kept], [at for at in old if at in kept]


def _expire(connection: duckdb.DuckDBPyConnection, limit: datetime) -> tuple[list[int], list[int]]:
    old, kept = _expirable(connection, limit)
    if old:
        archive_entries(connection, old[-1] + 1)
        connection.execute(f"CALL ducklake_expire_snapshots('lake', versions => {old})")
        write_message(connection, f"expired {len(old)} commits")
    return old, kept


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0
