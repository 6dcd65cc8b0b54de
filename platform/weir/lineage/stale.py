"""Which partitions are due, and which of them are missing or were built from something else."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from weir.core import grains
from weir.core.grains import Grain, Range
from weir.engines.history import LandingHistory
from weir.lineage import inputs
from weir.lineage.inputs import Digests
from weir.lineage.ledger import Built, Ledger
from weir.lineage.nodes import Kind, Node

_FROM_HISTORY = {
    Kind.LANDING: inputs.landed,
    Kind.ACCEPTED: inputs.accepted,
    Kind.EVENT_LOG: inputs.event_log,
}


@dataclass(frozen=True)
class Look:
    """The due partitions of one node and what is wrong with them."""

    node: Node
    due: Digests
    missing: list[datetime]
    stale: list[datetime]

    @property
    def todo(self) -> list[datetime]:
        """Missing and stale partitions, in order."""
        return sorted([*self.missing, *self.stale])


class Picture:
    """One consistent look at what landed and what was built.

    Args:
        nodes: all nodes of the project.
        history: what landed.
        ledger: how partitions were built; already synchronised.
        policy: version of the sampling policy.
        lag: how long after a fact day's end it is first built.
        now: naive UTC instant.
    """

    def __init__(
        self,
        nodes: Iterable[Node],
        history: LandingHistory,
        ledger: Ledger,
        *,
        policy: str,
        lag: timedelta,
        now: datetime,
    ) -> None:
        self.nodes = {node.asset: node for node in nodes}
        self.history = history
        self.ledger = ledger
        self._policy, self._lag, self._now = policy, lag, now
        self._built: dict[str, dict[datetime, Built]] = {}

    def built(self, node: Node) -> dict[datetime, Built]:
        """Return how the node's partitions were built, by label."""
        if node.asset not in self._built:
            found = self.ledger.built(node.asset)
            self._built[node.asset] = {grains.parse(k, node.grain): b for k, b in found.items()}
        return self._built[node.asset]

    def due(self, node: Node) -> Digests:
        """Return the digest of what each due partition of the node should be built from."""
        if node.kind in _FROM_HISTORY:
            return _FROM_HISTORY[node.kind](node, self.history)
        if node.kind is Kind.FACT:
            return inputs.fact(node, self.history, self._lag, self._now)
        if node.kind is Kind.SEARCH:
            tiers = [self.built(n) for n in self.of_kind(Kind.ACCEPTED)]
            return inputs.search(node, tiers, self._policy)
        from_facts = inputs.checkpoint if node.kind is Kind.CHECKPOINT else inputs.activation
        return from_facts(node, self.built(self.fact_of(node)))

    def look(self, node: Node) -> Look:
        """Compare what is due with what was built."""
        due = self.due(node)
        have = self._inputs(node)
        missing = [label for label in sorted(due) if label not in have]
        stale = [label for label in sorted(due) if label in have and have[label] != due[label]]
        return Look(node, due, missing, stale)

    def of_kind(self, *kinds: Kind) -> list[Node]:
        """Return the nodes of these kinds, by name."""
        return sorted((n for n in self.nodes.values() if n.kind in kinds), key=lambda n: n.asset)

    def fact_of(self, node: Node) -> Node:
        """Return the fact node of an activation node."""
        return self.nodes[f"fact/{node.fact}"]

    def inputs_for(self, node: Node, labels: Range) -> dict[str, str]:
        """Return key → digest of every partition of a range, due or not, for the ledger entry."""
        due = self.due(node)
        return {grains.text(at, node.grain): due.get(at, "") for at in labels}

    def _inputs(self, node: Node) -> dict[datetime, str]:
        if node.kind is Kind.LANDING:
            seen = self.ledger.observed(node.asset)
            return {grains.parse(key, node.grain): version for key, version in seen.items()}
        return {label: built.input for label, built in self.built(node).items()}


def days(labels: Iterable[datetime]) -> list[datetime]:
    """Return the landing days of landing labels."""
    return sorted({grains.floor(label, Grain.DAY) for label in labels})
