"""Which keywords each published dialect of JSON Schema has, and what of them is a schema itself.

Tables only. Which of them an event file may use is `weir.registry.keywords`.
"""

from __future__ import annotations

from collections.abc import Mapping

SCHEMA = ("additionalProperties", "not", "additionalItems", "contains", "propertyNames", "if",
          "then", "else", "unevaluatedItems", "unevaluatedProperties", "contentSchema")  # fmt: skip
"""Keywords whose value is one schema (`items` is one or a list)."""
LIST = ("allOf", "anyOf", "oneOf", "prefixItems")
"""Keywords whose value is a list of schemas."""
MAP = (
    "properties",
    "patternProperties",
    "$defs",
    "definitions",
    "dependentSchemas",
    "dependencies",
)
"""Keywords whose value is an object of schemas, by free names."""
ARRAYS = "items"

_DRAFT_4 = frozenset(
    (
        "$schema", "id", "$ref", "title", "description", "default", "definitions", "type", "enum",
        "allOf", "anyOf", "oneOf", "not", "format",
        "multipleOf", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum",
        "minLength", "maxLength", "pattern",
        "items", "additionalItems", "minItems", "maxItems", "uniqueItems",
        "properties", "patternProperties", "additionalProperties", "required",
        "minProperties", "maxProperties", "dependencies",
    )
)  # fmt: skip
_DRAFT_6 = _DRAFT_4 - {"id"} | {"$id", "const", "contains", "propertyNames", "examples"}
_DRAFT_7 = _DRAFT_6 | {
    "$comment", "if", "then", "else", "readOnly", "writeOnly", "contentEncoding",
    "contentMediaType",
}  # fmt: skip
_DRAFT_2019 = _DRAFT_7 - {"dependencies", "definitions"} | {
    "$defs", "$anchor", "$recursiveRef", "$recursiveAnchor", "$vocabulary", "deprecated",
    "dependentRequired", "dependentSchemas", "minContains", "maxContains", "unevaluatedItems",
    "unevaluatedProperties", "contentSchema",
}  # fmt: skip
_DRAFT_2020 = _DRAFT_2019 - {"$recursiveRef", "$recursiveAnchor", "additionalItems"} | {
    "$dynamicRef", "$dynamicAnchor", "prefixItems",
}  # fmt: skip

DIALECTS: Mapping[str, frozenset[str]] = {
    "draft-04": _DRAFT_4,
    "draft-06": _DRAFT_6,
    "draft-07": _DRAFT_7,
    "2019-09": _DRAFT_2019,
    "2020-12": _DRAFT_2020,
    "iglu": _DRAFT_4 | {"self", "$supersedes", "$supersededBy"},
}
"""Keywords by dialect; `iglu` is Snowplow's self-describing form of draft-04."""

NEWEST = "2020-12"
ANNOTATIONS = frozenset(("examples", "$comment", "deprecated", "readOnly", "writeOnly"))
"""They check nothing in any dialect, so nothing is lost by using one early."""


def dialect_of(uri: object) -> str:
    """Return the dialect that a `$schema` names; the newest if it names none.

    >>> dialect_of("http://json-schema.org/draft-04/schema#"), dialect_of(None)
    ('draft-04', '2020-12')
    """
    text = str(uri)
    if "com.snowplowanalytics.self-desc" in text:
        return "iglu"
    return next((name for name in DIALECTS if name in text), NEWEST)
