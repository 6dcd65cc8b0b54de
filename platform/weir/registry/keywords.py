"""The closed list of JSON Schema keywords that a parameter may use, and on which type.

Closed, because JSON Schema ignores what it does not know: a mistyped `mexLength` would check
nothing. What a keyword's value means is JSON Schema 2020-12's business.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

TYPES = ("string", "integer", "number", "boolean", "object", "array", "null")
NUMERIC = ("integer", "number")
COMPOSITION = ("anyOf", "oneOf", "allOf", "not")

ANYWHERE = (
    "type", "title", "description", "examples", "default", "deprecated", "$comment", "enum",
    "const", *COMPOSITION,
)  # fmt: skip
TOP_ONLY = ("$schema", "$id", "$defs")

APPLIES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        **dict.fromkeys(("minLength", "maxLength", "pattern", "format"), ("string",)),
        **dict.fromkeys(
            ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"), NUMERIC
        ),
        **dict.fromkeys(("items", "minItems", "maxItems", "uniqueItems"), ("array",)),
        **dict.fromkeys(
            (
                "properties", "required", "additionalProperties",
                "minProperties", "maxProperties",
            ),
            ("object",),
        ),
    }
)  # fmt: skip
"""Keyword → the types that it constrains."""

KEYWORDS = (*ANYWHERE, *APPLIES)

FORMATS = (
    "date", "date-time", "duration", "email", "hostname", "ipv4", "ipv6", "time", "uri", "uuid",
)  # fmt: skip
"""Formats that are checked; any other would check nothing."""

BOUNDS = (
    ("minLength", "maxLength"), ("minItems", "maxItems"), ("minProperties", "maxProperties"),
    ("minimum", "maximum"), ("exclusiveMinimum", "exclusiveMaximum"),
    ("minimum", "exclusiveMaximum"), ("exclusiveMinimum", "maximum"),
)  # fmt: skip


def types_of(schema: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the declared types, null included; empty when anything goes.

    >>> types_of({"type": ["string", "null"]})
    ('string', 'null')
    """
    declared = schema.get("type", ())
    return (declared,) if isinstance(declared, str) else tuple(declared)


def core_type(schema: Mapping[str, Any]) -> str | None:
    """Return the one type besides null, or None when there is none or more than one.

    >>> core_type({"type": ["string", "null"]}), core_type({"type": ["string", "integer"]})
    ('string', None)
    """
    types = [t for t in types_of(schema) if t != "null"]
    return types[0] if len(types) == 1 else None


def is_composed(schema: Mapping[str, Any]) -> bool:
    """Tell whether alternatives decide the form, so that no column type follows from it."""
    return any(keyword in schema for keyword in COMPOSITION)


def is_map(schema: Mapping[str, Any]) -> bool:
    """Tell whether an object has free keys and one schema for all values."""
    return not schema.get("properties") and isinstance(schema.get("additionalProperties"), dict)
