"""Lands batches of spool records in the lake, fenced by `lane_owner`, and closes landing hours.

One batch is one transaction: fence, rows, manifest, seal rows and ledger entry together. Where the
records come from is `weir.collect.sealer`'s business.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import datetime
from functools import cached_property

import duckdb
import pyarrow as pa

from weir.core import grains
from weir.core.errors import FenceLost
from weir.core.grains import Grain
from weir.core.landing import COLUMNS, FINGERPRINT, LANES, RECORD
from weir.engines.embedded import manifest
from weir.engines.embedded.commit import LedgerEntry, Partition, write_entry, write_message
from weir.engines.embedded.fsync import NewFiles, files_since, fsync_files, table_folder
from weir.engines.embedded.lake import Lake
from weir.engines.embedded.records import to_arrow
from weir.engines.ports import Batch, Generation, LandingLook, Position

_SORT = "event_name, event_time, event_id"
_SUMS = ", ".join(f"coalesce(sum({name}), 0)::BIGINT" for name in FINGERPRINT)
_RECORD = ", ".join(f'"{name}"' for name in RECORD)

STAGED = "weir_staged"
"""Temporary table of a seal: RECORD columns with `offset`, `landing_hour` and `generation`."""


class EmbeddedLanding:
    """The landing tables of one lake.

    Args:
        lake: the lake; it must have been created.
    """

    def __init__(self, lake: Lake) -> None:
        self.lake = lake

    @cached_property
    def grain(self) -> Grain:
        """The lake's landing grain."""
        return self.lake.settings.grain

    def look(self) -> LandingLook:
        """Return the state of all lanes, as of one snapshot."""
        with self.lake.read() as connection:
            connection.begin()
            states = manifest.landing_state(connection).values()
            unsynced = [
                (s.lane, s.epoch, s.first_offset, s.next_offset)
                for s in manifest.unsynced(connection)
            ]
            return LandingLook(
                {state.lane: Position(state.epoch, state.next_offset) for state in states},
                manifest.sealed_offsets(connection),
                manifest.closed_until(connection),
                unsynced,
                newest_snapshot(connection),
            )

    def seal(self, batch: Batch, now: datetime) -> list[Generation]:
        """Land a batch in one transaction.

        A record lands in the hour of its `received_at`, or in the lane's oldest open hour if that
        is later: a closed hour never changes.

        Raises:
            FenceLost: if the lane is no longer at `batch.expected`; nothing was written.
        """
        table = to_arrow(batch.payloads).append_column(
            "offset", pa.array(range(batch.first_offset, batch.next_offset), pa.int64())
        )
        return self.lake.transact(lambda connection: self._seal(connection, batch, table, now))

    def _seal(
        self, connection: duckdb.DuckDBPyConnection, batch: Batch, table: pa.Table, now: datetime
    ) -> list[Generation]:
        started = time.perf_counter()
        folder = table_folder(connection, "landing", batch.lane)
        fresh = NewFiles(self.lake.data_dir, [folder, "weir"])
        move_fence(connection, batch)
        state = manifest.landing_state(connection)[batch.lane]
        connection.register("weir_records", table)
        stage(connection, batch.lane, state.closed_until or state.first_hour, self.grain)
        if state.first_hour is None:
            connection.execute(
                f"UPDATE lake.weir.lane_owner SET first_hour ="
                f" (SELECT min(landing_hour) FROM {STAGED}) WHERE lane = ?",
                [batch.lane],
            )
        receipt = (batch.lane, batch.epoch)
        insert_rows(connection, batch.lane, receipt)
        insert_manifest(connection, batch.lane)
        insert_seals(connection, batch.lane, batch.epoch, now)
        done = generations(connection, batch.lane)
        seconds = time.perf_counter() - started
        digest = f"{batch.epoch}/{batch.first_offset}-{batch.next_offset}"
        write_entry(connection, landing_entry(connection, batch.lane, self.grain, digest, seconds))
        fresh.fsync()
        return done

    def sync(self, since: int, done: Sequence[Generation]) -> int:
        """Make every file committed after snapshot `since` durable, then mark seals as synced.

        Args:
            since: a snapshot before the seals' own.
            done: the seals whose files were all committed after it.

        Returns:
            The number of seals that were marked.
        """
        if not done:
            return 0
        with self.lake.read() as connection:
            files = files_since(connection, self.lake.data_dir, since)
        fsync_files(files, self.lake.data_dir)
        return self.lake.transact(lambda connection: self._mark(connection, done))

    def _mark(self, connection: duckdb.DuckDBPyConnection, done: Sequence[Generation]) -> int:
        fresh = NewFiles(self.lake.data_dir, ["weir"])
        row = connection.execute(
            "UPDATE lake.weir.seal SET synced = true WHERE NOT synced AND (lane, landing_hour,"
            " generation) IN (SELECT (unnest(?), unnest(?)::TIMESTAMP, unnest(?)::INTEGER))",
            [[g.lane for g in done], [g.landing_hour for g in done], [g.generation for g in done]],
        ).fetchone()
        write_message(connection, "landed files are durable")
        fresh.fsync()
        return int(row[0]) if row else 0

    def close(self, until: datetime, now: datetime) -> list[Generation]:
        """Close every landing hour before `until`, in all lanes. Never reopens one.

        Each hour that has rows and was open gets a last, empty generation: downstream's event.
        """
        return self.lake.transact(lambda connection: self._close(connection, until, now))

    def _close(
        self, connection: duckdb.DuckDBPyConnection, until: datetime, now: datetime
    ) -> list[Generation]:
        fresh = NewFiles(self.lake.data_dir, ["weir"])
        found = connection.execute(
            "SELECT s.lane, s.landing_hour, max(s.generation) + 1 FROM lake.weir.seal AS s"
            " JOIN lake.weir.lane_owner AS o USING (lane) WHERE s.landing_hour < ?"
            " AND (o.closed_until IS NULL OR s.landing_hour >= o.closed_until)"
            " GROUP BY ALL ORDER BY s.landing_hour, s.lane",
            [until],
        ).fetchall()
        connection.execute(
            "UPDATE lake.weir.lane_owner SET closed_until = ? WHERE lane IN (SELECT unnest(?))"
            " AND (closed_until IS NULL OR closed_until < ?)",
            [until, list(LANES), until],
        )
        connection.execute(
            "INSERT INTO lake.weir.seal SELECT s.lane, h.landing_hour, h.generation, s.epoch,"
            " s.next_offset, s.next_offset, 'live', 0, 0, 0, 0, 0, ?, true, true"
            " FROM (SELECT unnest(?::VARCHAR[]) AS lane, unnest(?::TIMESTAMP[]) AS landing_hour,"
            " unnest(?::INTEGER[]) AS generation) AS h JOIN lake.weir.lane_owner AS s USING (lane)",
            [now, *([row[i] for row in found] for i in range(3))],
        )
        write_message(connection, f"landing hours before {until} are closed")
        fresh.fsync()
        return [Generation(lane, hour, generation, 0) for lane, hour, generation in found]


