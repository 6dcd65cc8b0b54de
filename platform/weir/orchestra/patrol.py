"""A sensor that patrols partitions: asset after asset, as far as a tick's time goes. It starts no runs."""

import time
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta

import dagster as dg

from weir.core import grains
from weir.engines.storage import EVERYTHING, Span
from weir.lineage.checking import Finding, Level, Repair
from weir.lineage.nodes import Kind, Node
from weir.orchestra.checking import check_partitions
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
        if not project.lake.exists:
            return dg.SkipReason("There is no lake yet.")
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

    Verdicts are kept in the ledger: what reads a broken partition waits.
    """
    began = clock()
    for node in _circle([n for n in project.nodes if n.kind is not Kind.SEARCH], last):
        if clock() - began > BUDGET_SECONDS:
            return
        report = check_partitions(
            project, [node], Level.FOOTER, spans={node.asset: recent(project, node)}
        )
        if not report.moved:
            remember(project, report)
            yield node, [f for f in report.needing(Repair.REBUILD) if f.key]


def recent(project: Project, node: Node) -> Span:
    """Return the span of an asset's recent partitions: by its newest one, not by the clock.

    An ended fact is looked at, too.
    """
    built = project.ledger.built(node.asset)
    newest = grains.parse(max(built), node.grain) if built else project.now()
    return grains.floor(newest - RECENT, node.grain), EVERYTHING[1]


def _circle(nodes: Sequence[Node], last: str) -> list[Node]:
    names = [node.asset for node in nodes]
    at = names.index(last) + 1 if last in names else 0
    return [*nodes[at:], *nodes[:at]]


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
