"""Snapshots of the lake that must not expire, each with the reason: `weir.pin`.

Who expires snapshots leaves out those of `pinned`. A reason may keep several snapshots.
"""

from __future__ import annotations

import duckdb

from weir.core.clock import utc_now

_PIN = "lake.weir.pin"


def pin(connection: duckdb.DuckDBPyConnection, snapshot: int, reason: str) -> None:
    """Keep a snapshot, in the open transaction."""
    now = utc_now()
    connection.execute(f"INSERT INTO {_PIN} VALUES (?, ?, ?)", [snapshot, reason, now])


def unpin(connection: duckdb.DuckDBPyConnection, reason: str) -> None:
    """Let the snapshots go that were kept for a reason, in the open transaction."""
    connection.execute(f"DELETE FROM {_PIN} WHERE reason = ?", [reason])


def pinned(connection: duckdb.DuckDBPyConnection) -> dict[int, list[str]]:
    """Return the snapshots that are kept, with the reasons."""
    found: dict[int, list[str]] = {}
    rows = connection.execute(f"SELECT snapshot, reason FROM {_PIN} ORDER BY ALL").fetchall()
    for snapshot, reason in rows:
        found.setdefault(int(snapshot), []).append(reason)
    return found
