"""Makes a plan: faults → what they reach → the fewest range runs, in waves. Pure."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import count
from typing import TypeVar

from weir.core.errors import InvalidValue, NotFound
from weir.lineage.causes import Broken, Cause, Fault, Faults, faults, spans
from weir.lineage.graph import Graph, closure
from weir.lineage.graph.closure import Closure, needed
from weir.lineage.inputs import digest
from weir.lineage.nodes import Kind, Node
from weir.lineage.plan import WAVES, RangeRun, groups_of, in_order_of_start, runs_over
from weir.lineage.recovery.plans import Estimate, Plan, PlanKind, Step, Wanted
from weir.lineage.stale import Picture

T = TypeVar("T")
Estimator = Callable[[Node, int], Estimate]
_FORCED = (Cause.ASKED, Cause.CHECK, Cause.BROKEN)
_MOST_CAUSES = 3


def make_plan(
    picture: Picture,
    graph: Graph,
    wanted: Wanted,
    *,
    now: datetime,
    broken: Broken | None = None,
    estimator: Estimator = lambda _, count: Estimate(count),
    among: Collection[str] | None = None,
) -> Plan:
    """Return the smallest plan that does what is wanted.

    Args:
        picture: what landed and what is built.
        graph: its graph.
        wanted: what was asked for.
        now: naive UTC.
        broken: what a partition check found in catalogue and storage.
        estimator: what building so many partitions of a node will take.
        among: the only assets whose faults count; None for all.

    Raises:
        NotFound: if an asset is unknown.
        InvalidValue: if the range holds nothing that could be built.
    """
    _check(picture, wanted)
    found = _in_scope(graph, wanted, faults(picture, graph, broken))
    if among is not None:
        found = {asset: wrong for asset, wrong in found.items() if asset in among}
    asked = _asked(picture, wanted)
    seeds = {
        asset: {**asked.get(asset, {}), **found.get(asset, {})}
        for asset in sorted({*asked, *found})
    }
    mendable, beyond = _mendable(picture, seeds)
    reached = closure(graph, mendable)
    if not wanted.downstream:
        reached = _only(reached, _needed(graph, wanted))
    drafting = _Drafting(picture, reached, mendable, wanted.units, estimator)
    return Plan(
        "", wanted, now, tuple(drafting.steps()), _untouched(picture, reached), tuple(beyond),
        Counter(f.cause for found in mendable.values() for f in found.values()),
        _state(picture, reached, mendable),
    )  # fmt: skip


def _check(picture: Picture, wanted: Wanted) -> None:
    unknown = [asset for asset in wanted.assets if asset not in picture.nodes]
    if unknown:
        raise NotFound("asset", unknown[0], list(picture.nodes))
    for asset in wanted.assets if wanted.kind is not PlanKind.RECOVER else ():
        due = picture.due(picture.nodes[asset])
        if not any(wanted.holds(at) for at in due):
            there = spans(due, picture.nodes[asset].grain) or "nothing yet"
            raise InvalidValue("range", f"{wanted.since} to {wanted.until}", [there])


def _needed(graph: Graph, wanted: Wanted) -> dict[str, set[datetime]]:
    """Return the wanted partitions and every partition that they read, over any number of steps."""
    wanted_labels = {
        asset: {at for at in graph.labels[asset] if wanted.holds(at)} for asset in wanted.assets
    }
    return needed(graph, wanted_labels)


def _in_scope(graph: Graph, wanted: Wanted, found: Faults) -> Faults:
    """Return the faults that the wanted partitions, or what they read, have; all if none is named."""
    return _only(found, _needed(graph, wanted)) if wanted.assets else found


def _only(
    found: Mapping[str, Mapping[datetime, T]], kept: Mapping[str, Collection[datetime]]
) -> dict[str, dict[datetime, T]]:
    chosen = {
        asset: {at: value for at, value in labels.items() if at in kept.get(asset, ())}
        for asset, labels in found.items()
    }
    return {asset: labels for asset, labels in chosen.items() if labels}


def _asked(picture: Picture, wanted: Wanted) -> Faults:
    """Return what is built because it was asked for, however it looks."""
    if wanted.kind is PlanKind.RECOVER or not wanted.rebuild:
        return {}
    found: Faults = {}
    for asset in wanted.assets:
        due = picture.due(picture.nodes[asset])
        fault = Fault(Cause.ASKED, "it was asked for")
        found[asset] = {at: fault for at in sorted(due) if wanted.holds(at)}
    return found


def _mendable(picture: Picture, seeds: Faults) -> tuple[Faults, list[str]]:
    """Split faults into those that a run mends and sentences on those that none does."""
    mendable: Faults = {}
    beyond = []
    for asset, found in seeds.items():
        node = picture.nodes[asset]
        lost = {at: f for at, f in found.items() if _beyond(picture, node, at, f)}
        if lost:
            text = next(iter(lost.values())).text
            beyond.append(f"{asset} {spans(lost, node.grain)}: {text}.")
        rest = {at: f for at, f in found.items() if at not in lost}
        if rest:
            mendable[asset] = rest
    return mendable, beyond


def _beyond(picture: Picture, node: Node, at: datetime, fault: Fault) -> bool:
    """What landed is the source: nothing builds it again; what is not due cannot be built."""
    source = node.kind is Kind.LANDING and fault.cause in (Cause.BROKEN, Cause.LOST)
    return source or at not in picture.expected(node)


@dataclass(frozen=True)
class _Drafting:
    """The steps of one plan."""

    picture: Picture
    reached: Closure
    seeds: Faults
    units: Collection[str]
    estimator: Estimator

    def steps(self) -> Iterator[Step]:
        """Yield the range runs of every wave, numbered."""
        numbers = count(1)
        for wave in WAVES:
            runs = [
                run
                for nodes in groups_of(self.picture, wave, self._wants)
                for run in runs_over(self.picture, wave, {n: self._due(n) for n in nodes})
            ]
            for run in in_order_of_start(runs):
                yield self._step(next(numbers), run)

    def _wants(self, node: Node) -> bool:
        is_layer = node.counts is not None
        of_unit = not is_layer or not self.units or node.period.unit in self.units
        return of_unit and bool(self._due(node))

    def _due(self, node: Node) -> set[datetime]:
        return self.reached.get(node.asset, {}).keys() & self.picture.expected(node)

    def _step(self, number: int, run: RangeRun) -> Step:
        nodes = [self.picture.nodes[asset] for asset in run.assets]
        every = {n.asset: sorted(at for at in self._due(n) if at in run.labels) for n in nodes}
        faults = {a: {at: self.seeds.get(a, {}).get(at) for at in every[a]} for a in every}
        forced = {
            a: tuple(sorted(at for at, f in found.items() if f and f.cause in _FORCED))
            for a, found in faults.items()
        }
        certain = sum(1 for found in faults.values() for fault in found.values() if fault)
        return Step(
            number, run.wave, run.assets, run.labels, certain,
            sum(map(len, every.values())) - certain,
            {a: found for a, found in forced.items() if found},
            self._causes(every),
            Estimate.total(self.estimator(n, len(every[n.asset])) for n in nodes),
        )  # fmt: skip

    def _causes(self, every: Mapping[str, list[datetime]]) -> tuple[str, ...]:
        """Return why a step is needed: its own faults, and the first causes of what may follow."""
        roots: dict[tuple[str, str], list[datetime]] = defaultdict(list)
        for asset, labels in every.items():
            for at in labels:
                own = self.seeds.get(asset, {}).get(at)
                root, root_at = (asset, at) if own else self.reached[asset][at].root
                roots[root, self.seeds[root][root_at].text].append(root_at)
        ordered = sorted(roots.items(), key=lambda item: (-len(item[1]), item[0]))
        told = [
            f"{root} {spans(set(labels), self.picture.nodes[root].grain)}: {text}"
            for (root, text), labels in ordered[:_MOST_CAUSES]
        ]
        more = len(ordered) - len(told)
        return (*told, *([f"and {more} more causes"] if more else []))


def _untouched(picture: Picture, reached: Closure) -> dict[str, int]:
    left = {
        node.asset: len(picture.built(node).keys() - reached.get(node.asset, {}).keys())
        for node in picture.nodes.values()
    }
    return {asset: count for asset, count in left.items() if count}


def _state(picture: Picture, reached: Closure, seeds: Faults) -> str:
    """Return a digest of all that the plan was made from: codes, inputs, content and faults."""
    parts = []
    for asset, labels in reached.items():
        node = picture.nodes[asset]
        due, built = picture.due(node), picture.built(node)
        parts += [asset, node.code]
        for at in labels:
            here = built.get(at)
            fault = seeds.get(asset, {}).get(at)
            parts += [at.isoformat(), due.get(at, ""), here.input + here.hash if here else ""]
            parts += [fault.cause.value if fault else ""]
    return digest(*parts)
