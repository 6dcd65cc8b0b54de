"""The search index as a Dagster asset: a thin body around `weir.routing.indexing`."""

from collections.abc import Iterator, Mapping
from typing import Any

import dagster as dg

from weir.core import grains
from weir.engines.embedded.search import HourStats, SearchIndex
from weir.lineage.nodes import Node
from weir.lineage.reads import vector
from weir.orchestra import landed, partitions
from weir.orchestra.project import Project
from weir.orchestra.reporting import keep, reports
from weir.routing.indexing import ACCEPTED_SQL, COUNTS_SQL, ROWS_SQL, build

COLUMNS: Mapping[str, str] = {
    "event_id": "VARCHAR",
    "event_name": "VARCHAR",
    "event_time": "TIMESTAMP",
    "received_at": "TIMESTAMP",
    "landing_hour": "TIMESTAMP",
    "user_id": "VARCHAR",
    "device_id": "VARCHAR",
    "platform": "VARCHAR",
    "app_version": "VARCHAR",
    "params": "JSON",
    "weight": "DOUBLE",
    "stratum": "VARCHAR",
    "policy_version": "VARCHAR",
}
_BATCH_ROWS = 10_000


def index(context: dg.AssetExecutionContext, project: Project) -> Iterator[Any]:
    """Replace the run's landing partitions of the index by a fresh sample."""
    project.settings.require_production("Indexing")
    node = landed.node_of(project, "search/events")
    labels = partitions.run_range(list(context.partition_keys), node.grain)
    picture = project.picture()
    inputs = picture.inputs_for(node, labels)
    bounds = {"start": labels.start, "end": labels.end}
    with project.lake.read() as connection:
        connection.begin()  # counts and rows of one snapshot
        found = connection.execute(COUNTS_SQL.format(source=ACCEPTED_SQL), bounds).fetchall()
        counts = {(hour, name): int(rows) for hour, name, rows in found}
        rows = connection.execute(ROWS_SQL.format(source=ACCEPTED_SQL), bounds)
        stats = build(
            SearchIndex(project.settings.search_dir),
            labels.start,
            labels.end,
            rows.to_arrow_reader(_BATCH_ROWS),
            counts,
            project.policies,
        )
    _remember(context, project, node, inputs, stats, vector(picture, node, labels))
    yield landed.result(
        context,
        node,
        {hour.landing_hour: hour.rows for hour in stats},
        {
            "offered": sum(hour.offered for hour in stats),
            "policy": project.policy_version,
        },
    )


def _remember(
    context: dg.AssetExecutionContext,
    project: Project,
    node: Node,
    inputs: Mapping[str, str],
    stats: list[HourStats],
    read: Mapping[str, Any],
) -> None:
    """Write what was built into the lake: the index is none of its tables, so no commit tells of it."""
    by_key = {grains.text(s.landing_hour, project.settings.grain): s for s in stats}
    nothing = {"rows": 0, "hash": "0:0:0"}
    partitions = {
        key: {
            **({"rows": by_key[key].rows, "hash": by_key[key].hash} if key in by_key else nothing),
            "input": given,
        }
        for key, given in inputs.items()
    }
    entry = {"partitions": partitions, "code": node.code, **read}
    run, keys = context.run.run_id, list(context.partition_keys)
    keep(project, reports(run, [], keys, node.grain, {node.asset: entry}))
    project.ledger.sync(project.history)
