"""Which JSON types a schema admits: by `type`, else by its listed values. Pure."""

from __future__ import annotations

from typing import Any

from weir.registry.compat.model import Node
from weir.registry.keywords import NUMERIC, TYPES, types_of

ANYTHING = frozenset(TYPES)


def admitted(schema: Node) -> frozenset[str]:
    """Return the types that values of a schema can have.

    >>> sorted(admitted({"enum": ["a", None]})), admitted({}) == ANYTHING
    (['null', 'string'], True)
    """
    types = frozenset(types_of(schema))
    if not types:
        listed = _listed(schema)
        types = ANYTHING if listed is None else frozenset(map(_kind, listed))
    return types | {"integer"} if "number" in types else types


def column(schema: Node) -> frozenset[str] | None:
    """Return what decides the type of a column, None where several types share one."""
    types = frozenset(types_of(schema)) or admitted(schema)
    if types == ANYTHING:
        return None
    kinds = types - {"null"}
    kinds = frozenset({"number"}) if kinds == frozenset(NUMERIC) else kinds
    return kinds if len(kinds) < 2 else None


def words(types: frozenset[str]) -> str:
    """Return types as people say them.

    >>> words(frozenset({"null", "string"})), words(ANYTHING)
    ('null or string', 'anything')
    """
    if types >= ANYTHING:
        return "anything"
    shown = types - {"integer"} if "number" in types else types
    return " or ".join(sorted(shown)) or "nothing"


def _listed(schema: Node) -> list[Any] | None:
    if "enum" in schema:
        return list(schema["enum"])
    return [schema["const"]] if "const" in schema else None


def _kind(value: Any) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, float) and value.is_integer():
        return "integer"  # 1.0 is the same JSON number as 1
    names = {str: "string", int: "integer", float: "number", list: "array", dict: "object"}
    return names[type(value)]
