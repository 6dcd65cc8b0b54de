"""Lands the events of quarantined rows again, each at most once, whoever asks and however often.

Rows and marks are one transaction: what `weir.replayed` names has landed, and the other way round.
The receipt of a replayed row follows from the quarantined row's: `replay/<lane>`, same epoch, same
offset. A replay lands in the oldest open hour with its old `received_at`, as late events do; its files
are durable before COMMIT, so nothing needs to be landed again from anywhere.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

import duckdb
import pyarrow as pa

from weir.core.landing import COLUMNS, FINGERPRINT, Receipt
from weir.engines.embedded import manifest
from weir.engines.embedded.commit import write_entry
from weir.engines.embedded.fsync import NewFiles, table_folder
from weir.engines.embedded.lake import Lake
from weir.engines.embedded.quarantine import marked
from weir.engines.embedded.records import to_arrow
from weir.engines.embedded.sealing import (
    STAGED,
    generations,
    insert_manifest,
    landing_entry,
    stage,
)
from weir.engines.ports import Generation

_SUMS = ", ".join(f"sum({name})::BIGINT AS {name}" for name in FINGERPRINT)


@dataclass(frozen=True)
class ReplayRow:
    """A quarantined row's event as it is to land; its payload is a record as in a `Batch`."""

    of: Receipt
    payload: bytes


@dataclass(frozen=True)
class Replayer:
    """Who replays, in which run, when (naive UTC)."""

    by: str
    run: str
    at: datetime


@dataclass(frozen=True)
class Landed:
    """What one transaction landed; `already` had been replayed before, by another."""

    rows: int = 0
    already: int = 0
    generations: list[Generation] = field(default_factory=list)


def receipt_of(row: Receipt) -> Receipt:
    """Return the receipt id of a quarantined row's replay.

    >>> receipt_of(Receipt("quarantine", 3, 17)).text
    'replay/quarantine/3/17'
    """
    return row._replace(lane=manifest.REPLAY_PREFIX + row.lane)


class EmbeddedReplay:
    """Replays into one lake.

    Args:
        lake: the lake; it must have been created.
    """

    def __init__(self, lake: Lake) -> None:
        self.lake = lake

    def land(self, tier: str, rows: Sequence[ReplayRow], replayer: Replayer) -> Landed:
        """Land the rows that were not replayed yet in `landing.<tier>`, and mark them, at once.

        Args:
            tier: where they belong.
            rows: the events; each quarantined row at most once.
            replayer: for the marks.
        """
        table = to_arrow([row.payload for row in rows])
        for i, name in enumerate(Receipt._fields):
            kind = pa.string() if name == "lane" else pa.int64()
            table = table.append_column(name, pa.array([row.of[i] for row in rows], kind))
        receipts = [row.of for row in rows]
        return self.lake.transact(
            lambda connection: self._land(connection, tier, table, receipts, replayer)
        )

    def _land(
        self,
        connection: duckdb.DuckDBPyConnection,
        tier: str,
        table: pa.Table,
        receipts: list[Receipt],
        replayer: Replayer,
    ) -> Landed:
        began = time.perf_counter()
        done = marked(connection, receipts)
        if len(done) == len(receipts):
            return Landed(already=len(done))
        folder = table_folder(connection, "landing", tier)
        fresh = NewFiles(self.lake.data_dir, [folder, "weir"])
        fence(connection, tier)
        connection.register(
            "weir_records", table.filter(pa.array([r not in done for r in receipts]))
        )
        state = manifest.landing_state(connection)[tier]
        grain = self.lake.settings.grain
        stage(connection, tier, state.closed_until or state.first_hour, grain)
        if state.first_hour is None:
            connection.execute(
                "UPDATE lake.weir.lane_owner SET first_hour ="
                f" (SELECT min(landing_hour) FROM {STAGED}) WHERE lane = ?",
                [tier],
            )
        _insert_rows(connection, tier)
        insert_manifest(connection, tier)
        _insert_seals(connection, tier, replayer.at)
        _insert_marks(connection, tier, replayer)
        landed = generations(connection, tier)
        seconds = time.perf_counter() - began
        write_entry(connection, landing_entry(connection, tier, grain, replayer.run, seconds))
        fresh.fsync()
        return Landed(len(receipts) - len(done), len(done), landed)


def fence(connection: duckdb.DuckDBPyConnection, lane: str) -> None:
    """Make this transaction conflict with every other that lands, closes or replays.

    On a SQLite catalogue the write lock does it already; on PostgreSQL two inserts into a table do
    not conflict, two updates do.
    """
    connection.execute(
        "UPDATE lake.weir.lane_owner SET next_offset = next_offset WHERE lane = ?", [lane]
    )


def _insert_rows(connection: duckdb.DuckDBPyConnection, tier: str) -> None:
    names = ", ".join(f'"{name}"' for name in COLUMNS)
    values = {
        "landing_day": "landing_hour::DATE",
        "lane": f"'{manifest.REPLAY_PREFIX}' || lane",
    }
    selected = ", ".join(values.get(name, f'"{name}"') for name in COLUMNS)
    connection.execute(
        f"INSERT INTO lake.landing.{tier} ({names}) SELECT {selected} FROM {STAGED}"
        " ORDER BY event_name, event_time, event_id"
    )


def _insert_seals(connection: duckdb.DuckDBPyConnection, tier: str, now: datetime) -> None:
    """Insert one seal row per landing hour; its epoch and offsets span those of the receipts."""
    connection.execute(
        "INSERT INTO lake.weir.seal BY NAME SELECT ? AS lane, landing_hour, generation,"
        ' min(epoch) AS epoch, min("offset") AS first_offset, max("offset") + 1 AS next_offset,'
        f" ? AS origin, count(*) AS rows, {_SUMS}, ?::TIMESTAMP AS sealed_at, false AS closing,"
        f" true AS synced FROM {STAGED} GROUP BY landing_hour, generation ORDER BY landing_hour",
        [tier, manifest.REPLAY, now],
    )


def _insert_marks(connection: duckdb.DuckDBPyConnection, tier: str, replayer: Replayer) -> None:
    connection.execute(
        'INSERT INTO lake.weir.replayed BY NAME SELECT lane, epoch, "offset", ? AS tier,'
        f" concat_ws('/', '{manifest.REPLAY_PREFIX}' || lane, epoch, \"offset\") AS receipt,"
        " ?::TIMESTAMP AS replayed_at, ? AS replayed_by, ? AS run, verdict AS outcome"
        f' FROM {STAGED} ORDER BY lane, epoch, "offset"',
        [tier, replayer.at, replayer.by, replayer.run],
    )
