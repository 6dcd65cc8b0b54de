"""Finds keywords of one schema that contradict each other, so that nothing or too little is valid.

Only the keywords of the schema itself; going into nested ones is `weir.registry.lint`'s.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from math import ceil, floor, isfinite
from typing import Any, NamedTuple, TypeGuard

import jsonschema_rs

from weir.registry.findings import show
from weir.registry.keywords import ANNOTATION, BOUNDS, types_of

SHORTEST: Mapping[str, int] = {
    "date": 10, "date-time": 20, "time": 9, "uuid": 36, "ipv4": 7, "ipv6": 2, "email": 3, "duration": 3,
}  # fmt: skip
"""Characters that a text of a format has at least."""

_CLASS = re.compile(r"^\^(?:\[[^\]\\]+\]|\\[dws])\{(\d+)(?:,(\d+))?\}\$$")
_LITERAL = re.compile(r"^\^([A-Za-z0-9_-]*)\$$")
_NULL = "null"


class Wrong(NamedTuple):
    """One contradiction: the keyword's place inside the schema, what it is, what to do."""

    at: str
    what: str
    remedy: str


def contradictions(schema: Mapping[str, Any]) -> Iterator[Wrong]:
    """Yield every contradiction among the keywords of one schema."""
    for find in (_bounds, _multiple, _text, _counts, _items, _enum, _values, _alternatives):
        yield from find(schema)


def _bounds(schema: Mapping[str, Any]) -> Iterator[Wrong]:
    for low, high in BOUNDS:
        least, most = schema.get(low), schema.get(high)
        if not (is_number(least) and is_number(most)):
            continue
        strict = "exclusive" in low or "exclusive" in high
        if least > most or (strict and least == most):
            what = f"`{low}` {show(least)} leaves nothing below `{high}` {show(most)}."
            yield Wrong(f"/{low}", what, "Exchange or correct the bounds.")
        elif low in ("minimum", "exclusiveMinimum"):
            yield from _whole(schema, low, high)
    for key in ("exclusiveMinimum", "exclusiveMaximum"):
        if isinstance(schema.get(key), bool):
            plain = "minimum" if "Min" in key else "maximum"
            remedy = f"Since draft-06 it is the bound itself: write it instead of `{plain}`."
            yield Wrong(f"/{key}", f"`{key}` is a number.", remedy)


def _whole(schema: Mapping[str, Any], low: str, high: str) -> Iterator[Wrong]:
    """Check that a whole number, or a multiple, lies between two bounds."""
    step = schema.get("multipleOf", 1)
    only_whole = set(types_of(schema)) <= {"integer", _NULL} and "type" in schema
    if not is_number(step) or step <= 0 or not (only_whole or "multipleOf" in schema):
        return
    if not all(isinstance(one, int) or isfinite(one) for one in (schema[low], schema[high], step)):
        return
    least, most = (_exact(schema[key]) / _exact(step) for key in (low, high))
    first = floor(least) + 1 if "exclusive" in low else ceil(least)
    last = ceil(most) - 1 if "exclusive" in high else floor(most)
    if first > last:
        kind = f"multiple of {show(step)}" if "multipleOf" in schema else "whole number"
        bounds = f"`{low}` {show(schema[low])} and `{high}` {show(schema[high])}"
        yield Wrong(f"/{low}", f"No {kind} lies between {bounds}.", "Correct the bounds.")


def _exact(number: float) -> Fraction:
    return Fraction(number) if isinstance(number, int) else Fraction(str(number))


def _multiple(schema: Mapping[str, Any]) -> Iterator[Wrong]:
    step = schema.get("multipleOf")
    if is_number(step) and step <= 0:
        yield Wrong(
            "/multipleOf", f"Nothing is a multiple of {show(step)}.", "Give a number above 0."
        )


