"""Counts event logs against what was accepted: one look at a log answers all of its usual tests."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import duckdb

from weir.core.grains import Range
from weir.engines.embedded.event_logs import inside


class LogCounts:
    """Counts the landing partitions of a range; accepted is read once per tier.

    Args:
        connection: an open connection; in a transaction all counts are of one snapshot.
        labels: the range.
    """

    def __init__(self, connection: duckdb.DuckDBPyConnection, labels: Range) -> None:
        self._connection, self._inside = connection, inside(labels)
        self._accepted: dict[str, dict[str, dict[datetime, int]]] = {}

    def accepted(self, tier: str, event: str) -> dict[datetime, int]:
        """Return the accepted rows of an event, by landing partition; none where there are none."""
        if tier not in self._accepted:
            found = self._connection.execute(
                f"SELECT event_name, landing_hour, count(*) FROM lake.accepted.{tier}"
                f" WHERE {self._inside} GROUP BY ALL"
            ).fetchall()
            by_event: dict[str, dict[datetime, int]] = {}
            for name, hour, rows in found:
                by_event.setdefault(name, {})[hour] = rows
            self._accepted[tier] = by_event
        return self._accepted[tier].get(event, {})

    def log(self, table: str, columns: Sequence[str]) -> dict[datetime, list[int]]:
        """Return by landing partition a log's rows, then of each column how many are not NULL."""
        counted = ", ".join(["count(*)", *(f'count("{name}")' for name in columns)])
        found = self._connection.execute(
            f'SELECT landing_hour, {counted} FROM lake.event_log."{table}"'
            f" WHERE {self._inside} GROUP BY 1"
        ).fetchall()
        return {row[0]: list(row[1:]) for row in found}
