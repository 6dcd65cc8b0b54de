"""Values of a query's answer as JSON holds them."""

from __future__ import annotations

import math
from typing import Any

_EXACT = 1 << 53


def plain(value: Any) -> Any:
    """Return a value that JSON can hold: no NaN or infinity, and only text as keys."""
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    return value


def shown(value: Any) -> Any:
    """Return a value as a page shows it: what a browser's numbers cannot hold exactly is text.

    >>> shown(1 << 60), shown([1.5, None]), shown(b"a")
    ('1152921504606846976', [1.5, None], 'a')
    """
    value = plain(value)
    if isinstance(value, dict):
        return {key: shown(item) for key, item in value.items()}
    if isinstance(value, list):
        return [shown(item) for item in value]
    if value is None or isinstance(value, bool | float):
        return value
    if isinstance(value, int) and abs(value) < _EXACT:
        return value
    if isinstance(value, bytes):
        return value.decode("ascii", "backslashreplace")
    return str(value)
