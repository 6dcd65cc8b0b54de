"""Reads the schema of one JSON type: which keywords act on it, and which stand idle."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, TypeAlias

from weir.registry.tree.nodes import ArrayNode, MapNode, Named, Node, Null, ObjectNode, ScalarNode

ANY_TYPE = ("enum", "const")
_NUMERIC = ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf")
_SCALARS: Mapping[str, tuple[str, ...]] = {
    "string": (
        "minLength",
        "maxLength",
        "pattern",
        "format",
        "contentEncoding",
        "contentMediaType",
    ),
    "integer": _NUMERIC,
    "number": _NUMERIC,
    "boolean": (),
    "null": (),
}
_ARRAY = ("minItems", "maxItems", "uniqueItems")
_OBJECT = ("minProperties", "maxProperties", "dependentRequired")
ACTS: Mapping[str, tuple[str, ...]] = {
    **_SCALARS,
    "array": (*_ARRAY, "items", "prefixItems"),
    "object": (
        *_OBJECT, "properties", "required", "additionalProperties", "patternProperties",
        "propertyNames",
    ),
}  # fmt: skip
"""Type → the keywords that act on it and that a node can show."""
_SHOWN = frozenset(keyword for keywords in ACTS.values() for keyword in keywords)

Read = Callable[[Any], Node]

Typed: TypeAlias = ScalarNode | ArrayNode | ObjectNode | MapNode


class Parts(NamedTuple):
    """A schema with a list of types, taken apart."""

    by_type: list[dict[str, Any]]
    shared: dict[str, Any]
    idle: dict[str, Any]


def read_typed(
    body: Mapping[str, Any], kind: object, read: Read, *, null_first: bool | None = None
) -> Typed | None:
    """Return the node of a schema of one type; None if no node can show it.

    Args:
        body: its keywords in their 2020-12 form, without annotations.
        kind: its type besides null.
        read: reads a schema inside.
        null_first: whether `type` lists null before or after the type; None if not at all.
    """
    if not isinstance(kind, str) or kind not in ACTS:
        return None
    acting = {key: body[key] for key in body if key in (*ACTS[kind], *ANY_TYPE)}
    idle = {key: body[key] for key in body if key not in acting and key != "type"}
    if not idle.keys() <= _SHOWN:
        return None
    null = Null.NO if null_first is None else Null.FIRST if null_first else Null.LAST
    common: dict[str, Any] = {"null": null, "kept": idle}
    if kind == "array":
        return _array(acting, read, common)
    if kind == "object":
        return _object(acting, read, common)
    return ScalarNode(type=kind, constraints=acting, **common)


def split(declared: list[Any], body: Mapping[str, Any]) -> Parts | None:
    """Return a schema with several types as one schema per type; None if it cannot be taken apart."""
    if not all(isinstance(one, str) and one in ACTS for one in declared):
        return None
    rest = {key: value for key, value in body.items() if key not in ("type", *ANY_TYPE)}
    by_type = [{"type": t} | {k: rest[k] for k in ACTS[t] if k in rest} for t in declared]
    acting = {key for part in by_type for key in part}
    idle = {key: value for key, value in rest.items() if key not in acting}
    shared = {key: body[key] for key in ANY_TYPE if key in body}
    return Parts(by_type, shared, idle) if idle.keys() <= _SHOWN else None


def implied_type(body: Mapping[str, Any]) -> str | None:
    """Return the type that all keywords of an untyped schema act on, if there is one."""
    fitting = [
        t for t in ("string", "number", "array", "object") if body.keys() <= {*ACTS[t], *ANY_TYPE}
    ]
    return fitting[0] if len(fitting) == 1 else None


def _array(acting: Mapping[str, Any], read: Read, common: Mapping[str, Any]) -> Typed | None:
    items, prefix = acting.get("items"), acting.get("prefixItems")
    if not isinstance(prefix, list | None):
        return None
    return ArrayNode(
        items=_schema_or_flag(items, read) if "items" in acting else None,
        prefix=None if prefix is None else tuple(read(one) for one in prefix),
        constraints=_pick(acting, (*_ARRAY, *ANY_TYPE)),
        **common,
    )


def _object(acting: Mapping[str, Any], read: Read, common: Mapping[str, Any]) -> Typed | None:
    properties, patterns = acting.get("properties"), acting.get("patternProperties")
    required, rest = acting.get("required"), acting.get("additionalProperties")
    if not (isinstance(properties, dict | None) and isinstance(patterns, dict | None)):
        return None
    if not isinstance(required, list | None):
        return None
    free = isinstance(rest, dict) or patterns is not None
    return (MapNode if free and not properties else ObjectNode)(
        properties=_named(properties, read),
        required=None if required is None else tuple(required),
        rest=_schema_or_flag(rest, read) if "additionalProperties" in acting else None,
        patterns=_named(patterns, read),
        names=read(acting["propertyNames"]) if "propertyNames" in acting else None,
        constraints=_pick(acting, (*_OBJECT, *ANY_TYPE)),
        **common,
    )


def _named(schemas: Mapping[str, Any] | None, read: Read) -> Named | None:
    return (
        None if schemas is None else tuple((name, read(inner)) for name, inner in schemas.items())
    )


def _schema_or_flag(value: Any, read: Read) -> Node | bool:
    return value if isinstance(value, bool) else read(value)


def _pick(keywords: Mapping[str, Any], wanted: tuple[str, ...]) -> dict[str, Any]:
    return {key: value for key, value in keywords.items() if key in wanted}
