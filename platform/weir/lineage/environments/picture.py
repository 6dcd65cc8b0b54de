"""What an environment holds: its own partitions, and those of production that its code builds alike.

Each partition is production's where that was built from what the environment's code would build it from
now (the digests are equal: code, what landed, content of what is upstream); else the environment's own;
else it is stale or missing, as in any home. No list of changed models is needed for that, and a model
downstream of a change whose content came out the same is still read from production.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from weir.core import grains
from weir.core.grains import Range, coalesce
from weir.engines.environments import STAGES, Overlay
from weir.lineage.inputs import Digests
from weir.lineage.ledger import Built, Ledger
from weir.lineage.nodes import Kind, Node
from weir.lineage.stale import Look, Picture

Partitions = dict[datetime, Built]


@dataclass
class Shown:
    """The partitions of one model that an environment sees.

    Attributes:
        built: how each was built, whoever built it.
        own: those that are the environment's own.
        production: those that production has, seen or not.
        mine: those that the environment has built, seen or not.
    """

    built: Partitions = field(default_factory=dict)
    own: set[datetime] = field(default_factory=set)
    production: Partitions = field(default_factory=dict)
    mine: Partitions = field(default_factory=dict)


class EnvironmentPicture(Picture):
    """One consistent look at an environment.

    Args:
        nodes: all nodes of the project, with the environment's code.
        history: what landed in production.
        own: how the environment's own partitions were built.
        production: how production's were.
        rest: as in `Picture`.
    """

    def __init__(
        self, nodes: Any, history: Any, own: Ledger, production: Ledger, **rest: Any
    ) -> None:
        super().__init__(nodes, history, own, **rest)
        self.production = production
        self._shown: dict[str, Shown] = {}
        self._wanted: dict[tuple[str, str], Digests] = {}

    def built(self, node: Node) -> Partitions:
        """Return how the node's partitions were built, by label."""
        return self.shown(node).built

    def shown(self, node: Node) -> Shown:
        """Return which partitions of a node the environment sees, and whose they are."""
        if node.asset not in self._shown:
            self._shown[node.asset] = self._show(node)
        return self._shown[node.asset]

    def overlay(self, node: Node, labels: Range | None = None) -> Overlay:
        """Return how a model is to be shown.

        Args:
            node: the model.
            labels: a range that is about to be built, if any: it is shown as the environment's own.
        """
        own = self.shown(node).own | (set(labels) if labels else set())
        hidden = set(self.look(node).stale) - own
        return Overlay(
            node.stage, node.table, node.column, _joined(own, node), _joined(hidden, node)
        )

    def overlays(self) -> list[Overlay]:
        """Return how every model is to be shown."""
        return [self.overlay(node) for node in self.nodes.values() if node.stage in STAGES]

    def base(self, node: Node, labels: Range) -> dict[str, str]:
        """Return key → code version of production's partitions in a range, '' where it has none."""
        there = self.shown(node).production
        return {grains.text(at, node.grain): there[at].code if at in there else "" for at in labels}

    def look(self, node: Node) -> Look:
        """Compare what is due with what was built; landing and search are production's business."""
        if node.kind in (Kind.LANDING, Kind.SEARCH):
            return Look(node, self._due(node), [], [])
        return super().look(node)

    def failed(self, node: Node) -> set[datetime]:
        """Return the partitions whose blocking checks failed, where they were built."""
        own = self.shown(node).own
        keys = {v.key for v in self.production.failed(node.asset, blocking_only=True)}
        theirs = {
            at
            for at in self.built(node)
            if at not in own and any(grains.text(at, node.grain).startswith(k) for k in keys)
        }
        return theirs | {at for at in super().failed(node) if at in own}

    def _due(self, node: Node) -> Digests:
        key = node.asset, node.code
        if key not in self._wanted:
            self._wanted[key] = super()._due(node)
        return self._wanted[key]

    def _landed(self, node: Node) -> Partitions:
        return {
            hour: Built(here.counted.rows, here.counted.text, here.version, "", "", -1, None)
            for hour, here in self.history.lane(node.tier).items()
        }

    def _show(self, node: Node) -> Shown:
        if node.kind is Kind.LANDING:
            return Shown(self._landed(node))
        production = _parsed(self.production.built(node.asset), node)
        mine = _parsed(self.ledger.built(node.asset), node)
        due = self._due(node) if mine else {}
        shown = Shown(dict(production), production=production, mine=mine)
        for at, part in mine.items():
            there = production.get(at)
            if there is None or there.input != due.get(at):
                shown.built[at] = part
                shown.own.add(at)
        return shown


def _joined(labels: set[datetime], node: Node) -> list[Range]:
    return coalesce(labels, node.grain, limit=10**9)


def _parsed(built: Mapping[str, Built], node: Node) -> Partitions:
    return {grains.parse(key, node.grain): part for key, part in built.items()}
