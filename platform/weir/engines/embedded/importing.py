"""Loads history with its original arrival times: one transaction, once, durable before the commit.

A row lands in the hour in which it was received if that hour is still open, or is past and free: no
lane holds a sealed hour there or within 7 days after, and no row that arrived within 7 days of it
landed late. Otherwise it lands in the open hour. The lanes are looked at together, because search and
the closing of hours are common to them. So nothing that exists can change (docs/decisions/0005).

The receipt id of an imported row is (`import/<digest>`, 0, number of the event in the file): that is
what its `lane`, `epoch` and `offset` hold. Seal and manifest rows name the lane that it landed in and
say `origin = 'import'`, so landed(live) is everything of which the row's lane is the table's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, time
from itertools import islice

import duckdb
import pyarrow as pa

from weir.core import grains
from weir.core.errors import InvalidValue
from weir.core.grains import Grain
from weir.core.landing import LANES
from weir.engines.embedded import manifest
from weir.engines.embedded.commit import LedgerEntry, Partition, write_entry
from weir.engines.embedded.fsync import NewFiles, table_folder
from weir.engines.embedded.lake import Lake
from weir.engines.embedded.records import to_arrow
from weir.engines.embedded.sealing import (
    STAGED,
    generations,
    insert_manifest,
    insert_rows,
    insert_seals,
)
from weir.engines.ports import Generation, ImportRow

CHUNK = 100_000  # rows held in memory at once
_IMPORTED = "weir_imported"

# A late row's partition tells its arrival only to the length of a partition: a day more than 168 h.
_SETTLED = """
CREATE OR REPLACE TEMP TABLE weir_settled AS
SELECT DISTINCT landing_hour AS hour, INTERVAL 0 HOURS AS before,
    INTERVAL 168 HOURS AS after
FROM lake.weir.seal WHERE rows > 0
"""
_LATE = """
INSERT INTO weir_settled SELECT DISTINCT date_trunc('{grain}', received_at), INTERVAL 192 HOURS,
    INTERVAL 192 HOURS
