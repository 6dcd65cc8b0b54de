"""The typed columns of an event log: what each version declares, united.

Nested objects are flattened with `__`; lists, maps and everything without one type stay whole.
`date-time` stays text: DuckDB's `from_json` reads 2026-01-01T00:00:00+09:00 as midnight UTC.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import reduce
from typing import Any, TypeAlias

from weir.registry.keywords import core_type, is_composed, is_map
from weir.registry.model import Event, Schema

Structure: TypeAlias = "str | list[Structure] | dict[str, Structure]"
"""A type as DuckDB's `from_json` takes it: a scalar's name, [items], or {field: type}."""

JSON = "JSON"
_SCALARS = {"integer": "BIGINT", "number": "DOUBLE", "boolean": "BOOLEAN", "string": "VARCHAR"}
_BIGQUERY = {"BIGINT": "INT64", "DOUBLE": "FLOAT64", "BOOLEAN": "BOOL", "VARCHAR": "STRING"}


@dataclass(frozen=True)
class Column:
    """One column.

    Args:
        name: the parameter's path, joined with `__`.
        path: where it is in the parameters.
        structure: its type, as `from_json` takes it.
        description: what the newest version says about it.
    """

    name: str
    path: tuple[str, ...]
    structure: Structure
    description: str

    @property
    def duckdb(self) -> str:
        """Its type on DuckDB.

        >>> Column("a", ("a",), [{"d": "VARCHAR"}], "").duckdb
        'STRUCT("d" VARCHAR)[]'
        """
        return _duckdb(self.structure)

    @property
    def bigquery(self) -> str:
        """Its type on BigQuery, which has no maps.

        >>> Column("a", ("a",), [{"d": "VARCHAR"}], "").bigquery
        'ARRAY<STRUCT<`d` STRING>>'
        """
        return _bigquery(self.structure)


def columns(event: Event) -> list[Column]:
    """Return the columns of an event's parameters over all versions, the newest version's first.

    Where versions disagree, integer and number become DOUBLE, anything else JSON.
    """
    newest_first = [event.versions[number] for number in sorted(event.versions, reverse=True)]
    declared: list[Structure] = [_fields(schema) for schema in newest_first]
    tree = reduce(merge, declared)
    return _flatten(tree, newest_first, ()) if tree else []


def structure(schema: Schema) -> Structure:
    """Return the type of what a schema describes.

    >>> structure({"type": "array", "items": {"type": ["integer", "null"]}})
    ['BIGINT']
    """
    kind = None if is_composed(schema) else core_type(schema)
    if kind == "object":
        return _object(schema)
    if kind == "array":
        return _list(structure(schema.get("items", {})))
    return _SCALARS.get(kind or "", JSON)


def merge(one: Structure, other: Structure) -> Structure:
    """Return the type that holds both.

    >>> merge("BIGINT", "DOUBLE"), merge("BIGINT", "VARCHAR")
    ('DOUBLE', 'JSON')
    """
    if one == other:
        return one
    if isinstance(one, dict) and isinstance(other, dict):
        both = {name: merge(kind, other[name]) for name, kind in one.items() if name in other}
        return {**one, **{k: v for k, v in other.items() if k not in one}, **both}
    if isinstance(one, list) and isinstance(other, list):
        return _list(merge(one[0], other[0]))
    numbers = [one, other] in (["BIGINT", "DOUBLE"], ["DOUBLE", "BIGINT"])
    return "DOUBLE" if numbers else JSON


def _fields(schema: Schema) -> dict[str, Structure]:
    return {name: structure(inner) for name, inner in schema.get("properties", {}).items()}


def _list(items: Structure) -> Structure:
    return JSON if items == JSON else [items]


def _object(schema: Schema) -> Structure:
    if is_map(schema):
        values = structure(schema["additionalProperties"])
        scalar = isinstance(values, str) and values in _BIGQUERY
        return f"MAP(VARCHAR, {values})" if scalar else JSON
    return _fields(schema) or JSON


def _flatten(tree: Structure, schemas: list[Schema], path: tuple[str, ...]) -> list[Column]:
    if not isinstance(tree, dict):
        return [Column("__".join(path), path, tree, _description(schemas, path))]
    return [
        column for name, inner in tree.items() for column in _flatten(inner, schemas, (*path, name))
    ]


def _description(schemas: list[Schema], path: tuple[str, ...]) -> str:
    for schema in schemas:
        node: Mapping[str, Any] = schema
        for name in path:
            node = node.get("properties", {}).get(name, {})
        if text := node.get("description"):
            return str(text)
    return f"The parameter `{'.'.join(path)}`."


def _duckdb(kind: Structure) -> str:
    if isinstance(kind, list):
        return f"{_duckdb(kind[0])}[]"
    if isinstance(kind, dict):
        fields = ", ".join(f'"{name}" {_duckdb(inner)}' for name, inner in kind.items())
        return f"STRUCT({fields})"
    return kind


def _bigquery(kind: Structure) -> str:
    if isinstance(kind, list):
        return f"ARRAY<{_bigquery(kind[0])}>"
    if isinstance(kind, dict):
        fields = ", ".join(f"`{name}` {_bigquery(inner)}" for name, inner in kind.items())
        return f"STRUCT<{fields}>"
    return _BIGQUERY.get(kind, JSON)
