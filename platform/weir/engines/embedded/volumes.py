"""Counts what landed of an event: from the manifest, and from the event's own rows of a few days.

The rows of one event lie together in the files of a day (landing is partitioned by day and sorted by
event), so reading them costs what the event has, and not what the lake has.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime

import duckdb

from weir.core.landing import QUARANTINE
from weir.engines.embedded.lake import Lake
from weir.engines.volumes import AppCount, Count, RuleCount

_COUNTS = f"""
SELECT landing_hour::DATE AS day, event_name, version,
    coalesce(sum(rows) FILTER (lane <> '{QUARANTINE}'), 0)::BIGINT,
    coalesce(sum(rows) FILTER (lane = '{QUARANTINE}'), 0)::BIGINT,
    list_sort(list_distinct(list(lane)))
FROM weir.manifest
WHERE landing_hour >= ? AND (?::VARCHAR IS NULL OR event_name = ?)
GROUP BY ALL ORDER BY ALL
"""
_REFUSED = """
SELECT minute::DATE AS day, sum(events)::BIGINT FROM weir.drop
WHERE minute >= ? AND event_name = ? GROUP BY ALL ORDER BY ALL
"""
_LAST = """
SELECT event_name, max(landing_hour) FROM weir.manifest
WHERE event_name IS NOT NULL AND (?::VARCHAR IS NULL OR event_name = ?) GROUP BY ALL
"""
_ROWS = """
SELECT landing_day, version, app_version, verdict, violations, received_at FROM landing.{lane}
WHERE event_name = $event AND landing_day IN ({days})
"""
_BY_APP = """
SELECT landing_day, version, app_version,
    count(*) FILTER (verdict <> 'quarantined'), count(*) FILTER (verdict = 'flagged'),
    count(*) FILTER (verdict = 'quarantined'), max(received_at)
FROM ({rows}) GROUP BY ALL ORDER BY ALL
"""
_RULES = """
WITH broken AS (
    SELECT landing_day, version, app_version,
        unnest(list_distinct(json_extract_string(violations, '$[*].rule'))) AS rule
    FROM ({rows}) WHERE violations IS NOT NULL
)
SELECT landing_day, version, app_version, rule, count(*) FROM broken GROUP BY ALL ORDER BY ALL
"""


class EmbeddedVolumes:
    """The figures of one lake. Cheap to make; `reading` holds a connection, so each thread has its own.

    Args:
        lake: the lake.
    """

    def __init__(self, lake: Lake) -> None:
        self.lake = lake
        self._held: duckdb.DuckDBPyConnection | None = None

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Answer what is asked inside from one connection and one snapshot: opening is what costs."""
        with self.lake.read() as connection:
            connection.begin()
            self._held = connection
            try:
                yield
            finally:
                self._held = None

    @contextmanager
    def _connection(self) -> Iterator[duckdb.DuckDBPyConnection]:
        if self._held is not None:
            yield self._held
            return
        with self.lake.read() as connection:
            yield connection

    def counts(self, since: date, event: str | None = None) -> list[Count]:
        """Count what landed since a day, of one event or of all. Reads the manifest only."""
        with self._connection() as connection:
            found = connection.execute(_COUNTS, [since, event, event]).fetchall()
        return [Count(*row) for row in found]

    def refused(self, since: date, event: str) -> dict[date, int]:
        """Return events that the collector refused and kept nothing of, by day."""
        with self._connection() as connection:
            return dict(connection.execute(_REFUSED, [since, event]).fetchall())

    def last_landed(self, event: str | None = None) -> dict[str, datetime]:
        """Return the newest landing hour by event, over all time. Reads the manifest only."""
        with self._connection() as connection:
            return dict(connection.execute(_LAST, [event, event]).fetchall())

    def by_app(self, event: str, found: Sequence[Count]) -> tuple[list[AppCount], list[RuleCount]]:
        """Count an event's rows and violations by app version, in the days and tables of its counts."""
        if not found:
            return [], []
        rows = _rows(found)
        with self._connection() as connection:
            bound = {"event": event}
            apps = connection.execute(_BY_APP.format(rows=rows), bound).fetchall()
            rules = connection.execute(_RULES.format(rows=rows), bound).fetchall()
        return [AppCount(*row) for row in apps], [RuleCount(*row) for row in rules]


def _rows(found: Sequence[Count]) -> str:
    """Return the query for an event's rows: only the tables, and the literal days, that have some."""
    days: dict[str, set[date]] = {}
    for count in found:
        for lane in count.lanes:
            days.setdefault(lane, set()).add(count.day)
    parts = (
        _ROWS.format(lane=lane, days=", ".join(f"DATE '{day}'" for day in sorted(days[lane])))
        for lane in sorted(days)
    )
    return " UNION ALL ".join(parts)