FROM lake.landing.{lane} WHERE date_trunc('{grain}', received_at) < landing_hour
"""
_STAGE = f"""
CREATE OR REPLACE TEMP TABLE {STAGED} AS
WITH hours AS (
    SELECT DISTINCT date_trunc('{{grain}}', received_at) AS own_hour FROM weir_records
), placed AS (
    SELECT own_hour, CASE
        WHEN own_hour >= $closed THEN own_hour
        WHEN NOT EXISTS (
            SELECT 1 FROM weir_settled
            WHERE hour BETWEEN own_hour - before AND own_hour + after
        ) THEN own_hour
        ELSE $closed END AS landing_hour
    FROM hours
), known AS (
    SELECT landing_hour, max(generation) AS generation FROM lake.weir.seal
    WHERE lane = $lane GROUP BY 1
)
SELECT weir_records.*, placed.landing_hour, coalesce(known.generation, 0) + 1 AS generation
FROM weir_records
JOIN placed ON placed.own_hour = date_trunc('{{grain}}', received_at)
LEFT JOIN known ON known.landing_hour = placed.landing_hour
"""


@dataclass(frozen=True)
class Imported:
    """What an import did; `already` if the same file and mapping had been imported before."""

    lane: str
    generations: list[Generation]
    already: bool = False


class EmbeddedImport:
    """Imports into one lake.

    Args:
        lake: the lake; it must have been created.
    """

    def __init__(self, lake: Lake) -> None:
        self.lake = lake

    def load(self, digest: str, rows: Callable[[], Iterable[ImportRow]], now: datetime) -> Imported:
        """Import rows in one transaction, or do nothing if this digest has been imported.

        Args:
            digest: identifies file and mapping; its first 12 digits name the import.
            rows: starts reading the rows; called again if the commit conflicts.
            now: naive UTC time.

        Raises:
            InvalidValue: if a row was received in the future, or before landing begins; nothing was
                imported.
        """
        name = manifest.IMPORT_PREFIX + digest[:12]
        return self.lake.transact(lambda connection: self._load(connection, name, rows, now))

    def _load(
        self,
        connection: duckdb.DuckDBPyConnection,
        name: str,
        rows: Callable[[], Iterable[ImportRow]],
        now: datetime,
    ) -> Imported:
        grain = self.lake.settings.grain
        first = datetime.combine(self.lake.settings.landing_start, time())
        folders = [table_folder(connection, "landing", lane) for lane in LANES]
        fresh = NewFiles(self.lake.data_dir, [*folders, "weir"])
        if not _claim(connection, name, grains.floor(now, grain)):
            return Imported(name, [], already=True)
        closed = manifest.closed_until(connection)
        assert closed is not None
        _settle(connection, grain)
        connection.execute(f"DROP TABLE IF EXISTS {_IMPORTED}")
        count = 0
        waiting = iter(rows())
        while chunk := list(islice(waiting, CHUNK)):
            _check_times(chunk, first, now)
            for lane in LANES:
                _land(
                    connection,
                    name,
                    lane,
                    [row for row in chunk if row.lane == lane],
                    closed,
                    grain,
                )
            count = chunk[-1].number + 1
        connection.execute(
            "UPDATE lake.weir.lane_owner SET next_offset = ? WHERE lane = ?", [count, name]
        )
        done = _seal(connection, closed, now) if count else []
        write_entry(connection, _entry(name, done, grain))
        fresh.fsync()
        return Imported(name, done)


def _claim(connection: duckdb.DuckDBPyConnection, name: str, open_hour: datetime) -> bool:
    """Enter the import into lane_owner; False if it is there already.

    Every lane's row is written too: on PostgreSQL two inserts do not conflict, two updates do. Where
    nothing has been closed yet, everything before the open hour is from now on.
    """
    known = connection.execute(
        "SELECT count(*) FROM lake.weir.lane_owner WHERE lane = ?", [name]
    ).fetchone()
    if known != (0,):
        return False
    connection.execute(
        "UPDATE lake.weir.lane_owner SET closed_until = coalesce(closed_until, ?)"
        " WHERE lane IN (SELECT unnest(?))",
        [open_hour, list(LANES)],
    )
    connection.execute("INSERT INTO lake.weir.lane_owner VALUES (?, 0, 0, NULL, NULL)", [name])
    return True


def _settle(connection: duckdb.DuckDBPyConnection, grain: Grain) -> None:
    connection.execute(_SETTLED)
    for lane in LANES:
        connection.execute(_LATE.format(grain=grain, lane=lane))


def _check_times(rows: list[ImportRow], first: datetime, now: datetime) -> None:
    earliest = min(rows, key=lambda row: row.received_at)
    latest = max(rows, key=lambda row: row.received_at)
    if latest.received_at > now:
        raise InvalidValue("received_at", _told(latest), [f"up to now, {now}"])
    if earliest.received_at < first:
        later = f"from {first:%Y-%m-%d} on, where this home's landing begins"
        raise InvalidValue("received_at", _told(earliest), [later, "an earlier WEIR_LANDING_START"])


def _told(row: ImportRow) -> str:
    return f"{row.received_at} (event {row.number + 1})"


def _land(
    connection: duckdb.DuckDBPyConnection,
    name: str,
    lane: str,
    rows: list[ImportRow],
    closed: datetime,
    grain: Grain,
) -> None:
    if not rows:
        return
    table = to_arrow([row.payload for row in rows]).append_column(
        "offset", pa.array([row.number for row in rows], pa.int64())
    )
    connection.register("weir_records", table)
    connection.execute(_STAGE.format(grain=grain), {"closed": closed, "lane": lane})
    insert_rows(connection, lane, (name, 0))
    kept = (
        'landing_hour, generation, "offset", event_name, version, event_time,'
        " fp_0, fp_1, fp_2, fp_3"
    )
    connection.execute(
        f"CREATE TEMP TABLE IF NOT EXISTS {_IMPORTED} AS"
        f" SELECT ''::VARCHAR AS target, {kept} FROM {STAGED} LIMIT 0"
    )
    connection.execute(f"INSERT INTO {_IMPORTED} SELECT ?, {kept} FROM {STAGED}", [lane])


def _seal(
    connection: duckdb.DuckDBPyConnection, closed: datetime, now: datetime
) -> list[Generation]:
    """Insert manifest and seal rows of everything that landed; return the generations."""
    done: list[Generation] = []
    for lane in LANES:
        connection.execute(
            f"CREATE OR REPLACE TEMP TABLE {STAGED} AS SELECT * FROM {_IMPORTED} WHERE target = ?",
            [lane],
        )
        insert_manifest(connection, lane)
        insert_seals(connection, lane, 0, now, imported_below=closed)
        done += generations(connection, lane)
    return done


def _entry(name: str, done: list[Generation], grain: Grain) -> LedgerEntry:
    """Return the entry of the whole import: its rows by landing hour, over all lanes."""
    rows: dict[str, int] = {}
    for generation in done:
        key = grains.text(generation.landing_hour, grain)
        rows[key] = rows.get(key, 0) + generation.rows
    parts = {key: Partition(count, f"{count}", name) for key, count in sorted(rows.items())}
    return LedgerEntry("landing/import", str(grain), parts, code="1")
