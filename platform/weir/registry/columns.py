"""The typed columns of an event log: what each version declares, united.

Nested objects are flattened with `__`; lists, maps and everything without one type stay whole. What
becomes of a parameter whose type changes is `weir.registry.evolution`.
`date-time` stays text: DuckDB's `from_json` reads 2026-01-01T00:00:00+09:00 as midnight UTC.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from weir.registry.evolution.structures import (
    JSON,
    SCALARS,
    Structure,
    bigquery_type,
    duckdb_type,
    list_of,
    map_of,
)
from weir.registry.evolution.versions import Fields, Typed, fold
from weir.registry.keywords import core_type, is_composed, is_map
from weir.registry.model import Event, Schema

__all__ = ["Column", "Structure", "columns", "structure"]


@dataclass(frozen=True)
class Column:
    """One column.

    Args:
        name: the parameter's path, joined with `__`; with `__v<N>` where a version broke its type.
        path: where it is in the parameters.
        structure: its type, as `from_json` takes it.
        description: what the newest version that feeds it says about it.
        since: the first version that feeds it; 0 if no version before had another type.
        until: the last version that feeds it; None if all later ones do.
        fork: the first part of the path, counted from 1, whose type a version broke; 0 if none did.
    """

    name: str
    path: tuple[str, ...]
    structure: Structure
    description: str
    since: int = 0
    until: int | None = None
    fork: int = 0

    @property
    def duckdb(self) -> str:
        """Its type on DuckDB.

        >>> Column("a", ("a",), [{"d": "VARCHAR"}], "").duckdb
        'STRUCT("d" VARCHAR)[]'
        """
        return duckdb_type(self.structure)

    @property
    def bigquery(self) -> str:
        """Its type on BigQuery, which has no maps.

        >>> Column("a", ("a",), [{"d": "VARCHAR"}], "").bigquery
        'ARRAY<STRUCT<`d` STRING>>'
        """
        return bigquery_type(self.structure)


def columns(event: Event) -> list[Column]:
    """Return the columns of an event's parameters over all versions, the newest version's first.

    A column takes the wider of two types (integer and number are DOUBLE; records of lists have the
    fields of both). Where one type does not hold the other, the column keeps its name and type, and
    the version that broke it begins a new one, `<name>__v<N>`. A removed parameter keeps its column.
    """
    typed = fold({number: _fields(schema) for number, schema in event.versions.items()})
    return [_described(event, column) for column in typed]


def structure(schema: Schema) -> Structure:
    """Return the type of what a schema describes.

    >>> structure({"type": "array", "items": {"type": ["integer", "null"]}})
    ['BIGINT']
    """
    kind = None if is_composed(schema) else core_type(schema)
    if kind == "object":
        return _object(schema)
    if kind == "array":
        return list_of(structure(schema.get("items", {})))
    return SCALARS.get(kind or "", JSON)


def _fields(schema: Schema) -> Fields:
    return {name: structure(inner) for name, inner in schema.get("properties", {}).items()}


def _object(schema: Schema) -> Structure:
    if is_map(schema):
        return map_of(structure(schema["additionalProperties"]))
    return _fields(schema) or JSON


def _described(event: Event, column: Typed) -> Column:
    feeding = [
        event.versions[number]
        for number in sorted(event.versions, reverse=True)
        if column.since <= number and (column.until is None or number <= column.until)
    ]
    text = " ".join(filter(None, (_description(feeding, column.path), _fed_by(column))))
    return Column(
        column.name, column.path, column.structure, text, column.since, column.until, column.fork
    )


def _fed_by(column: Typed) -> str:
    if not column.fork:
        return ""
    if column.until is None:
        return f"From version {column.since} on."
    if not column.since:
        return f"Up to version {column.until}."
    one = column.since == column.until
    return f"Version {column.until}." if one else f"Versions {column.since} to {column.until}."


def _description(schemas: list[Schema], path: tuple[str, ...]) -> str:
    for schema in schemas:
        node: Mapping[str, Any] = schema
        for name in path:
            node = node.get("properties", {}).get(name, {})
        if text := node.get("description"):
            return str(text)
    return f"The parameter `{'.'.join(path)}`."
