"""What lint collects: everything found in a file, each with its place, and the words they share."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from enum import StrEnum
from typing import Any

import orjson

from weir.core.errors import RegistryError


class Severity(StrEnum):
    """How much a finding matters. Only an error keeps an event from being loaded."""

    ERROR = "error"
    WARNING = "warning"
    HINT = "hint"


@dataclass(frozen=True)
class Finding:
    """One thing that was found.

    Args:
        pointer: where, as a JSON pointer inside the file; '' for a name that is in no file yet.
        rule: which rule, as a stable word.
        what: what is there, in a sentence.
        remedy: what to do, in a sentence.
        severity: error, warning or hint.
        suggestion: what to write instead, if that is one word.
        path: the file, relative to the project; '' if it is in none.
    """

    pointer: str
    rule: str
    what: str
    remedy: str
    severity: Severity = Severity.ERROR
    suggestion: str | None = None
    path: str = ""

    def as_dict(self) -> dict[str, str | None]:
        """Return it as plain data."""
        return {
            "path": self.path,
            "pointer": self.pointer,
            "rule": self.rule,
            "severity": str(self.severity),
            "what": self.what,
            "remedy": self.remedy,
            "suggestion": self.suggestion,
        }


class Findings:
    """What is found in one file, as it is found.

    Args:
        path: the file, as the findings name it.
    """

    def __init__(self, path: str) -> None:
        self.path = path
        self.errors: list[RegistryError] = []
        self.notes: list[Finding] = []
        """Warnings and hints: shown by `weir events check`, and no reason not to load."""

    def add(self, pointer: str, what: str, remedy: str) -> None:
        """Note one error."""
        self.errors.append(RegistryError(self.path, pointer, what, remedy))

    def note(
        self,
        pointer: str,
        rule: str,
        what: str,
        remedy: str,
        severity: Severity = Severity.WARNING,
    ) -> None:
        """Note one warning or hint."""
        self.notes.append(Finding(pointer, rule, what, remedy, severity, path=self.path))


def nearest(name: str, known: Iterable[str], cutoff: float = 0.6) -> str | None:
    """Return the known name that was probably meant.

    Args:
        name: what was written.
        known: what it may be.
        cutoff: how alike they must be at least, from 0 to 1.

    >>> nearest("mexLength", ["minLength", "maxLength", "pattern"])
    'maxLength'
    """
    return next(iter(get_close_matches(name, list(known), n=1, cutoff=cutoff)), None)


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
