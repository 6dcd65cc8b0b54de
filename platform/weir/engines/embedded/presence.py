"""Counts the rows that one partition of the embedded lake really has, by reading its files."""

from __future__ import annotations

from datetime import datetime

import duckdb


def rows_of_partition(
    connection: duckdb.DuckDBPyConnection, table: str, column: str, label: datetime
) -> int | str:
    """Return the rows of a partition, or the engine's words if its files cannot be read.

    Args:
        connection: to the lake.
        table: `schema.table`.
        column: the partition column.
        label: the partition's label.
    """
    schema, _, name = table.partition(".")
    query = f'SELECT count("{column}") FROM lake.{schema}."{name}" WHERE "{column}" = ?'
    try:
        found = connection.execute(query, [label]).fetchone()
    except duckdb.Error as error:
        return str(error).partition("\n")[0]
    return int(found[0]) if found else 0
