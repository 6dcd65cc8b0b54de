"""A whole value that a schema allows, made of what its parts allow. Pure.

What a single value may be is `weir.registry.describe.example`; where only the author could tell one,
the value is None, and the author's own `examples` go before all else.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from weir.registry.describe import example
from weir.registry.keywords import is_map, types_of

_MOST_ITEMS = 3
_DEEPEST = 32


def sample(schema: Any, depth: int = 0) -> Any:
    """Return a value that a schema allows, every declared parameter in it.

    >>> sample({"type": "object", "properties": {"a": {"type": "array", "items": {"type": "integer"}}}})
    {'a': [1]}

    Args:
        schema: with every `$ref` resolved.
        depth: how deep it stands; what is too deep is None.
    """
    if not isinstance(schema, Mapping) or depth > _DEEPEST:
        return None
    told = example(schema)
    if told is not None:
        return told
    for keyword in ("oneOf", "anyOf"):
        if isinstance(schema.get(keyword), list) and schema[keyword]:
            return _option(schema, schema[keyword][0], depth)
    return _whole(schema, depth)


def _option(schema: Mapping[str, Any], first: Any, depth: int) -> Any:
    """Return a value of the first alternative, with what holds for all of them."""
    value, base = sample(first, depth + 1), _whole(schema, depth)
    if isinstance(base, dict) and isinstance(value, dict):
        return {**base, **value}
    return base if value is None else value


def _whole(schema: Mapping[str, Any], depth: int) -> Any:
    kinds = [kind for kind in types_of(schema) if kind != "null"]
    if kinds[:1] == ["array"]:
        return _items(schema, depth)
    if kinds[:1] != ["object"] and "properties" not in schema:
        return None
    if is_map(schema):
        return {"key": sample(schema["additionalProperties"], depth + 1)}
    properties = schema.get("properties")
    named = properties.items() if isinstance(properties, Mapping) else ()
    values = {name: sample(inner, depth + 1) for name, inner in named}
    required = schema.get("required", ())
    return {name: v for name, v in values.items() if v is not None or name in required}


def _items(schema: Mapping[str, Any], depth: int) -> list[Any]:
    one = sample(schema.get("items"), depth + 1)
    low = schema.get("minItems", 1)
    count = min(max(low if isinstance(low, int) else 1, 1), _MOST_ITEMS)
    return [] if one is None else [one] * (1 if schema.get("uniqueItems") else count)