def newest_snapshot(connection: duckdb.DuckDBPyConnection) -> int:
    """Return the id of the lake's newest snapshot."""
    row = connection.execute("SELECT id FROM ducklake_current_snapshot('lake')").fetchone()
    assert row is not None
    return int(row[0])


def move_fence(connection: duckdb.DuckDBPyConnection, batch: Batch) -> None:
    """Move the lane's position from what the batch expects to its end.

    Offsets of an epoch only grow, so a position never comes back: epochs may take turns.

    Raises:
        FenceLost: if the lane is elsewhere.
    """
    expected = batch.expected
    changed = connection.execute(
        "UPDATE lake.weir.lane_owner SET epoch = ?, next_offset = ?"
        " WHERE lane = ? AND epoch = ? AND next_offset = ?",
        [batch.epoch, batch.next_offset, batch.lane, expected.epoch, expected.next_offset],
    ).fetchone()
    if changed != (1,):
        raise FenceLost(batch.lane, expected.epoch, expected.next_offset)


def stage(
    connection: duckdb.DuckDBPyConnection, lane: str, floor: datetime | None, grain: Grain
) -> None:
    """Place the registered `weir_records` into landing hours and generations (table STAGED).

    Args:
        connection: inside the transaction.
        lane: the landing table.
        floor: no row lands before this hour.
        grain: the landing grain.
    """
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE {STAGED} AS"
        f" WITH placed AS (SELECT *, greatest(date_trunc('{grain}', received_at),"
        " coalesce(?::TIMESTAMP, '-infinity'::TIMESTAMP))::TIMESTAMP AS landing_hour"
        " FROM weir_records),"
        " known AS (SELECT landing_hour, max(generation) AS generation FROM lake.weir.seal"
        " WHERE lane = ? GROUP BY 1)"
        " SELECT placed.*, coalesce(known.generation, 0) + 1 AS generation"
        " FROM placed LEFT JOIN known USING (landing_hour)",
        [floor, lane],
    )


