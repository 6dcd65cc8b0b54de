"""Lands again what a power cut took from the lake before it was durable.

Seals that are not marked `synced` are checked: every Parquet file of their landing days must be there,
whole, with a footer that reads. Where one is not, the landing table is rebuilt without it and the lost
generations are inserted again from the spool: same rows, same landing hour, same generation.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from weir.core.errors import LakeError
from weir.core.landing import COLUMNS, FINGERPRINT, RECORD
from weir.engines.embedded import manifest
from weir.engines.embedded.commit import write_message
from weir.engines.embedded.fsync import NewFiles, fsync_files
from weir.engines.embedded.lake import Lake
from weir.engines.embedded.manifest import Seal
from weir.engines.embedded.records import to_arrow
from weir.engines.embedded.schema import create_statements

log = logging.getLogger(__name__)

ReadRange = Callable[[str, int, int, int], Sequence[bytes]]
"""(lane, epoch, first offset, next offset) → the spool's records, all of them."""

_FILES = (
    "SELECT data_file, data_file_size_bytes, delete_file IS NOT NULL"
    " FROM ducklake_list_files('lake', ?, schema => 'landing')"
)
_SUMS = ", ".join(f"sum({name})::BIGINT" for name in FINGERPRINT)
_MENDED = "weir_mended"
_NO_ROWS = (
    "SELECT "
    + ", ".join(f'NULL::{kind} AS "{name}"' for name, kind in COLUMNS.items())
    + " WHERE false"
)
"""Every column of today: files from before one was added do not have it."""


@dataclass(frozen=True)
class _File:
    path: Path
    size: int
    has_deletes: bool

    @property
    def day(self) -> date:
        """The landing day that the file's folder names."""
        return date.fromisoformat(self.path.parent.name.removeprefix("landing_day="))

    @property
    def intact(self) -> bool:
        """Whether the file has its size and a footer that reads."""
        try:
            if self.path.stat().st_size != self.size:
                return False
            pq.read_metadata(self.path)
        except (OSError, pa.ArrowException):
            return False
        return True


def reland_unsynced(lake: Lake, read_range: ReadRange) -> int:
    """Check the seals that are not synced, land again what is lost, and mark them synced.

    Args:
        lake: the lake.
        read_range: reads records from the spool.

    Returns:
        The number of rows that were landed again.

    Raises:
        LakeError: if a file of durable rows is damaged too, or the spool's records are not those
            that were sealed. Nothing is changed then.
        SpoolError: if the spool no longer has the records.
    """
    with lake.read() as connection:
        if not manifest.unsynced(connection):
            return 0
    return lake.transact(lambda connection: _check_lanes(lake, connection, read_range))


def _check_lanes(lake: Lake, connection: duckdb.DuckDBPyConnection, read_range: ReadRange) -> int:
    fresh = NewFiles(lake.data_dir, ["landing", "weir"])
    waiting = manifest.unsynced(connection)
    rows = 0
    for lane in sorted({seal.lane for seal in waiting}):
        seals = [seal for seal in waiting if seal.lane == lane]
        days = {seal.landing_hour.date() for seal in seals}
        files = [
            _File(Path(f), size, gone)
            for f, size, gone in connection.execute(_FILES, [lane]).fetchall()
        ]
        of_days = [file for file in files if file.day in days]
        bad = [file for file in of_days if not file.intact]
        fsync_files([file.path for file in of_days if file not in bad], lake.data_dir)
        if bad:
            log.warning("Lane %s lost %s", lane, ", ".join(str(file.path) for file in bad))
            rows += _rebuild(
                connection, lane, [f for f in files if f not in bad], seals, read_range
            )
    connection.execute("UPDATE lake.weir.seal SET synced = true WHERE NOT synced")
    write_message(connection, f"landed {rows} rows again whose files were lost")
    fresh.fsync()
    return rows


