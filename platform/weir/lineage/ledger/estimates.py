"""Medians and near-worst cases of what runs took. Pure."""

from __future__ import annotations

from collections.abc import Sequence


def quantiles(values: Sequence[float]) -> tuple[float, float]:
    """Return p50 and p90 of some values, by nearest rank; 0 and 0 of none.

    >>> quantiles([5, 1, 2, 3, 4, 6, 7, 8, 9, 10])
    (5, 9)
    """
    if not values:
        return 0.0, 0.0
    ordered = sorted(values)
    last = len(ordered) - 1
    return ordered[last // 2], ordered[-(-9 * len(ordered) // 10) - 1]
