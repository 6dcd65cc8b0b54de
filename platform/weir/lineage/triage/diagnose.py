"""Walks from what was asked for to where it begins, and says why. Pure.

A partition is a root if what is wrong with it is its own (its code, its check, its files), or if all that
it reads is right. What is missing or stale only because it reads such a one is no cause: it is reached.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime

from weir.core import grains, zones
from weir.core.grains import Grain, Range
from weir.lineage.causes import Cause as Kinds
from weir.lineage.causes import Fault, spans
from weir.lineage.graph import closure
from weir.lineage.graph.closure import Closure, needed
from weir.lineage.nodes import LAYER, Kind, Node
from weir.lineage.triage import calendar, hindrances, states
from weir.lineage.triage.case import Case
from weir.lineage.triage.codes import MEANINGS, Code, Mends
from weir.lineage.triage.diagnosis import Cause, Diagnosis, Finding, Reach
from weir.lineage.triage.facts import Facts

Scope = Mapping[str, set[datetime]]
_SYMPTOMS = (Code.MISSING, Code.CHAIN_BROKEN, Code.UNKNOWN)
"""Said only where nothing tells why a partition was not built."""
_BY_RUNS = (Kinds.NEVER_BUILT, Kinds.INPUT, Kinds.CODE)
"""What a run would have mended, had one gone well."""
_SHOWN, _PARTITIONS = 6, 3
"""Pieces of evidence that a cause keeps, and of how many of its partitions."""


def diagnose(facts: Facts, asset: str, at: datetime | None = None) -> Diagnosis:
    """Return why an asset, or one of its partitions, is not as it should be.

    Args:
        facts: what is known.
        asset: a known asset.
        at: label of a partition; None for all that the asset has or should have.

    Returns:
        The causes, those that begin first in the data's order first; none if nothing is wrong.
    """
    case = Case(facts)
    node = case.picture.nodes[asset]
    partition = case.key(asset, at) if at is not None else ""
    if at is not None and at not in case.graph.labels[asset]:
        return _not_due(case, node, at, partition)
    labels = {at} if at is not None else set(case.graph.labels[asset])
    scope = needed(case.graph, {asset: labels})
    placed = [*of_partitions(case, scope), *_beside(case, node, at, scope)]
    return Diagnosis(
        asset, partition, joined(case, placed), _notes(case, node, scope), facts.checked,
        facts.not_checked,
    )  # fmt: skip


def _not_due(case: Case, node: Node, at: datetime, partition: str) -> Diagnosis:
    found = calendar.not_due(case, node, at)
    causes = joined(case, [(node.asset, at, found)] if found else [])
    notes = [] if found else [f"Nothing landed for {partition}: there is nothing to build."]
    return Diagnosis(
        node.asset, partition, causes, notes, case.facts.checked, case.facts.not_checked
    )


def of_partitions(case: Case, scope: Scope) -> Iterator[calendar.Placed]:
    """Yield the causes of the partitions of a scope, each where it begins.

    What a partition check saw holds nothing back, so it explains nothing after it.
    """
    recorded = {
        a: {*case.faults.get(a, {}), *case.picture.failed(case.picture.nodes[a])} & labels
        for a, labels in scope.items()
    }
    reached = closure(case.graph, {a: labels for a, labels in recorded.items() if labels})
    for asset in case.graph.order:
        node = case.picture.nodes[asset]
        found = recorded.get(asset, set()) | (
            case.seen.get(asset, {}).keys() & scope.get(asset, set())
        )
        for at in sorted(found):
            root = at in recorded[asset] and reached[asset][at].root == (asset, at)
            fault = case.faults.get(asset, {}).get(at)
            for finding in _at(case, node, at, fault, root=root):
                yield asset, at, finding


def _at(
    case: Case, node: Node, at: datetime, fault: Fault | None, *, root: bool
) -> Iterator[Finding]:
    """Yield what is wrong with one partition, and why nothing mended it."""
    mine = list(states.own(case, node, at))
    yield from mine
    if not root or fault is None or fault.cause not in _BY_RUNS:
        return
    held = any(one.code is Code.CHECK_FAILED for one in mine)  # the run failed because of it
    hindering = [] if held else list(hindrances.hindrances(case, node, at))
    alone = bool(mine) and case.only_code(node, at)
    for one in () if alone else states.follows(case, node, at, fault):
        if not (hindering and one.code in _SYMPTOMS):
            yield one
    yield from hindering


def _beside(case: Case, node: Node, at: datetime | None, scope: Scope) -> Iterator[calendar.Placed]:
    """Yield causes that no fault of a partition shows: open windows, clocks, what was set aside."""
    for asset in [a for a in case.graph.order if a in scope or a == node.asset]:
        one = case.picture.nodes[asset]
        if at is None:
            yield from calendar.closing(case, one)
        hours = None if at is None else _hours(case, node, at) | scope.get(asset, set())
        for placed in (*calendar.clocks(case, one), *calendar.diverted(case, one)):
            if hours is None or placed[1] in hours:
                yield placed


def _hours(case: Case, node: Node, at: datetime) -> set[datetime]:
    """Return the landing hours of a partition's own time."""
    if node.kind is not Kind.FACT and node.kind not in LAYER:
        return {at}
    day = case.last_days(node, at)
    start, end = zones.window(Range.of(day, Grain.DAY), node.zone)
    landing = case.picture.nodes["landing/normal"].grain
    return {grains.floor(at, landing) for at in Range(start, end, Grain.HOUR)}


