"""What a tick asks for: the waves' range runs, less what waits, within the budget. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from weir.core import grains
from weir.core.grains import Range, coalesce
from weir.core.hours import Hours
from weir.lineage.automation.budget import Budget, Proposal, Why, choose
from weir.lineage.automation.retries import Attempts, Past, Wait, jitter_of, wait_of
from weir.lineage.inputs import digest
from weir.lineage.nodes import Kind, Node
from weir.lineage.plan import RangeRun, groups_of, runs_of
from weir.lineage.readiness import held
from weir.lineage.stale import Picture

Labels = dict[str, set[datetime]]
"""Asset → partitions."""


@dataclass(frozen=True)
class Rules:
    """What the settings say.

    Attributes:
        budget: of one tick.
        off_peak: when old and large restatements may run.
        large_partitions: a run of more is large.
        large_seconds: a run that is to take longer is large.
    """

    budget: Budget
    off_peak: Hours = field(default_factory=Hours)
    large_partitions: int = 100
    large_seconds: float = 1_800.0


@dataclass(frozen=True)
class Known:
    """What the decision asks of others.

    Attributes:
        past: what failed and what is under way.
        attempts: what became of the earlier runs of a request, by its name.
        seconds: what building so many partitions of a node takes; 0 if nothing is known.
        backlog: what the backlog asked for and is not done.
    """

    past: Past
    attempts: Callable[[str], Attempts]
    seconds: Callable[[Node, int], float]
    backlog: Budget


@dataclass(frozen=True)
class Waiting:
    """What is to be built and is not asked for now.

    Attributes:
        assets: the assets.
        labels: the partitions.
        wait: why not now.
        until: when that may end, where it is known; naive UTC.
    """

    assets: tuple[str, ...]
    labels: Range
    wait: Wait
    until: datetime | None = None


@dataclass(frozen=True)
class Decision:
    """What a tick asks for, and what it does not."""

    asked: list[Proposal]
    waiting: list[Waiting]


def decide(
    picture: Picture, waves: Sequence[str], rules: Rules, known: Known, now: datetime
) -> Decision:
    """Return which runs of some waves to ask for now.

    Args:
        picture: what is due and what is built.
        waves: names of the planner's waves.
        rules: what the settings say.
        known: what failed, what is under way, and how long runs take.
        now: naive UTC.
    """
    waiting: list[Waiting] = []
    proposals: list[Proposal] = []
    for wave in waves:
        free = _free(picture, wave, known.past, now, waiting)
        for labels in _apart(picture, free):
            for run in runs_of(picture, wave, within=labels):
                proposals += _proposals(picture, run, labels, rules, known)
    able = [p for p in proposals if not _waits(picture, p, rules, known, now, waiting)]
    asked = choose(able, rules.budget, known.backlog)
    taken = {id(one) for one in asked}
    waiting += [
        Waiting(p.run.assets, p.run.labels, Wait.BUDGET) for p in able if id(p) not in taken
    ]
    return Decision(asked, waiting)


def request_name(picture: Picture, run: RangeRun) -> str:
    """Return the name of a request: the same iff the same assets would be built from the same."""
    parts = [str(run.labels)]
    for asset in run.assets:
        due = picture.due(picture.nodes[asset])
        parts += [asset, *(due.get(label, "") for label in run.labels)]
    return f"{run.wave}:{grains.text(run.labels.start, run.labels.grain)}:{digest(*parts)}"


def _free(picture: Picture, wave: str, past: Past, now: datetime, waiting: list[Waiting]) -> Labels:
    """Return the partitions of a wave that nothing but their inputs may hold; tell of the others."""
    free: Labels = {}
    nodes = [node for group in groups_of(picture, wave) for node in group]
    for node in nodes:
        look = picture.look(node)
        waits: dict[Wait, list[datetime]] = {}
        for at in look.todo:
            wait = wait_of(past, node.asset, at, look.due.get(at, ""), node.code, now)
            if wait is not None:
                waits.setdefault(wait, []).append(at)
        kept = set(look.todo) - {at for labels in waits.values() for at in labels}
        free[node.asset] = _from_the_front(kept, waits) if node.kind is Kind.CHECKPOINT else kept
        waiting += [
            Waiting((node.asset,), span, wait)
            for wait, labels in waits.items()
            for span in coalesce(labels, node.grain, limit=10**9)
        ]
    if wave == "activation":
        for node in sorted(nodes, key=lambda one: list(Kind).index(one.kind)):
            free[node.asset] -= _behind(picture, node, free)
    return free


def _behind(picture: Picture, node: Node, free: Labels) -> set[datetime]:
    """Return the partitions that wait for one of the same wave that is not free itself."""
    return {
        at
        for at, by in held(picture, node, free[node.asset]).items()
        if by.asset in free and at not in free[by.asset]
    }


def _from_the_front(kept: set[datetime], waits: dict[Wait, list[datetime]]) -> set[datetime]:
    """A checkpoint is made from the one before it: none is built after one that waits."""
    first = min((at for labels in waits.values() for at in labels), default=None)
    return kept if first is None else {at for at in kept if at < first}


def _apart(picture: Picture, free: Labels) -> Iterator[Labels]:
    """Yield the partitions that late events are still waited for, and those that are older."""
    nodes = {asset: picture.nodes[asset] for asset in free}
    old = {asset: labels & picture.overdue(nodes[asset]) for asset, labels in free.items()}
    yield {asset: labels - old[asset] for asset, labels in free.items()}
    if any(old.values()):
        yield old


def _proposals(
    picture: Picture, run: RangeRun, within: Labels, rules: Rules, known: Known
) -> Iterator[Proposal]:
    """Yield a run, or the pieces of it that one tick's budget can hold."""
    seconds = sum(
        known.seconds(node, sum(at in run.labels for at in within[node.asset]))
        for node in (picture.nodes[asset] for asset in run.assets)
    )
    partitions = run.missing + run.stale
    large = partitions > rules.large_partitions or seconds > rules.large_seconds
    beyond = partitions > rules.budget.partitions or seconds > rules.budget.seconds
    if beyond and len(run.labels) > 1 and run.wave != "checkpoint":
        for piece in _halves(picture, run, within):
            for one in _proposals(picture, piece, within, rules, known):
                yield replace(one, large=True)  # a part of something large
        return
    yield Proposal(run, _why(picture, run, within), partitions, seconds, large)


