"""What a restatement builds: everything of one fact that a day or a later one decides. Pure.

A partition is a function of its inputs, so building it again is always safe; where they are as they
were, it comes out the same and makes nothing after it stale.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from weir.lineage import plan
from weir.lineage.inputs import last_day
from weir.lineage.nodes import Kind, Node
from weir.lineage.plan import RangeRun, runs_of
from weir.lineage.stale import Picture

WAVES = ("fact", "checkpoint", "activation")


@dataclass(frozen=True)
class Restatement:
    """One fact and its layers, from a day on.

    Attributes:
        fact: the fact's model.
        since: label of the first day to build again.
        units: calendar units of the layers to build again (`day`, `week`, `month`); all if empty.
    """

    fact: str
    since: datetime
    units: Collection[str] = ()

    def holds(self, node: Node) -> bool:
        """Tell whether the restatement builds the node."""
        if node.kind is Kind.FACT:
            return node.fact == self.fact
        return node.fact == self.fact and (not self.units or node.period.unit in self.units)

    def runs(self, picture: Picture, wave: str) -> list[RangeRun]:
        """Return a wave's runs: what the day decides, and what is missing or stale before it.

        Args:
            picture: a fresh look; it counts the wave's partitions as stale afterwards.
            wave: a name of `WAVES`.
        """
        for node in filter(self.holds, picture.nodes.values()):
            if node.kind in plan.WAVES[wave]:
                due = picture.due(node)
                picture.demand(node, [at for at in due if self._decides(node, at)])
        return runs_of(picture, wave, self.holds)

    def _decides(self, node: Node, label: datetime) -> bool:
        last = label if node.kind is Kind.FACT else last_day(node, label)
        return last >= self.since
