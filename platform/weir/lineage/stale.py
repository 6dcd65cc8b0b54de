"""Which partitions are due, and which of them are missing or were built from something else."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from weir.core import grains, zones
from weir.core.grains import Range
from weir.engines.history import LandingHistory
from weir.lineage import inputs
from weir.lineage.expired import Expiries, beyond
from weir.lineage.inputs import Digests
from weir.lineage.ledger import Built, Ledger
from weir.lineage.nodes import LAYER, Kind, Node

_FROM_HISTORY = {
    Kind.LANDING: inputs.landed,
    Kind.ACCEPTED: inputs.accepted,
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
        tables: names of the event-log tables that exist.
        counts: asset → partition → rows that are really there, where somebody looked; a partition
            with other rows than the ledger says counts as missing.
    """

    keeps: Callable[[Node, str], bool] = staticmethod(lambda _node, _code: False)
    """Whether what a node built with an older version of its code stays as good as new."""
    changed: Callable[[Node, str], str] = staticmethod(lambda _node, _code: "")
    """What a node's code changed since an older version of it, as a sentence; '' if nobody knows."""
    late: timedelta | None = None
    """How long after a partition's end late events are taken in at once; None: for ever."""

    def __init__(
        self,
        nodes: Iterable[Node],
        history: LandingHistory,
        ledger: Ledger,
        *,
        policy: str,
        lag: timedelta,
        now: datetime,
        tables: Iterable[str] = (),
        counts: Mapping[str, Mapping[datetime, int]] | None = None,
    ) -> None:
        self.nodes = {node.asset: node for node in nodes}
        self.history = history
        self.ledger = ledger
        self.tables = set(tables)
        self._policy, self._lag, self._now = policy, lag, now
        self._counts = counts or {}
        self._due_with: dict[tuple[str, str], Digests] = {}
        self._beyond: dict[str, set[datetime]] = {}
        self._built: dict[str, dict[datetime, Built]] = {}
        self._looks: dict[str, Look] = {}
        self._failed: dict[str, set[datetime]] = {}

    def built(self, node: Node) -> dict[datetime, Built]:
        """Return how the node's partitions were built, by label."""
        if node.kind is Kind.LANDING:
            return self._landed(node)
        if node.asset not in self._built:
            found = self.ledger.built(node.asset)
            self._built[node.asset] = {grains.parse(k, node.grain): b for k, b in found.items()}
        return self._built[node.asset]

    def due(self, node: Node) -> Digests:
        """Return the digest of what each due partition of the node should be built from."""
        return self.look(node).due

    def due_by(self, fact: Node, history: LandingHistory) -> Digests:
        """Return which days of a fact would be due had something else landed or been closed."""
        return inputs.fact(fact, history, self._lag, self._now)

    def expected(self, node: Node) -> set[datetime]:
        """Return the partitions that are due, or will be once all that they read is built."""
        if node.kind is Kind.SEARCH:
            return {at for n in self.of_kind(Kind.ACCEPTED) for at in self.due(n)}
        if node.kind in LAYER:
            return set(inputs.whole(node, self.due(self.fact_of(node))))
        return set(self.due(node))

    def look(self, node: Node) -> Look:
        """Compare what is due with what was built."""
        if node.asset not in self._looks:
            due = self._due(node)
            have = self._inputs(node)
            missing = [label for label in sorted(due) if label not in have]
            other = [label for label in sorted(due) if label in have and have[label] != due[label]]
            stale = [label for label in other if not self._kept(node, label)]
            self._looks[node.asset] = Look(node, due, missing, stale)
            self._looks[node.asset] = self._without_expired(self._looks[node.asset])
        return self._looks[node.asset]

    def only_code(self, node: Node, label: datetime) -> bool:
        """Tell whether a partition's inputs are as they were and only its code is another."""
        built = self.built(node).get(label)
        if built is None or built.code in ("", node.code):
            return False
        key = node.asset, built.code
        if key not in self._due_with:
            self._due_with[key] = self._due(replace(node, code=built.code))
        return self._due_with[key].get(label) == built.input

    def lost(self, node: Node, label: datetime) -> bool:
        """Tell whether a partition was built and holds other rows now than it was given."""
        there, built = self._counts.get(node.asset), self.built(node).get(label)
        if built is None or there is None or there.get(label, 0) == built.rows:
            return False
        return not any(one.covers(label) for one in self.expired.get(node.asset, ()))

    def overdue(self, node: Node) -> set[datetime]:
        """Return the stale partitions that ended longer ago than late events are waited for.

        Only those whose inputs changed: another code is no late event. They are built again when
        there is time; until then what was built of them stands.
        """
        if self.late is None:
            return set()
        last = zones.to_local(self._now - self.late, node.zone)
        old = [at for at in self.look(node).stale if grains.shift(at, node.grain, 1) <= last]
        return {at for at in old if not self.only_code(node, at)}

    def _kept(self, node: Node, label: datetime) -> bool:
        return self.only_code(node, label) and self.keeps(node, self.built(node)[label].code)

    @property
    def expired(self) -> Expiries:
        """What retention dropped, by asset."""
        return self.history.expired

    def beyond(self, node: Node) -> set[datetime]:
        """Return the due partitions of a node that cannot be built any more: what they need expired."""
        if node.asset not in self._beyond:
            self._beyond[node.asset] = beyond(self, self.expired, node)
        return self._beyond[node.asset]

    def _without_expired(self, look: Look) -> Look:
        lost = self.beyond(look.node)
        missing, stale = (
            [at for at in some if at not in lost] for some in (look.missing, look.stale)
        )
        return replace(look, missing=missing, stale=stale) if lost else look

    def demand(self, node: Node, labels: Iterable[datetime]) -> None:
        """Count these partitions of a node as stale where they are due, however they were built."""
        look = self.look(node)
        wanted = (set(labels) & set(look.due)) - set(look.missing) - self.beyond(node)
        self._looks[node.asset] = replace(look, stale=sorted(wanted | set(look.stale)))

    def failed(self, node: Node) -> set[datetime]:
        """Return the built partitions of a node whose blocking checks failed.

        An event log's checks speak of landing days: one that failed holds for all its hours.
        """
        if node.asset not in self._failed:
            keys = {v.key for v in self.ledger.failed(node.asset, blocking_only=True)}
            known = {*self.built(node), *self.due(node)} if keys else set()
            self._failed[node.asset] = {
                label
                for label in known
                if any(grains.text(label, node.grain).startswith(key) for key in keys)
            }
        return self._failed[node.asset]

    def of_kind(self, *kinds: Kind) -> list[Node]:
        """Return the nodes of these kinds, by name."""
        return sorted((n for n in self.nodes.values() if n.kind in kinds), key=lambda n: n.asset)

    def fact_of(self, node: Node) -> Node:
        """Return the fact node of an activation node."""
        return self.nodes[f"fact/{node.fact}"]

    def logs_of(self, fact: Node) -> list[Node]:
        """Return the event logs that a fact reads."""
        return [n for n in self.of_kind(Kind.EVENT_LOG) if set(n.events) & set(fact.events)]

    def inputs_for(self, node: Node, labels: Range) -> dict[str, str]:
        """Return key → digest of every partition of a range, due or not, for the ledger entry."""
        due = self.due(node)
        return {grains.text(at, node.grain): due.get(at, "") for at in labels}

    @property
    def unmodelled(self) -> dict[str, int]:
        """Events that landed as valid and have no event log → their rows."""
        known = {event for node in self.of_kind(Kind.EVENT_LOG) for event in node.events}
        return {
            event: sum(counted.rows for counted in hours.values())
            for event, hours in self.history.by_event.items()
            if event not in known
        }

    def _due(self, node: Node) -> Digests:
        if node.kind is Kind.EVENT_LOG:
            return self._first_hour(node) | inputs.event_log(node, self.history)
        if node.kind in _FROM_HISTORY:
            return _FROM_HISTORY[node.kind](node, self.history)
        if node.kind is Kind.FACT:
            return inputs.fact(node, self.history, self._lag, self._now)
        if node.kind is Kind.SEARCH:
            tiers = [self.built(n) for n in self.of_kind(Kind.ACCEPTED)]
            return inputs.search(node, tiers, self._policy)
        fact = self.fact_of(node)
        return inputs.layer(node, inputs.prefix(self.due(fact), self.built(fact)))

    def _first_hour(self, node: Node) -> Digests:
        """A log that a due fact reads needs its table before its first event: an empty partition."""
        if node.table in self.tables or not self.history.hours:
            return {}
        facts = [n for n in self.of_kind(Kind.FACT) if set(n.events) & set(node.events)]
        if not any(self.due(fact) for fact in facts):
            return {}
        newest = max(hour for _, hour in self.history.hours)
        return {newest: inputs.digest(node.code, "first")}

    def _landed(self, node: Node) -> dict[datetime, Built]:
        """Return the landing partitions that Dagster was told of, with what they hold now."""
        told = self.ledger.observed(node.asset)
        return {
            hour: Built(here.counted.rows, here.counted.text, here.version, "", "", -1, None)
            for hour, here in self.history.lane(node.tier).items()
            if grains.text(hour, node.grain) in told
        }

    def _inputs(self, node: Node) -> dict[datetime, str]:
        if node.kind is Kind.LANDING:
            seen = self.ledger.observed(node.asset)
            return {grains.parse(key, node.grain): version for key, version in seen.items()}
        there = self._counts.get(node.asset)
        return {
            label: built.input
            for label, built in self.built(node).items()
            if there is None or there.get(label, 0) == built.rows
        }
