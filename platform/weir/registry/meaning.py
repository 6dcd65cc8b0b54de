"""What a schema says without its words: the form by which an active version is held to be unchanged.

Titles, descriptions and examples may be mended at any time; `default` counts, since readers may use it.
"""

from __future__ import annotations

import hashlib
from typing import Any

from weir.core.canonical import canonical_json
from weir.registry.findings import escape
from weir.registry.keywords import ANNOTATION
from weir.registry.model import Schema
from weir.registry.vocabulary import ARRAYS, LIST, MAP, SCHEMA

WORDS = (ANNOTATION - {"default"}) | {"$schema", "$id"}


def meaning(schema: Any) -> Any:
    """Return a schema without the keywords that only describe, at every depth.

    >>> meaning({"type": "object", "properties": {"title": {"title": "T", "type": "string"}}})
    {'type': 'object', 'properties': {'title': {'type': 'string'}}}
    """
    if not isinstance(schema, dict):
        return schema
    return {key: _value(key, value) for key, value in schema.items() if key not in WORDS}


def meaning_hash(schema: Schema) -> str:
    """Return the hash of what a schema means: equal for schemas that differ in words or order only."""
    said = _sorted_sets(meaning(schema))
    return f"sha256:{hashlib.sha256(canonical_json(said)).hexdigest()}"


def changed_at(old: Schema, new: Schema) -> str | None:
    """Return where two schemas first mean something else, as a JSON pointer; None if they do not.

    >>> changed_at({"items": {"type": "number"}}, {"items": {"type": ["number"], "title": "T"}})
    '/items/type'
    """
    return _first(_sorted_sets(meaning(old)), _sorted_sets(meaning(new)), "")


def _first(old: Any, new: Any, at: str) -> str | None:
    if canonical_json(old) == canonical_json(new):
        return None
    if not isinstance(old, dict) or not isinstance(new, dict):
        return at
    places = (
        _first(old[key], new[key], f"{at}/{escape(key)}")
        if key in old and key in new
        else f"{at}/{escape(key)}"
        for key in sorted({*old, *new})
    )
    return next(place for place in places if place is not None)


def _value(key: str, value: Any) -> Any:
    if key in MAP and isinstance(value, dict):
        return {name: meaning(inner) for name, inner in value.items()}
    if (key in LIST or key == ARRAYS) and isinstance(value, list):
        return [meaning(inner) for inner in value]
    return meaning(value) if key in (*SCHEMA, ARRAYS) else value


def _sorted_sets(schema: Any) -> Any:
    """Return a schema with `required` and lists of types in one order: they are sets."""
    if isinstance(schema, list):
        return [_sorted_sets(inner) for inner in schema]
    if not isinstance(schema, dict):
        return schema
    return {
        key: sorted(value) if _is_set(key, value) else _sorted_sets(value)
        for key, value in schema.items()
    }


def _is_set(key: str, value: Any) -> bool:
    return (
        key in ("required", "type")
        and isinstance(value, list)
        and all(isinstance(one, str) for one in value)
    )
