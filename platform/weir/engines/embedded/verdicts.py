"""What checks found, in the lake's own table `weir.verdict`: it outlives the ledger's database.

Its rows stand in the catalogue, not in Parquet files (DuckLake's inlining, which is off elsewhere): a
row per run would make a file per run. The writer's connection is kept open: opening one takes longer
than the commit.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

import duckdb

from weir.core.clock import utc_now
from weir.engines.embedded.commit import write_message
from weir.engines.embedded.lake import Lake
from weir.engines.verdicts import Report

_INLINED = 1_000_000  # rows of one commit that stay in the catalogue: all
_IS_SET = """
SELECT 1 FROM __ducklake_metadata_lake.ducklake_metadata AS m
JOIN __ducklake_metadata_lake.ducklake_table AS t ON t.table_id = m.scope_id
WHERE m.key = 'data_inlining_row_limit' AND m.scope = 'table'
    AND t.table_name = 'verdict' AND t.end_snapshot IS NULL
"""
_SET = f"""
CALL lake.set_option(
    'data_inlining_row_limit', {_INLINED}, schema => 'weir', table_name => 'verdict'
)
"""
_INSERT = "INSERT INTO lake.weir.verdict VALUES (?, ?, ?, ?, ?, ?, ?)"
_AFTER = """
SELECT snapshot_id, written_at, run, asset, grain, first_key, last_key, body
FROM lake.weir.verdict WHERE snapshot_id > ? ORDER BY snapshot_id, asset
"""
_OVERTAKEN = """
DELETE FROM lake.weir.verdict AS old
WHERE NOT json_exists(old.body, '$.partitions')
    AND EXISTS (
        SELECT 1 FROM lake.weir.verdict AS newer
        WHERE newer.asset = old.asset AND newer.first_key = old.first_key
            AND newer.last_key = old.last_key AND newer.written_at > old.written_at
            AND (json_exists(newer.body, '$.seen') OR NOT json_exists(old.body, '$.seen'))
    )
"""


class EmbeddedVerdicts:
    """The verdicts of one lake.

    Args:
        lake: the lake; it must have been created.
    """

    def __init__(self, lake: Lake) -> None:
        self.lake = lake
        self._open: duckdb.DuckDBPyConnection | None = None
        self._one_at_a_time = threading.Lock()

    def write(self, reports: Iterable[Report]) -> None:
        """Keep reports, in one commit; none makes none."""
        now = utc_now()
        rows = [
            [r.run, r.asset, r.grain, r.first, r.last, _text(r.body), now] for r in reports
        ]  # fmt: skip
        if rows:
            with self._one_at_a_time, self.lake.locked():
                self._insert(rows)

    def close(self) -> None:
        """Close the connection, if one was opened; the next `write` opens another."""
        if self._open is not None:
            self._open.close()
            self._open = None

    def _insert(self, rows: list[list[Any]]) -> None:
        connection = self._connection()
        try:
            connection.begin()
            connection.executemany(_INSERT, rows)
            write_message(connection, f"checked {rows[0][1]}")
            connection.commit()
        except BaseException:
            self.close()
            raise

    def _connection(self) -> duckdb.DuckDBPyConnection:
        if self._open is None:
            self._open = self.lake.connect()
            if self._open.execute(_IS_SET).fetchone() is None:
                self._open.execute(_SET)
        return self._open


def _text(body: Mapping[str, Any]) -> str:
    return json.dumps(body, separators=(",", ":"))


def read_reports(
    connection: duckdb.DuckDBPyConnection, after_snapshot: int = -1
) -> list[tuple[int, datetime, Report]]:
    """Return (snapshot id, naive UTC time, report) of what was kept after a snapshot, oldest first."""
    found = connection.execute(_AFTER, [after_snapshot]).fetchall()
    return [
        (at, when, Report(run, asset, grain, first, last, json.loads(body)))
        for at, when, run, asset, grain, first, last, body in found
    ]


def drop_overtaken(connection: duckdb.DuckDBPyConnection) -> int:
    """Delete the reports that a later one of the same partitions replaces; return how many.

    For `weir maintain`, inside its transaction: without it the table grows by a row per run and asset.
    """
    row = connection.execute(_OVERTAKEN).fetchone()
    return int(row[0]) if row else 0
