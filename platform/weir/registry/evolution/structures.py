"""Types of columns: what they are, how engines write them, and which one holds two of them.

Which type a schema has is `weir.registry.columns`.
"""

from __future__ import annotations

from typing import TypeAlias

Structure: TypeAlias = "str | list[Structure] | dict[str, Structure]"
"""A type as DuckDB's `from_json` takes it: a scalar's name, [items], or {field: type}."""

JSON = "JSON"
SCALARS = {"integer": "BIGINT", "number": "DOUBLE", "boolean": "BOOLEAN", "string": "VARCHAR"}
_BIGQUERY = {
    "BIGINT": "INT64", "DOUBLE": "FLOAT64", "BOOLEAN": "BOOL", "VARCHAR": "STRING",
    "INTEGER": "INT64", "DATE": "DATE", "TIMESTAMP": "TIMESTAMP",
}  # fmt: skip
_MAP = "MAP(VARCHAR, {})"
_NUMBERS = {"BIGINT", "DOUBLE"}
_NUMBER_MAPS = {_MAP.format(number) for number in _NUMBERS}


def list_of(items: Structure) -> Structure:
    """Return the type of a list; one of anything is JSON as a whole."""
    return JSON if items == JSON else [items]


def map_of(values: Structure) -> Structure:
    """Return the type of an object with free keys: a map of scalars, JSON of anything else."""
    scalar = isinstance(values, str) and values in SCALARS.values()
    return _MAP.format(values) if scalar else JSON


def widen(old: Structure, new: Structure) -> Structure | None:
    """Return the type that holds both without changing a value, None if there is none.

    Integer and number are DOUBLE, also inside lists, maps and the records of lists; records of
    lists have the fields of both, the newer one's first. JSON holds only JSON: a column that is
    typed stays typed, and one that was not is followed by one that is.

    >>> widen("BIGINT", "DOUBLE"), widen(["BIGINT"], ["DOUBLE"]), widen("BIGINT", "VARCHAR")
    ('DOUBLE', ['DOUBLE'], None)
    """
    if old == new:
        return new
    if isinstance(old, dict) and isinstance(new, dict):
        return _fields(old, new)
    if isinstance(old, list) and isinstance(new, list):
        items = widen(old[0], new[0])
        return None if items is None else [items]
    if isinstance(old, str) and isinstance(new, str):
        return _scalar({old, new})
    return None


def duckdb_type(kind: Structure) -> str:
    """Return a type as DuckDB writes it.

    >>> duckdb_type([{"d": "VARCHAR"}])
    'STRUCT("d" VARCHAR)[]'
    """
    if isinstance(kind, list):
        return f"{duckdb_type(kind[0])}[]"
    if isinstance(kind, dict):
        fields = ", ".join(f'"{name}" {duckdb_type(inner)}' for name, inner in kind.items())
        return f"STRUCT({fields})"
    return kind


def bigquery_type(kind: Structure) -> str:
    """Return a type as BigQuery writes it, which has no maps.

    >>> bigquery_type([{"d": "VARCHAR"}])
    'ARRAY<STRUCT<`d` STRING>>'
    """
    if isinstance(kind, list):
        return f"ARRAY<{bigquery_type(kind[0])}>"
    if isinstance(kind, dict):
        fields = ", ".join(f"`{name}` {bigquery_type(inner)}" for name, inner in kind.items())
        return f"STRUCT<{fields}>"
    return _BIGQUERY.get(kind, JSON)


def _fields(old: dict[str, Structure], new: dict[str, Structure]) -> Structure | None:
    both: dict[str, Structure] = {}
    for name in [*new, *(name for name in old if name not in new)]:
        kind = widen(old.get(name, new.get(name, JSON)), new.get(name, old.get(name, JSON)))
        if kind is None:
            return None
        both[name] = kind
    return both


def _scalar(kinds: set[str]) -> Structure | None:
    if kinds <= _NUMBERS:
        return "DOUBLE"
    return _MAP.format("DOUBLE") if kinds <= _NUMBER_MAPS else None
