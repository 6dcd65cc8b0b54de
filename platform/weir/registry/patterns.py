"""A text that a pattern takes: an example of it, or what was sent in another spelling. Pure.

A guess is only given where the pattern, as the validator reads it, takes it. Patterns are never run by
Python's own `re`, which a value could keep busy for ever.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from typing import Any

import jsonschema_rs

_KEYS = ("pattern", "minLength", "maxLength")
_REPEATED = r"(?:\{(\d+)(?:,\d*)?\}|([*+?]))?"
_GROUP = re.compile(r"\((?:\?:)?((?:\\.|[^()|\\])*)(?:\|(?:\\.|[^()\\])*)?\)" + _REPEATED)
_ATOM = re.compile(r"(\\.|\[\^?(?:\\.|[^\]\\])+\]|[^\\\[\](){}|*+?^$])" + _REPEATED)
_CLASSES = {"d": "1", "w": "a", "s": " ", "D": "a", "W": "-", "S": "a"}
_TIMES = (1, 3, 8)  # how often what may be repeated at will is tried
_DEPTH = 8
_LONGEST = 100


def example(node: Mapping[str, Any]) -> str | None:
    r"""Return a text that a schema with a pattern takes, or None where none is found.

    >>> example({"pattern": "^[A-Z]{2}-\\d+$"})
    'AA-1'
    """
    return _example(*(node.get(key) for key in _KEYS))


def respelled(node: Mapping[str, Any], text: str) -> str | None:
    """Return a text in the spelling that a schema's pattern takes: another case, no blanks.

    >>> respelled({"pattern": "^[A-Z]+-[0-9]$"}, " ab 1")
    'AB-1'
    """
    if len(text) > _LONGEST:
        return None
    fits = _fits(*(node.get(key) for key in _KEYS))
    bare = text.strip()
    joined = [bare, *(re.sub(r"[\s_-]+", mark, bare) for mark in ("-", "_", ""))]
    forms = (form for one in joined for form in (one, one.lower(), one.upper()))
    return next((form for form in forms if fits(form)), None)


@lru_cache(256)
def _fits(pattern: str, low: int | None, high: int | None) -> Callable[[str], bool]:
    bounds = zip(_KEYS, (pattern, low, high), strict=True)
    schema = {key: value for key, value in bounds if value is not None}
    return jsonschema_rs.Draft202012Validator(schema, offline=True).is_valid


@lru_cache(1024)
def _example(pattern: str, low: int | None, high: int | None) -> str | None:
    fits = _fits(pattern, low, high)
    for times in _TIMES:
        made = _made(pattern, times)
        if made is not None and fits(made):
            return made
    return None


def _made(pattern: str, times: int) -> str | None:
    plain = pattern.removeprefix("^").removesuffix("$")
    for _ in range(_DEPTH):
        plain, changed = _GROUP.subn(lambda found: _group(found, times), plain)
        if not changed or len(plain) > 10 * _LONGEST:
            break
    parts = list(_atoms(plain.split("|")[0], times))
    return None if None in parts else "".join(filter(None, parts))[:_LONGEST]


def _atoms(plain: str, times: int) -> Iterator[str | None]:
    at = 0
    while at < len(plain):
        found = _ATOM.match(plain, at)
        if found is None:
            yield None
            return
        yield _letter(found[1]) * _count(found[2], found[3], times)
        at = found.end()


def _group(found: re.Match[str], times: int) -> str:
    return found[1] * _count(found[2], found[3], times)


def _count(fixed: str | None, sign: str | None, times: int) -> int:
    if fixed is not None:
        return min(int(fixed[:4]) or 1, _LONGEST)
    return 0 if sign == "?" else times if sign else 1


def _letter(atom: str) -> str:
    """Return a character of a class, or an escaped or plain one."""
    if atom == "." or atom.startswith("[^"):
        return "a"
    if atom[0] == "[":
        return _letter(atom[1:3] if atom[1] == "\\" else atom[1])
    return _CLASSES.get(atom[1], atom[1]) if atom[0] == "\\" else atom
