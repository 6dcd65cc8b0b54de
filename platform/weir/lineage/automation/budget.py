"""How much one tick of a sensor asks for, and in what order. Pure.

New and small work goes first. Old or large work has a share that new work cannot take, and cannot take
more: so neither starves the other. What it asked for and is not done counts until it is.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from weir.lineage.plan import RangeRun

_SHARE = 4  # one part in four is for the backlog


class Why(StrEnum):
    """Why a run is wanted."""

    ARRIVAL = "arrival"
    """Something new: nothing after it was built."""
    GAP = "gap"
    """It is missing, and what comes after it is there."""
    LATE = "late"
    """It was built, and what it reads is another since."""
    OVERDUE = "overdue"
    """The same, and it is older than late events are waited for."""


@dataclass(frozen=True)
class Proposal:
    """A run that may start as far as its inputs and earlier failures are concerned.

    Attributes:
        run: the run.
        why: why it is wanted.
        partitions: how many it would build.
        seconds: that it would take, by earlier runs; 0 if nothing is known.
        large: whether it is more than usual work.
    """

    run: RangeRun
    why: Why
    partitions: int
    seconds: float
    large: bool

    @property
    def off_peak(self) -> bool:
        """Whether it waits for the hours off peak: a restatement that is old or large."""
        late = self.why is Why.OVERDUE or (self.large and self.why is Why.LATE)
        return late and self.run.tier != "critical" and self.run.wave != "checkpoint"

    @property
    def backlog(self) -> bool:
        """Whether it is old or large: it has its own share of the budget."""
        return self.large or self.why is Why.OVERDUE


@dataclass(frozen=True)
class Budget:
    """What may be asked for, or is.

    Attributes:
        requests: runs.
        partitions: that they build.
        seconds: that they are to take.
    """

    requests: float
    partitions: float
    seconds: float

    def less(self, *spent: Budget) -> Budget:
        """Return what is left."""
        return Budget(
            self.requests - sum(one.requests for one in spent),
            self.partitions - sum(one.partitions for one in spent),
            self.seconds - sum(one.seconds for one in spent),
        )

    def fits(self, proposal: Proposal) -> bool:
        """Tell whether a run is within the budget."""
        return (
            self.requests >= 1
            and self.partitions >= proposal.partitions
            and self.seconds >= proposal.seconds
        )

    @property
    def share(self) -> Budget:
        """The part of it that is for the backlog; at least one run."""
        return Budget(
            max(1, self.requests // _SHARE), self.partitions / _SHARE, self.seconds / _SHARE
        )


NOTHING = Budget(0, 0, 0.0)


def cost(chosen: Iterable[Proposal]) -> Budget:
    """Return what some runs take of a budget."""
    listed = list(chosen)
    return Budget(
        len(listed), sum(one.partitions for one in listed), sum(one.seconds for one in listed)
    )


def choose(
    proposals: Sequence[Proposal], budget: Budget, under_way: Budget = NOTHING
) -> list[Proposal]:
    """Return the runs that one tick asks for.

    A run that is beyond the whole budget is asked for alone: else it would never be.

    Args:
        proposals: what may start, in the order of its waves.
        budget: of one tick.
        under_way: what the backlog asked for at earlier ticks and is not done.
    """
    fresh = sorted((p for p in proposals if not p.backlog), key=_urgency)
    backlog = sorted((p for p in proposals if p.backlog), key=_urgency)
    share = budget.share if backlog else NOTHING
    first = _take(fresh, budget.less(share), alone=True, skip=True)
    # what new work leaves goes to the backlog; what the backlog has under way is its own
    left = budget.less(cost(first), under_way)
    idle = under_way.requests == 0
    return [*first, *_take(backlog, left, alone=idle, skip=False)]


def _urgency(proposal: Proposal) -> tuple[object, ...]:
    return -proposal.run.priority, proposal.run.labels.start, proposal.run.assets


def _take(wanted: Iterable[Proposal], budget: Budget, *, alone: bool, skip: bool) -> list[Proposal]:
    """Return the runs that fit, in order.

    Args:
        wanted: the runs.
        budget: theirs.
        alone: whether the first may be beyond the budget.
        skip: whether a smaller one may pass one that does not fit.
    """
    taken: list[Proposal] = []
    for proposal in wanted:
        if budget.fits(proposal) or (alone and not taken and budget.requests >= 1):
            taken.append(proposal)
            budget = budget.less(cost([proposal]))
        elif not skip:
            break
    return taken
