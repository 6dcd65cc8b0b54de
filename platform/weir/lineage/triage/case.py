"""What several rules need of the facts, worked out once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime
from functools import cached_property

from weir.core import grains, zones
from weir.lineage.causes import Faults, faults
from weir.lineage.inputs import last_day
from weir.lineage.nodes import Kind, Node
from weir.lineage.triage.facts import Facts, Run, Seen

Days = dict[str, set[datetime]]
"""Fact → days."""


class Case:
    """The facts, indexed.

    Args:
        facts: what is known.
    """

    def __init__(self, facts: Facts) -> None:
        self.facts = facts
        self.picture, self.graph = facts.picture, facts.graph
        self._runs: dict[str, list[Run]] = {}

    @cached_property
    def faults(self) -> Faults:
        """Every partition with a fault of its own by the records; partition checks left out."""
        known = self.facts.faults
        return faults(self.picture, self.graph) if known is None else known

    @cached_property
    def seen(self) -> Mapping[str, Mapping[datetime, list[Seen]]]:
        """What the partition check found: asset → label → findings."""
        found: dict[str, dict[datetime, list[Seen]]] = defaultdict(lambda: defaultdict(list))
        for one in self.facts.seen:
            for at in one.labels:
                found[one.asset][at].append(one)
        return found

    @cached_property
    def late(self) -> Mapping[tuple[str, datetime], Days]:
        """(Tier, landing hour) → days of facts that were built and read something else now."""
        events = {e: n.tier for n in self.picture.of_kind(Kind.EVENT_LOG) for e in n.events}
        found: dict[tuple[str, datetime], Days] = defaultdict(lambda: defaultdict(set))
        for fact in self.picture.of_kind(Kind.FACT):
            stale = {at for at in self.picture.look(fact).stale if not self.only_code(fact, at)}
            for event in fact.events if stale else ():
                for hour, event_hour in self.picture.history.by_event.get(event, {}):
                    days = stale.intersection(zones.days_of_hour(event_hour, fact.zone))
                    if days:
                        found[events[event], hour][fact.asset] |= days
        return found

    def only_code(self, node: Node, at: datetime) -> bool:
        """Tell whether a partition's inputs are as they were and only its code is another."""
        return self.picture.only_code(node, at)

    def other_code(self, node: Node, at: datetime) -> bool:
        """Tell whether a stale partition was built by another version of its code."""
        built = self.picture.built(node).get(at)
        return built is not None and built.code not in ("", node.code)

    def run_of(self, asset: str, at: datetime) -> Run | None:
        """Return the newest run that was to build a partition."""
        if asset not in self._runs:
            self._runs[asset] = [r for r in self.facts.runs or () if asset in r.assets]
        return next((run for run in self._runs[asset] if run.covers(asset, at)), None)

    def last_days(self, node: Node, at: datetime) -> datetime:
        """Return the last day of its fact that a partition needs."""
        return at if node.kind is Kind.FACT else last_day(node, at)

    def key(self, asset: str, at: datetime) -> str:
        """Return a label's partition key."""
        return grains.text(at, self.picture.nodes[asset].grain)
