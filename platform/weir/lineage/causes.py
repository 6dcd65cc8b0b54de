"""Why a partition has to be built: its own fault, or the one that reaches it. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from weir.core import grains
from weir.core.grains import Grain, Range, coalesce
from weir.lineage.graph import Graph, Reached, closure
from weir.lineage.ledger import Built, Vector
from weir.lineage.nodes import Kind, Node
from weir.lineage.stale import Picture


class Cause(StrEnum):
    """Why a partition is not as it should be; the first that applies."""

    NEVER_BUILT = "never_built"
    LOST = "lost"
    CODE = "code"
    INPUT = "input"
    CHECK = "check"
    BROKEN = "broken"
    ASKED = "asked"


@dataclass(frozen=True)
class Fault:
    """What is wrong with one partition itself.

    Attributes:
        cause: the kind.
        text: one sentence, for people.
        evidence: partitions, checks and snapshots that show it.
    """

    cause: Cause
    text: str
    evidence: Mapping[str, object] = field(default_factory=dict, compare=False)


Faults = dict[str, dict[datetime, Fault]]
Broken = Mapping[str, Mapping[datetime, str]]
"""Asset → partition → what a look at the storage found."""


def faults(picture: Picture, graph: Graph, broken: Broken | None = None) -> Faults:
    """Return every partition with a fault of its own, by asset.

    Args:
        picture: what landed and what is built.
        graph: its graph.
        broken: what a partition check found in catalogue and storage.
    """
    found: Faults = {}
    for node in picture.nodes.values():
        mine = {at: _missing(picture, node, at) for at in picture.look(node).missing}
        mine |= _all_stale(picture, graph, node)
        for at in picture.failed(node) - mine.keys():
            mine[at] = _failed(picture, node, at)
        for at, text in (broken or {}).get(node.asset, {}).items():
            mine[at] = Fault(Cause.BROKEN, text)
        if mine:
            found[node.asset] = dict(sorted(mine.items()))
    return found


def _missing(picture: Picture, node: Node, at: datetime) -> Fault:
    if picture.lost(node, at):
        rows = picture.built(node)[at].rows
        return Fault(Cause.LOST, f"it was built with {rows:,} rows and holds another number now")
    return Fault(Cause.NEVER_BUILT, "it was never built")


def _all_stale(picture: Picture, graph: Graph, node: Node) -> dict[datetime, Fault]:
    stale = picture.look(node).stale
    vectors = picture.ledger.reads(node.asset, [grains.text(at, node.grain) for at in stale])
    return {
        at: _stale(picture, graph, node, at, vectors.get(grains.text(at, node.grain), {}))
        for at in stale
    }


def _stale(picture: Picture, graph: Graph, node: Node, at: datetime, read: Vector) -> Fault:
    built = picture.built(node).get(at)
    if picture.only_code(node, at):
        assert built is not None
        return Fault(
            Cause.CODE,
            picture.changed(node, built.code) or "its code is another since it was built",
            {"built_with": built.code, "now": node.code, "run": built.run},
        )
    changed = other_inputs(picture, read) or newer_inputs(picture, graph, node, at)
    if not changed and built is not None and built.code != node.code:
        return Fault(Cause.CODE, "its code, or what it is made from, is another since it was built")
    if not changed:
        return Fault(Cause.INPUT, "what it is made from is another since it was built")
    asset, labels = next(iter(changed.items()))
    span = spans(labels, picture.nodes[asset].grain)
    return Fault(
        Cause.INPUT,
        f"{asset} {span} is another since it was built",
        {
            "changed": {a: spans(found, picture.nodes[a].grain) for a, found in changed.items()},
            "first": (asset, min(labels)),
        },
    )


def _failed(picture: Picture, node: Node, at: datetime) -> Fault:
    key = grains.text(at, node.grain)
    verdict = next(
        v for v in picture.ledger.failed(node.asset, blocking_only=True) if key.startswith(v.key)
    )
    detail = f": {verdict.detail}" if verdict.detail else ""
    return Fault(Cause.CHECK, f"its check {verdict.check} failed{detail}", {"check": verdict.check})


def other_inputs(picture: Picture, read: Vector) -> dict[str, list[datetime]]:
    """Return which partitions have another version now than when they were read, by asset."""
    found: dict[str, list[datetime]] = {}
    for asset, versions in read.items():
        parent = picture.nodes.get(asset)
        if parent is None:
            continue
        built = picture.built(parent)
        labels = {grains.parse(key, parent.grain): version for key, version in versions.items()}
        other = [
            at
            for at, version in sorted(labels.items())
            if version and at in built and built[at].version != version
        ]
        if other:
            found[asset] = other
    return found


def newer_inputs(
    picture: Picture, graph: Graph, node: Node, at: datetime
) -> dict[str, list[datetime]]:
    """Return which of the partitions that one reads were built after it, by upstream asset."""
    mine = picture.built(node).get(at)
    if mine is None:
        return {}
    found: dict[str, list[datetime]] = {}
    for asset, labels in graph.reads(node.asset, at).items():
        parent = picture.nodes[asset]
        if parent.kind is Kind.LANDING:
            continue
        built = picture.built(parent)
        newer = [r for r in labels if r not in built or _after(built[r], mine)]
        if newer:
            found[asset] = newer
    return found


def _after(theirs: Built, mine: Built) -> bool:
    """Tell whether a partition was built after another: by commit, or by time outside the lake."""
    if theirs.snapshot >= 0 and mine.snapshot >= 0:
        return theirs.snapshot > mine.snapshot
    return theirs.at is not None and mine.at is not None and theirs.at > mine.at


def spans(labels: Iterable[datetime], grain: Grain, most: int = 3) -> str:
    """Return labels as ranges of partition keys, the first few of them.

    >>> spans([datetime(2026, 1, 1), datetime(2026, 1, 2)], Grain.DAY)
    '2026-01-01..2026-01-02'
    """
    found = coalesce(labels, grain, limit=10**9)
    more = f" and {len(found) - most} more" if len(found) > most else ""
    return ", ".join(str(span) for span in found[:most]) + more


@dataclass(frozen=True)
class Explained:
    """Neighbouring partitions of one asset that have the same first cause.

    Attributes:
        asset: key as `schema/table`.
        labels: the range.
        count: how many partitions of it are concerned.
        cause: the kind of the first cause.
        text: one sentence.
        root: asset of the first cause; the asset itself if the fault is its own.
        root_labels: the partitions of the root.
        conditional: True if the partitions are as they should be as long as the root stays as it
            is; they change only if mending the root changes what they read.
    """

    asset: str
    labels: Range
    count: int
    cause: Cause
    text: str
    root: str
    root_labels: str
    conditional: bool


def explain(
    picture: Picture, graph: Graph, found: Faults, only: Collection[str] | None = None
) -> list[Explained]:
    """Return why partitions have to be built, or may have to, grouped, in the data's order."""
    reached = closure(graph, found)
    return [
        one
        for asset, labels in reached.items()
        if only is None or asset in only
        for one in _grouped(picture, found, asset, labels)
    ]


def _grouped(
    picture: Picture, found: Faults, asset: str, labels: Mapping[datetime, Reached]
) -> Iterable[Explained]:
    grain = picture.nodes[asset].grain
    groups: dict[tuple[str, str, bool], list[datetime]] = {}
    for at, reached in labels.items():
        root_asset, root_at = reached.root
        fault = found[root_asset][root_at]
        own = at in found.get(asset, {})
        text = found[asset][at].text if own else fault.text
        groups.setdefault((root_asset, text, not own), []).append(at)
    for (root, text, conditional), mine in groups.items():
        roots = {labels[at].root[1] for at in mine}
        first = found[root][min(roots)]
        yield from (
            Explained(
                asset, span, sum(1 for at in mine if span.start <= at < span.end), first.cause,
                text, root, spans(roots, picture.nodes[root].grain), conditional,
            )
            for span in coalesce(mine, grain, limit=10**9)
        )  # fmt: skip
