"""Whether a range of partitions may be built: its inputs exist, are current and passed their checks."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from weir.core import grains
from weir.core.errors import NotReady
from weir.core.grains import Grain, Range, coalesce
from weir.lineage.inputs import needed_checkpoint
from weir.lineage.nodes import Kind, Node
from weir.lineage.stale import Look, Picture


def require_ready(picture: Picture, nodes: Sequence[Node], labels: Range) -> None:
    """Check the inputs of a range of partitions.

    Raises:
        NotReady: naming the asset and the partitions to build first.
    """
    for node in nodes:
        for needed, wrong in not_ready(picture, node, labels):
            spans = ", ".join(str(r) for r in coalesce(wrong, needed.grain)[:3])
            raise NotReady(
                f"`{node.asset}` {labels} cannot be built: `{needed.asset}` is missing, stale or"
                f" failed its checks for {spans}.",
                f"Materialize `{needed.asset}` for these partitions first; `weir run` does all in order.",
            )


def not_ready(picture: Picture, node: Node, labels: Range) -> Iterable[tuple[Node, list[datetime]]]:
    """Yield (input asset, its partitions that are in the way) for a range of a node."""
    if node.kind is Kind.EVENT_LOG:
        wrong = _within(picture.look(picture.nodes[f"accepted/{node.tier}"]), labels)
        yield from _some(picture.nodes[f"accepted/{node.tier}"], wrong)
    elif node.kind is Kind.FACT:
        for log in picture.of_kind(Kind.EVENT_LOG):
            if set(log.events) & set(node.events):
                yield from _some(log, picture.look(log).todo)
    elif node.kind is Kind.CHECKPOINT:
        end = grains.floor(labels.end, Grain.DAY)
        yield from _facts_until(picture, node, end)
    elif node.kind in (Kind.ACTIVATION, Kind.SUMMARY):
        yield from _facts_until(picture, node, labels.end)
        yield from _checkpoint(picture, node, labels.start)


def _some(node: Node, wrong: list[datetime]) -> Iterable[tuple[Node, list[datetime]]]:
    if wrong:
        yield node, wrong


def _within(look: Look, labels: Range) -> list[datetime]:
    return [label for label in look.todo if labels.start <= label < labels.end]


def _facts_until(
    picture: Picture, node: Node, end: datetime
) -> Iterable[tuple[Node, list[datetime]]]:
    fact = picture.fact_of(node)
    failed = {v.key for v in picture.ledger.failed(fact.asset, blocking_only=True)}
    look = picture.look(fact)
    wrong = {label for label in look.todo if label < end}
    wrong |= {grains.parse(key, fact.grain) for key in failed if key < grains.text(end, fact.grain)}
    yield from _some(fact, sorted(wrong))


def _checkpoint(
    picture: Picture, node: Node, start: datetime
) -> Iterable[tuple[Node, list[datetime]]]:
    month = needed_checkpoint(start)
    for checkpoint in picture.of_kind(Kind.CHECKPOINT):
        if checkpoint.fact != node.fact or (checkpoint.start and month < checkpoint.start):
            continue
        look = picture.look(checkpoint)
        yield from _some(checkpoint, [month] if month in look.todo else [])