def _halves(picture: Picture, run: RangeRun, within: Labels) -> Iterator[RangeRun]:
    labels = run.labels
    middle = grains.shift(labels.start, labels.grain, len(labels) // 2)
    for half in (
        Range(labels.start, middle, labels.grain),
        Range(middle, labels.end, labels.grain),
    ):
        looks = {a: picture.look(picture.nodes[a]) for a in run.assets}
        chosen = [a for a in run.assets if any(at in half for at in within[a])]
        if chosen:
            yield replace(
                run,
                assets=tuple(chosen),
                labels=half,
                missing=sum(_count(looks[a].missing, within[a], half) for a in chosen),
                stale=sum(_count(looks[a].stale, within[a], half) for a in chosen),
            )


def _count(labels: Iterable[datetime], among: set[datetime], half: Range) -> int:
    return sum(at in half and at in among for at in labels)


def _why(picture: Picture, run: RangeRun, within: Labels) -> Why:
    nodes = [picture.nodes[asset] for asset in run.assets]
    if run.stale:
        old = any(within[node.asset] & picture.overdue(node) for node in nodes)
        return Why.OVERDUE if old else Why.LATE
    newest = max((at for node in nodes for at in picture.built(node)), default=None)
    return Why.GAP if newest is not None and newest >= run.labels.end else Why.ARRIVAL


def _waits(
    picture: Picture,
    proposal: Proposal,
    rules: Rules,
    known: Known,
    now: datetime,
    waiting: list[Waiting],
) -> bool:
    """Tell whether a run waits for the hours off peak or for its next attempt; tell of it."""
    run = proposal.run
    until = rules.off_peak.until_open(now) if proposal.off_peak else now
    if until > now:
        waiting.append(Waiting(run.assets, run.labels, Wait.OFF_PEAK, until))
        return True
    name = request_name(picture, run)
    past = replace(known.attempts(name), jitter=jitter_of(name))
    wait = past.wait(now)
    if wait is not None:
        waiting.append(Waiting(run.assets, run.labels, wait))
    return wait is not None
