"""Which partitions can no longer be built, because retention dropped them or what they read. Pure.

What is there stays as it is and is never stale: to build it again from less would lose data.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from weir.core.errors import NotReady
from weir.core.grains import coalesce
from weir.engines.history import Expiry
from weir.lineage.nodes import Kind, Node
from weir.lineage.reads import reads_each

if TYPE_CHECKING:
    from weir.lineage.ledger import Built
    from weir.lineage.stale import Picture

Expiries = Mapping[str, Sequence[Expiry]]
"""Asset → what retention dropped of it."""
_SEEN = timedelta(hours=168)
"""How far back deduplication reads landing."""


def expired(
    expiries: Expiries, asset: str, built: Mapping[datetime, Built], labels: Iterable[datetime]
) -> set[datetime]:
    """Return which of an asset's partitions retention dropped and nobody built since."""
    found = set()
    for label in labels:
        at = built[label].at if label in built else None
        for one in expiries.get(asset, ()):
            if one.covers(label) and (at is None or at <= one.at):
                found.add(label)
    return found


def beyond(picture: Picture, expiries: Expiries, node: Node) -> set[datetime]:
    """Return the due partitions of a node that expired, or that read what has expired."""
    if not expiries:
        return set()
    due = picture.due(node)
    found = expired(expiries, node.asset, picture.built(node), due)
    if node.kind is Kind.ACCEPTED:
        ends = [one.end for one in expiries.get(f"landing/{node.tier}", ())]
        return found | {label for label in due if any(label < end + _SEEN for end in ends)}
    upstream: dict[str, set[datetime]] = {}
    each = reads_each(picture, node, due)
    for read in each.values():
        for asset, labels in read.items():
            upstream.setdefault(asset, set()).update(labels)
    gone = {
        asset: expired(expiries, asset, picture.built(picture.nodes[asset]), labels)
        for asset, labels in upstream.items()
        if asset in expiries
    }
    return found | {
        label
        for label, read in each.items()
        if any(gone[asset] & set(labels) for asset, labels in read.items() if asset in gone)
    }


def require_kept(picture: Picture, node: Node, labels: Iterable[datetime]) -> None:
    """Check that partitions can still be built: none has expired, nor anything that it reads.

    Raises:
        NotReady: naming the partitions that cannot.
    """
    lost = picture.beyond(node) & set(labels)
    if lost:
        spans = ", ".join(str(span) for span in coalesce(lost, node.grain)[:3])
        raise NotReady(
            f"`{node.asset}` {spans} cannot be built any more: retention dropped what it is made of.",
            "What is there stays as it is; leave these partitions out.",
        )
