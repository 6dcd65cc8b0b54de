"""The closed list of JSON Schema keywords that a parameter may use, and on which type.

Closed, because JSON Schema ignores what it does not know: a mistyped `mexLength` would check
nothing. What a keyword's value means is JSON Schema 2020-12's business.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from types import MappingProxyType
from typing import Any

from weir.registry.findings import Finding, escape, nearest
from weir.registry.vocabulary import ANNOTATIONS, ARRAYS, DIALECTS, LIST, MAP, SCHEMA, dialect_of

TYPES = ("string", "integer", "number", "boolean", "object", "array", "null")
NUMERIC = ("integer", "number")
COMPOSITION = ("anyOf", "oneOf", "allOf", "not")

SHAPING = (
    *COMPOSITION,
    "if",
    "then",
    "else",
    "patternProperties",
    "dependentSchemas",
    "prefixItems",
)
"""Keywords that decide the form of a value by its content: no column type follows from them."""

ANNOTATION = frozenset(
    (
        "title",
        "description",
        "examples",
        "default",
        "deprecated",
        "$comment",
        "readOnly",
        "writeOnly",
    )
)
"""Keywords that describe and check nothing."""
ANYWHERE = ("type", "enum", "const", *sorted(ANNOTATION), *COMPOSITION, "if", "then", "else")
TOP_ONLY = ("$schema", "$id", "$defs")

_TEXT = ("minLength", "maxLength", "pattern", "format", "contentEncoding", "contentMediaType")
_NUMBER = ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf")
_ARRAY = (
    "items", "minItems", "maxItems", "uniqueItems",
    "prefixItems", "contains", "minContains", "maxContains", "unevaluatedItems",
)  # fmt: skip
_OBJECT = (
    "properties", "required", "additionalProperties", "minProperties", "maxProperties",
    "patternProperties", "propertyNames", "dependentRequired", "dependentSchemas",
    "unevaluatedProperties",
)  # fmt: skip
APPLIES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        **dict.fromkeys(_TEXT, ("string",)),
        **dict.fromkeys(_NUMBER, NUMERIC),
        **dict.fromkeys(_ARRAY, ("array",)),
        **dict.fromkeys(_OBJECT, ("object",)),
    }
)
"""Keyword → the types that it constrains."""

KEYWORDS = (*ANYWHERE, *APPLIES)

FORMATS = (
    "date", "date-time", "duration", "email", "hostname", "ipv4", "ipv6", "time", "uri", "uuid",
)  # fmt: skip
"""Formats that are checked; any other would check nothing."""

BOUNDS = (
    ("minLength", "maxLength"), ("minItems", "maxItems"), ("minProperties", "maxProperties"),
    ("minimum", "maximum"), ("exclusiveMinimum", "exclusiveMaximum"),
    ("minimum", "exclusiveMaximum"), ("exclusiveMinimum", "maximum"), ("minContains", "maxContains"),
)  # fmt: skip


def types_of(schema: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the declared types, null included; empty when anything goes.

    >>> types_of({"type": ["string", "null"]})
    ('string', 'null')
    """
    declared = schema.get("type")
    given = declared if isinstance(declared, list | tuple) else (declared,)
    return tuple(kind for kind in given if isinstance(kind, str))


def core_type(schema: Mapping[str, Any]) -> str | None:
    """Return the one type besides null, or None when there is none or more than one.

    >>> core_type({"type": ["string", "null"]}), core_type({"type": ["string", "integer"]})
    ('string', None)
    """
    types = [t for t in types_of(schema) if t != "null"]
    return types[0] if len(types) == 1 else None


def is_composed(schema: Mapping[str, Any]) -> bool:
    """Tell whether alternatives decide the form, so that no column type follows from it."""
    return any(keyword in schema for keyword in SHAPING)


def is_map(schema: Mapping[str, Any]) -> bool:
    """Tell whether an object has free keys and one schema for all values."""
    return not schema.get("properties") and isinstance(schema.get("additionalProperties"), dict)


def unknown_keywords(schema: Any, dialect: str | None = None) -> list[Finding]:
    """Return every keyword of a foreign schema that its dialect does not have, at any depth.

    A validator ignores them without a word. What is data and no schema (`enum`, `const`, `default`,
    `examples`) is not looked into; what stands in the place of a keyword but is a schema itself is.

    Args:
        schema: the schema as parsed JSON.
        dialect: a key of `vocabulary.DIALECTS`, or a `$schema` address; by default its own.
    """
    given = schema.get("$schema") if dialect is None and isinstance(schema, dict) else dialect
    return list(_unknown(schema, DIALECTS[dialect_of(given)], ""))


def unknown_keyword(key: str, value: Any, at: str, known: Collection[str]) -> Finding:
    """Return the finding for one keyword that is not known."""
    place, near = f"{at}/{escape(key)}", nearest(key, known, cutoff=_TYPO)
    meant = f"Did you mean `{near}`?" if near else ""
    if not looks_like_schema(value):
        remedy = meant or "Remove it: JSON Schema ignores it. A remark goes into `$comment`."
        return Finding(
            place, "unknown_keyword", f"Unknown keyword `{key}`.", remedy, suggestion=near
        )
    what = f"Unknown keyword `{key}`: a schema that stands outside `properties` declares nothing."
    move = f"If it is a property, move it into `properties` of {at or 'the top level'}."
    return Finding(place, "outside_properties", what, f"{meant} {move}".strip(), suggestion=near)


def looks_like_schema(value: Any) -> bool:
    """Tell whether a value reads as a schema.

    >>> looks_like_schema({"type": "string"}), looks_like_schema({"a": {"type": "string"}})
    (True, False)
    """
    return isinstance(value, dict) and any(
        isinstance(value.get(key), kind) for key, kind in _SIGNS.items()
    )


_TYPO = 0.7  # `tipe` is 0.75 from `type`; `article` is 0.67 from `title`
_SIGNS: Mapping[str, type | tuple[type, ...]] = {"type": (str, list), "$ref": str, "properties": dict, "enum": list,
          "anyOf": list, "oneOf": list, "allOf": list}  # fmt: skip


def _unknown(node: Any, known: frozenset[str], at: str) -> Iterator[Finding]:
    if not isinstance(node, dict):
        return
    for key, value in node.items():
        place = f"{at}/{escape(key)}"
        if key in known or key in ANNOTATIONS:
            yield from _inside(key, value, known, place)
        else:
            yield unknown_keyword(key, value, at, known)
            if looks_like_schema(value):
                yield from _unknown(value, known, place)


def _inside(key: str, value: Any, known: frozenset[str], at: str) -> Iterator[Finding]:
    if key in MAP and isinstance(value, dict):
        for name, inner in value.items():
            yield from _unknown(inner, known, f"{at}/{escape(name)}")
    elif (key in LIST or key == ARRAYS) and isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _unknown(inner, known, f"{at}/{index}")
    elif key in SCHEMA or key == ARRAYS:
        yield from _unknown(value, known, at)
