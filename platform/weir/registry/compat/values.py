"""Tells JSON values apart as JSON does: 1 is 1.0, and true is no number. Pure.

Python holds `True == 1` and `[0] == [False]`; a validator does not.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any


def identity(value: Any) -> Hashable:
    """Return a key that two JSON values share if, and only if, they are the same value.

    >>> identity([1, {"a": 2}]) == identity([1.0, {"a": 2.0}]), identity([1]) == identity([True])
    (True, False)
    """
    if isinstance(value, bool):
        return ("boolean", value)
    if isinstance(value, Mapping):
        return ("object", frozenset((key, identity(inner)) for key, inner in value.items()))
    if isinstance(value, list | tuple):
        return ("array", tuple(map(identity, value)))
    return value  # type: ignore[no-any-return]


def same(one: Any, other: Any) -> bool:
    """Tell whether two JSON values, schemas among them, are the same."""
    return identity(one) == identity(other)
