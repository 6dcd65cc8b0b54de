"""Drops old partitions of a table and records them as expired, in one transaction. Decides nothing."""

from __future__ import annotations

from datetime import datetime

import duckdb

from weir.engines.embedded.commit import write_message
from weir.engines.embedded.fsync import NewFiles
from weir.engines.embedded.lake import Lake, table_columns
from weir.engines.history import Expiry

_RECORD = "INSERT INTO lake.weir.expired VALUES (?, ?, ?, ?, ?)"


def drop_before(lake: Lake, asset: str, column: str, end: datetime, now: datetime) -> int:
    """Drop a table's partitions with labels before `end`; return how many rows went.

    The manifest and the ledger keep what they say of them: what was built from them is not stale.

    Args:
        lake: the lake.
        asset: the table, as `schema/table`.
        column: its partition column.
        end: the first label that stays.
        now: naive UTC instant.
    """

    def work(connection: duckdb.DuckDBPyConnection) -> int:
        rows = count_before(connection, asset, column, end)
        if rows == 0:
            return 0
        fresh = NewFiles(lake.data_dir, ["weir", asset])
        schema, table = asset.split("/")
        connection.execute(f'DELETE FROM lake.{schema}."{table}" WHERE "{column}" < {_date(end)}')
        record(connection, asset, end, rows, now)
        write_message(connection, f"retention: {asset} before {end:%Y-%m-%d}")
        fresh.fsync()
        return rows

    return lake.transact(work)


def record(
    connection: duckdb.DuckDBPyConnection, asset: str, end: datetime, rows: int, now: datetime
) -> None:
    """Record in the open transaction that the partitions before `end` have expired."""
    connection.execute(_RECORD, [asset, None, end, rows, now])


def count_before(
    connection: duckdb.DuckDBPyConnection, asset: str, column: str, end: datetime
) -> int:
    """Return the rows of a table's partitions with labels before `end`; 0 if there is no table."""
    schema, table = asset.split("/")
    if table not in table_columns(connection, schema):
        return 0
    row = connection.execute(
        f'SELECT count(*) FROM lake.{schema}."{table}" WHERE "{column}" < {_date(end)}'
    ).fetchone()
    return int(row[0]) if row else 0


def read_expired(connection: duckdb.DuckDBPyConnection) -> dict[str, list[Expiry]]:
    """Return what has expired, by asset, oldest first."""
    found: dict[str, list[Expiry]] = {}
    rows = connection.execute(
        "SELECT asset, first_label, end_label, expired_at FROM lake.weir.expired ORDER BY expired_at"
    ).fetchall()
    for asset, first, end, at in rows:
        found.setdefault(asset, []).append(Expiry(first, end, at))
    return found


def _date(label: datetime) -> str:
    """Return a midnight as DATE, which prunes files by DATE and TIMESTAMP columns alike."""
    return f"DATE '{label.date()}'"
