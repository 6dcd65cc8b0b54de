"""Lineage against the engine: change one input column's values, and see which columns' values change.

What changes must be named by lineage. The models are random; tests/activation has the project's own.
"""

from __future__ import annotations

from typing import Any

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from weir.lineage.columns.flows import Lineage
from weir.lineage.columns.trace import trace

TABLES = {"t": ["k", "a", "b", "c"], "s": ["k", "d", "e"]}
COLUMNS = [(table, column) for table, columns in TABLES.items() for column in columns]

_scalars = ["{0}", "{0} + {1}", "case when {0} > 1 then {1} else 7 end", "coalesce({0}, {1})", "3"]
_aggregates = ["sum({0})", "count(*)", "max({0} + {1})", "sum({0}) filter (where {1} > 1)"]
_windows = ["sum({0}) over (partition by {1})", "row_number() over (order by {0}, {1}, k, a, b, c)"]
_conditions = ["{0} > 1", "{0} = {1}", "{0} in (select d from s where e > 1)", "{0} + {1} < 4"]
_names = st.sampled_from(["a", "b", "c"])


@st.composite
def queries(draw: st.DrawFn) -> str:
    """A query of some steps: computed columns, a filter, a join, a grouping, a union."""

    def filled(choices: list[str]) -> str:
        return draw(st.sampled_from(choices)).format(draw(_names), draw(_names))

    scalar = _scalars + _windows
    first = f"select k, {filled(scalar)} as a, {filled(scalar)} as b, {filled(scalar)} as c from t"
    if draw(st.booleans()):
        first += f" where {filled(_conditions)}"
    second = "select f.k, f.a, f.b, f.c from f"
    if draw(st.booleans()):
        joined = draw(st.sampled_from(["join", "left join"]))
        second = f"select f.k, f.a, s.d as b, f.c from f {joined} s on f.{draw(_names)} = s.k"
    elif draw(st.booleans()):
        second += " union all select k, d as a, e as b, d + e as c from s"
    last = f"select k, {filled(scalar)} as one, {filled(_scalars)} as two from g"
    if draw(st.booleans()):
        keys = draw(_names)
        last = f"select {keys} as one, {filled(_aggregates)} as two from g group by 1"
    return f"with f as ({first}), g as ({second}) {last}"


_rows = st.lists(st.lists(st.integers(0, 3), min_size=4, max_size=4), min_size=2, max_size=6)


@pytest.fixture(scope="module")
def con() -> duckdb.DuckDBPyConnection:
    return duckdb.connect()


def fill(con: duckdb.DuckDBPyConnection, table: str, rows: list[list[int]]) -> None:
    columns = TABLES[table]
    con.execute(f"create or replace table {table} ({', '.join(f'{c} int' for c in columns)})")
    for row in rows:
        con.execute(f"insert into {table} values ({', '.join(map(str, row[: len(columns)]))})")


def told(found: Lineage, table: str, column: str) -> set[str]:
    """The columns that may change with an input column, as lineage says."""
    if any((ref.asset, ref.column) == (table, column) for ref, _ in found.rows):
        return set(found.columns)
    return {
        name
        for name, refs in found.columns.items()
        if any((ref.asset, ref.column) == (table, column) for ref in refs)
    }


def seen(before: Any, after: Any) -> set[str]:
    """The columns whose values are not the same."""
    return {
        c for c in before.columns if sorted(map(repr, before[c])) != sorted(map(repr, after[c]))
    }


@settings(max_examples=120)
@given(queries(), _rows, _rows, st.sampled_from(COLUMNS), st.integers(1, 4))
def test_only_columns_that_lineage_names_change(
    con: duckdb.DuckDBPyConnection,
    sql: str,
    rows: list[list[int]],
    others: list[list[int]],
    column: tuple[str, str],
    by: int,
) -> None:
    fill(con, "t", rows)
    fill(con, "s", others)
    found = trace(sql, TABLES)
    assert found.unresolved == ()
    before = con.execute(sql).df()
    table, name = column
    con.execute(f"update {table} set {name} = {name} * {by} + {by}")
    assert seen(before, con.execute(sql).df()) <= told(found, table, name)
