"""The partition checker as a gate: nothing is built from inputs whose files are not as recorded.

A run's own inputs are looked at before it builds, and what it wrote after. Both at level `listing`,
which reads the catalogue and asks the disk for sizes: no data is read unless something is wrong.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import datetime, timedelta

import dagster as dg

from weir.core import grains
from weir.engines.embedded.storage import EmbeddedStorage
from weir.lineage.checking import (
    AssetReport,
    Fault,
    Finding,
    Level,
    Recorded,
    Repair,
    Report,
    Subject,
    check,
)
from weir.lineage.checking.faults import MEANINGS
from weir.lineage.expired import expired
from weir.lineage.ledger import Verdict
from weir.lineage.nodes import LAYER, Kind, Node
from weir.lineage.reads import reads
from weir.lineage.stale import Picture
from weir.orchestra.checking import Spans, check_partitions
from weir.orchestra.evaluations import evaluations, log_evaluations, tell
from weir.orchestra.instance import open_instance
from weir.orchestra.project import Project

STORED = "stored_as_recorded"
DESCRIPTION = (
    "The lake's files of the partition are there, of the right size, with the recorded rows."
)
_BEFORE = timedelta(days=31)
_AFTER_FACTS = (Kind.FACT, *LAYER)


def stored_spec(key: dg.AssetKey, definition: dg.PartitionsDefinition) -> dg.AssetCheckSpec:
    """Return the check that the gate, the builds and the sensor report to."""
    return dg.AssetCheckSpec(
        STORED, asset=key, description=DESCRIPTION, blocking=True, partitions_def=definition
    )


def require_stored(
    context: dg.AssetExecutionContext,
    project: Project,
    picture: Picture,
    nodes: Sequence[Node],
    labels: Iterable[datetime],
) -> None:
    """Check what some partitions read; what the same run builds is not looked at.

    Raises:
        dg.Failure: if an input is broken: naming it. Its verdict holds back what reads it until it is
            built again or found sound.
    """
    wanted = _inputs(picture, nodes, list(labels))
    found = [_subject(picture, picture.nodes[asset], read) for asset, read in wanted.items()]
    broken = [
        finding for finding in _look(project, found) if set(finding.labels) & wanted[finding.asset]
    ]
    if broken:
        log_evaluations(context, _evaluations(broken))
        first = broken[0]
        raise dg.Failure(
            f"`{first.asset}` {first.key}: {first.fault} ({first.evidence}). {first.meaning.remedy}",
            allow_retries=False,
        )


def _inputs(
    picture: Picture, nodes: Sequence[Node], labels: Sequence[datetime]
) -> dict[str, set[datetime]]:
    together = {node.asset for node in nodes}
    wanted: dict[str, set[datetime]] = {}
    for node in nodes:
        if node.kind in _AFTER_FACTS:
            for asset, read in reads(picture, node, labels).items():
                if asset not in together and read:
                    wanted.setdefault(asset, set()).update(read)
            if wanted.get(f"fact/{node.fact}") and node.kind is not Kind.FACT:
                wanted[f"fact/{node.fact}"].update(_before(picture, node, labels))
    return wanted


def _before(picture: Picture, node: Node, labels: Sequence[datetime]) -> Iterable[datetime]:
    """Return the fact's days of the month before: a layer compares with the period before, too."""
    first = min(labels)
    return [day for day in picture.built(picture.fact_of(node)) if first - _BEFORE <= day < first]


def _subject(picture: Picture, node: Node, labels: Collection[datetime]) -> Subject:
    built = picture.built(node)
    return Subject(
        node,
        {label: Recorded(part.rows, part.hash) for label, part in built.items()},
        expired=expired(picture.expired, node.asset, built, labels),
        span=(min(labels), max(labels)),
    )


def _look(project: Project, subjects: Sequence[Subject]) -> list[Finding]:
    """Check some assets at level `listing`; remember the verdicts, return what is broken.

    In an environment, whose tables are views over two lakes, nothing is looked at.
    """
    if not subjects or project.environment is not None:
        return []
    storage = EmbeddedStorage(project.lake)
    with project.history.reading() as connection, storage.using(connection):
        report = check(subjects, storage, Level.LISTING)
    remember(project, report)
    return report.needing(Repair.REBUILD)


def _evaluations(findings: Iterable[Finding]) -> list[dg.AssetCheckEvaluation]:
    return [
        one
        for finding in findings
        for one in evaluations(
            dg.AssetKey(finding.asset.split("/")),
            STORED,
            [finding.key],
            {finding.key: f"{finding.fault}: {finding.evidence}"},
        )
    ]


def stored(
    context: dg.AssetExecutionContext, project: Project, nodes: Sequence[Node]
) -> Iterator[dg.AssetCheckResult]:
    """Check what a run has just written; yield the result of each asset."""
    subjects = [one for node in nodes if (one := _written(project, node, context.run.run_id))]
    broken = _look(project, subjects)
    for node in nodes:
        failing = {f.key: f"{f.fault}: {f.evidence}" for f in broken if f.asset == node.asset}
        yield tell(context, dg.AssetKey(node.asset.split("/")), STORED, failing)


def _written(project: Project, node: Node, run: str) -> Subject | None:
    built = project.ledger.built(node.asset)
    mine = [grains.parse(key, node.grain) for key, part in built.items() if part.run == run]
    if not mine:
        return None
    recorded = {
        grains.parse(key, node.grain): Recorded(part.rows, part.hash) for key, part in built.items()
    }
    return Subject(node, recorded, span=(min(mine), max(mine)))


def check_and_remember(
    project: Project, nodes: Sequence[Node], level: Level, spans: Spans | None = None
) -> Report:
    """Check partitions against all that knows of them; what is broken holds back what reads it.

    Args:
        project: the project.
        nodes: the assets.
        level: how closely to look.
        spans: which partitions; all of an asset that is not named.
    """
    with open_instance(project.settings) as instance:
        report = check_partitions(project, nodes, level, spans=spans, instance=instance)
    if level.reaches(Level.LISTING) and not report.moved:
        remember(project, report)
    return report


def remember(project: Project, report: Report) -> None:
    """Keep the verdicts in the ledger: broken partitions hold back what reads them, mended ones no more.

    A verdict stays until somebody looks as closely as what it says can be seen.
    """
    verdicts: list[Verdict] = []
    for one in report.assets:
        said_before = [v for v in project.ledger.failed(one.asset) if v.check == STORED]
        unseen = {v.key for v in said_before if not _sees(report.level, one, v)}
        broken = {
            f.key: f
            for f in one.findings
            if f.meaning.repair is Repair.REBUILD and f.key and f.key not in unseen
        }
        verdicts += [
            Verdict(one.asset, STORED, key, False, detail=f"{f.fault}: {f.evidence}")  # noqa: FBT003
            for key, f in broken.items()
        ]
        sound = {one.key(label) for label in one.checked} - set(broken) - unseen
        verdicts += [
            Verdict(one.asset, STORED, said.key, True)  # noqa: FBT003
            for said in said_before
            if said.key in sound
        ]
    project.ledger.record(verdicts)


def _sees(level: Level, looked: AssetReport, said: Verdict) -> bool:
    """Tell whether a look sees what a failed verdict speaks of: the fault, which its detail begins with."""
    fault = said.detail.partition(":")[0]
    known = MEANINGS[Fault(fault)].level if fault in set(Fault) else Level.ROWS
    return level.reaches(known) and not (known is Level.HASH and known in looked.unchecked)
