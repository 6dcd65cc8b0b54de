"""What Dagster has queued or running, whoever asked for it: nobody asks for that again."""

from collections.abc import Mapping
from datetime import datetime

import dagster as dg
from dagster._core.storage.dagster_run import NOT_FINISHED_STATUSES

from weir.core.errors import InvalidValue
from weir.core.grains import Grain, Range
from weir.lineage.automation.budget import Budget
from weir.lineage.nodes import Kind, Node
from weir.orchestra.models import RANGE_END, RANGE_START
from weir.orchestra.requests import BACKLOG_TAG

LIMIT = 1_000  # runs; more are never unfinished at once, by the budget of a tick


def under_way(
    instance: dg.DagsterInstance, nodes: Mapping[str, Node]
) -> tuple[dict[str, frozenset[datetime]], Budget]:
    """Return the partitions that unfinished runs build, by asset, and what of it is backlog."""
    found: dict[str, set[datetime]] = {}
    backlog: list[Budget] = []
    for run in instance.get_runs(dg.RunsFilter(statuses=list(NOT_FINISHED_STATUSES)), limit=LIMIT):
        for key in run.asset_selection or ():
            node = nodes.get("/".join(key.path))
            if node is not None:
                found.setdefault(node.asset, set()).update(_labels(run.tags, node))
        if BACKLOG_TAG in run.tags:
            partitions, seconds = run.tags[BACKLOG_TAG].split()
            backlog.append(Budget(1, int(partitions), float(seconds)))
    whole = Budget(
        len(backlog), sum(b.partitions for b in backlog), sum(b.seconds for b in backlog)
    )
    return {asset: frozenset(labels) for asset, labels in found.items()}, whole


def _labels(tags: Mapping[str, str], node: Node) -> set[datetime]:
    """Return the partitions of an asset that a run's tags name; none if they name none of its."""
    if RANGE_START in tags and RANGE_END in tags:
        start, end = (datetime.fromisoformat(tags[name]) for name in (RANGE_START, RANGE_END))
        return set(Range(start, end, node.grain))
    first = tags.get("dagster/asset_partition_range_start", tags.get("dagster/partition"))
    last = tags.get("dagster/asset_partition_range_end", first)
    if first is None or last is None:
        return set()
    grain = Grain.DAY if node.kind is Kind.EVENT_LOG else node.grain
    try:
        days = Range.parse(f"{first}..{last}", grain)
    except InvalidValue:
        return set()
    if grain is node.grain:
        return set(days)
    return set(Range(days.start, days.end, node.grain))
