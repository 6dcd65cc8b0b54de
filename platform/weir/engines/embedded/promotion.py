"""Puts partitions that an environment has built into production, and takes that back: one commit each.

Nothing is computed: rows are copied by the engine. Readers of production see all of the old or all of
the new; a process that is killed in between leaves production as it was. What may be promoted is
decided in `weir.lineage.environments.promotion`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import duckdb

from weir.core.errors import LakeError
from weir.core.grains import Range
from weir.engines.embedded.commit import LedgerEntry, write_entries
from weir.engines.embedded.duck import literal
from weir.engines.embedded.environments import OWN, inside
from weir.engines.embedded.lake import Lake, table_columns

_ENVIRONMENT = "environment"  # name under which the environment's lake is attached
_PAST = "past"
_LOG = "lake.weir.promotion"
_MAKE_LOG = f"""CREATE TABLE IF NOT EXISTS {_LOG} (
    id VARCHAR, kind VARCHAR, environment VARCHAR, actor VARCHAR, done_at TIMESTAMP,
    before BIGINT, detail VARCHAR
)"""


@dataclass(frozen=True)
class Replaced:
    """Partitions of one table that are put in place of production's.

    Attributes:
        schema, table, column: the table and its partition column.
        ranges: which partitions.
        rows: how many rows those have.
        entry: the ledger entry of the copy.
    """

    schema: str
    table: str
    column: str
    ranges: Sequence[Range]
    rows: int
    entry: LedgerEntry

    @property
    def name(self) -> str:
        """The table as SQL names it."""
        return f'lake.{self.schema}."{self.table}"'

    @property
    def where(self) -> str:
        """The SQL condition of the partitions."""
        return inside(self.column, self.ranges, dates=self.schema != "event_log")


@dataclass(frozen=True)
class Logged:
    """One promotion or rollback, as production's lake keeps it.

    Attributes:
        id: its number.
        kind: `promote` or `rollback`.
        environment: whose partitions they were; of a rollback, the promotion that it took back.
        actor: who did it.
        at: when; naive UTC.
        before: production's snapshot before it.
        partitions: asset → key → content hash after it (`hash`), and the ledger's record of what
            was there before (`was`; None if nothing).
    """

    id: str
    kind: str
    environment: str
    actor: str
    at: datetime
    before: int
    partitions: Mapping[str, Mapping[str, Mapping[str, Any]]]


def attach(connection: duckdb.DuckDBPyConnection, environment: Lake) -> None:
    """Attach an environment's lake, read-only, to a connection that writes production."""
    connection.execute(environment.attach_statement(read_only=True, name=_ENVIRONMENT))


def newest(connection: duckdb.DuckDBPyConnection) -> int:
    """Return production's newest snapshot."""
    row = connection.execute("SELECT id FROM ducklake_current_snapshot('lake')").fetchone()
    assert row is not None
    return int(row[0])


def promote(connection: duckdb.DuckDBPyConnection, tables: Iterable[Replaced]) -> None:
    """Copy partitions of an attached environment into production, in the open transaction."""
    for each in tables:
        source = f'{_ENVIRONMENT}.{OWN}{each.schema}."{each.table}"'
        columns = table_columns(connection, OWN + each.schema, _ENVIRONMENT)[each.table]
        _bring_to(connection, each, columns, source)
        _replace(connection, each, source, columns)


def restore(
    connection: duckdb.DuckDBPyConnection, production: Lake, tables: Iterable[Replaced], before: int
) -> None:
    """Put back what partitions held at a snapshot, in the open transaction.

    The past is attached beside the lake: `AT (VERSION)` leaves out files that this transaction deletes.
    Columns that came since stay, and are empty there.

    Raises:
        LakeError: if the snapshot has expired; nothing is changed.
    """
    try:
        connection.execute(production.attach_statement(read_only=True, name=_PAST, snapshot=before))
    except duckdb.Error as error:
        raise LakeError(
            f"What production held before, its snapshot {before}, is not there: {error}",
            "Restate the models with the old code instead.",
        ) from error
    for each in tables:
        columns = table_columns(connection, each.schema, _PAST).get(each.table, {})
        _replace(connection, each, f'{_PAST}.{each.schema}."{each.table}"', columns)


def log(
    connection: duckdb.DuckDBPyConnection, entry: Logged, entries: Sequence[LedgerEntry]
) -> None:
    """Write a promotion or rollback down, with the ledger entries, in the open transaction."""
    connection.execute(_MAKE_LOG)
    connection.execute(
        f"INSERT INTO {_LOG} VALUES (?, ?, ?, ?, ?, ?, ?)",
        [
            entry.id, entry.kind, entry.environment, entry.actor, entry.at, entry.before,
            json.dumps(entry.partitions),
        ],
    )  # fmt: skip
    write_entries(connection, entries)


