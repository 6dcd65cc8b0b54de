"""Which type holds every value of another."""

from __future__ import annotations

import re

from weir.registry.evolution.structures import Structure, widen

_WHOLE = ["TINYINT", "SMALLINT", "INT", "BIGINT", "INT128"]
_SAME = {"INTEGER": "INT", "INT64": "BIGINT", "INT4": "INT", "INT8": "BIGINT", "HUGEINT": "INT128",
         "FLOAT64": "DOUBLE", "REAL": "FLOAT", "NUMERIC": "DECIMAL"}  # fmt: skip
_DIGITS = {"TINYINT": 3, "SMALLINT": 5, "INT": 10, "BIGINT": 19, "INT128": 39}
_DECIMAL = re.compile(r"DECIMAL\((\d+)(?:, ?(\d+))?\)")


def widens(old: Structure, new: Structure) -> bool:
    """Tell whether a type holds all values of another one.

    Types of events are judged as their logs are (`weir.registry.evolution`): a number holds integers.

    >>> widens("INT", "BIGINT"), widens("BIGINT", "INT"), widens("DECIMAL(9, 2)", "DECIMAL(18, 2)")
    (True, False, True)
    >>> widens("INT", "DECIMAL(12, 2)"), widens("INT", "DECIMAL(11, 2)"), widens("INT", "TEXT")
    (True, False, False)
    """
    if widen(old, new) == new:
        return True
    if not isinstance(old, str) or not isinstance(new, str):
        return False
    was, now = _SAME.get(old.upper(), old.upper()), _SAME.get(new.upper(), new.upper())
    if was in _WHOLE and now in _WHOLE:
        return _WHOLE.index(was) <= _WHOLE.index(now)
    if (was, now) == ("FLOAT", "DOUBLE"):
        return True
    (before, after), (more_before, more_after) = _decimal(was), _decimal(now)
    return bool(before) and bool(more_before) and before <= more_before and after <= more_after


def _decimal(kind: str) -> tuple[int, int]:
    """Return the digits before and after the point; (0, 0) for a type that has none of both."""
    if kind in _DIGITS:
        return _DIGITS[kind], 0
    found = _DECIMAL.fullmatch(kind)
    if not found:
        return 0, 0
    scale = int(found[2] or 0)
    return int(found[1]) - scale, scale
