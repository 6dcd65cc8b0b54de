"""dbt models as Dagster assets: one multi-asset per stage and partition definition.

A range of partitions is one dbt invocation: one statement per model. dbt's results become
materializations and check evaluations while it works.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

import dagster as dg
from dagster_dbt.asset_utils import build_dbt_specs

from weir.core import grains
from weir.core.errors import InvalidValue, NotReady
from weir.core.grains import Grain, Range
from weir.engines.embedded.lake import table_bytes
from weir.lineage.ledger import Verdict
from weir.lineage.nodes import Kind, Node
from weir.lineage.plan import MAX_PARTITIONS
from weir.lineage.readiness import require_ready
from weir.lineage.stale import Picture
from weir.orchestra import partitions
from weir.orchestra.evaluations import tell
from weir.orchestra.home import HomeResource
from weir.orchestra.project import Project
from weir.orchestra.translator import WeirTranslator
from weir.orchestra.warm import Invocation, NodeResult

RANGE_START, RANGE_END = "weir/range_start", "weir/range_end"


def model_assets(project: Project, stage: str) -> list[dg.AssetsDefinition]:
    """Return the assets of a stage's dbt models: one definition per partitions and, of logs, tier."""
    translator = WeirTranslator(project.nodes, project.settings)
    groups: dict[tuple[dg.TimeWindowPartitionsDefinition, str], list[Node]] = defaultdict(list)
    for node in project.nodes:
        if node.unique_id and node.stage == stage:
            groups[partitions.of_node(node, project.settings), node.tier].append(node)
    return [
        _multi_asset(project, translator, nodes, definition)
        for (definition, _), nodes in groups.items()
    ]


def _multi_asset(
    project: Project,
    translator: WeirTranslator,
    nodes: Sequence[Node],
    definition: dg.TimeWindowPartitionsDefinition,
) -> dg.AssetsDefinition:
    specs, checks = build_dbt_specs(
        translator=translator,
        manifest=project.parsed.json,
        select=" ".join(node.table for node in nodes),
        exclude="",
        selector="",
        io_manager_key=None,
        project=None,
    )

    @dg.multi_asset(
        name=_name(nodes),
        specs=[spec.replace_attributes(partitions_def=definition) for spec in specs],
        check_specs=[check._replace(partitions_def=definition) for check in checks],
        can_subset=True,
        partitions_def=definition,
        backfill_policy=dg.BackfillPolicy.multi_run(MAX_PARTITIONS),
        allow_arbitrary_check_specs=True,
        pool=partitions.pool(nodes[0]),
    )
    def models(context: dg.AssetExecutionContext, home: HomeResource) -> Iterator[Any]:
        selected = {"/".join(key.path) for key in context.selected_asset_keys}
        chosen = [node for node in nodes if node.asset in selected]
        yield from build_models(context, home.project, chosen)

    return models


def _name(nodes: Sequence[Node]) -> str:
    """Return an op name that says what the definition holds."""
    first = nodes[0]
    if first.kind is Kind.EVENT_LOG:
        return f"event_log_{first.tier}"
    bounds = [grains.text(at, Grain.DAY).replace("-", "") for at in (first.start, first.end) if at]
    return "_".join([first.stage, first.grain.value, *bounds])


def build_models(
    context: dg.AssetExecutionContext,
    project: Project,
    nodes: Sequence[Node],
) -> Iterator[Any]:
    """Build the selected models over the run's range and yield what dbt says.

    Raises:
        dg.Failure: if an input is not ready, or a model or a blocking test failed. It is not
            retried: the same range would fail again until somebody acts.
    """
    keys = list(context.partition_keys)
    if len(keys) > MAX_PARTITIONS:
        limit = InvalidValue("partitions", len(keys), [f"at most {MAX_PARTITIONS} in one run"])
        raise dg.Failure(str(limit), allow_retries=False)
    labels = _labels(context, nodes[0], keys)
    picture = project.picture()
    try:
        require_ready(picture, nodes, labels)
    except NotReady as error:
        raise dg.Failure(str(error), allow_retries=False) from error
    chosen = with_rows(project, picture, nodes, labels)
    if not chosen:
        context.log.info(f"No events in {labels}: nothing to write.")
        return
    invocation = Invocation(
        [node.table for node in chosen],
        labels,
        context.run.run_id,
        {node.asset: picture.inputs_for(node, labels) for node in chosen},
    )
    yield from _emit(context, project, chosen, keys, project.dbt.build(invocation))


def _labels(context: dg.AssetExecutionContext, node: Node, keys: Sequence[str]) -> Range:
    """Return the range that the run replaces, in the grain of the node's ledger keys.

    An event log's partition is a landing day; a run tagged with a range replaces only those hours.
    """
    if node.kind is not Kind.EVENT_LOG:
        return partitions.run_range(list(keys), node.grain)
    days = partitions.run_range(list(keys), Grain.DAY)
    tags = context.run.tags
    start = datetime.fromisoformat(tags.get(RANGE_START, days.start.isoformat()))
    end = datetime.fromisoformat(tags.get(RANGE_END, days.end.isoformat()))
    return Range(max(start, days.start), min(end, days.end), node.grain)


