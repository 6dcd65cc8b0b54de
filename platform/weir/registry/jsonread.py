"""Reads a JSON text that people write, and refuses what would not come back as it was written.

Event files and imported schemas go through here. What their values mean is not judged here; the
events that services send are read elsewhere (`weir.collect`).
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from weir.registry.findings import escape

MAX_DEPTH = 100
"""Levels of objects and lists in one document: the same number as in an event that is kept."""

_MAX_BITS = 14_000
"""Python writes 4,300 digits at most; YAML's hexadecimal numbers can be longer."""


class NotJson(ValueError):
    """A text, or a value, that is no JSON.

    Args:
        what: what is wrong, without a full stop.
        pointer: where, as a JSON pointer; None if the text could not be read so far that there is
            one: then `what` names line and column.
        remedy: what to do, in a sentence.
    """

    def __init__(self, what: str, pointer: str | None = None, remedy: str = "") -> None:
        self.what, self.pointer = what, pointer
        self.remedy = remedy or "Correct the text there."
        super().__init__(what if pointer is None else f"{what} (at `{pointer or '/'}`)")


def loads_strict(text: str | bytes) -> Any:
    """Return the value of a JSON text in UTF-8, with or without a byte order mark.

    Raises:
        NotJson: if it is no JSON, says a key twice in one object, has a number that is not finite
            (NaN, Infinity, 1e400) or too long to be read, half a surrogate pair, or more than
            `MAX_DEPTH` levels.
    """
    try:
        text = text.decode("utf-8-sig") if isinstance(text, bytes) else text.removeprefix("\ufeff")
        value = json.loads(
            text,
            object_pairs_hook=_unique,
            parse_constant=_Wrong.number,
            parse_float=_float,
            parse_int=_int,
        )
    except RecursionError:
        raise _too_deep(None) from None
    except UnicodeDecodeError as error:
        raise NotJson(f"{error}", remedy="Write the text in UTF-8.") from None
    except json.JSONDecodeError as error:
        raise NotJson(str(error)) from None
    check_values(value)
    return value


def check_values(value: Any, max_length: int | None = None) -> None:
    """Check that a parsed value is one that JSON can write, in UTF-8.

    Args:
        value: what a reader made of a text, of JSON or of YAML.
        max_length: how many characters its text may have at least, what is used more than once
            (an alias of YAML) counted as often as it is used; by default any number.

    Raises:
        NotJson: as for `loads_strict`; or if it is too long.
    """
    length = 0
    for pointer, depth, one in _values(value):
        length += 2 + (len(one) if isinstance(one, str) else 0)
        if max_length is not None and length > max_length:
            what = f"its aliases written out, it has more than {max_length} characters"
            raise NotJson(what, remedy="Use fewer aliases.")
        if depth > MAX_DEPTH:
            raise _too_deep(pointer)
        wrong = _wrong(one)
        if wrong:
            raise NotJson(wrong, pointer)


@dataclass(frozen=True)
class _Wrong:
    """Stands in a parsed value for what is refused, until its place is known."""

    what: str

    @classmethod
    def number(cls, literal: str) -> _Wrong:
        return cls(f"{_short(literal)} is no JSON number that can be kept")


def _values(value: Any) -> Iterator[tuple[str, int, Any]]:
    """Yield (pointer, level, value) of every value and key in the order of the text."""
    stack = [("", int(isinstance(value, dict | list)), value)]
    while stack:
        pointer, depth, node = stack.pop()
        yield pointer, depth, node
        if depth > MAX_DEPTH or not isinstance(node, dict | list):
            continue
        pairs = list(node.items() if isinstance(node, dict) else enumerate(node))
        for key, inner in reversed(pairs):
            place = f"{pointer}/{_printable(escape(key))}"
            if isinstance(key, str) and _half_pair(key):
                inner = _Wrong("the key has half of a surrogate pair")  # noqa: PLW2901 - said in its place
            stack.append((place, depth + isinstance(inner, dict | list), inner))


def _wrong(value: Any) -> str | None:
    if isinstance(value, _Wrong):
        return value.what
    if isinstance(value, float) and not math.isfinite(value):
        return _Wrong.number(str(value)).what
    if isinstance(value, int) and value.bit_length() > _MAX_BITS:
        return f"a whole number of {value.bit_length()} bits cannot be written"
    if isinstance(value, str):
        return "the text has half of a surrogate pair" if _half_pair(value) else None
    known = value is None or isinstance(value, bool | int | float | list | dict)
    return None if known else f"a {type(value).__name__} is no JSON value"


def _half_pair(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return True
    return False


def _printable(text: str) -> str:
    return text.encode("utf-8", "backslashreplace").decode()


def _unique(pairs: list[tuple[str, Any]]) -> Any:
    unique = dict(pairs)
    if len(unique) == len(pairs):
        return unique
    seen: set[str] = set()
    twice = next(key for key, _ in pairs if key in seen or seen.add(key))  # type: ignore[func-returns-value]
    return _Wrong(f"the key `{_printable(twice)}` stands twice in one object")


def _float(literal: str) -> Any:
    value = float(literal)
    return value if math.isfinite(value) else _Wrong.number(literal)


def _int(literal: str) -> Any:
    try:
        return int(literal)
    except ValueError:  # Python reads 4,300 digits at most
        return _Wrong.number(literal)


def _short(literal: str) -> str:
    return literal if len(literal) <= 40 else f"{literal[:20]}… ({len(literal)} characters)"


def _too_deep(pointer: str | None) -> NotJson:
    what = f"objects and lists are nested deeper than {MAX_DEPTH} levels"
    return NotJson(what, pointer, "Write it flatter.")
