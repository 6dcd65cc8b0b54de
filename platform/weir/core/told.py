"""Values and errors in words, as an answer shows them. Pure: no I/O."""

from __future__ import annotations

from typing import Any

import orjson

from weir.core.errors import WeirError

LONGEST = 100
"""Characters of a value that an answer shows, with its kind."""
_MISTAKES = 5


def many(count: int, what: str) -> str:
    """Return a number of things, named in the singular.

    >>> many(1, "run"), many(2_500, "partition")
    ('1 run', '2,500 partitions')
    """
    return f"{count:,} {what}{'' if count == 1 else 's'}"


def in_words(error: BaseException) -> str:
    """Return the first mistakes of several as one text; of what nobody expected, its kind too.

    >>> in_words(ExceptionGroup("2", [WeirError("No."), KeyError("a")]))
    "No.; KeyError: 'a'"
    """
    if isinstance(error, BaseExceptionGroup):
        return "; ".join(in_words(one) for one in error.exceptions[:_MISTAKES])
    expected = isinstance(error, (WeirError, OSError))
    return str(error) if expected else f"{type(error).__name__}: {error}"


def kind_of(value: Any) -> str:
    """Return the kind of a JSON value, as JSON Schema names it.

    >>> kind_of(True), kind_of(3), kind_of("3")
    ('boolean', 'integer', 'string')
    """
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    names = {int: "integer", float: "number", str: "string", list: "array", dict: "object"}
    return names.get(type(value), type(value).__name__)


def told(value: Any) -> str:
    """Return a JSON value and its kind, in at most 100 characters.

    >>> told("3"), told(3), told(None), told([1, 2])
    ('"3" (string)', '3 (integer)', 'null', '[1,2] (array)')
    """
    if value is None:
        return "null"
    text = as_text(value)
    kind = f" ({kind_of(value)})"
    if len(text) + len(kind) <= LONGEST:
        return text + kind
    kind = f" ({kind_of(value)}{_size(value)})"
    return text[: LONGEST - len(kind) - 1] + "…" + kind


def as_text(value: Any) -> str:
    """Return a JSON value as compact text, whatever it holds."""
    try:
        return orjson.dumps(value).decode()
    except (TypeError, ValueError):  # over 64 bits, a lone surrogate, more than 254 levels
        return _rough(value)


def _rough(value: Any) -> str:
    try:
        return ascii(value)
    except (ValueError, RecursionError):  # more than 4,300 digits, or too deep for Python too
        return "…"


def _size(value: Any) -> str:
    if isinstance(value, str):
        return f" of {len(value)} characters"
    if isinstance(value, (list, dict)):
        return f" of {len(value)} {'items' if isinstance(value, list) else 'keys'}"
    return ""
