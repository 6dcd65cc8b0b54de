"""A sensor that patrols partitions: asset after asset, as far as a tick's time goes. It starts no runs."""

import time
from collections.abc import Callable, Collection, Iterator, Sequence
from datetime import timedelta

import dagster as dg

from weir.core import grains
from weir.engines.embedded.storage import EmbeddedStorage
from weir.engines.storage import EVERYTHING, Span
from weir.lineage.checking import Finding, Level, Repair, check
from weir.lineage.nodes import Kind, Node
from weir.lineage.stale import Picture
from weir.orchestra.checking import subjects
from weir.orchestra.gating import STORED, remember
from weir.orchestra.project import Project

INTERVAL_SECONDS = 300
BUDGET_SECONDS = 20.0  # of one tick: Dagster ends a sensor after 60 s
RECENT = timedelta(days=35)
_MAX_EVENTS = 400  # evaluations of one tick


def patrol_sensor(name: str, description: str, project: Project) -> dg.SensorDefinition:
    """Return a sensor that checks recent partitions at level `footer`, in turns.

    Its cursor names the asset that it looked at last.
    """

    @dg.sensor(
        name=name,
        description=description,
        minimum_interval_seconds=INTERVAL_SECONDS,
        default_status=dg.DefaultSensorStatus.RUNNING,
    )
    def patrol(context: dg.SensorEvaluationContext) -> dg.SensorResult | dg.SkipReason:
        if not project.lake.exists or project.environment is not None:
            return dg.SkipReason("There is no lake yet, or it is an environment's.")
        done = list(rounds(project, context.cursor or "", time.monotonic))
        broken = [finding for _, found in done for finding in found]
        events = [event for node, found in done for event in _evaluations(node, found)]
        return dg.SensorResult(
            asset_events=events[:_MAX_EVENTS],
            cursor=done[-1][0].asset if done else context.cursor,
            skip_reason=f"Looked at {len(done)} assets, {len(broken)} partitions are broken.",
        )

    return patrol


def rounds(
    project: Project, last: str, clock: Callable[[], float]
) -> Iterator[tuple[Node, Sequence[Finding]]]:
    """Check assets after the one named, in a circle, until the budget is spent; yield what is broken.

    Suspects that a patrol or a gate found broken go first: their files may be back.

    Verdicts are kept in the ledger: what reads a broken partition waits.
    """
    began, storage = clock(), EmbeddedStorage(project.lake)
    picture = project.picture()
    suspects = _suspects(project)
    nodes = [node for node in project.nodes if node.kind is not Kind.SEARCH]
    with storage.reading():
        version = storage.version()
        for node in _circle(nodes, last, suspects):
            if clock() - began > BUDGET_SECONDS:
                return
            span = recent(picture, node, suspects.get(node.asset, ""))
            found = subjects(project, picture, [node], {node.asset: span})
            report = check(found, storage, Level.FOOTER)
            if storage.version() != version:  # another picture is needed: the next tick goes on
                return
            remember(project, report)
            yield node, [f for f in report.needing(Repair.REBUILD) if f.key]


def _suspects(project: Project) -> dict[str, str]:
    """Return the assets that were found broken, each with the first such partition."""
    found: dict[str, str] = {}
    for said in project.ledger.failed():
        if said.check == STORED:
            found[said.asset] = min(said.key, found.get(said.asset, said.key))
    return found


def recent(picture: Picture, node: Node, suspect: str = "") -> Span:
    """Return the span of an asset's recent partitions, and from its first suspect on.

    By its newest partition and not by the clock: an ended fact is looked at, too.
    """
    newest = max(picture.built(node), default=None)
    if newest is None:
        return EVERYTHING
    first = grains.floor(newest - RECENT, node.grain)
    return (min(first, grains.parse(suspect, node.grain)) if suspect else first), newest


def _circle(nodes: Sequence[Node], last: str, first: Collection[str]) -> list[Node]:
    """Return nodes in turn after the one named; those whose fault may be mended go first."""
    names = [node.asset for node in nodes]
    at = names.index(last) + 1 if last in names else 0
    turn = [*nodes[at:], *nodes[:at]]
    return sorted(turn, key=lambda node: node.asset not in first)


def _evaluations(node: Node, broken: Sequence[Finding]) -> Iterator[dg.AssetCheckEvaluation]:
    """Yield an evaluation per broken partition."""
    key = dg.AssetKey(node.asset.split("/"))
    if not node.unique_id:  # landing and accepted have checks of their own
        return
    for finding in broken:
        yield dg.AssetCheckEvaluation(
            key,
            STORED,
            passed=False,
            metadata={"fault": finding.fault.value, "remedy": finding.meaning.remedy},
            partition=_dagster_key(node, finding),
            description=f"{finding.fault}: {finding.evidence}",
        )


def _dagster_key(node: Node, finding: Finding) -> str:
    """Return a finding's partition in Dagster: of an event log, the landing day."""
    return finding.key[:10] if node.kind is Kind.EVENT_LOG else finding.key
