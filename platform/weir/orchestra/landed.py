"""The stages before dbt as Dagster assets: landing and accepted, with their conservation checks."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import dagster as dg

from weir.collect.durable import durable, unlike_sealed
from weir.collect.sealer import seal_now
from weir.core import grains
from weir.core.clock import utc_now
from weir.core.errors import NotReady, ServiceUnavailable, SpoolError
from weir.core.grains import Range
from weir.core.landing import COLUMNS
from weir.engines.embedded.accepted import EmbeddedAccepted
from weir.engines.embedded.history import read_landing
from weir.engines.embedded.lake import fingerprints
from weir.engines.embedded.manifest import sealed_by_epoch, sealed_offsets
from weir.engines.embedded.retention import read_expired
from weir.engines.embedded.schema import ACCEPTED_COLUMNS as _ACCEPTED
from weir.engines.history import LandedHour
from weir.engines.ports import AcceptedStore
from weir.lineage.expired import require_kept
from weir.lineage.ledger import Verdict
from weir.lineage.nodes import Node
from weir.lineage.reads import vector
from weir.lineage.stale import Picture
from weir.orchestra import partitions
from weir.orchestra.evaluations import tell
from weir.orchestra.project import Project
from weir.orchestra.reporting import keep, reports

LANDING_COLUMNS, ACCEPTED_COLUMNS = COLUMNS, _ACCEPTED
AS_SEALED, DURABLE = "landed_as_sealed", "landed_is_durable"
ADDS_UP = "valid_is_accepted_plus_duplicates"
_CHECKS = {
    "landing": {
        AS_SEALED: "The rows and their fingerprint are those that the seals of this partition counted.",
        DURABLE: "What the seals took from the spool is what its segments' footers made durable.",
    },
    "accepted": {
        ADDS_UP: "Landed valid rows are the accepted ones plus the duplicates, by count and fingerprint."
    },
}
_NOTHING = "0:0:0:0:0"
_FRESH_WITHIN = timedelta(hours=2)
_SEALED_WITHIN = timedelta(minutes=10)  # of a segment's completion, if its lane is sealed at all


def node_of(project: Project, asset: str) -> Node:
    """Return the node of an asset."""
    return next(node for node in project.nodes if node.asset == asset)


def spec(
    project: Project,
    node: Node,
    description: str,
    *,
    deps: Sequence[dg.AssetDep],
    columns: Mapping[str, str],
    kinds: Iterable[str] = ("duckdb", "parquet"),
) -> dg.AssetSpec:
    """Return the spec of an asset before dbt: what Dagster shows of it."""
    schema = dg.TableSchema([dg.TableColumn(name, kind) for name, kind in columns.items()])
    tier = {"weir/tier": node.tier} if node.tier else {}
    return dg.AssetSpec(
        node.asset.split("/"),
        deps=deps,
        description=description,
        group_name=node.stage,
        owners=["team:platform"],
        kinds=set(kinds),
        tags={"weir/kind": node.kind.value, "weir/grain": node.grain.value, **tier},
        code_version=node.code or "1",
        metadata={
            "dagster/column_schema": schema,
            "dagster/table_name": node.asset.replace("/", "."),
        },
        partitions_def=partitions.landing(project.settings),
        freshness_policy=dg.FreshnessPolicy.time_window(fail_window=_FRESH_WITHIN)
        if node.tier == "critical"
        else None,
    )


def conservation_checks(project: Project, node: Node) -> list[dg.AssetCheckSpec]:
    """Return the blocking conservation checks of a stage."""
    return [
        dg.AssetCheckSpec(
            name,
            asset=dg.AssetKey(node.asset.split("/")),
            description=description,
            blocking=True,
            partitions_def=partitions.landing(project.settings),
        )
        for name, description in _CHECKS[node.stage].items()
    ]


def land(context: dg.AssetExecutionContext, project: Project, lane: str) -> Iterator[Any]:
    """Seal what waits, then count and check the run's partitions of a lane."""
    project.settings.require_production("Landing")
    keys = list(context.partition_keys)
    labels = partitions.run_range(keys, project.settings.grain)
    if labels.end > project.now():  # the open partition is among them
        try:
            seal_now(project.settings)
        except (SpoolError, ServiceUnavailable) as error:
            context.log.warning(f"Not sealed now: {error}")
    node = node_of(project, f"landing/{lane}")
    sealed, told = _compare(project, node, labels, keys)
    yield result(
        context,
        node,
        {hour: here.counted.rows for hour, here in sealed.items()},
        {"generation": max((here.generation for here in sealed.values()), default=0)},
    )
    seen = {grains.text(h, node.grain): here.version for h, here in sealed.items()}
    yield from check(context, project, node, told, seen)
    project.ledger.observe(node.asset, seen)


