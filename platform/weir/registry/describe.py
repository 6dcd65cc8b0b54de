"""What a schema allows, in a few exact words: `integer >= 1`, `string of at most 20 characters`. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from weir.core.told import as_text, kind_of
from weir.registry import patterns
from weir.registry.keywords import types_of

INT64 = (-(2**63), 2**63 - 1)
_MANY = 20
"""Values of an enum that are listed."""
_KEYS = 6
"""Keys that tell one option from another."""

EXAMPLES: Mapping[str, str] = {
    "date-time": "2026-11-20T21:00:00Z",
    "date": "2026-11-20",
    "time": "21:00:00Z",
    "duration": "P3DT4H",
    "email": "ann@example.com",
    "uuid": "0192f0c1-7a3b-7c4d-8e5f-0123456789ab",
    "uri": "https://example.com/page",
    "hostname": "www.example.com",
    "ipv4": "192.0.2.1",
    "ipv6": "2001:db8::1",
}
"""A value of each format."""


def describe(node: Any) -> str:
    """Return what a schema allows, in words that fit into a sentence.

    >>> describe({"type": "integer", "minimum": 1})
    'integer >= 1'
    >>> describe({"type": ["string", "null"], "maxLength": 20})
    'string of at most 20 characters, or null'
    """
    if not isinstance(node, Mapping):
        return "any value" if node is not False else "nothing"
    if "const" in node:
        return as_text(node["const"])
    if node.get("enum"):
        return _one_of(node["enum"])
    for key in ("anyOf", "oneOf"):
        if isinstance(node.get(key), list):
            return " or ".join(dict.fromkeys(option(branch) for branch in node[key]))
    return _typed(node)


def option(node: Any) -> str:
    """Return what one of several schemas allows, with the keys that tell it from the others.

    >>> option({"type": "object", "properties": {"by": {"const": "card"}}, "required": ["no"]})
    'object with `by`: "card", `no`'
    """
    said = describe(node)
    if not isinstance(node, Mapping):
        return said
    inner = node.get("properties", {})
    fixed = [f"`{key}`: {as_text(one['const'])}" for key, one in inner.items() if _is_const(one)]
    needed = [f"`{key}`" for key in node.get("required", ()) if not _is_const(inner.get(key))]
    if not fixed and not needed:
        return said
    kind = "object" if said == "any value" else said
    return f"{kind} with {', '.join([*fixed, *needed][:_KEYS])}"


def _is_const(node: Any) -> bool:
    return isinstance(node, Mapping) and "const" in node


def _one_of(options: list[Any]) -> str:
    listed = ", ".join(as_text(value) for value in options[:_MANY])
    return f"one of {listed}" + (f" and {len(options) - _MANY} more" if options[_MANY:] else "")


def _typed(node: Mapping[str, Any]) -> str:
    kinds = [kind for kind in types_of(node) if kind != "null"]
    words = " or ".join(kinds) or "any value"
    details = [" ".join(_numbers(node)), " ".join(_texts(node)), " ".join(_lists(node))]
    described = " ".join([words, *filter(None, details)])
    if "null" in types_of(node):
        return f"{described}, or null" if kinds else "null"
    return described


def _numbers(node: Mapping[str, Any]) -> Iterator[str]:
    low, high = INT64
    bounds = [
        (">=", node.get("minimum"), low), (">", node.get("exclusiveMinimum"), None),
        ("<=", node.get("maximum"), high), ("<", node.get("exclusiveMaximum"), None),
    ]  # fmt: skip
    said = [f"{sign} {as_text(limit)}" for sign, limit, own in bounds if limit not in (None, own)]
    if said:
        yield " and ".join(said)
    if "multipleOf" in node:
        yield f"that is a multiple of {as_text(node['multipleOf'])}"


def _texts(node: Mapping[str, Any]) -> Iterator[str]:
    span = _span(node.get("minLength"), node.get("maxLength"), "character")
    if span:
        yield span
    if "pattern" in node:
        yield f"that matches {node['pattern']}"
    if (name := node.get("format")) is not None:
        yield f"in the format {name}" + (f", such as {EXAMPLES[name]}" if name in EXAMPLES else "")


def _lists(node: Mapping[str, Any]) -> Iterator[str]:
    for low, high, one in (
        ("minItems", "maxItems", "item"),
        ("minProperties", "maxProperties", "key"),
    ):
        if span := _span(node.get(low), node.get(high), one):
            yield span
    if node.get("uniqueItems"):
        yield "without repeated items"


def _span(low: int | None, high: int | None, one: str) -> str:
    if low is None and high is None:
        return ""
    if low is not None and high is not None:
        return f"of {low} to {high} {one}s" if low != high else f"of {_count(low, one)}"
    if high is None:
        return f"of at least {_count(low or 0, one)}"
    return f"of at most {_count(high, one)}"


def _count(number: int, one: str) -> str:
    return f"{number} {one}" + ("" if number == 1 else "s")


def example(node: Any) -> Any:
    """Return a value that a schema allows, or None where only its author could tell one.

    >>> example({"type": "integer", "minimum": 5})
    5
    """
    if not isinstance(node, Mapping):
        return None
    for key in ("examples", "enum"):
        if isinstance(node.get(key), list) and node[key]:
            return next((v for v in node[key] if v is not None), None)
    if "const" in node or "default" in node:
        return node.get("const", node.get("default"))
    kinds = [kind for kind in types_of(node) if kind != "null"]
    makes = {"integer": _number, "number": _number, "string": _string}
    if kinds and kinds[0] in makes:
        return makes[kinds[0]](node)
    return True if kinds[:1] == ["boolean"] else None


def _number(node: Mapping[str, Any]) -> Any:
    for value in (1, node.get("minimum"), node.get("maximum"), 0):
        if value is not None and _within(node, value) and kind_of(value) != "boolean":
            return value
    return None


def _within(node: Mapping[str, Any], value: Any) -> bool:
    return bool(
        value >= node.get("minimum", value)
        and value <= node.get("maximum", value)
        and value > node.get("exclusiveMinimum", value - 1)
        and value < node.get("exclusiveMaximum", value + 1)
        and value % node.get("multipleOf", 1) == 0
    )


def _string(node: Mapping[str, Any]) -> str | None:
    if node.get("format") in EXAMPLES:
        return EXAMPLES[node["format"]]
    if "pattern" in node:
        return patterns.example(node) if "format" not in node else None
    free = "format" not in node and node.get("minLength", 0) <= 1
    return "a" if free and node.get("maxLength", 1) >= 1 else None
