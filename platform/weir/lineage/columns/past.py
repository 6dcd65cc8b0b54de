"""Whether what was built with older code may stay: what changed since, and whether it concerns that.

The version of a node's code is its own part, then those of the models that it reads (`Node.behind`),
joined by '-'. Every part that differs is compared. Careful by rule: what is not known, or cannot be
compared, does not stay.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from weir.core.errors import WeirError
from weir.lineage.columns.affected import affected
from weir.lineage.columns.changes import Change, ModelChange, classify
from weir.lineage.columns.graph import ColumnGraph
from weir.lineage.columns.model_code import ModelCode
from weir.lineage.columns.trace import trace
from weir.lineage.nodes import Node

Load = Callable[[str, str], ModelCode | None]


def own_part(code: str) -> str:
    """Return the part of a version that is the model's own."""
    return code.partition("-")[0]


def reaches(change: ModelChange, reader: ModelCode) -> bool:
    """Tell whether a change breaks what another model, as it was, made of the changed one."""
    graph = ColumnGraph({reader.asset: trace(reader.sql, reader.inputs, dialect=reader.dialect)})
    return reader.asset in affected([change], graph)


@dataclass(frozen=True)
class Difference:
    """What one version of a node's code means for what an older one built.

    Attributes:
        keeps: what was built stays as good as new.
        because: the change for which it does not, if that is known.
    """

    keeps: bool
    because: ModelChange | None = None


class Past:
    """What became of the code that partitions were built with.

    Args:
        nodes: the project's nodes.
        load: returns the code of an older version of an asset, None if it is not known.
        present: returns the present code of every model, by asset; called when first needed.
    """

    def __init__(
        self,
        nodes: Iterable[Node],
        load: Load,
        present: Callable[[], Mapping[str, ModelCode]],
    ) -> None:
        self._nodes = {node.asset: node for node in nodes}
        self.load, self._present = load, present
        self._known: dict[tuple[str, str, str], Difference] = {}

    def keeps(self, node: Node, code: str) -> bool:
        """Tell whether what a node built with an older version of its code stays as good as new."""
        return self.difference(node, code).keeps

    def changed(self, node: Node, code: str) -> str:
        """Return what changed since an older version, as a sentence; '' if that is not known."""
        one = self.difference(node, code).because
        if one is None:
            return ""
        whose = "its code" if one.asset == node.asset else f"the code of {one.asset}"
        told = list(one.reasons) if one.rows else one.sentences()
        more = f" (and {len(told) - 1} more)" if len(told) > 1 else ""
        return f"{whose} changed: {one.change}: {told[0].rstrip('.')}{more}"

    def difference(self, node: Node, code: str) -> Difference:
        """Compare the present version of a node's code with an older one."""
        key = node.asset, node.code, code
        if key not in self._known:
            try:
                self._known[key] = self._compared(node, code)
            except WeirError:  # dbt cannot compile the project, or the kept code is damaged
                self._known[key] = Difference(keeps=False)
        return self._known[key]

    def _compared(self, node: Node, code: str) -> Difference:
        before, after = code.split("-"), node.code.split("-")
        old = self.load(node.asset, before[0])
        if old is None or len(before) != len(after) or len(after) != 1 + len(node.behind):
            return Difference(keeps=False)
        for asset, was, now in zip((node.asset, *node.behind), before, after, strict=True):
            if was == now:
                continue
            change = self._change(asset, was)
            if change is None:
                return Difference(keeps=False)
            if change.change is Change.BREAKING and (asset == node.asset or reaches(change, old)):
                return Difference(keeps=False, because=change)
        return Difference(keeps=True)

    def _change(self, asset: str, was: str) -> ModelChange | None:
        old, new = self.load(asset, was), self._present().get(asset)
        return classify(old, new) if old is not None and new is not None else None


def restated(nodes: Iterable[Node], before: Mapping[str, Node], past: Past) -> Iterator[Node]:
    """Yield the nodes whose past does not stay when one set of versions follows another.

    Args:
        nodes: the nodes as they will be.
        before: asset → the node as it was.
        past: compares their versions.
    """
    for node in nodes:
        old = before.get(node.asset)
        if old is not None and old.code != node.code and not past.keeps(node, old.code):
            yield node
