"""What lint collects: every error of a file, each with its place, and the words they share."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from typing import Any

import orjson

from weir.core.errors import RegistryError


class Findings:
    """The errors of one file, as they are found.

    Args:
        path: the file, as the errors name it.
    """

    def __init__(self, path: str) -> None:
        self.path = path
        self.errors: list[RegistryError] = []

    def add(self, pointer: str, what: str, remedy: str) -> None:
        """Note one error."""
        self.errors.append(RegistryError(self.path, pointer, what, remedy))


def nearest(name: str, known: Iterable[str]) -> str | None:
    """Return the known name that was probably meant.

    >>> nearest("mexLength", ["minLength", "maxLength", "pattern"])
    'maxLength'
    """
    return next(iter(get_close_matches(name, list(known), n=1, cutoff=0.6)), None)


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Return the remedy for an unknown name: the nearest one, else all."""
    known = list(known)
    near = nearest(name, known)
    return f"Did you mean `{near}`?" if near else f"Known: {', '.join(known) or 'none'}."


def escape(token: object) -> str:
    """Return one token of a JSON pointer (RFC 6901).

    >>> escape("a/b~c")
    'a~1b~0c'
    """
    return str(token).replace("~", "~0").replace("/", "~1")


def show(value: Any, limit: int = 100) -> str:
    """Return a JSON value as text of at most `limit` characters.

    >>> show({"a": 1}), show("x" * 9, 5)
    ('{"a":1}', '"xxx…')
    """
    try:
        text = orjson.dumps(value).decode()
    except (TypeError, ValueError):  # a whole number over 64 bits, a lone surrogate
        text = ascii(value)
    return text if len(text) <= limit else text[: limit - 1] + "…"