def _compare(
    project: Project, node: Node, labels: Range, keys: Sequence[str]
) -> tuple[dict[datetime, LandedHour], dict[str, dict[str, str]]]:
    """Return what is sealed in a range, and what each check finds wrong: all of one snapshot."""
    with project.lake.read() as connection:
        connection.begin()
        history = read_landing(connection)
        expired = read_expired(connection).get(node.asset, ())
        held = fingerprints(connection, f"landing.{node.tier}", labels.start, labels.end)
        offsets = sealed_offsets(connection)[node.tier]
        totals = sealed_by_epoch(connection, node.tier)
    spool = durable(project.settings.spool_dir)  # read last: what is durable may only be more
    sealed = {
        hour: here
        for hour, here in history.lane(node.tier).items()
        if labels.start <= hour < labels.end and not any(one.covers(hour) for one in expired)
    }
    unlike = {
        grains.text(hour, node.grain): f"sealed {here.counted.text}, found {found}"
        for hour, here in sealed.items()
        if (found := held.get(hour, _NOTHING)) != here.counted.text
    }
    wrong = unlike_sealed(spool, node.tier, offsets, totals, utc_now() - _SEALED_WITHIN)
    lost = dict.fromkeys(keys, "; ".join(wrong)) if wrong else {}
    return sealed, {AS_SEALED: unlike, DURABLE: lost}


def accept(context: dg.AssetExecutionContext, project: Project, tier: str) -> Iterator[Any]:
    """Rebuild the run's partitions of a tier and check that no row was lost or made up."""
    project.settings.require_production("Accepting")
    node = node_of(project, f"accepted/{tier}")
    labels = partitions.run_range(list(context.partition_keys), node.grain)
    picture = project.picture()
    _require_kept(picture, node, labels)
    store: AcceptedStore = EmbeddedAccepted(project.lake)
    reports = store.replace_hours(
        tier,
        labels.start,
        labels.end,
        inputs=picture.inputs_for(node, labels),
        run=context.run.run_id,
        code=node.code,
        vector=vector(picture, node, labels),
    )
    failing = {
        grains.text(r.landing_hour, node.grain): f"valid {r.landed}, accepted {r.accepted},"
        f" duplicates {r.duplicates}"
        for r in reports
        if r.landed != r.accepted + r.duplicates
    }
    yield result(
        context,
        node,
        {r.landing_hour: r.accepted for r in reports},
        {
            "duplicates": sum(r.duplicates for r in reports),
            "id_conflicts": sum(r.id_conflicts for r in reports),
        },
    )
    yield from check(context, project, node, {ADDS_UP: failing})


def _require_kept(picture: Picture, node: Node, labels: Range) -> None:
    try:
        require_kept(picture, node, labels)
    except NotReady as error:
        raise dg.Failure(str(error), allow_retries=False) from error


def check(
    context: dg.AssetExecutionContext,
    project: Project,
    node: Node,
    told: Mapping[str, Mapping[str, str]],
    seen: Mapping[str, str] | None = None,
) -> Iterator[dg.AssetCheckResult]:
    """Yield the stage's conservation checks and keep their verdicts per partition.

    Args:
        context: the run.
        project: the project.
        node: the checked asset.
        told: check → failing partition key → what is wrong.
        seen: landing partition → version that Dagster knows from now on, unless a check fails.

    Raises:
        dg.Failure: if a partition fails: nothing after it may be built from it.
    """
    verdicts = []
    for name, failing in told.items():
        yield tell(context, dg.AssetKey(node.asset.split("/")), name, failing)
        verdicts += [
            Verdict(node.asset, name, key, key not in failing, detail=failing.get(key, ""))
            for key in context.partition_keys
        ]
    project.ledger.record(verdicts)
    more = {node.asset: {"seen": seen}} if seen and not any(told.values()) else {}
    run, keys = context.run.run_id, list(context.partition_keys)
    keep(project, reports(run, verdicts, keys, node.grain, more))
    wrong = [(name, *next(iter(failing.items()))) for name, failing in told.items() if failing]
    if wrong:
        name, key, what = wrong[0]
        raise dg.Failure(f"{name} failed on {node.asset} {key}: {what}", allow_retries=False)


def result(
    context: dg.AssetExecutionContext,
    node: Node,
    rows: Mapping[datetime, int],
    more: Mapping[str, Any],
) -> dg.MaterializeResult:
    """Return the materialization of a run's partitions, with the rows of each."""
    asset = dg.AssetKey(node.asset.split("/"))
    keys = list(context.partition_keys)
    total = sum(rows.values())
    if 1 < len(keys) <= 400:
        by_key = {grains.text(hour, node.grain): count for hour, count in rows.items()}
        for key in keys:
            context.add_asset_metadata(
                {"dagster/partition_row_count": by_key.get(key, 0)}, asset, key
            )
        return dg.MaterializeResult(asset_key=asset, metadata={"rows": total, **more})
    return dg.MaterializeResult(
        asset_key=asset, metadata={"rows": total, "dagster/partition_row_count": total, **more}
    )
