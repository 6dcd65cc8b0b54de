"""What people ask column lineage for: an asset, a column, a place in it, or an event's parameter."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from weir.core.errors import NotFound
from weir.lineage.columns.flows import Ref
from weir.lineage.columns.graph import ColumnGraph, Node, Step
from weir.lineage.nodes import Kind
from weir.lineage.nodes import Node as Asset

EVENT = "event:"
PARAMS = "params"
_REST = "_extra"  # of an event's log: what is not declared


@dataclass(frozen=True)
class Wanted:
    """What is asked for.

    Attributes:
        node: the column, or the asset's rows.
        path: the place inside the column, '' for all of it.
        text: how it is called in the answer.
    """

    node: Node
    path: str
    text: str


def parse(words: str, graph: ColumnGraph, logs: Mapping[str, Iterable[tuple[str, str]]]) -> Wanted:
    """Return what `ASSET`, `ASSET.COLUMN`, `ASSET.COLUMN$.place` or `event:NAME.PARAM` means.

    Args:
        words: the question. A table's name alone will do where it is the only one.
        graph: the project's columns.
        logs: event → its logs and, for each, the accepted table that it reads.

    Raises:
        NotFound: if there is no such asset, column or event; near names are told.
    """
    if words.startswith(EVENT):
        return _event(words, logs)
    name, _, rest = words.partition(".")
    column, _, path = rest.partition("$")
    node = graph.node(_asset(name, graph), column.lower())
    return Wanted(node, path, Ref(*node, path).text if column else node.asset)


def _asset(name: str, graph: ColumnGraph) -> str:
    if "/" in name:
        return name
    found = [asset for asset in graph.models if asset.partition("/")[2] == name]
    return found[0] if len(found) == 1 else name


def _event(words: str, logs: Mapping[str, Iterable[tuple[str, str]]]) -> Wanted:
    name, _, parameter = words.removeprefix(EVENT).partition(".")
    if name not in logs:
        raise NotFound("event with a log", name, logs)
    _, accepted = next(iter(logs[name]))
    node = Node(accepted, PARAMS)
    return Wanted(node, f".{parameter}" if parameter else "", words)


def down(
    wanted: Wanted, graph: ColumnGraph, only: Iterable[str] = (), depth: int | None = None
) -> list[Step]:
    """Return everything that what is asked for reaches, nearest first.

    Args:
        wanted: the answer of `parse`.
        graph: the project's columns.
        only: the assets that may be the first on the way, such as an event's own logs; empty: all.
        depth: how many steps to go.
    """
    if not wanted.path and not only:
        return graph.down(*wanted.node, depth=depth)
    first = graph.at(*wanted.node, wanted.path)
    first = [step for step in first if not only or step.there.asset in only]
    first = [step for step in first if not _is_rest(step, first)]
    beyond = graph.down_from({s.there: None for s in first}, None if depth is None else depth - 1)
    return [*first, *(replace(step, depth=step.depth + 1) for step in beyond)]


def logs_of(nodes: Iterable[Asset]) -> dict[str, list[tuple[str, str]]]:
    """Return for each event its logs, each with the accepted table that it reads."""
    found: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for node in nodes:
        if node.kind is Kind.EVENT_LOG:
            found[node.events[0]].append((node.asset, f"accepted/{node.tier}"))
    return found


def steps_of(
    wanted: Wanted,
    graph: ColumnGraph,
    logs: Mapping[str, Iterable[tuple[str, str]]],
    *,
    below: bool,
    depth: int | None = None,
) -> list[Step]:
    """Return what is on the way up or down from what is asked for, nearest first; each edge once.

    Args:
        wanted: the answer of `parse`.
        graph: the project's columns.
        logs: the answer of `logs_of`.
        below: down, not up.
        depth: how many steps to go; all if None.
    """
    if not wanted.node.column:
        return graph.assets(wanted.node.asset, up=not below, depth=depth)
    if not below:
        return graph.up(*wanted.node, depth=depth)
    event = wanted.text.removeprefix(EVENT).partition(".")[0]
    only = [log for log, _ in logs[event]] if wanted.text.startswith(EVENT) else []
    return down(wanted, graph, only, depth)


def unresolved(graph: ColumnGraph, wanted: Wanted, steps: Iterable[Step]) -> list[str]:
    """Return in words what could not be followed in the assets of some steps."""
    assets = dict.fromkeys([wanted.node.asset, *(step.there.asset for step in steps)])
    return [
        f"{asset}{'.' + one.column if one.column else ''}: {one.reason}"
        for asset in assets
        if asset in graph.models
        for one in graph.models[asset].unresolved
    ]


def _is_rest(step: Step, all_steps: Iterable[Step]) -> bool:
    """Tell whether a step only leads to what an event's log does not declare, and another has it."""
    return step.there.column == _REST and any(
        one.path and one.there != step.there and one.there.asset == step.there.asset
        for one in all_steps
    )
