"""Search: a sample of the accepted events, weighted, in a full-text index per landing day."""

from collections.abc import Iterator

import dagster as dg

from weir.core.landing import TIERS
from weir.lineage.plan import MAX_PARTITIONS
from weir.orchestra import indexed, landed, partitions
from weir.orchestra.home import HomeResource
from weir.orchestra.project import Project

DESCRIPTION = """Sampled documents of all accepted events, each with its weight, stratum and policy version: counts
are re-scaled with an interval. A pure function of the accepted hour and the sampling policy."""


def assets(project: Project) -> list[dg.AssetsDefinition]:
    """Return the index's asset."""
    node = landed.node_of(project, "search/events")
    spec = landed.spec(
        project,
        node,
        DESCRIPTION,
        deps=[dg.AssetDep(["accepted", tier]) for tier in TIERS],
        columns=indexed.COLUMNS,
        kinds={"tantivy"},
    )

    @dg.multi_asset(
        name="search_events",
        specs=[spec],
        partitions_def=partitions.landing(project.settings),
        backfill_policy=dg.BackfillPolicy.multi_run(MAX_PARTITIONS),
        pool="search",
    )
    def index(context: dg.AssetExecutionContext, home: HomeResource) -> Iterator[object]:
        yield from indexed.index(context, home.project)

    return [index]
