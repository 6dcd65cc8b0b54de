"""The smallest ordered set of range runs that brings every due partition up to date. Pure.

Waves follow the data; each is computed after the one before it ran, so a wave whose inputs came out
with the same content as before plans nothing (early cut-off).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from weir.core import grains
from weir.core.grains import Grain, Range, coalesce
from weir.lineage.nodes import LAYER, Kind, Node
from weir.lineage.readiness import Held, held
from weir.lineage.stale import Picture

WAVES: dict[str, tuple[Kind, ...]] = {
    "landing": (Kind.LANDING, Kind.ACCEPTED),
    "event_log": (Kind.EVENT_LOG,),
    "search": (Kind.SEARCH,),
    "fact": (Kind.FACT,),
    "checkpoint": (Kind.CHECKPOINT,),
    "activation": (Kind.ACTIVATION, Kind.SPANS, Kind.SUMMARY, Kind.RETURNS),
}
_OUTSIDE = ("landing", "search")
"""Waves that only production runs: environments read what it took in."""
MAX_PARTITIONS = 1_000  # of one run
_ORDER = list(Kind)


@dataclass(frozen=True)
class RangeRun:
    """One run: some assets of one partition definition over one contiguous range.

    Attributes:
        wave: the wave it belongs to.
        assets: the assets, in the data's order.
        labels: the half-open range in the grain of the assets' ledger keys.
        priority: higher goes first in the run queue.
        tier: the most urgent tier among the assets.
    """

    wave: str
    assets: tuple[str, ...]
    labels: Range
    missing: int
    stale: int
    tier: str = "normal"

    @property
    def priority(self) -> int:
        """Dagster's run priority of the tier."""
        return PRIORITY[self.tier]

    @property
    def partitions(self) -> Range:
        """The range of Dagster partitions: landing days for event logs, else the labels."""
        if self.wave != "event_log" or self.labels.grain is not Grain.HOUR:
            return self.labels
        last = grains.floor(self.labels.last, Grain.DAY)
        first = grains.floor(self.labels.start, Grain.DAY)
        return Range(first, grains.shift(last, Grain.DAY, 1), Grain.DAY)


@dataclass(frozen=True)
class Outcome:
    """What became of one run that ended well.

    Attributes:
        run: the run.
        run_id: Dagster's id of it.
        seconds: that it took.
    """

    run: RangeRun
    run_id: str
    seconds: float


PRIORITY = {"critical": 10, "normal": 0, "bulk": -10}


def waves_in(env: str, waves: Iterable[str] = tuple(WAVES)) -> list[str]:
    """Return the waves that may run in an environment; in production ('') all of them.

    >>> waves_in("ann", ["landing", "fact"])
    ['fact']
    """
    return [wave for wave in waves if not env or wave not in _OUTSIDE]


def runs_of(
    picture: Picture,
    wave: str,
    only: Callable[[Node], bool] = lambda _: True,
    within: Mapping[str, Collection[datetime]] | None = None,
) -> list[RangeRun]:
    """Return the runs that a wave needs and may start now, most urgent tier first, then by date.

    Args:
        picture: what is due.
        wave: a name of `WAVES`.
        only: which of the wave's nodes to look at.
        within: asset → the partitions that may be built, where not all may.
    """
    found: list[RangeRun] = []
    for nodes in groups_of(picture, wave, only):
        todo = _startable(picture, nodes)
        if within is not None:
            todo = {n: labels & set(within.get(n.asset, ())) for n, labels in todo.items()}
        found += runs_over(picture, wave, todo)
    return in_order_of_start(found)


def groups_of(
    picture: Picture, wave: str, only: Callable[[Node], bool] = lambda _: True
) -> list[list[Node]]:
    """Return the wave's nodes in groups that one run may build together."""
    groups: dict[tuple[object, ...], list[Node]] = defaultdict(list)
    for node in filter(only, picture.of_kind(*WAVES[wave])):
        groups[_together(node)].append(node)
    return list(groups.values())


def in_order_of_start(runs: Iterable[RangeRun]) -> list[RangeRun]:
    """Return runs of one wave: most urgent tier first, then by date."""
    return sorted(runs, key=lambda run: (-run.priority, run.labels.start, run.assets))


def _together(node: Node) -> tuple[object, ...]:
    """Return what nodes of one run must share: partition definition and tier (lanes stay apart)."""
    tier = node.tier if node.kind in (Kind.LANDING, Kind.ACCEPTED, Kind.EVENT_LOG) else ""
    return node.grain, node.start, node.end, node.fact, tier


def held_back(picture: Picture) -> dict[Node, Held]:
    """Return what is due and may not be built, by node: partition → the input in the way."""
    found = {n: held(picture, n, picture.look(n).todo) for n in picture.nodes.values()}
    return {node: waiting for node, waiting in found.items() if waiting}


def _startable(picture: Picture, nodes: Sequence[Node]) -> dict[Node, set[datetime]]:
    """Return what is due, wrong, and not held back by anything but nodes of the same run."""
    together = {node.asset for node in nodes}
    todo: dict[Node, set[datetime]] = {}
    for node in nodes:
        wrong = picture.look(node).todo
        waiting = held(picture, node, wrong)
        beside = {at for at, by in waiting.items() if by.asset in together}
        todo[node] = {at for at in wrong if at not in waiting or at in beside}
    return todo


def runs_over(
    picture: Picture, wave: str, todo: Mapping[Node, Collection[datetime]]
) -> Iterable[RangeRun]:
    """Yield the fewest range runs over partitions of nodes that one run may build together.

    A range may cover labels at which nothing is due (hours without events): one run then serves many.
    Runs of layers build nothing that is as it should be; runs before them may, beside what they must.
    """
    looks = {node: picture.look(node) for node in todo}
    due = {label for look in looks.values() for label in look.due}
    for nodes, labels in _together_at(todo):
        for span in coalesce(labels, nodes[0].grain, MAX_PARTITIONS, keep_out=due - labels):
            chosen = [node for node in nodes if _within(todo[node], span)]
            yield RangeRun(
                wave,
                tuple(n.asset for n in sorted(chosen, key=lambda n: _ORDER.index(n.kind))),
                span,
                missing=sum(len(_within(looks[n].missing, span)) for n in chosen),
                stale=sum(len(_within(looks[n].stale, span)) for n in chosen),
                tier=_tier(chosen),
            )


def _together_at(
    todo: Mapping[Node, Collection[datetime]],
) -> Iterable[tuple[list[Node], set[datetime]]]:
    """Yield nodes and the labels at which they are built in one run.

    Of a layer: exactly these nodes at exactly these labels. Before it, all nodes at all labels: an
    hour has events of any of hundreds of logs, and a run for each set of them would be too many.
    """
    every = {label for labels in todo.values() for label in labels}
    if not any(node.kind in LAYER for node in todo):
        yield list(todo), every
        return
    groups: dict[tuple[Node, ...], set[datetime]] = defaultdict(set)
    for label in every:
        groups[tuple(node for node, labels in todo.items() if label in labels)].add(label)
    for nodes, labels in groups.items():
        yield list(nodes), labels


def _within(labels: Iterable[datetime], inside: Range) -> list[datetime]:
    return [label for label in labels if inside.start <= label < inside.end]


def _tier(nodes: Iterable[Node]) -> str:
    tiers = {node.tier for node in nodes}
    return next((tier for tier in PRIORITY if tier in tiers), "normal")
