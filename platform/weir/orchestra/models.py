"""dbt models as Dagster assets: one multi-asset per stage and partition definition.

A range of partitions is one dbt invocation: one statement per model. What becomes of the results is in
`weir.orchestra.emitting`; event logs are built together where they can be (`weir.orchestra.logs`).
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

import dagster as dg
from dagster_dbt.asset_utils import build_dbt_specs

from weir.core import grains
from weir.core.errors import InvalidValue, NotReady
from weir.core.grains import Grain, Range
from weir.lineage.nodes import Kind, Node
from weir.lineage.plan import MAX_PARTITIONS
from weir.lineage.readiness import require_ready
from weir.lineage.reads import vectors
from weir.lineage.stale import Picture
from weir.orchestra import partitions
from weir.orchestra.emitting import Emitter
from weir.orchestra.gating import require_stored, stored_spec
from weir.orchestra.home import HomeResource
from weir.orchestra.logs import build_logs
from weir.orchestra.project import Project
from weir.orchestra.translator import WeirTranslator
from weir.orchestra.warm import Invocation

RANGE_START, RANGE_END = "weir/range_start", "weir/range_end"


def model_assets(project: Project, stage: str) -> list[dg.AssetsDefinition]:
    """Return the assets of a stage's dbt models: one definition per partitions and, of logs, tier."""
    groups: dict[tuple[dg.TimeWindowPartitionsDefinition, str], list[Node]] = defaultdict(list)
    for node in project.nodes:
        if node.unique_id and node.stage == stage:
            groups[partitions.of_node(node, project.settings), node.tier].append(node)
    specs = _specs(project)
    return [_multi_asset(nodes, definition, specs) for (definition, _), nodes in groups.items()]


@dataclass(frozen=True)
class _Specs:
    """What Dagster shows of each model, and of its tests."""

    assets: Mapping[dg.AssetKey, dg.AssetSpec]
    checks: Mapping[dg.AssetKey, Sequence[dg.AssetCheckSpec]]


@lru_cache(maxsize=1)
def _specs(project: Project) -> _Specs:
    """Return the specs of all models: dagster-dbt reads the whole manifest each time that it is asked."""
    specs, found = build_dbt_specs(
        translator=WeirTranslator(project.nodes, project.settings, project.columns.metadata),
        manifest=project.parsed.json,
        select="fqn:*",
        exclude="",
        selector="",
        io_manager_key=None,
        project=None,
    )
    checks = defaultdict(list)
    for check in found:
        checks[check.asset_key].append(check)
    return _Specs({spec.key: spec for spec in specs}, checks)


def _multi_asset(
    nodes: Sequence[Node], definition: dg.TimeWindowPartitionsDefinition, specs: _Specs
) -> dg.AssetsDefinition:
    keys = [dg.AssetKey(node.asset.split("/")) for node in nodes]

    @dg.multi_asset(
        name=_name(nodes),
        specs=[specs.assets[key] for key in keys],
        check_specs=[
            *(c._replace(partitions_def=definition) for key in keys for c in specs.checks[key]),
            *(stored_spec(key, definition) for key in sorted(keys)),
        ],
        can_subset=True,
        partitions_def=definition,
        backfill_policy=dg.BackfillPolicy.multi_run(MAX_PARTITIONS),
        allow_arbitrary_check_specs=True,
        pool=partitions.pool(nodes[0]),
    )
    def models(context: dg.AssetExecutionContext, home: HomeResource) -> Iterator[Any]:
        selected = {"/".join(key.path) for key in context.selected_asset_keys}
        chosen = [node for node in nodes if node.asset in selected]
        with home.project.history.reading():
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
    with project.history.reading():
        picture = project.picture()
        beside = project.environment.prepare(picture, nodes, labels) if project.environment else {}
        try:
            require_ready(picture, nodes, labels)
        except NotReady as error:
            raise dg.Failure(str(error), allow_retries=False) from error
        chosen = with_rows(picture, nodes, labels)
        require_stored(context, project, picture, chosen, labels)
    if not chosen:
        context.log.info(f"No events in {labels}: nothing to write.")
        return
    project.columns.remember({a for node in chosen for a in (node.asset, *node.behind)})
    invocation = Invocation(
        [node.table for node in chosen],
        labels,
        context.run.run_id,
        {node.asset: picture.inputs_for(node, labels) for node in chosen},
        vectors(picture, chosen, labels),
        beside,
        {node.asset: node.code for node in chosen},
    )
    if nodes[0].kind is Kind.EVENT_LOG:
        results = build_logs(project, picture, chosen, invocation)
    else:
        results = ([result] for result in project.dbt.build(invocation))
    yield from Emitter(context, project, chosen).emit(results)


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


def with_rows(picture: Picture, nodes: Sequence[Node], labels: Range) -> list[Node]:
    """Return the nodes worth running: event logs without rows in range are left out.

    One whose table does not exist yet stays, so that what reads it finds a table.
    """
    if nodes[0].kind is not Kind.EVENT_LOG:
        return list(nodes)
    built = {node.asset: picture.built(node) for node in nodes}
    return [
        node
        for node in nodes
        if node.table not in picture.tables
        or any(labels.start <= hour < labels.end for hour in picture.due(node))
        or any(labels.start <= hour < labels.end for hour in built[node.asset])
    ]
