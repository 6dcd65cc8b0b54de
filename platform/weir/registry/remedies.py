"""What is wrong with a parameter, said so that its sender can mend it. Pure: sentences only."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from weir.registry.findings import escape, nearest, show


@dataclass(frozen=True, slots=True)
class Violation:
    """One way in which parameters break their schema.

    Args:
        pointer: where, as a JSON pointer inside the parameters.
        rule: the broken rule: the schema's keyword, or `undeclared`.
        expected: what was expected.
        found: what was there, in at most 100 characters.
        remedy: what to do.
        flag: whether the event is kept as valid and only flagged.
    """

    pointer: str
    rule: str
    expected: str
    found: str
    remedy: str
    flag: bool = False


_KINDS = {
    "string": "text", "integer": "a whole number", "number": "a number", "object": "an object",
    "boolean": "true or false", "array": "a list",
}  # fmt: skip
_SAY: Mapping[str, Callable[[Any], str]] = {
    "type": lambda kind: " or ".join(_KINDS.get(t, t) for t in kind["types"]),
    "enum": lambda kind: "one of " + ", ".join(show(v) for v in kind["options"]),
    "const": lambda kind: show(kind["expected_value"]),
    "minimum": lambda kind: f"a number of at least {show(kind['limit'])}",
    "maximum": lambda kind: f"a number of at most {show(kind['limit'])}",
    "exclusiveMinimum": lambda kind: f"a number above {show(kind['limit'])}",
    "exclusiveMaximum": lambda kind: f"a number below {show(kind['limit'])}",
    "multipleOf": lambda kind: f"a multiple of {show(kind['multiple_of'])}",
    "minLength": lambda kind: f"text of at least {kind['limit']} characters",
    "maxLength": lambda kind: f"text of at most {kind['limit']} characters",
    "minItems": lambda kind: f"at least {kind['limit']} items",
    "maxItems": lambda kind: f"at most {kind['limit']} items",
    "minProperties": lambda kind: f"at least {kind['limit']} keys",
    "maxProperties": lambda kind: f"at most {kind['limit']} keys",
    "uniqueItems": lambda _: "items that differ",
    "pattern": lambda kind: f"text that matches {kind['pattern']}",
    "format": lambda kind: f"text in the format {kind['format']}",
}


def broken(pointer: str, rule: str, kind: Mapping[str, Any], value: Any) -> Violation:
    """Return the violation of one schema keyword.

    Args:
        pointer: where the value is.
        rule: the keyword.
        kind: the keyword's details, as jsonschema-rs names them.
        value: the value that breaks it.
    """
    if rule == "required":
        return _missing(pointer, str(kind["property"]))
    try:
        expected = _SAY[rule](kind)
    except KeyError:  # an alternative, or a detail that the validator names otherwise
        expected = f"what `{rule}` of the schema allows"
    remedy = f"Send `{_name(pointer)}` as {expected}."
    if rule == "type" and "number" in expected and type(value) is str:
        remedy += " Numbers are sent without quotes."
    return Violation(pointer, rule, expected, show(value), remedy)


def _missing(pointer: str, name: str) -> Violation:
    remedy = f"Send `{name}`; it is required."
    return Violation(f"{pointer}/{escape(name)}", "required", "a value", "nothing", remedy)


def surplus(pointer: str, key: str, value: Any, known: Iterable[str], *, flag: bool) -> Violation:
    """Return the violation of an undeclared key."""
    known = list(known)
    expected = "one of " + ", ".join(known) if known else "no keys"
    near = nearest(key, known)
    remedy = (
        f"Did you mean `{near}`?" if near else "Declare it in a new version, or do not send it."
    )
    if flag and not near:
        remedy += " Until then it is kept in `_extra`."
    return Violation(pointer, "undeclared", expected, show(value), remedy, flag)


def _name(pointer: str) -> str:
    return pointer.removeprefix("/").replace("/", ".") or "params"