def logged(connection: duckdb.DuckDBPyConnection) -> list[Logged]:
    """Return production's promotions and rollbacks, oldest first."""
    if "promotion" not in table_columns(connection, "weir"):
        return []
    rows = connection.execute(f"FROM {_LOG} ORDER BY before").fetchall()
    return [Logged(a, b, c, d, e, f, json.loads(text)) for a, b, c, d, e, f, text in rows]


def _replace(
    connection: duckdb.DuckDBPyConnection,
    each: Replaced,
    source: str,
    columns: Mapping[str, str],
) -> None:
    if not each.ranges:
        return
    have = table_columns(connection, each.schema)[each.table]
    names = ", ".join(f'"{name}"' for name in columns)
    values = ", ".join(
        f'"{name}"' if have[name] == kind else f'CAST("{name}" AS {have[name]}) AS "{name}"'
        for name, kind in columns.items()
    )
    connection.execute(f"DELETE FROM {each.name} WHERE {each.where}")
    if columns:  # else the table was not there
        connection.execute(
            f"INSERT INTO {each.name} ({names}) SELECT {values} FROM {source} WHERE {each.where}"
        )
    _check(connection, each)


def _check(connection: duckdb.DuckDBPyConnection, each: Replaced) -> None:
    """Count what was put in place: a copy that is not what the ledger says is not committed."""
    copied = connection.execute(f"SELECT count(*) FROM {each.name} WHERE {each.where}").fetchone()
    if copied != (each.rows,):
        raise LakeError(
            f"{each.name} would hold {copied and copied[0]} rows where {each.rows} were built.",
            "Nothing was changed. Run `weir --env NAME run --check`, then try again.",
        )


def _bring_to(
    connection: duckdb.DuckDBPyConnection,
    each: Replaced,
    columns: Mapping[str, str],
    source: str,
) -> None:
    """Make production's table where it is absent; else add columns and cast types that differ."""
    have = table_columns(connection, each.schema).get(each.table)
    physical = _partitioning(connection, each)
    if have is None:
        connection.execute(f"CREATE TABLE {each.name} AS SELECT * FROM {source} LIMIT 0")
        connection.execute(f"ALTER TABLE {each.name} SET PARTITIONED BY ({physical})")
        return
    for name, kind in columns.items():
        if name not in have:
            connection.execute(f'ALTER TABLE {each.name} ADD COLUMN "{name}" {kind}')
    casts = [
        f'CAST("{name}" AS {kind}) AS "{name}"'
        for name, kind in columns.items()
        if have.get(name, kind) != kind
    ]
    if casts:  # in place, DuckLake gives wrong results to who had read the table: swap it
        swap = f'lake.{each.schema}."{each.table}__swap"'
        connection.execute(
            f"CREATE TABLE {swap} AS SELECT * REPLACE ({', '.join(casts)}) FROM {each.name}"
        )
        connection.execute(f"ALTER TABLE {swap} SET PARTITIONED BY ({physical})")
        connection.execute(f"DROP TABLE {each.name}")
        connection.execute(f'ALTER TABLE {swap} RENAME TO "{each.table}"')


def _partitioning(connection: duckdb.DuckDBPyConnection, each: Replaced) -> str:
    """Return how the environment's table is partitioned, as SQL."""
    meta = f"__ducklake_metadata_{_ENVIRONMENT}"
    found = connection.execute(
        f"""
        SELECT pc.transform, c.column_name
        FROM {meta}.ducklake_partition_column AS pc
        JOIN {meta}.ducklake_partition_info AS pi USING (partition_id, table_id)
        JOIN {meta}.ducklake_table AS t ON t.table_id = pi.table_id AND t.end_snapshot IS NULL
        JOIN {meta}.ducklake_schema AS s ON s.schema_id = t.schema_id AND s.end_snapshot IS NULL
        JOIN {meta}.ducklake_column AS c
            ON c.table_id = t.table_id AND c.column_id = pc.column_id AND c.end_snapshot IS NULL
        WHERE s.schema_name = '{OWN}{literal(each.schema)}' AND t.table_name = ?
            AND pi.end_snapshot IS NULL
        ORDER BY pc.partition_key_index
        """,
        [each.table],
    ).fetchall()
    parts = [
        f'"{name}"' if transform == "identity" else f'{transform}("{name}")'
        for transform, name in found
    ]
    return ", ".join(parts) or f'"{each.column}"'
