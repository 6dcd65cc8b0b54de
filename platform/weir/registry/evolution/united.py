"""The view that unites what breaks parted: one column per parameter over all versions.

It exists only beside a log whose event had a break, and is called like it with `__united`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from functools import partial, reduce

from weir.registry.columns import Column
from weir.registry.evolution.structures import JSON, Structure, bigquery_type, duckdb_type, widen
from weir.registry.reserved import BASE_COLUMNS, EXTRA

SUFFIX = "__united"
_TEXT = {"BIGINT", "DOUBLE", "BOOLEAN", "VARCHAR"}


def parted(columns: Sequence[Column]) -> bool:
    """Tell whether a version broke a type, so that there is something to unite."""
    return any(column.fork for column in columns)


def common(kinds: Sequence[Structure]) -> Structure:
    """Return the type that holds all without loss: a wider one, text for scalars, or JSON.

    >>> common(["BIGINT", "VARCHAR"]), common(["BIGINT", "BOOLEAN"]), common([["BIGINT"], "BIGINT"])
    ('VARCHAR', 'JSON', 'JSON')
    """
    both = reduce(lambda one, other: one and widen(one, other), kinds[1:], kinds[0] or None)
    if both is not None:
        return both
    scalars = {kind for kind in kinds if isinstance(kind, str)}
    texts = len(scalars) == len({str(kind) for kind in kinds}) and scalars <= _TEXT
    return "VARCHAR" if texts and "VARCHAR" in scalars else JSON


def view_sql(log: str, columns: Sequence[Column], engine: str = "duckdb") -> str:
    """Return the view's SELECT.

    A row holds one of a parameter's columns, that of its version, so the first that is not NULL is
    its value. An object that was or became something else is JSON as a whole.

    Args:
        log: the event log's name.
        columns: the log's columns.
        engine: duckdb or bigquery.
    """
    quote = "`{}`" if engine == "bigquery" else '"{}"'
    mine = [f"{sql} AS {quote.format(name)}" for name, sql in _selected(columns, engine)]
    table = f"event_log.{quote.format(log)}"
    return f"SELECT {', '.join([*BASE_COLUMNS, *mine, EXTRA])} FROM {table}"


def mark(select: str) -> str:
    """Return what the view's comment holds, by which a change of the SELECT is noticed."""
    digest = hashlib.md5(select.encode(), usedforsecurity=False).hexdigest()
    return f"All versions united, one column per parameter. weir:{digest}"


def _selected(columns: Sequence[Column], engine: str) -> Iterator[tuple[str, str]]:
    seen = set[tuple[str, ...]]()
    for column in columns:
        root = column.path[: column.fork]
        if not column.fork:
            yield column.name, _quoted(engine, column.name)
        elif root not in seen:
            seen.add(root)
            of_root = [c for c in columns if c.fork and c.path[: len(root)] == root]
            yield "__".join(root), _united(of_root, root, engine)


def _united(columns: Sequence[Column], root: tuple[str, ...], engine: str) -> str:
    whole = [column for column in columns if column.path == root]
    if len(whole) < len(columns):
        return _json(columns, root, engine)
    kind = common([column.structure for column in whole])
    if kind == JSON:
        return _json(columns, root, engine)
    written = bigquery_type(kind) if engine == "bigquery" else duckdb_type(kind)
    same = [_quoted(engine, column.name) for column in whole]
    return _coalesce([f"CAST({name} AS {written})" for name in same])


def _json(columns: Sequence[Column], at: tuple[str, ...], engine: str) -> str:
    """Return a parameter as JSON: what it is as a whole, else the object of what is inside it."""
    values = [_whole(column, engine) for column in columns if column.path == at]
    inside = [column for column in columns if len(column.path) > len(at)]
    if inside:
        names = dict.fromkeys(column.path[len(at)] for column in inside)
        of = partial(_json, engine=engine)
        pairs = [
            f"'{name}', {of([c for c in inside if c.path[len(at)] == name], (*at, name))}"
            for name in names
        ]
        values.append(_object(", ".join(pairs), engine))
    return _coalesce(values)


def _whole(column: Column, engine: str) -> str:
    """Return a column as JSON, NULL in the rows of other versions.

    BigQuery stores a NULL list as an empty one, and makes a JSON null of NULL.
    """
    name = _quoted(engine, column.name)
    if engine != "bigquery":
        return f"TO_JSON({name})"
    since = f"version >= {column.since} AND " if column.since else ""
    until = "" if column.until is None else f"version <= {column.until} AND "
    return f"IF({since}{until}{name} IS NOT NULL, TO_JSON({name}), NULL)"


def _object(pairs: str, engine: str) -> str:
    """Return an object without the keys that are NULL, and NULL when none is left."""
    if engine == "bigquery":
        text = f"TO_JSON_STRING(JSON_STRIP_NULLS(JSON_OBJECT({pairs}), remove_empty => TRUE))"
        return f"PARSE_JSON(NULLIF({text}, 'null'))"
    empty = "CAST('{}' AS JSON)"
    return f"NULLIF(JSON_MERGE_PATCH({empty}, JSON_OBJECT({pairs})), {empty})"


def _coalesce(values: Sequence[str]) -> str:
    return values[0] if len(values) == 1 else f"COALESCE({', '.join(values)})"


def _quoted(engine: str, name: str) -> str:
    return f"`{name}`" if engine == "bigquery" else f'"{name}"'