def joined(case: Case, placed: Iterable[calendar.Placed]) -> list[Cause]:
    """Join what is the same cause in many partitions; order by where it begins."""
    groups: dict[tuple[Code, str], list[tuple[str, datetime | None, Finding]]] = defaultdict(list)
    for asset, at, finding in placed:
        groups[finding.code, finding.text].append((asset, at, finding))
    order = {asset: i for i, asset in enumerate(case.graph.order)}
    found = [_cause(case, order, group) for group in groups.values()]
    return sorted(found, key=lambda one: order[one.asset])


def _cause(case: Case, order: Mapping[str, int], group: list[calendar.Placed]) -> Cause:
    seeds: dict[str, set[datetime]] = defaultdict(set)
    for asset, at, _ in group:
        seeds[asset] |= {at} if at is not None else set()
    asset = min(seeds, key=order.__getitem__)
    grain = case.picture.nodes[asset].grain
    finding = group[0][2]
    evidence = tuple(dict.fromkeys(e for _, _, one in group[:_PARTITIONS] for e in one.evidence))
    reached = closure(case.graph, {a: labels for a, labels in seeds.items() if labels})
    return Cause(
        finding.code, asset, tuple(sorted(seeds[asset])), grain, finding.text, evidence[:_SHOWN],
        finding.confidence, _reaches(case, reached), _repair(case, finding, asset, seeds),
    )  # fmt: skip


def _reaches(case: Case, reached: Closure) -> tuple[Reach, ...]:
    return tuple(
        Reach(asset, len(labels), spans(labels, case.picture.nodes[asset].grain))
        for asset, labels in reached.items()
    )


def _repair(case: Case, finding: Finding, asset: str, seeds: Mapping[str, set[datetime]]) -> str:
    """Return the command of the plan that mends a cause; '' if no plan has anything to do."""
    if MEANINGS[finding.code].mends in (Mends.PERSON, Mends.TIME):
        return ""
    stored = any(labels & case.facts.broken.get(a, {}).keys() for a, labels in seeds.items())
    if not stored and not any(
        labels & case.faults.get(a, {}).keys() for a, labels in seeds.items()
    ):
        return f"weir partitions reconcile {asset}" if finding.code is Code.UNKNOWN else ""
    if len(seeds) > 1:
        return f"weir plan recover {' '.join(seeds)} --downstream"
    grain = case.picture.nodes[asset].grain
    first, last = min(seeds[asset]), max(seeds[asset])
    whole = Range(first, Range.of(last, grain).end, grain)
    return f"weir plan recover {asset} --range {whole} --downstream"


def _notes(case: Case, node: Node, scope: Scope) -> list[str]:
    """Return what is so by design, and what is being mended now."""
    notes = []
    for run in case.facts.runs or ():
        busy = [a for a in sorted(run.assets) if any(run.covers(a, at) for at in scope.get(a, ()))]
        if run.state == "running" and run.alive is not False and busy:
            notes.append(f"Run {run.id[:8]} builds {', '.join(busy[:3])} now.")
    if node.kind is Kind.SEARCH:
        notes.append("Search holds a sample by design: an event's `sampling` says how much.")
    return notes
