"""What building partitions will take, from how long it took before. Pure.

Seconds of a run are taken as a fixed part and a part for each partition (Theil's line would need
more runs than most assets have, least squares does); the ninth tenth is of what the runs took
against that line.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from statistics import StatisticsError, linear_regression, median, quantiles

from weir.lineage.nodes import Node
from weir.lineage.recovery.plans import Estimate, Plan

_NEWEST = 200
"""How many of an asset's newest runs are looked at: older ones had other data and code."""


@dataclass(frozen=True)
class Timing:
    """One earlier run of one asset.

    Attributes:
        partitions: how many it built.
        rows: of their content.
        bytes: of their files; None where nobody measured.
        seconds: that it took.
    """

    partitions: int
    rows: int
    bytes: int | None
    seconds: float


def estimator(timings: Callable[[str], Sequence[Timing]]) -> Callable[[Node, int], Estimate]:
    """Return what says, for a node and a number of partitions, what building them will take.

    Args:
        timings: asset → its earlier runs, oldest first.
    """

    @cache
    def known(asset: str) -> tuple[Timing, ...]:
        return tuple(timings(asset))[-_NEWEST:]

    return lambda node, partitions: estimated(known(node.asset), partitions)


def estimated(before: Sequence[Timing], partitions: int) -> Estimate:
    """Return what so many partitions will take; nothing is known without an earlier run.

    >>> estimated([Timing(1, 10, None, 2.0), Timing(11, 110, None, 4.0)], 21)
    Estimate(partitions=21, rows=210, bytes=None, p50=6.0, p90=6.0)
    """
    timed = [one for one in before if one.partitions > 0]
    if not timed or partitions == 0:
        return Estimate(partitions, *((0, 0, 0.0, 0.0) if partitions == 0 else ()))
    fixed, each = _line(timed)
    p50 = fixed + each * partitions
    ratios = [one.seconds / max(fixed + each * one.partitions, 1e-9) for one in timed]
    sized = [one.bytes / one.partitions for one in timed if one.bytes is not None]
    return Estimate(
        partitions,
        round(median(one.rows / one.partitions for one in timed) * partitions),
        round(median(sized) * partitions) if sized else None,
        round(p50, 3),
        round(p50 * max(1.0, ninth_tenth(ratios)), 3),
    )


def with_overhead(plan: Plan, around: Sequence[float]) -> Plan:
    """Return the plan with what a run takes beside its commits added to each step's estimate.

    Args:
        plan: the plan.
        around: what earlier runs took beside theirs, in seconds; nothing is added if there is none.
    """
    if not around:
        return plan
    p50, p90 = median(around), ninth_tenth(around)
    steps = [
        replace(step, estimate=replace(
            step.estimate,
            p50=None if step.estimate.p50 is None else round(step.estimate.p50 + p50, 3),
            p90=None if step.estimate.p90 is None else round(step.estimate.p90 + p90, 3),
        ))
        for step in plan.steps
    ]  # fmt: skip
    return replace(plan, steps=tuple(steps))


def _line(timed: Sequence[Timing]) -> tuple[float, float]:
    """Return seconds of a run without partitions and seconds for each; neither is below zero."""
    try:
        each, fixed = linear_regression(
            [one.partitions for one in timed], [one.seconds for one in timed]
        )
    except StatisticsError:  # one run, or all of one size
        each, fixed = -1.0, -1.0
    if each < 0 or fixed < 0:
        each = median(one.seconds / one.partitions for one in timed)
        return (0.0, each) if len({one.partitions for one in timed}) > 1 else _same_size(timed)
    return fixed, each


def _same_size(timed: Sequence[Timing]) -> tuple[float, float]:
    """Runs of one size say nothing of another: half of the time counts as the run's own."""
    seconds, size = median(one.seconds for one in timed), timed[0].partitions
    return seconds / 2, seconds / 2 / size


def ninth_tenth(values: Sequence[float]) -> float:
    """Return what nine in ten of some values stay within: p90, between ranks; at least one value.

    >>> ninth_tenth([1.0, 2.0, 3.0])
    2.8
    """
    return values[0] if len(values) == 1 else quantiles(values, n=10, method="inclusive")[-1]