def with_rows(
    project: Project, picture: Picture, nodes: Sequence[Node], labels: Range
) -> list[Node]:
    """Return the nodes worth running: event logs without rows in range are left out.

    One whose table does not exist yet stays, so that what reads it finds a table.
    """
    if nodes[0].kind is not Kind.EVENT_LOG:
        return list(nodes)
    tables = project.lake.tables("event_log")
    built = {node.asset: picture.built(node) for node in nodes}
    return [
        node
        for node in nodes
        if node.table not in tables
        or any(labels.start <= hour < labels.end for hour in picture.due(node))
        or any(labels.start <= hour < labels.end for hour in built[node.asset])
    ]


def _emit(
    context: dg.AssetExecutionContext,
    project: Project,
    nodes: Sequence[Node],
    keys: Sequence[str],
    results: Iterator[NodeResult],
) -> Iterator[Any]:
    by_id = {node.unique_id: node for node in nodes}
    waiting, wrong = set(by_id), []
    tests: dict[str, list[str]] = defaultdict(list)
    with project.lake.read() as reader, project.history.reading():
        for result in results:
            node = by_id.get(result.unique_id)
            if node is None:
                said = _checked(context, project, result, keys, reader)
                yield said
                tests["/".join(said.asset_key.path if said.asset_key else ())].append(
                    said.check_name or ""
                )
                wrong += _blocking(said)
            elif result.passed:
                waiting.discard(node.unique_id)
                yield _materialized(context, project, node, result, keys, reader)
            else:
                wrong.append(f"{node.asset}: {result.message or result.status}")
    for node in nodes:
        project.ledger.prune(node.asset, keys, tests.get(node.asset, []))
    skipped = [by_id[uid].asset for uid in sorted(waiting)]
    if wrong or skipped:
        told = "; ".join(wrong) or "nothing failed"
        raise dg.Failure(f"{told}. Not built: {', '.join(skipped) or 'none'}.", allow_retries=False)


def _materialized(
    context: dg.AssetExecutionContext,
    project: Project,
    node: Node,
    result: NodeResult,
    keys: Sequence[str],
    reader: Any,
) -> dg.MaterializeResult:
    project.ledger.sync(project.history)
    built = project.ledger.built(node.asset)
    size = table_bytes(reader, node.stage, node.table)
    rows = {key: part.rows for key, part in built.items() if part.run == context.run.run_id}
    asset = dg.AssetKey(node.asset.split("/"))
    if 1 < len(keys) <= 400:
        for key in keys:
            mine = sum(n for k, n in rows.items() if k.startswith(key))
            context.add_asset_metadata({"dagster/partition_row_count": mine}, asset, key)
    return dg.MaterializeResult(
        asset_key=asset,
        metadata={
            "partitions": len(rows),
            "rows": sum(rows.values()),
            "seconds": round(result.seconds, 3),
            "table_bytes": size,
            "dagster/row_count": sum(part.rows for part in built.values()),
            **({"dagster/partition_row_count": sum(rows.values())} if len(keys) == 1 else {}),
        },
    )


def _checked(
    context: dg.AssetExecutionContext,
    project: Project,
    result: NodeResult,
    keys: Sequence[str],
    reader: Any,
) -> dg.AssetCheckResult:
    """Return one test's verdict, after keeping and logging it for every partition."""
    test = project.parsed.json["nodes"][result.unique_id]
    attached = project.parsed.json["nodes"][test["attached_node"]]
    asset = f"{attached['schema']}/{attached['name']}"
    blocking = str(test["config"].get("severity", "error")).lower() == "error"
    failing = {} if result.passed else _failing_keys(reader, result, keys)
    project.ledger.record(
        Verdict(asset, test["name"], key, key not in failing, blocking, failing.get(key, ""))
        for key in keys
    )
    return tell(context, dg.AssetKey(asset.split("/")), test["name"], failing, blocking=blocking)


def _blocking(said: dg.AssetCheckResult) -> list[str]:
    if said.passed or said.severity is dg.AssetCheckSeverity.WARN:
        return []
    asset = said.asset_key.to_user_string() if said.asset_key else ""
    return [f"check {said.check_name} failed on {asset} ({said.description})"]


def _failing_keys(reader: Any, result: NodeResult, keys: Sequence[str]) -> dict[str, str]:
    """Run a failed test's compiled SQL and return partition key → what it found.

    A test that could not run at all fails every key.
    """
    if result.status not in ("fail", "warn") or not result.sql:
        return dict.fromkeys(keys, result.message or result.status)
    found = reader.execute(result.sql).fetchall()
    by_key: dict[str, str] = {}
    for row in found:
        text = str(row[0])
        key = next((k for k in keys if text.startswith(k)), keys[0])
        by_key[key] = ", ".join(str(v) for v in row[1:]) or "failed"
    return by_key
