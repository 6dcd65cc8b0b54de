"""Checks that an event's parameters fit into columns: names that collide, and what engines allow.

Limits are BigQuery's, the narrowest engine: https://cloud.google.com/bigquery/quotas#standard_tables.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from weir.core.names import snake_case
from weir.registry.columns import Column, Structure
from weir.registry.findings import Findings, escape
from weir.registry.model import Schema
from weir.registry.reserved import BASE_COLUMNS, EXTRA
from weir.registry.walk import Declared, declared

MAX_COLUMNS = 10_000
"""Columns of a table, the fields inside nested ones counted too."""
MAX_COLUMN_NAME = 300
MAX_DEPTH = 15
"""Levels of records inside one column."""

_VERSIONED = re.compile(r"^v[0-9]+$")


def check_columns(columns: Sequence[Column], found: Findings) -> None:
    """Check the columns of an event's log against the engines' limits.

    Args:
        columns: the columns of all versions.
        found: where to note what is wrong; pointers are into the newest version.
    """
    total = len(BASE_COLUMNS) + 1 + sum(leaves(column.structure) for column in columns)
    if total > MAX_COLUMNS:
        what = f"The event's log has {total} columns, nested fields counted; {MAX_COLUMNS} are allowed."
        remedy = "Put keys that are data into a map (`additionalProperties`), or split the event."
        found.add("/properties", what, remedy)
    for column in columns:
        for what, remedy in _column(column):
            found.add(_pointer(column), what, remedy)


def check_collisions(schema: Schema, found: Findings) -> None:
    """Check that no two parameters become one column or one field, whatever their case."""
    seen: dict[tuple[str, str], Declared] = {}
    for one in declared(schema):
        scope = "" if one.column == "__".join(one.path) else one.parent
        for name in {_snake(one, scope), _lower(one, scope)}:
            other = seen.setdefault((scope, name), one)
            if other is not one:
                what = f"`{one.dotted}` and `{other.dotted}` become one column, `{name}`."
                found.add(one.pointer, what, "Rename one of them.")
                break
        _check_base(one, scope, found)


def _check_base(one: Declared, scope: str, found: Findings) -> None:
    name = _snake(one, scope)
    if not scope and name != "__".join(one.path) and name in (*BASE_COLUMNS, EXTRA):
        what = f"`{one.dotted}` becomes the column `{name}`, which every event has."
        remedy = "Rename it, or send it beside `params`, in the event itself."
        found.add(one.pointer, what, remedy)


def _snake(one: Declared, scope: str) -> str:
    parts = one.path if not scope else (one.name,)
    return "__".join(snake_case(word) for part in parts for word in part.split("__"))


def _lower(one: Declared, scope: str) -> str:
    return ("__".join(one.path) if not scope else one.name).lower()


def leaves(structure: Structure) -> int:
    """Return how many columns a type counts for: one, or those of its fields.

    >>> leaves("BIGINT"), leaves([{"a": "BIGINT", "b": ["VARCHAR"]}])
    (1, 2)
    """
    if isinstance(structure, list):
        return leaves(structure[0])
    if isinstance(structure, dict):
        return sum(map(leaves, structure.values()))
    return 1


def depth(structure: Structure) -> int:
    """Return how many records a type has inside each other.

    >>> depth("BIGINT"), depth([{"a": {"b": "BIGINT"}}])
    (0, 2)
    """
    if isinstance(structure, list):
        return depth(structure[0])
    if isinstance(structure, dict):
        return 1 + max(map(depth, structure.values()), default=0)
    return 0


def _column(column: Column) -> Iterator[tuple[str, str]]:
    name = column.name
    if len(name) > MAX_COLUMN_NAME:
        what = f"The column `{name[:40]}…` has a name of {len(name)} characters; {MAX_COLUMN_NAME} are allowed."
        yield what, "Nest less deeply, or choose shorter names."
    if depth(column.structure) > MAX_DEPTH:
        what = f"`{name}` has {depth(column.structure)} levels of records; {MAX_DEPTH} are allowed."
        yield what, "Nest less deeply, or leave the inner part a free object: it is kept as JSON."
    if any(_VERSIONED.match(part) for part in column.path[1:]):
        what = f"`{name}` is how the column of a parameter that changed its type is called."
        yield what, "Give the field another name than `v` and a number."


def _pointer(column: Column) -> str:
    return "".join(f"/properties/{escape(part)}" for part in column.path)
