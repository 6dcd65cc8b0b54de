"""Re-scaled counts of a sample drawn by key, with a 95 % interval. Pure: no I/O.

A sampled document stands for `weight` = 1/p events. Documents are kept or dropped by the hash of
their key (a user, say), so all documents of one key stand or fall together, over strata and hours:
the variance is that of clusters, not of documents. Drawing the sample is `weir.routing.sampling`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import product
from math import sqrt

Z_95 = 1.959963984540054
_RULE_OF_THREE = 3.0  # -ln(0.05): nothing seen in n draws means at most 3/n, at 95 %


@dataclass(frozen=True, slots=True)
class Estimate:
    """A count of events, with the ends of its 95 % interval."""

    value: float
    low: float
    high: float


def variance(counts: Mapping[tuple[int, float], int], share: float | None = None) -> float:
    """Return the unbiased estimate of the variance of a Horvitz-Thompson count.

    For one probability this is the sum over kept keys of (1-p)/p² · y². A key with documents at
    several probabilities (strata with a floor, other hours) was drawn once, by one hash: its cells
    i, j are kept jointly with min(p_i, p_j), which adds the covariances
    (1 - max(p_i, p_j)) / (p_i p_j) · y_i y_j. Leaving those out makes intervals too narrow.

    Args:
        counts: documents matched, by (key, weight).
        share: None if `counts` holds every kept key; else the probability (at most the smallest p)
            at which the keys in `counts` were chosen by the same hash.

    Source: D. G. Horvitz, D. J. Thompson, "A generalization of sampling without replacement from a
    finite universe", JASA 47 (1952); C.-E. Särndal, B. Swensson, J. Wretman, "Model Assisted Survey
    Sampling" (1992), Result 2.8.1 (the estimator) and 4.2 (clusters).

    >>> variance({(1, 10.0): 1, (2, 10.0): 3})  # 0.9 / 0.01 · (1 + 9)
    900.0
    """
    cells: dict[int, list[tuple[float, int]]] = defaultdict(list)
    for (key, weight), count in counts.items():
        if weight > 1.0:  # p = 1: neither variance nor covariance
            cells[key].append((weight, count))
    total = 0.0
    for own in cells.values():
        for (w_i, y_i), (w_j, y_j) in product(own, own):
            heavy, light = max(w_i, w_j), min(w_i, w_j)
            joint = heavy if share is None else 1.0 / share
            total += joint * (light - 1.0) * y_i * y_j
    return total


def estimate(matched: int, value: float, spread: float, rarest: float = 1.0) -> Estimate:
    """Return the count with its interval: value ± 1.96 · sqrt(spread).

    The lower end is at least `matched`: those events were seen. The normal interval is too narrow
    for a few dozen keys or fewer; where nothing matched, the upper end is 3/p (rule of three), the
    bound on the number of *keys* that the sample could have missed.

    Args:
        matched: documents that match in the sample.
        value: the sum of their weights.
        spread: the variance, from `variance`.
        rarest: the largest weight in use where nothing matched; 1 if nothing was sampled.

    >>> found = estimate(10, 100.0, 900.0)
    >>> round(found.low, 1), round(found.high, 1)
    (41.2, 158.8)
    """
    if matched == 0:
        return Estimate(0.0, 0.0, _RULE_OF_THREE * rarest if rarest > 1.0 else 0.0)
    half = Z_95 * sqrt(spread)
    return Estimate(value, max(float(matched), value - half), value + half)