def insert_rows(connection: duckdb.DuckDBPyConnection, lane: str, receipt: tuple[str, int]) -> None:
    """Insert the staged rows into `landing.<lane>` with receipt ids (lane, epoch, own offset)."""
    assert list(COLUMNS)[6:] == list(RECORD)
    connection.execute(
        f"INSERT INTO lake.landing.{lane} SELECT landing_hour::DATE, landing_hour, generation,"
        f' ?, ?::BIGINT, "offset", {_RECORD} FROM {STAGED} ORDER BY {_SORT}',
        list(receipt),
    )


def insert_manifest(connection: duckdb.DuckDBPyConnection, lane: str) -> None:
    """Insert the staged rows' counts and fingerprints by event and event hour."""
    connection.execute(
        "INSERT INTO lake.weir.manifest SELECT ?, landing_hour, generation, event_name, version,"
        f" date_trunc('hour', event_time), count(*), {_SUMS} FROM {STAGED} GROUP BY ALL ORDER BY ALL",
        [lane],
    )


def insert_seals(
    connection: duckdb.DuckDBPyConnection,
    lane: str,
    epoch: int,
    now: datetime,
    *,
    imported_below: datetime | None = None,
) -> None:
    """Insert one seal row per landing hour of the staged rows.

    Args:
        connection: inside the transaction.
        lane: the landing table.
        epoch: epoch of the rows' receipt ids.
        now: time of the seal.
        imported_below: the lane's `closed_until` if the rows are imported. Hours before it are
            closed at once, and the files are durable before the commit.
    """
    imported = imported_below is not None
    origin = manifest.IMPORT if imported else manifest.LIVE
    connection.execute(
        'INSERT INTO lake.weir.seal SELECT ?, landing_hour, generation, ?, min("offset"),'
        f' max("offset") + 1, ?, count(*), {_SUMS}, ?,'
        " landing_hour < coalesce(?::TIMESTAMP, '-infinity'::TIMESTAMP), ?"
        f" FROM {STAGED} GROUP BY landing_hour, generation ORDER BY landing_hour",
        [lane, epoch, origin, now, imported_below, imported],
    )


def generations(connection: duckdb.DuckDBPyConnection, lane: str) -> list[Generation]:
    """Return what the staged rows add."""
    found = connection.execute(
        f"SELECT landing_hour, generation, count(*) FROM {STAGED} GROUP BY 1, 2 ORDER BY 1"
    ).fetchall()
    return [Generation(lane, *row) for row in found]


def landing_entry(
    connection: duckdb.DuckDBPyConnection, lane: str, grain: Grain, digest: str, seconds: float
) -> LedgerEntry:
    """Return the ledger entry of a seal: each touched hour as it now stands in the seal rows."""
    found = connection.execute(
        f"SELECT landing_hour, sum(rows)::BIGINT, {_SUMS} FROM lake.weir.seal WHERE lane = ?"
        f" AND landing_hour IN (SELECT landing_hour FROM {STAGED}) GROUP BY 1 ORDER BY 1",
        [lane],
    ).fetchall()
    parts = {
        grains.text(hour, grain): Partition(rows, ":".join(map(str, (rows, *fp))), digest)
        for hour, rows, *fp in found
    }
    return LedgerEntry(f"landing/{lane}", str(grain), parts, code="1", seconds=round(seconds, 3))