def _rebuild(
    connection: duckdb.DuckDBPyConnection,
    lane: str,
    good: list[_File],
    seals: list[Seal],
    read_range: ReadRange,
) -> int:
    if any(file.has_deletes for file in good):
        raise LakeError(
            f"`landing/{lane}` has lost files, and others have deleted rows.",
            "Run `weir maintain`, then seal again.",
        )
    paths = [str(file.path) for file in good]
    source = f"{_NO_ROWS} UNION ALL BY NAME SELECT * FROM read_parquet(?, union_by_name => true)"
    columns = ", ".join(f'"{name}"' for name in COLUMNS)
    for statement in create_statements():
        if f"lake.landing.{lane} " in statement:
            connection.execute(statement.replace(f"landing.{lane} ", f"landing.{_MENDED} "))
    present = _present(connection, source, paths) if paths else {}
    lost = [s for s in seals if present.get((s.landing_hour, s.generation), 0) != s.rows]
    _check_the_rest(connection, lane, present, seals, lost)
    if paths:
        connection.execute(
            f"INSERT INTO lake.landing.{_MENDED} SELECT {columns} FROM ({source})"
            " WHERE (landing_hour, generation) NOT IN"
            " (SELECT (unnest(?), unnest(?)::INTEGER))",
            [paths, [s.landing_hour for s in lost], [s.generation for s in lost]],
        )
    for seal in lost:
        _insert_again(connection, seal, read_range)
    connection.execute(f"DROP TABLE lake.landing.{lane}")
    connection.execute(f"ALTER TABLE lake.landing.{_MENDED} RENAME TO {lane}")
    return sum(seal.rows for seal in lost)


def _present(
    connection: duckdb.DuckDBPyConnection, source: str, paths: list[str]
) -> dict[tuple[object, int], int]:
    found = connection.execute(
        f"SELECT landing_hour, generation, count(*) FROM ({source}) GROUP BY ALL", [paths]
    ).fetchall()
    return {(hour, generation): rows for hour, generation, rows in found}


def _check_the_rest(
    connection: duckdb.DuckDBPyConnection,
    lane: str,
    present: dict[tuple[object, int], int],
    seals: list[Seal],
    lost: list[Seal],
) -> None:
    """Check that the lost files held nothing but unsynced generations."""
    again = {(s.landing_hour, s.generation) for s in lost}
    oldest = min(s.landing_hour for s in seals)
    sealed = connection.execute(
        "SELECT landing_hour, generation, rows FROM lake.weir.seal"
        " WHERE lane = ? AND rows > 0 AND landing_hour >= ?::DATE",
        [lane, oldest],
    ).fetchall()
    for hour, generation, rows in sealed:
        if (hour, generation) not in again and present.get((hour, generation), 0) != rows:
            raise LakeError(
                f"`landing/{lane}` {hour}, generation {generation}, is durable by the manifest,"
                f" but {rows - present.get((hour, generation), 0)} of its rows cannot be read.",
                "Restore the lake's files from a backup; nothing was changed.",
            )


def _insert_again(connection: duckdb.DuckDBPyConnection, seal: Seal, read_range: ReadRange) -> None:
    payloads = read_range(seal.lane, seal.epoch, seal.first_offset, seal.next_offset)
    table = to_arrow(payloads).append_column(
        "offset", pa.array(range(seal.first_offset, seal.next_offset), pa.int64())
    )
    connection.register("weir_records", table)
    found = connection.execute(f"SELECT count(*), row({_SUMS}) FROM weir_records").fetchone()
    if found != (seal.rows, seal.fp):
        raise LakeError(
            f"The spool's records {seal.first_offset} to {seal.next_offset - 1} of lane"
            f" `{seal.lane}`, epoch {seal.epoch}, are not the {seal.rows} rows that were sealed.",
            "Restore the spool from a backup; nothing was changed.",
        )
    record = ", ".join(f'"{name}"' for name in RECORD)
    connection.execute(
        f'INSERT INTO lake.landing.{_MENDED} SELECT ?::DATE, ?, ?, ?, ?::BIGINT, "offset", {record}'
        " FROM weir_records ORDER BY event_name, event_time, event_id",
        [seal.landing_hour, seal.landing_hour, seal.generation, seal.lane, seal.epoch],
    )
