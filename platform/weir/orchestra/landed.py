"""The stages before dbt as Dagster assets: landing and accepted, with their conservation checks."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import dagster as dg

from weir.collect.sealer import seal_now
from weir.core import grains
from weir.core.errors import ServiceUnavailable, SpoolError
from weir.core.landing import COLUMNS
from weir.engines.embedded.accepted import EmbeddedAccepted
from weir.engines.embedded.schema import ACCEPTED_COLUMNS as _ACCEPTED
from weir.lineage.ledger import Verdict
from weir.lineage.nodes import Node
from weir.orchestra import partitions
from weir.orchestra.evaluations import tell
from weir.orchestra.project import Project

LANDING_COLUMNS, ACCEPTED_COLUMNS = COLUMNS, _ACCEPTED
LANDING_CHECK, ACCEPTED_CHECK = "landed_as_sealed", "valid_is_accepted_plus_duplicates"
_CHECKS = {
    "landing": (
        LANDING_CHECK,
        "The rows and their fingerprint are those that the seals of this partition counted.",
    ),
    "accepted": (
        ACCEPTED_CHECK,
        "Landed valid rows are the accepted ones plus the duplicates, by count and fingerprint.",
    ),
}
_FRESH_WITHIN = timedelta(hours=2)


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
    """Return the blocking conservation check of a stage."""
    name, description = _CHECKS[node.stage]
    return [
        dg.AssetCheckSpec(
            name,
            asset=dg.AssetKey(node.asset.split("/")),
            description=description,
            blocking=True,
            partitions_def=partitions.landing(project.settings),
        )
    ]


def land(context: dg.AssetExecutionContext, project: Project, lane: str) -> Iterator[Any]:
    """Seal what waits, then count and check the run's partitions of a lane."""
    labels = partitions.run_range(list(context.partition_keys), project.settings.grain)
    if labels.end > project.now():  # the open partition is among them
        try:
            seal_now(project.settings)
        except (SpoolError, ServiceUnavailable) as error:
            context.log.warning(f"Not sealed now: {error}")
    node = node_of(project, f"landing/{lane}")
    history = project.history.landing()
    held = project.lake.fingerprints("landing", lane, labels.start, labels.end)
    sealed = {
        hour: here for hour, here in history.lane(lane).items() if labels.start <= hour < labels.end
    }
    failing = {
        grains.text(
            hour, node.grain
        ): f"sealed {here.counted.text}, found {held.get(hour, '0:0:0:0:0')}"
        for hour, here in sealed.items()
        if here.counted.text != held.get(hour, "0:0:0:0:0")
    }
    yield result(
        context,
        node,
        {hour: here.counted.rows for hour, here in sealed.items()},
        {"generation": max((here.generation for here in sealed.values()), default=0)},
    )
    yield from check(context, project, node, failing)
    project.ledger.observe(
        node.asset, {grains.text(h, node.grain): here.version for h, here in sealed.items()}
    )


def accept(context: dg.AssetExecutionContext, project: Project, tier: str) -> Iterator[Any]:
    """Rebuild the run's partitions of a tier and check that no row was lost or made up."""
    node = node_of(project, f"accepted/{tier}")
    labels = partitions.run_range(list(context.partition_keys), node.grain)
    picture = project.picture()
    reports = EmbeddedAccepted(project.lake).replace_hours(
        tier,
        labels.start,
        labels.end,
        inputs=picture.inputs_for(node, labels),
        run=context.run.run_id,
        code=node.code,
    )
    sealed = picture.history.lane(tier)
    failing = {
        grains.text(r.landing_hour, node.grain): f"valid {sealed[r.landing_hour].counted.rows},"
        f" accepted {r.accepted}, duplicates {r.duplicates}"
        for r in reports
        if r.landing_hour in sealed
        and sealed[r.landing_hour].counted.rows != r.accepted + r.duplicates
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
    yield from check(context, project, node, failing)


def check(
    context: dg.AssetExecutionContext, project: Project, node: Node, failing: Mapping[str, str]
) -> Iterator[dg.AssetCheckResult]:
    """Yield the stage's conservation check and keep its verdicts per partition.

    Raises:
        dg.Failure: if a partition fails: nothing after it may be built from it.
    """
    name = _CHECKS[node.stage][0]
    yield tell(context, dg.AssetKey(node.asset.split("/")), name, failing)
    project.ledger.record(
        Verdict(node.asset, name, key, key not in failing, detail=failing.get(key, ""))
        for key in context.partition_keys
    )
    if failing:
        key, what = next(iter(failing.items()))
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
