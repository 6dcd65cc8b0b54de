"""Which upstream partitions each partition reads directly, and in which version. Pure.

Accepted reads its landing hour (deduplication looks 168 hours back as well, but closed hours never
change); an event log its accepted hour; search the accepted hours of all tiers; a fact day the hours of
its logs that hold its events; a layer the checkpoint that ends before it, and the fact days from there
to its own last day.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from weir.core import grains, zones
from weir.lineage.inputs import last_day, needed_checkpoint
from weir.lineage.ledger import data_version
from weir.lineage.ledger.vector import pack
from weir.lineage.nodes import Kind, Node

if TYPE_CHECKING:
    from weir.lineage.stale import Picture

Reads = Mapping[str, Collection[datetime]]
"""Upstream asset → the labels of its partitions that are read."""
_Reader = Callable[[datetime], Reads]


def reads(picture: Picture, node: Node, labels: Iterable[datetime]) -> dict[str, set[datetime]]:
    """Return what some partitions of a node read, together: upstream asset → labels."""
    reader = _reader(picture, node)
    found: dict[str, set[datetime]] = {}
    for label in labels:
        for asset, upstream in reader(label).items():
            found.setdefault(asset, set()).update(upstream)
    return found


def reads_each(
    picture: Picture, node: Node, labels: Iterable[datetime]
) -> dict[datetime, dict[str, list[datetime]]]:
    """Return what each of some partitions of a node reads: label → upstream asset → labels."""
    reader = _reader(picture, node)
    return {
        label: {asset: sorted(upstream) for asset, upstream in reader(label).items() if upstream}
        for label in labels
    }


def vector(
    picture: Picture, node: Node, labels: Iterable[datetime], together: Collection[str] = ()
) -> dict[str, Any]:
    """Return `reads` and `spans` of the ledger entry of a run over some partitions.

    Args:
        picture: what is built now, before the run.
        node: what the run builds.
        labels: which partitions of it.
        together: assets that the run builds over the same partitions: what it reads of them gets the
            version '', and the ledger fills in what the run made of them.
    """
    wanted = list(labels)
    mine = set(wanted)
    each = reads_each(picture, node, wanted)
    union: dict[str, set[datetime]] = {}
    for upstream in each.values():
        for asset, labels_read in upstream.items():
            union.setdefault(asset, set()).update(labels_read)
    versions = {
        asset: _versions(
            picture, picture.nodes[asset], sorted(read), mine if asset in together else set()
        )
        for asset, read in union.items()
    }
    keyed = {
        grains.text(label, node.grain): {
            asset: [grains.text(at, picture.nodes[asset].grain) for at in read]
            for asset, read in upstream.items()
        }
        for label, upstream in each.items()
    }
    return {"reads": versions, "spans": pack(keyed)}


def vectors(
    picture: Picture, nodes: Sequence[Node], labels: Iterable[datetime]
) -> dict[str, dict[str, Any]]:
    """Return the vector of every node that one run builds over the same partitions, by asset."""
    wanted, together = list(labels), {node.asset for node in nodes}
    return {node.asset: vector(picture, node, wanted, together) for node in nodes}


def _versions(
    picture: Picture, upstream: Node, labels: Iterable[datetime], building: Collection[datetime]
) -> dict[str, str]:
    """Return the data version of each of an upstream asset's partitions, '' where it is unknown."""
    if upstream.kind is Kind.LANDING:
        lane = picture.history.lane(upstream.tier)
        content = {hour: here.counted.text for hour, here in lane.items()}
    else:
        content = {label: built.hash for label, built in picture.built(upstream).items()}
    return {
        grains.text(at, upstream.grain): data_version(content[at])
        if at in content and at not in building
        else ""
        for at in labels
    }


def _reader(picture: Picture, node: Node) -> _Reader:
    """Return the function that tells what one partition of a node reads."""
    if node.kind is Kind.LANDING:
        return lambda _: {}
    if node.kind is Kind.ACCEPTED:
        return lambda label: {f"landing/{node.tier}": [label]}
    if node.kind is Kind.EVENT_LOG:
        return lambda label: {f"accepted/{node.tier}": [label]}
    if node.kind is Kind.SEARCH:
        known = {n.asset: _known(picture, n) for n in picture.of_kind(Kind.ACCEPTED)}
        return lambda label: {a: [label] for a, labels in known.items() if label in labels}
    if node.kind is Kind.FACT:
        hours = hours_of_days(picture, node)
        return lambda label: hours.get(label, {})
    return _layer(picture, node)


def _known(picture: Picture, node: Node) -> set[datetime]:
    """Return the partitions of a node that there are or should be."""
    return {*picture.built(node), *picture.due(node)}


def hours_of_days(picture: Picture, node: Node) -> dict[datetime, dict[str, set[datetime]]]:
    """Return for each fact day the landing hours that hold its events: day → log → hours."""
    days: dict[datetime, dict[str, set[datetime]]] = {}
    for log in picture.logs_of(node):
        for event in set(log.events) & set(node.events):
            for hour, event_hour in picture.history.by_event.get(event, {}):
                for day in zones.days_of_hour(event_hour, node.zone):
                    days.setdefault(day, {}).setdefault(log.asset, set()).add(hour)
    return days


def _layer(picture: Picture, node: Node) -> _Reader:
    active = _beside(picture, node, Kind.ACTIVATION)
    if node.kind is Kind.RETURNS and active:  # counts the layer's rows and looks at nothing else
        return lambda label: {active.asset: [label]}
    fact, chain = picture.fact_of(node), _beside(picture, node, Kind.CHECKPOINT)
    days = sorted(_known(picture, fact))
    kept = sorted(_known(picture, chain)) if chain else []

    def read(label: datetime) -> Reads:
        found: dict[str, Sequence[datetime]] = {}
        first = 0
        needed = _before(node, label)
        place = bisect_right(kept, needed)
        if chain and place:
            found[chain.asset] = [kept[place - 1]]
            first = bisect_right(days, last_day(chain, kept[place - 1]))
        found[fact.asset] = days[first : bisect_right(days, last_day(node, label))]
        if node.kind is Kind.SUMMARY and active:
            found[active.asset] = [label]
        return found

    return read


def _before(node: Node, label: datetime) -> datetime:
    """Return the newest checkpoint that a period of a layer, or a checkpoint, may start from."""
    if node.kind is Kind.CHECKPOINT:
        return grains.shift(label, node.grain, -1)
    return needed_checkpoint(node, label)


def _beside(picture: Picture, node: Node, kind: Kind) -> Node | None:
    """Return the node of a kind in the same layer, if there is one."""
    for other in picture.of_kind(kind):
        if (other.fact, other.period) == (node.fact, node.period):
            return other
    return None
