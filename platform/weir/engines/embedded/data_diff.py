"""Compares partitions of one model in two places: rows added, removed and changed, column by column.

All of it is done in DuckDB; only counts and a few example rows come back.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import duckdb

from weir.core.grains import Range
from weir.engines.embedded.environments import OWN, inside
from weir.engines.embedded.lake import PRODUCTION, table_columns

_NTH = "_weir_nth"  # number of a row among those of its key: keys may repeat


@dataclass(frozen=True)
class Compared:
    """What to compare.

    Attributes:
        schema, table, column: the model's table and its partition column.
        keys: columns that say which row is which.
        ranges: the partitions to read.
    """

    schema: str
    table: str
    column: str
    keys: Sequence[str]
    ranges: Sequence[Range]


@dataclass
class TableDiff:
    """What differs in some partitions of one model.

    Attributes:
        added, removed, changed, same: rows by key.
        columns: column → changed rows in which it differs.
        types: column → its type in production and in the environment, where they differ; '' if absent.
        examples: a few rows: what became of it, its key, and each column's two values.
    """

    added: int = 0
    removed: int = 0
    changed: int = 0
    same: int = 0
    columns: dict[str, int] = field(default_factory=dict)
    types: dict[str, tuple[str, str]] = field(default_factory=dict)
    examples: list[dict[str, Any]] = field(default_factory=list)

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain data."""
        return asdict(self)


def compare(connection: duckdb.DuckDBPyConnection, wanted: Compared, limit: int = 5) -> TableDiff:
    """Compare partitions of a model in production with an environment's.

    Args:
        connection: of the environment; both lakes are attached.
        wanted: what to compare.
        limit: most example rows.
    """
    theirs = _columns(connection, PRODUCTION, wanted.schema, wanted.table)
    mine = _columns(connection, "lake", OWN + wanted.schema, wanted.table)
    types = {
        name: (theirs.get(name, ""), mine.get(name, ""))
        for name in {**theirs, **mine}
        if theirs.get(name) != mine.get(name)
    }
    if not mine or not wanted.ranges:
        return TableDiff(types=types)
    keys = [key for key in wanted.keys if key in mine and (not theirs or key in theirs)]
    values = [name for name in mine if name in theirs and name not in keys]
    connection.execute(_joined(wanted, keys, values, there=bool(theirs)))
    found = TableDiff(types=types)
    counts = connection.execute("SELECT what, count(*) FROM weir_diff GROUP BY 1").fetchall()
    for what, count in counts:
        setattr(found, what, count)
    found.columns = _by_column(connection, values)
    found.examples = _examples(connection, keys, values, limit)
    connection.execute("DROP TABLE weir_diff")
    return found


def _joined(wanted: Compared, keys: Sequence[str], values: Sequence[str], *, there: bool) -> str:
    """Return the statement that puts both sides' rows beside each other in a temporary table."""
    where = inside(wanted.column, wanted.ranges, dates=wanted.schema != "event_log")
    own = f'lake.{OWN}{wanted.schema}."{wanted.table}"'
    production = f'{PRODUCTION}.{wanted.schema}."{wanted.table}"' if there else own
    names = [*keys, *values]
    sides = [
        _side(own, names, keys, where),
        _side(production, names, keys, where if there else "false"),
    ]
    on = " AND ".join(f'm."{key}" IS NOT DISTINCT FROM p."{key}"' for key in keys) or "true"
    same = " AND ".join(f'm."{name}" IS NOT DISTINCT FROM p."{name}"' for name in values) or "true"
    return f"""
CREATE OR REPLACE TEMP TABLE weir_diff AS
SELECT
    CASE WHEN p.{_NTH} IS NULL THEN 'added' WHEN m.{_NTH} IS NULL THEN 'removed'
        WHEN {same} THEN 'same' ELSE 'changed' END AS what,
    m, p
FROM ({sides[0]}) AS m FULL OUTER JOIN ({sides[1]}) AS p
ON m.{_NTH} = p.{_NTH} AND {on}"""


def _side(table: str, names: Sequence[str], keys: Sequence[str], where: str) -> str:
    chosen = ", ".join(f'"{name}"' for name in names)
    apart = ", ".join(f'"{key}"' for key in keys) or "1"
    number = f"row_number() OVER (PARTITION BY {apart} ORDER BY {chosen})"
    return f"SELECT {chosen}, {number} AS {_NTH} FROM {table} WHERE {where}"


def _by_column(connection: duckdb.DuckDBPyConnection, values: Sequence[str]) -> dict[str, int]:
    if not values:
        return {}
    sums = ", ".join(f'count(*) FILTER (m."{name}" IS DISTINCT FROM p."{name}")' for name in values)
    row = connection.execute(f"SELECT {sums} FROM weir_diff WHERE what = 'changed'").fetchone()
    assert row is not None
    return {name: count for name, count in zip(values, row, strict=True) if count}


def _examples(
    connection: duckdb.DuckDBPyConnection, keys: Sequence[str], values: Sequence[str], limit: int
) -> list[dict[str, Any]]:
    order = ", ".join(f'coalesce(m."{key}", p."{key}")' for key in keys) or "1"
    rows = connection.execute(
        f"SELECT what, m, p FROM weir_diff WHERE what <> 'same' ORDER BY {order}, what LIMIT {limit}"
    ).fetchall()
    return [_example(what, mine, theirs, keys, values) for what, mine, theirs in rows]


def _example(
    what: str, mine: Any, theirs: Any, keys: Sequence[str], values: Sequence[str]
) -> dict[str, Any]:
    there = mine if what != "removed" else theirs
    before, after = theirs or {}, mine or {}
    differing = {
        name: (before.get(name), after.get(name))
        for name in values
        if before.get(name) != after.get(name)
    }
    return {"what": what, "key": {key: there[key] for key in keys}, "columns": differing}


def _columns(
    connection: duckdb.DuckDBPyConnection, database: str, schema: str, table: str
) -> dict[str, str]:
    return table_columns(connection, schema, database).get(table, {})
