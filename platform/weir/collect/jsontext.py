"""JSON text at the edge: reading it exactly, and what a parsed value cannot be stored as. Pure.

orjson reads fast, but turns an integer of more than 64 bits into a float. Text that may hold one is
read by the standard library instead, so that such a number is told to its sender and kept as sent.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from itertools import pairwise
from typing import Any, NoReturn

import orjson

MAX_DEPTH = 100
"""Levels of nesting that are kept; every tool behind the collector reads at least these."""

_DIGITS_TO_ZERO = bytes.maketrans(b"123456789", b"0" * 9)  # a search 10 times as fast as a regex's
_LONG_RUN = b"0" * 20
_INT_MIN, _INT_MAX = -(2**63), 2**64 - 1  # what orjson keeps exactly
_SPLIT_BYTES = 262_144
"""Longest text that is taken apart by its brackets: a tenth of a second of this process."""
_BRACKETS = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"|[\[\]{},]', re.DOTALL)
_CLOSING = {b"{": b"}", b"[": b"]"}


class Unreadable(ValueError):
    """The text is no JSON.

    Args:
        message: what the reader said.
        at: the character it stumbled on, if it told.
    """

    def __init__(self, message: str, at: int | None = None) -> None:
        self.at = at
        super().__init__(message)


class TooDeep(Unreadable):
    """The text is nested deeper than the reader goes (1,024 levels); it may be JSON."""


def loads(text: bytes) -> Any:
    """Return the value of a JSON text, integers of any size exactly.

    Raises:
        Unreadable: if it is no JSON.
        TooDeep: if it is nested deeper than the reader goes.
    """
    try:
        value = orjson.loads(text)
        if _LONG_RUN in text.translate(_DIGITS_TO_ZERO):
            value = json.loads(text, parse_constant=_no_constant)
    except orjson.JSONDecodeError as error:
        kind = TooDeep if "depth limit" in error.msg else Unreadable
        raise kind(error.msg, error.pos) from None
    except RecursionError as error:
        raise TooDeep(str(error)) from None
    except ValueError as error:
        raise Unreadable(str(error)) from None
    return value


def parts(text: bytes) -> list[bytes] | None:
    """Return the items of an array, or the whole of an object, told by its brackets alone.

    For a text that is too deep to be read. None where brackets do not match, there is something
    around them, or the text is longer than 256 kB.
    """
    text = text.strip()
    if len(text) > _SPLIT_BYTES or text[:1] not in _CLOSING:
        return None
    cuts, open_ = [1], bytearray()
    for found in _BRACKETS.finditer(text):
        token = found[0]
        if token in _CLOSING:
            open_ += _CLOSING[token]
        elif token == b"," and len(open_) == 1:
            cuts.append(found.end())
        elif token in (b"}", b"]") and (not open_ or open_.pop() != token[0]):
            return None
        if not open_:
            return _cut(text, [*cuts, found.end()]) if found.end() == len(text) else None
    return None


def _cut(text: bytes, cuts: list[int]) -> list[bytes]:
    if text[:1] == b"{":
        return [text]
    return [text[a : b - 1] for a, b in pairwise(cuts)]


def dumps(value: Any) -> bytes | None:
    """Return the compact text of a value, or None where it cannot be stored as it is.

    `obstacle` then says why, and `exact` gives the text to keep.
    """
    try:
        text = orjson.dumps(value)
    except TypeError:  # orjson: integers beyond 64 bits, lone surrogates, 254 levels
        return None
    suspect = text.count(b"{") + text.count(b"[") > MAX_DEPTH or b"\\u0000" in text
    return None if suspect and obstacle(value) is not None else text


def obstacle(value: Any) -> tuple[str, str, str] | None:
    """Return (pointer, rule, found) of the first thing that cannot be stored, or None."""
    for pointer, depth, leaf in _leaves(value):
        if depth > MAX_DEPTH:
            return pointer, "too_deep", f"more than {MAX_DEPTH} levels"
        if isinstance(leaf, int) and not _INT_MIN <= leaf <= _INT_MAX:
            return pointer, "number_out_of_range", _short(leaf)
        if isinstance(leaf, str) and (rule := _text_problem(leaf)):
            return pointer, rule, _short(leaf)
    return None


def exact(value: Any) -> bytes:
    """Return the text of any parsed value, however deep or large. Slow: for the rare case."""
    return "".join(_tokens(value)).encode()


def _no_constant(name: str) -> NoReturn:
    raise Unreadable(f"{name} is no JSON value")


def _short(value: object) -> str:
    if isinstance(value, str):
        return json.dumps(value[:80]) + " (string)"
    return f"a number of {_digits(value)} digits"


def _digits(value: object) -> int:
    return len(f"{value:d}") if isinstance(value, int) and value.bit_length() < 10_000 else 3_000


def _text_problem(text: str) -> str | None:
    if "\0" in text:
        return "nul_character"
    try:
        text.encode()
    except UnicodeEncodeError:
        return "lone_surrogate"
    return None


def _leaves(value: Any) -> Iterator[tuple[str, int, Any]]:
    """Yield (pointer, depth, scalar) of every key and scalar, without recursion."""
    stack: list[tuple[str, int, Any]] = [("", 0, value)]
    while stack:
        pointer, depth, node = stack.pop()
        if depth > MAX_DEPTH or not isinstance(node, (dict, list)):
            yield pointer, depth, node
            continue
        pairs = node.items() if isinstance(node, dict) else enumerate(node)
        for key, child in pairs:
            place = f"{pointer}/{escape(str(key))}"
            if isinstance(key, str) and _text_problem(key):
                yield pointer, depth, key
            stack.append((place, depth + 1, child))


def escape(key: str) -> str:
    """Return a key as one token of a JSON pointer (RFC 6901)."""
    return key.replace("~", "~0").replace("/", "~1")


def _tokens(value: Any) -> Iterator[str]:
    stack: list[Any] = [value]
    while stack:
        node = stack.pop()
        if isinstance(node, _Token):
            yield node
        elif isinstance(node, dict):
            stack.append(_Token("}"))
            for i, (key, child) in reversed(list(enumerate(node.items()))):
                comma = "," if i else ""
                stack += [child, _Token(f"{comma}{json.dumps(str(key))}:")]
            stack.append(_Token("{"))
        elif isinstance(node, list):
            stack.append(_Token("]"))
            for i, child in reversed(list(enumerate(node))):
                stack += [child, _Token("," if i else "")]
            stack.append(_Token("["))
        else:
            yield _scalar(node)


def _scalar(value: Any) -> str:
    try:
        return json.dumps(value)
    except ValueError:  # an integer of more than 4,300 digits, which Python writes only in hex
        return f'"{value:#x}"'


class _Token(str):
    """Text that is punctuation already."""

    __slots__ = ()
