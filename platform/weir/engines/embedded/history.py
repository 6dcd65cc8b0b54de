"""Reads the manifest and the commit records of the embedded lake. Decides nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from datetime import datetime
from typing import Any

import duckdb

from weir.core.landing import QUARANTINE
from weir.engines.embedded.commit import read_entries
from weir.engines.embedded.files import bytes_per_row, written
from weir.engines.embedded.lake import Lake, table_columns
from weir.engines.embedded.manifest import closed_until, landing_state
from weir.engines.embedded.retention import read_expired
from weir.engines.embedded.verdicts import read_reports
from weir.engines.history import Counted, LandedHour, LandingHistory

_SUMS = (
    "sum(rows)::BIGINT, sum(fp_0)::BIGINT, sum(fp_1)::BIGINT, sum(fp_2)::BIGINT, sum(fp_3)::BIGINT"
)

_HOURS = f"""
SELECT lane, landing_hour, max(generation), {_SUMS}
FROM weir.seal GROUP BY lane, landing_hour ORDER BY lane, landing_hour
"""
_BY_EVENT = f"""
SELECT event_name, landing_hour, event_hour, {_SUMS}
FROM weir.manifest WHERE lane <> ? GROUP BY ALL ORDER BY ALL
"""
_NEWEST = "SELECT id FROM ducklake_current_snapshot('lake')"


class EmbeddedHistory:
    """The manifest and commits of a lake. Without a lake, everything is empty.

    Args:
        lake: the lake to read.
    """

    def __init__(self, lake: Lake) -> None:
        self.lake = lake
        self._open: duckdb.DuckDBPyConnection | None = None

    @contextmanager
    def reading(self) -> Iterator[duckdb.DuckDBPyConnection | None]:
        """Read with one connection inside the block, None without a lake: opening takes about 0.1 s."""
        if self._open is not None or not self.lake.exists:
            yield self._open
            return
        with self.lake.read() as connection:
            self._open = connection
            try:
                yield connection
            finally:
                self._open = None

    @contextmanager
    def _connection(self) -> Iterator[duckdb.DuckDBPyConnection]:
        with self.reading():
            assert self._open is not None
            yield self._open

    def landing(self) -> LandingHistory:
        """Return what has landed."""
        if not self.lake.exists:
            return LandingHistory()
        with self._connection() as connection:
            return read_landing(connection)

    def tables(self, schema: str) -> set[str]:
        """Return the names of a schema's tables."""
        if not self.lake.exists:
            return set()
        with self._connection() as connection:
            return set(table_columns(connection, schema))

    def newest_snapshot(self) -> int:
        """Return the id of the newest commit, -1 without a lake."""
        if not self.lake.exists:
            return -1
        with self._connection() as connection:
            row = connection.execute(_NEWEST).fetchone()
            return int(row[0]) if row else -1

    def entries_after(self, snapshot: int) -> Iterator[tuple[int, datetime, Mapping[str, Any]]]:
        """Yield the ledger entries and reports of the commits after `snapshot`, oldest first.

        An entry has the `bytes` that its commit wrote: estimated by its rows where files were merged.
        """
        if not self.lake.exists:
            return
        with self._connection() as connection:
            entries = [(i, at, asdict(e)) for i, at, e in read_entries(connection, snapshot)]
            reports = [(i, at, r.as_entry()) for i, at, r in read_reports(connection, snapshot)]
            _add_bytes(connection, snapshot, entries)
        yield from sorted([*entries, *reports], key=lambda found: found[0])


def _add_bytes(
    connection: duckdb.DuckDBPyConnection,
    after: int,
    entries: list[tuple[int, datetime, dict[str, Any]]],
) -> None:
    if not entries:
        return
    exact = written(connection, after)
    per_row: dict[str, float] = {}
    for snapshot, _, entry in entries:
        size = exact.get((snapshot, entry["asset"]))
        rows = sum(part["rows"] for part in entry["partitions"].values())
        if size is None and rows:
            per_row = per_row or bytes_per_row(connection)
            size = round(rows * per_row.get(entry["asset"], 0.0))
        entry["bytes"] = size or 0


def read_landing(connection: duckdb.DuckDBPyConnection) -> LandingHistory:
    """Return the manifest as a `LandingHistory`."""
    owners = landing_state(connection).values()
    first_hour = min((o.first_hour for o in owners if o.first_hour), default=None)
    until = closed_until(connection)
    hours: dict[tuple[str, datetime], LandedHour] = {}
    for lane, hour, generation, rows, a, b, c, d in connection.execute(_HOURS).fetchall():
        closed = until is not None and hour < until
        hours[lane, hour] = LandedHour(generation, Counted(rows, (a, b, c, d)), closed)
    by_event: dict[str, dict[tuple[datetime, datetime], Counted]] = {}
    found = connection.execute(_BY_EVENT, [QUARANTINE]).fetchall()
    for name, landing_hour, event_hour, rows, a, b, c, d in found:
        counted = Counted(rows, (a, b, c, d))
        by_event.setdefault(name, {})[landing_hour, event_hour] = counted
    return LandingHistory(hours, by_event, first_hour, until, read_expired(connection))