def _text(schema: Mapping[str, Any]) -> Iterator[Wrong]:
    least, most = schema.get("minLength", 0), schema.get("maxLength", float("inf"))
    if not (is_number(least) and is_number(most)) or least > most:
        return
    pattern, form = schema.get("pattern"), schema.get("format")
    width = _width(pattern) if isinstance(pattern, str) else None
    if width and (width[1] < least or width[0] > most):
        what = f"No text that matches `pattern` {pattern} has an allowed length."
        yield Wrong("/pattern", what, "Correct the pattern, `minLength` or `maxLength`.")
    if isinstance(form, str) and SHORTEST.get(form, 0) > most:
        what = f"A `{form}` has at least {SHORTEST[form]} characters, and `maxLength` is {most}."
        yield Wrong("/maxLength", what, "Remove `maxLength`, or raise it.")


def _width(pattern: str) -> tuple[float, float] | None:
    """Return the shortest and longest match of the plainest patterns: `^abc$`, `^[a-z]{2,3}$`."""
    if literal := _LITERAL.match(pattern):
        return len(literal[1]), len(literal[1])
    if repeated := _CLASS.match(pattern):
        return int(repeated[1]), int(repeated[2] or repeated[1])
    return None


def _counts(schema: Mapping[str, Any]) -> Iterator[Wrong]:
    required, most = schema.get("required"), schema.get("maxProperties")
    if isinstance(required, list) and is_number(most) and len(required) > most:
        what = f"{len(required)} keys are required, and `maxProperties` is {show(most)}."
        yield Wrong("/maxProperties", what, "Raise it, or require less.")
    least, known = schema.get("minProperties"), schema.get("properties", {})
    closed = schema.get("additionalProperties") is False and "patternProperties" not in schema
    if is_number(least) and closed and isinstance(known, dict) and least > len(known):
        what = f"`minProperties` is {show(least)}, and only {len(known)} keys are allowed."
        yield Wrong("/minProperties", what, "Lower it, or declare more.")


def _items(schema: Mapping[str, Any]) -> Iterator[Wrong]:
    """Check that a list can have as many items as `minItems` asks for."""
    least, first = schema.get("minItems"), schema.get("prefixItems")
    if not is_number(least):
        return
    if isinstance(first, list) and schema.get("items") is False and least > len(first):
        what = f"`minItems` is {show(least)}, and only {len(first)} items are allowed."
        yield Wrong("/minItems", what, "Lower it, or describe more items.")
    different = _different(schema.get("items"))
    if schema.get("uniqueItems") is True and not first and different and least > different:
        what = f"`minItems` is {show(least)}, and only {different} different items are allowed."
        yield Wrong("/minItems", what, "Lower it, or remove `uniqueItems`.")


_SIZES = {"boolean": 2, _NULL: 1}


def _different(schema: Any) -> int | None:
    """Return how many values a schema allows at most, where that can be counted at a glance."""
    if not isinstance(schema, dict):
        return None
    if "const" in schema:
        return 1
    options, types = schema.get("enum"), set(types_of(schema))
    if isinstance(options, list) and options:
        return len({repr(option) for option in options})
    return sum(_SIZES[kind] for kind in types) if types and types <= _SIZES.keys() else None


def _enum(schema: Mapping[str, Any]) -> Iterator[Wrong]:
    options = schema.get("enum")
    if not isinstance(options, list):
        return
    if not options:
        yield Wrong("/enum", "An empty `enum` allows nothing.", "List what is allowed.")
    seen: set[str] = set()
    for index, text in enumerate(map(show, options)):
        if text in seen:
            yield Wrong(f"/enum/{index}", f"{text} stands twice in `enum`.", "Remove one.")
        seen.add(text)


def _values(schema: Mapping[str, Any]) -> Iterator[Wrong]:
    """Check `enum`, `const`, `default` and `examples` against everything else in the schema."""
    given = [
        *(("/enum", "enum", value) for value in _listed(schema, "enum")),
        *((f"/{key}", key, schema[key]) for key in ("const", "default") if key in schema),
        *((f"/examples/{i}", "examples", v) for i, v in enumerate(_listed(schema, "examples"))),
    ]
    if not given:
        return
    judges = {key: _validator(schema, key) for key in {key for _, key, _ in given}}
    for place, key, value in given:
        judge = judges[key]
        error = next(iter(judge.iter_errors(value)), None) if judge else None
        if error is not None:
            said = "can never be valid" if key in ("enum", "const") else "is not valid"
            what = f"{show(value)} {said}: {error.message}."
            yield Wrong(place, what, "Correct it, or the keyword that refuses it.")


