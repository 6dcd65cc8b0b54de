"""Reads what has landed: lanes, hours, and the manifest by event hour. Writes nothing.

When an hour is closed: exactly when `landing_hour < closed_until` of its lane. Imports may create
hours far below `closed_until`; they are closed from the moment they are committed, because an import
happens in one transaction and only where nothing else landed within the deduplication window.
`first_hour` is not moved by an import: it says since when *live* events were collected.

`weir.seal` and `weir.manifest` name the lane (= the table) that the rows are in. The `lane` column
of a landing row is part of its receipt id and differs for imports (`import/<digest>`) and for
replays of quarantined rows (`replay/<lane of the quarantined row>`, with its epoch and offset).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import duckdb

from weir.core.landing import LANES
from weir.engines.ports import Fingerprint

IMPORT_PREFIX, REPLAY_PREFIX = "import/", "replay/"
LIVE, IMPORT, REPLAY = "live", "import", "replay"
"""Origins of a seal: through the spool (whatever its events' own origin), loaded from a file, or
replayed from quarantine."""


@dataclass(frozen=True)
class LaneState:
    """How far one lane has been sealed and closed."""

    lane: str
    epoch: int
    next_offset: int
    first_hour: datetime | None
    closed_until: datetime | None


@dataclass(frozen=True)
class SealedHour:
    """One generation of one lane's landing hour."""

    lane: str
    landing_hour: datetime
    generation: int
    rows: int
    origin: str
    closed: bool
    synced: bool
    sealed_at: datetime


@dataclass(frozen=True)
class Seal:
    """The range of one epoch's records that one generation holds."""

    lane: str
    landing_hour: datetime
    generation: int
    epoch: int
    first_offset: int
    next_offset: int
    rows: int
    fp: tuple[int, int, int, int]


def landing_state(connection: duckdb.DuckDBPyConnection) -> dict[str, LaneState]:
    """Return the state of each lane, by lane; imports' own rows are left out."""
    found = connection.execute(
        "SELECT lane, epoch, next_offset, first_hour, closed_until FROM lake.weir.lane_owner"
        " WHERE lane IN (SELECT unnest(?))",
        [list(LANES)],
    ).fetchall()
    return {row[0]: LaneState(*row) for row in found}


def closed_until(connection: duckdb.DuckDBPyConnection) -> datetime | None:
    """Return the instant before which every landing hour of every lane is closed, or None."""
    ends = [state.closed_until for state in landing_state(connection).values()]
    known = [end for end in ends if end is not None]
    return min(known) if known and len(known) == len(ends) else None


def hours(connection: duckdb.DuckDBPyConnection, since: datetime | None = None) -> list[SealedHour]:
    """Return every sealed generation, by lane, hour and generation.

    Args:
        connection: a reader of the lake.
        since: only landing hours at or after it.
    """
    found = connection.execute(
        "SELECT s.lane, s.landing_hour, s.generation, s.rows, s.origin,"
        " coalesce(s.landing_hour < o.closed_until, false), s.synced, s.sealed_at"
        " FROM lake.weir.seal AS s LEFT JOIN lake.weir.lane_owner AS o USING (lane)"
        " WHERE s.landing_hour >= ? ORDER BY ALL",
        [since or datetime.min],  # noqa: DTZ901 - naive UTC, as all of the lake's times
    ).fetchall()
    return [SealedHour(*row) for row in found]


def sealed_by_epoch(
    connection: duckdb.DuckDBPyConnection, lane: str
) -> dict[int, tuple[int, Fingerprint]]:
    """Return (rows, fingerprint sums) that a lane's seals took from the spool, by epoch."""
    found = connection.execute(
        "SELECT epoch, sum(rows)::BIGINT, sum(fp_0)::BIGINT, sum(fp_1)::BIGINT, sum(fp_2)::BIGINT,"
        " sum(fp_3)::BIGINT FROM lake.weir.seal WHERE lane = ? AND origin = ? GROUP BY epoch",
        [lane, LIVE],
    ).fetchall()
    return {epoch: (rows, (a, b, c, d)) for epoch, rows, a, b, c, d in found}


def sealed_offsets(connection: duckdb.DuckDBPyConnection) -> dict[str, dict[int, int]]:
    """Return the offset before which every record of the spool has landed, by lane and epoch."""
    found = connection.execute(
        "SELECT lane, epoch, max(next_offset) FROM lake.weir.seal WHERE origin = ? GROUP BY ALL",
        [LIVE],
    ).fetchall()
    offsets: dict[str, dict[int, int]] = {lane: {} for lane in LANES}
    for lane, epoch, offset in found:
        offsets[lane][epoch] = offset
    return offsets


def unsynced(connection: duckdb.DuckDBPyConnection) -> list[Seal]:
    """Return the seals whose files are not known to be durable, oldest first."""
    found = connection.execute(
        "SELECT lane, landing_hour, generation, epoch, first_offset, next_offset, rows,"
        " row(fp_0, fp_1, fp_2, fp_3) FROM lake.weir.seal WHERE NOT synced"
        " ORDER BY lane, epoch, first_offset, generation"
    ).fetchall()
    return [Seal(*row) for row in found]
