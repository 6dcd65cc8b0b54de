"""Accepted events: every valid landed event once, per tier. Deduplication is SQL in the engine."""

from collections.abc import Iterator

import dagster as dg

from weir.core.landing import TIERS
from weir.lineage.plan import MAX_PARTITIONS
from weir.orchestra import landed, partitions
from weir.orchestra.home import HomeResource
from weir.orchestra.project import Project

DESCRIPTION = """Valid `{tier}` events, each once: a row is left out if an earlier landed one within 168 h of
its arrival has the same id and content. A pure function of landing: any order, any rerun, the same rows."""


def assets(project: Project) -> list[dg.AssetsDefinition]:
    """Return one asset per tier: a surge of bulk events never delays critical ones."""
    return [_tier(project, tier) for tier in TIERS]


def _tier(project: Project, tier: str) -> dg.AssetsDefinition:
    node = landed.node_of(project, f"accepted/{tier}")
    spec = landed.spec(
        project,
        node,
        DESCRIPTION.format(tier=tier),
        deps=[dg.AssetDep(["landing", tier])],
        columns=landed.ACCEPTED_COLUMNS,
    )
    checks = landed.conservation_checks(project, node)

    @dg.multi_asset(
        name=f"accepted_{tier}",
        specs=[spec],
        check_specs=checks,
        partitions_def=partitions.landing(project.settings),
        backfill_policy=dg.BackfillPolicy.multi_run(MAX_PARTITIONS),
        can_subset=True,  # so that checks logged per partition need no output of their own
        pool=partitions.pool(node),
    )
    def accept(context: dg.AssetExecutionContext, home: HomeResource) -> Iterator[object]:
        yield from landed.accept(context, home.project, tier)

    return accept
