"""The partition checker over a project: gathers what ledger, Dagster and planner say, and checks."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

import dagster as dg

from weir.activation.contract import tests_of
from weir.core import grains
from weir.core.errors import UsageError
from weir.core.landing import COLUMNS
from weir.engines.embedded.schema import ACCEPTED_COLUMNS
from weir.engines.embedded.search.witness import SearchWitness
from weir.engines.embedded.storage import EmbeddedStorage
from weir.engines.storage import EVERYTHING, Span
from weir.lineage.checking import Level, Recorded, Report, Subject, check
from weir.lineage.expired import expired
from weir.lineage.nodes import Kind, Node
from weir.lineage.stale import Picture
from weir.orchestra.project import Project

_RECEIPT = ("lane", "epoch", "offset")
_TRIES = 3  # looks while the lake changes under them
Spans = Mapping[str, Span]
"""Asset → the first and last label to check; everything where it is not named."""


def check_partitions(
    project: Project,
    nodes: Sequence[Node],
    level: Level,
    *,
    spans: Spans | None = None,
    instance: dg.DagsterInstance | None = None,
) -> Report:
    """Check partitions of some assets; look again if the lake changed meanwhile.

    Args:
        project: the project.
        nodes: the assets.
        level: how closely to look.
        spans: which partitions; all of an asset that is not named.
        instance: whom to ask what Dagster believes; None: it is not asked.
    """
    for _ in range(_TRIES):
        picture = project.picture()
        report, before, after = _look(project, picture, nodes, level, spans or {}, instance)
        if before == after:
            return report
    return replace(report, moved=True)


def require_production(project: Project) -> None:
    """Check that these settings are of no environment.

    Raises:
        UsageError: if they are: its tables are views over two lakes.
    """
    if project.environment is not None:
        raise UsageError(
            f"`{project.settings.env}` is an environment: its tables are views, there is nothing to check.",
            "Run this for production: without --env and WEIR_ENV.",
        )


def _look(
    project: Project,
    picture: Picture,
    nodes: Sequence[Node],
    level: Level,
    spans: Spans,
    instance: dg.DagsterInstance | None,
) -> tuple[Report, int, int]:
    storage = EmbeddedStorage(project.lake)
    index = SearchWitness(project.settings.search_dir)
    if not project.lake.exists:
        return Report(level, []), 0, 0
    with storage.reading():
        before = storage.version()
        found = subjects(project, picture, nodes, spans, instance)
        report = check(found, storage, level, committed=committed(project), index=index)
    return report, before, project.history.newest_snapshot()


def subjects(
    project: Project,
    picture: Picture,
    nodes: Iterable[Node],
    spans: Spans,
    instance: dg.DagsterInstance | None = None,
) -> Iterator[Subject]:
    """Yield what ledger, planner and Dagster say of each asset."""
    for node in nodes:
        look, recorded = picture.look(node), _recorded(picture, node)
        yield Subject(
            node,
            recorded,
            believed=None if instance is None else _believed(picture, instance, node, recorded),
            stale=() if node.kind is Kind.LANDING else look.stale,
            unbuilt=look.missing,
            expired=expired(picture.expired, node.asset, picture.built(node), recorded),
            columns=_columns(project, node),
            unique=_unique(project, node),
            span=spans.get(node.asset, EVERYTHING),
        )


def _recorded(picture: Picture, node: Node) -> dict[datetime, Recorded]:
    """Return what the ledger says of each partition; of landing, what the manifest says."""
    if node.kind is Kind.LANDING:
        lane = picture.history.lane(node.tier)
        return {hour: Recorded(h.counted.rows, h.counted.text) for hour, h in lane.items()}
    return {label: Recorded(b.rows, b.hash) for label, b in picture.built(node).items()}


def _believed(
    picture: Picture,
    instance: dg.DagsterInstance,
    node: Node,
    recorded: Collection[datetime],
) -> set[str]:
    """Return what Dagster believes in. What landed and nobody told it yet is due, and no fault."""
    believed = set(instance.get_materialized_partitions(dg.AssetKey(node.asset.split("/"))))
    if node.kind is Kind.LANDING:
        told = picture.ledger.observed(node.asset)
        keys = (grains.text(label, node.grain) for label in recorded)
        believed |= {key for key in keys if key not in told}
    return believed


def committed(project: Project) -> Callable[[str], Mapping[datetime, Recorded]]:
    """Return the function that tells what the lake's commits record of an asset; read once, if asked."""
    known: dict[str, dict[datetime, Recorded]] = {}

    def of_asset(asset: str) -> Mapping[datetime, Recorded]:
        if not known:
            known[""] = {}
            for _, _, entry in project.history.entries_after(-1):
                parts: Any = entry.get("partitions", {})
                mine = known.setdefault(str(entry["asset"]), {})
                for key, part in parts.items():
                    label = grains.parse(key, grains.Grain(str(entry["grain"])))
                    mine[label] = Recorded(part["rows"], part["hash"])
        return known.get(asset, {})

    return of_asset


def _columns(project: Project, node: Node) -> dict[str, str]:
    if node.kind is Kind.LANDING:
        return dict(COLUMNS)
    if node.kind is Kind.ACCEPTED:
        return dict(ACCEPTED_COLUMNS)
    if not node.unique_id:
        return {}
    columns = project.parsed.json["nodes"][node.unique_id]["columns"]
    return {name: column.get("data_type") or "" for name, column in columns.items()}


def _unique(project: Project, node: Node) -> tuple[str, ...]:
    """Return the columns that tell rows of a partition apart: by the model's `part_unique` test."""
    if node.kind in (Kind.LANDING, Kind.ACCEPTED):
        return _RECEIPT
    if not node.unique_id:
        return ()
    for test in tests_of(project.parsed.json).get(node.unique_id, ()):
        named: Mapping[str, Any] = test.get("test_metadata") or {}
        if named.get("name") == "part_unique":
            columns: Sequence[str] = named["kwargs"].get("columns", ())
            return tuple(columns)
    return ()
