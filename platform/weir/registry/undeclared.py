"""Finds keys that a schema does not declare, at any depth and inside list items."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from weir.registry.findings import escape
from weir.registry.keywords import is_composed, is_map
from weir.registry.model import Schema
from weir.registry.remedies import Violation, surplus

_OPAQUE = {"contains", "unevaluatedProperties", "unevaluatedItems", "$ref", "$dynamicRef"}


def undeclared(schema: Schema, value: Any, at: str = "") -> Iterator[Violation]:
    """Yield one finding per undeclared key.

    A key only flags its event, unless its object says `additionalProperties: false`. Free objects,
    maps' keys and what alternatives describe are not judged: nothing says what is declared there.
    """
    if is_composed(schema):
        return
    if isinstance(value, list):
        items = schema.get("items", {})
        for index, item in enumerate(value):
            yield from undeclared(items, item, f"{at}/{index}")
    elif isinstance(value, dict):
        yield from _in_object(schema, value, at)


def tells_all(schema: Schema) -> bool:
    """Tell whether a value without a finding surely has no key that its schema does not declare.

    Not where declared keys stand beside free ones with a schema of their own, or where a keyword that
    no column follows from describes keys or items.
    """
    return not is_composed(schema) and _tells_all(schema)


def _tells_all(schema: Schema) -> bool:
    if is_composed(schema):  # its column is its JSON: nothing of it is beyond
        return True
    if _OPAQUE & schema.keys():
        return False
    known, free = schema.get("properties") or {}, schema.get("additionalProperties")
    if known and isinstance(free, dict):
        return False
    inner = [*known.values(), schema.get("items")]
    return all(_tells_all(one) for one in inner if isinstance(one, dict))


def _in_object(schema: Schema, value: Mapping[str, Any], at: str) -> Iterator[Violation]:
    if is_map(schema):
        for key, inner in value.items():
            yield from undeclared(schema["additionalProperties"], inner, f"{at}/{escape(key)}")
        return
    known = schema.get("properties")
    if known is None:
        return
    allowed = schema.get("additionalProperties") is not False
    for key, inner in value.items():
        place = f"{at}/{escape(key)}"
        if key in known:
            yield from undeclared(known[key], inner, place)
        else:
            yield surplus(place, key, inner, known, flag=allowed)
