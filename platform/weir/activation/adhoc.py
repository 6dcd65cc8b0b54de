"""A layer that is not built, computed from its fact in memory: exact, and bounded.

The SQL is that of the layer's own models (`dbt/macros/activation_adhoc.sql`), from the fact's first day
on. Nothing is written; the tables live as long as the connection.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date

import duckdb

from weir.activation.contract import DATE, Fact
from weir.activation.tables import Tables
from weir.core.errors import NotReady
from weir.core.names import Layer

MOST_ROWS = 2_000_000
"""Rows of a fact from which a layer is computed while somebody waits."""
SECONDS = 30.0
Compile = Callable[[str, str, date], str]
"""(fact, grain, first day left out) → the SQL of `activation_adhoc`."""


@dataclass(frozen=True)
class Computed:
    """A layer in memory.

    Attributes:
        tables: where its figures are, on the connection that it was computed on.
        rows: rows of the fact that it was computed from.
    """

    tables: Tables
    rows: int


def compute(
    con: duckdb.DuckDBPyConnection, fact: Fact, grain: str, compile_sql: Compile,
    most: int = MOST_ROWS, seconds: float = SECONDS,
) -> Computed:  # fmt: skip
    """Compute a layer into temporary tables of a connection.

    Args:
        con: a connection to the lake, in a transaction if others write meanwhile.
        fact: the fact's contract.
        grain: daily, weekly or monthly.
        compile_sql: makes the SQL.
        most: rows of the fact above which nothing is computed.
        seconds: how long it may take.

    Raises:
        NotReady: if the fact has no rows or too many, or the time is up.
    """
    tables = Tables(fact.name, grain, schema="", week_start=fact.week_start)
    rows, newest = _extent(con, fact.name)
    add = f"`weir activation add {fact.name} --grain {grain}`, then `weir run`."
    if newest is None:
        raise NotReady(f"The fact `{fact.name}` has no rows yet.", "Build it: `weir run`.")
    if rows > most:
        told = (
            f"`{fact.name}` has {rows:,} rows; a layer is computed while you wait up to {most:,}."
        )
        raise NotReady(told, f"Add the layer: {add}")
    last = min(newest, fact.end) if fact.end else newest
    until = tables.shift(tables.floor(last), 1)
    parts = parts_of(compile_sql(fact.name, grain, until))
    try:
        with _within(con, seconds):
            for part, sql in parts.items():
                con.execute(f"CREATE OR REPLACE TEMP TABLE {tables.name(part)} AS {sql}")
    except duckdb.InterruptException:
        told = f"The {grain} layer of `{fact.name}` took more than {seconds:g} s to compute."
        raise NotReady(told, f"Add the layer: {add}") from None
    before = ",\n".join(f"{tables.name(part)} AS (\n{sql}\n)" for part, sql in parts.items())
    return Computed(replace(tables, before=before), rows)


def _extent(con: duckdb.DuckDBPyConnection, fact: str) -> tuple[int, date | None]:
    try:
        found = con.execute(f'SELECT count(*), max({DATE}) FROM lake.fact."{fact}"').fetchone()
    except duckdb.CatalogException:
        return 0, None
    return found if found else (0, None)


def parts_of(sql: str) -> dict[str, str]:
    r"""Split the SQL at its marks.

    >>> parts_of("-- part: activation\nselect 1\n-- part: summary\nselect 2")
    {'activation': 'select 1', 'summary': 'select 2'}
    """
    found = {}
    for piece in sql.split("-- part: ")[1:]:
        name, _, text = piece.partition("\n")
        found[name.strip()] = text.strip()
    return found


@contextmanager
def _within(con: duckdb.DuckDBPyConnection, seconds: float) -> Iterator[None]:
    timer = threading.Timer(seconds, con.interrupt)
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def is_built(con: duckdb.DuckDBPyConnection, fact: str, grain: str) -> bool:
    """Tell whether a layer's tables have rows."""
    try:
        found = con.execute(
            f'SELECT 1 FROM lake.activation."{Layer(fact, grain, "summary")}" LIMIT 1'
        ).fetchone()
    except duckdb.CatalogException:
        return False
    return found is not None