def _validator(schema: Mapping[str, Any], key: str) -> jsonschema_rs.Draft202012Validator | None:
    left_out = {key, "enum", "const"} if key in ("enum", "const") else {key}
    rest = {name: value for name, value in schema.items() if name not in left_out | ANNOTATION}
    try:
        return jsonschema_rs.Draft202012Validator(rest, validate_formats=True, offline=True)
    except (jsonschema_rs.ValidationError, ValueError):
        return None  # it does not compile: that is said on its own


def _listed(schema: Mapping[str, Any], key: str) -> Sequence[Any]:
    values = schema.get(key, ())
    return values if isinstance(values, list) else ()


def _alternatives(schema: Mapping[str, Any]) -> Iterator[Wrong]:
    outer = set(types_of(schema))
    for key in ("anyOf", "oneOf", "allOf"):
        branches = [one for one in _listed(schema, key) if isinstance(one, dict)]
        for index, branch in enumerate(branches):
            inner = set(types_of(branch))
            if outer and inner and not _common(outer, inner):
                yield _never(f"/{key}/{index}", inner, outer)
    if len(_listed(schema, "allOf")) > 1:
        yield from _all_of([one for one in schema["allOf"] if isinstance(one, dict)])
    yield from _one_of([one for one in _listed(schema, "oneOf") if isinstance(one, dict)])
    if schema.get("not") in ({}, True):
        yield Wrong("/not", "`not` of everything allows nothing.", "Say what is refused.")


def _never(at: str, inner: set[str], outer: set[str]) -> Wrong:
    types = " or ".join(sorted(inner))
    what = f"The alternative is {types}, and the value {' or '.join(sorted(outer))}: it never fits."
    return Wrong(at, what, "Remove the alternative, or widen `type`.")


def _common(one: set[str], other: set[str]) -> set[str]:
    wide = [kinds | ({"integer"} if "number" in kinds else set()) for kinds in (one, other)]
    return wide[0] & wide[1]


def _all_of(branches: Sequence[Mapping[str, Any]]) -> Iterator[Wrong]:
    left: set[str] = set()
    for branch in branches:
        inner = set(types_of(branch))
        if left and inner and not _common(left, inner):
            what = "No value is of all the types that `allOf` asks for."
            yield Wrong("/allOf", what, "Use `anyOf`, or correct a type.")
            return
        left = _common(left, inner) if left and inner else left or inner


def _one_of(branches: Sequence[Mapping[str, Any]]) -> Iterator[Wrong]:
    """Find alternatives of `oneOf` that match together: then neither counts."""
    plain = [{k: v for k, v in one.items() if k not in ANNOTATION} for one in branches]
    for index, one in enumerate(plain):
        for other in plain[:index]:
            if one == other or _holds(one, other) or _holds(other, one):
                what = "Values fit two alternatives of `oneOf`, and are refused for that."
                yield Wrong(f"/oneOf/{index}", what, "Use `anyOf`, or tell the two apart.")
                return


def _holds(wide: Mapping[str, Any], narrow: Mapping[str, Any]) -> bool:
    """Tell whether a schema that says nothing but its type holds all that another one does."""
    inner = types_of(narrow)
    return (
        wide.keys() == {"type"}
        and bool(inner)
        and all(
            kind in types_of(wide) or (kind == "integer" and "number" in types_of(wide))
            for kind in inner
        )
    )


def is_number(value: object) -> TypeGuard[float]:
    """Tell whether a JSON value is a number."""
    return isinstance(value, int | float) and not isinstance(value, bool)
