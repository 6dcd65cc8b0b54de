"""How commands read names of assets."""

from __future__ import annotations

from collections.abc import Iterable

from weir.core.errors import NotFound
from weir.lineage.nodes import Node


def find(nodes: Iterable[Node], name: str) -> Node:
    """Return the asset of a name: `stage/table`, or the table alone where one asset has it.

    Raises:
        NotFound: if there is none, or several.
    """
    every = {node.asset: node for node in nodes}
    if name in every:
        return every[name]
    found = [node for node in every.values() if node.table == name]
    if len(found) == 1:
        return found[0]
    if found:
        raise NotFound("single asset", name, [node.asset for node in found])
    by_table = {node.table: node.asset for node in every.values()}
    raise NotFound("asset", name, [*every, *by_table] if "/" not in name else list(every))
