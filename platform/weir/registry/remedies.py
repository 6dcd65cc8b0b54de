"""What is wrong with a parameter, said so that its sender can mend it. Pure: sentences only."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from weir.core.told import as_text, kind_of, told
from weir.registry import patterns
from weir.registry.describe import INT64, describe, example
from weir.registry.findings import escape, nearest
from weir.registry.keywords import types_of

_LONGEST = 200
"""Characters of a parameter's description that are told."""
KEPT_EXTRA = " Until then it is kept in `_extra`."
"""Holds of an event that is kept as valid, and of no other."""


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


class Broken(NamedTuple):
    """A keyword that a value breaks.

    Args:
        path: where the value is, inside the parameters.
        rule: the keyword.
        node: the schema that holds the keyword.
        value: the value.
        sample: a value that the schema's author gives as an example for this place, or None.
        required: whether the place may not be left out.
    """

    path: tuple[str | int, ...]
    rule: str
    node: Any
    value: Any
    sample: Any = None
    required: bool = False

    @property
    def pointer(self) -> str:
        """The path as a JSON pointer."""
        return "".join(f"/{escape(token)}" for token in self.path)

    @property
    def name(self) -> str:
        """The path as a person writes it."""
        return ".".join(str(token) for token in self.path) or "params"

    @property
    def own(self) -> str | None:
        """The key that the value stands at; None of an item of a list."""
        last = self.path[-1] if self.path else "params"
        return last if isinstance(last, str) else None


def broken(found: Broken) -> Violation:
    """Return the violation of one schema keyword."""
    if found.rule in ("minimum", "maximum") and found.node.get(found.rule) in INT64:
        expected = "integer of at most 64 bits"
        remedy = f"Send a smaller `{found.name}`, or declare it as a string and send it as text."
    else:
        expected = describe(found.node)
        if found.rule == "not":
            expected = f"anything but {describe(found.node['not'])}"
        remedy = _mend(found, expected)
    return Violation(found.pointer, found.rule, expected, told(found.value), remedy)


def missing(found: Broken, name: str) -> Violation:
    """Return the violation of a required key that is not there."""
    declared = found.node.get("properties", {}).get(name, {}) if found.node else {}
    sample = found.sample.get(name) if isinstance(found.sample, dict) else None
    remedy = f"Send `{name}`; it is required{_such_as(name, declared, sample)}."
    expected = describe(declared) if declared else "a value"
    return Violation(f"{found.pointer}/{escape(name)}", "required", expected, "nothing", remedy)


def surplus(pointer: str, key: str, value: Any, known: Iterable[str], *, flag: bool) -> Violation:
    """Return the violation of an undeclared key."""
    known = list(known)
    expected = "one of " + ", ".join(known) if known else "no keys"
    near = nearest(key, known)
    remedy = (
        f"Did you mean `{near}`?" if near else "Declare it in a new version, or do not send it."
    )
    if flag and not near:
        remedy += KEPT_EXTRA
    return Violation(pointer, "undeclared", expected, told(value), remedy, flag)


def _mend(found: Broken, expected: str) -> str:
    if found.rule == "type":
        return _retyped(found, expected)
    if found.rule in ("enum", "const") and isinstance(found.value, str):
        options = [v for v in found.node.get("enum", []) if isinstance(v, str)]
        folded = {option.lower(): option for option in options}
        near = folded.get(found.value.lower()) or nearest(found.value, options)
        if near:
            return f"Did you mean `{as_text(near)}`?"
    if found.rule == "pattern":
        return _respelled(found, expected)
    return _restated(found, expected)


def _restated(found: Broken, expected: str) -> str:
    such = "" if "such as" in expected else _such_as(found.own, found.node, found.sample)
    return f"Send `{found.name}` as {expected}{such}."


def _respelled(found: Broken, expected: str) -> str:
    """Say how a text is written that a pattern takes, and what its author says of it."""
    if (near := patterns.respelled(found.node, found.value)) is not None:
        return f"Did you mean `{as_text(near)}`?"
    said = str(found.node.get("description", "")).strip()
    return _restated(found, expected) + (f" It is: {said[:_LONGEST]}" if said else "")


def _retyped(found: Broken, expected: str) -> str:
    """Say how a value of the wrong type is written as one of the right type."""
    if found.value is None:
        instead = "." if found.required else ": leave it out if there is none."
        return f"{_restated(found, expected)} It may not be null{instead}"
    said = _converted(found.value, types_of(found.node))
    return f"{said[0]}: `{_pair(found.own, said[1])}`." if said else _restated(found, expected)


def _converted(value: Any, wanted: tuple[str, ...]) -> tuple[str, str] | None:
    """Return how the sender probably meant the value, and its text."""
    kind = kind_of(value)
    if kind == "string":
        return _unquoted(value.strip(), wanted)
    if kind in ("integer", "number") and "string" in wanted:
        return "Put it in quotes", as_text(as_text(value))
    if kind == "number" and "integer" in wanted and abs(value) < 2**53:
        return "Send a whole number", str(round(value))
    if kind == "boolean" and {"integer", "number"} & set(wanted):
        return "Send a number; true and false are none", str(int(value))
    if "array" in wanted and kind != "array":
        text = as_text([value])
        return ("Put it in a list", text) if len(text) <= 100 else None
    return None


def _unquoted(text: str, wanted: tuple[str, ...]) -> tuple[str, str] | None:
    if "boolean" in wanted and text.lower() in ("true", "false"):
        return "Send it without quotes", text.lower()
    if text[:1] in ("{", "[") and {"object", "array"} & set(wanted):
        return "Send the value itself, not its text", f"{text[:20]}…"
    if not {"integer", "number"} & set(wanted) or len(text) > 30:
        return None
    digits = text.removeprefix("-")
    if not digits.isascii() or digits.startswith("0") or not digits.replace(".", "", 1).isdigit():
        return None
    if digits[-1] == "." or digits[0] == "." or ("." in digits and "number" not in wanted):
        return None
    return "Numbers are sent without quotes", text


def _pair(name: str | None, text: str) -> str:
    return text if name is None else f"{as_text(name)}: {text}"


def _such_as(name: str | None, node: Any, sample: Any) -> str:
    value = sample if sample is not None else example(node)
    text = "" if value is None else as_text(value)
    return f", for example `{_pair(name, text)}`" if 0 < len(text) <= 60 else ""


def at(value: Any, path: Iterable[str | int]) -> Any:
    """Return what stands at a path inside a value, or None."""
    for token in path:
        try:
            value = value[token]
        except (KeyError, IndexError, TypeError):
            return None
    return value


def sample_of(schema: Mapping[str, Any], path: Iterable[str | int]) -> Any:
    """Return what the schema's own first example has at a path, or None."""
    given = schema.get("examples")
    return at(given[0], path) if isinstance(given, list) and given else None
