"""What an environment would put into production, and what is in the way. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from weir.core.errors import WeirError
from weir.core.grains import Range, coalesce
from weir.engines.environments import STAGES
from weir.lineage.environments.picture import EnvironmentPicture
from weir.lineage.ledger import Built
from weir.lineage.nodes import Kind, Node

Spans = Mapping[str, list[Range]]
"""Asset → ranges of its partitions."""
_SHOWN = 6


class CannotPromote(WeirError):
    """A promotion was refused; production is as it was.

    Attributes:
        blocked: why.
    """

    def __init__(self, name: str, blocked: Blocked) -> None:
        self.blocked = blocked
        words = [
            ("is missing what production has", blocked.missing),
            ("was built from something else than is there now", blocked.stale),
            ("has failed checks", blocked.failed),
            ("would undo what other code has built in production since", blocked.moved),
        ]
        told = [f"It {why}:\n{_listed(spans)}" for why, spans in words if spans]
        super().__init__(
            f"`{name}` cannot be promoted; production is as it was.\n" + "\n".join(told) + "\n",
            _remedy(name, blocked),
        )


@dataclass(frozen=True)
class Blocked:
    """What is in the way of a promotion.

    Attributes:
        missing: partitions that production has, absent in the environment for a model that differs.
        stale: partitions that the environment built from what has changed since.
        failed: partitions whose blocking checks failed in the environment.
        moved: partitions of production that other code has built since the environment built its own:
            somebody else promoted, or production's code went on.
    """

    missing: Spans = field(default_factory=dict)
    stale: Spans = field(default_factory=dict)
    failed: Spans = field(default_factory=dict)
    moved: Spans = field(default_factory=dict)

    def __bool__(self) -> bool:
        """Tell whether anything is in the way."""
        return bool(self.missing or self.stale or self.failed or self.moved)


@dataclass(frozen=True)
class Moving:
    """The partitions of one model that are put into production.

    Attributes:
        node: the model.
        ranges: those whose content is another than production's: only they are copied.
        built: how the environment built each, by label.
        replaced: how production's were built, by label, where it has any.
    """

    node: Node
    ranges: list[Range]
    built: Mapping[datetime, Built]
    replaced: Mapping[datetime, Built]


@dataclass(frozen=True)
class Promotion:
    """What would be promoted, in the data's order, and what is in the way."""

    moving: list[Moving]
    blocked: Blocked

    @property
    def partitions(self) -> int:
        """How many partitions are put into production."""
        return sum(len(each.built) for each in self.moving)

    @property
    def copied(self) -> int:
        """How many of them have other rows than production's."""
        return sum(len(span) for each in self.moving for span in each.ranges)


def promotion(
    picture: EnvironmentPicture,
    bases: Mapping[str, Mapping[str, str]],
    changed: Collection[str] = (),
) -> Promotion:
    """Return what of an environment goes into production.

    Args:
        picture: a look at the environment, with the code that production is to have.
        bases: asset → key → code of production's partition when the environment built its own.
        changed: assets whose code, or that of what they read, is another than production's.
    """
    nodes = [node for node in picture.nodes.values() if node.stage in STAGES]
    found: dict[str, dict[str, list[Range]]] = {
        name: {} for name in ("missing", "stale", "failed", "moved")
    }
    for node in nodes:
        for name, labels in _in_the_way(picture, node, bases.get(node.asset, {}), changed).items():
            if labels:
                found[name][node.asset] = coalesce(labels, node.grain, limit=10**9)
    moving = [each for node in nodes if (each := _moving(picture, node)).built]
    return Promotion(moving, Blocked(**found))


def _in_the_way(
    picture: EnvironmentPicture, node: Node, base: Mapping[str, str], changed: Collection[str]
) -> dict[str, set[datetime]]:
    shown = picture.shown(node)
    todo = set(picture.look(node).todo)
    differs = node.asset in changed or _differs(picture, node)
    known = {*base.values(), *(shown.mine[at].code for at in shown.own)}
    return {
        # of a model that is the same, production itself is behind: its next run builds that
        "missing": {at for at in todo - shown.own if at in shown.production and differs},
        "stale": todo & shown.own,
        "failed": picture.failed(node) & shown.own,
        "moved": {
            at for at in shown.own & set(shown.production) if shown.production[at].code not in known
        },
    }


def _differs(picture: EnvironmentPicture, node: Node) -> bool:
    """Tell whether a model is another than production's, or reads one that is.

    It is, if the environment has partitions of it or of what it reads.
    """
    return any(picture.shown(each).own for each in _upstream(picture, node))


def _upstream(picture: EnvironmentPicture, node: Node) -> Iterable[Node]:
    yield node
    if node.kind is Kind.FACT:
        yield from picture.logs_of(node)
    elif node.stage == "activation":
        fact = picture.fact_of(node)
        yield fact
        yield from picture.logs_of(fact)


def _moving(picture: EnvironmentPicture, node: Node) -> Moving:
    shown = picture.shown(node)
    labels = sorted(shown.own)
    there = shown.production
    other = [at for at in labels if at not in there or there[at].hash != shown.mine[at].hash]
    return Moving(
        node,
        coalesce(other, node.grain, limit=10**9),
        {at: shown.built[at] for at in labels},
        {at: shown.production[at] for at in labels if at in shown.production},
    )


def _listed(spans: Spans) -> str:
    lines = []
    for asset, ranges in spans.items():
        more = f" and {len(ranges) - _SHOWN} more" if len(ranges) > _SHOWN else ""
        lines.append(f"  {asset}  {', '.join(map(str, ranges[:_SHOWN]))}{more}")
    return "\n".join(lines)


def _remedy(name: str, blocked: Blocked) -> str:
    if blocked.missing or blocked.stale:
        return f"Build it: `weir --env {name} run`."
    if blocked.failed:
        return f"`weir --env {name} status` tells which checks; mend the model and run it again."
    return f"Merge the code that production has by now into yours; then `weir --env {name} run`."
