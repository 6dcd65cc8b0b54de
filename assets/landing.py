"""Landing: every durable event with its verdict and origin, one asset per lane.

Sealing is the sealer's work, every 30 s; materializing a landing partition seals what waits, too, and
then counts and checks what the partition holds.
"""

from collections.abc import Iterator

import dagster as dg

from weir.core.landing import LANES
from weir.lineage.plan import MAX_PARTITIONS
from weir.orchestra import landed, partitions
from weir.orchestra.home import HomeResource
from weir.orchestra.project import Project

DESCRIPTION = """Every event that the collector made durable in lane `{lane}`, with its verdict, its origin and
its arrival. Open hours grow by generations; a closed one never changes again."""


def assets(project: Project) -> list[dg.AssetsDefinition]:
    """Return one asset per lane."""
    return [_lane(project, lane) for lane in LANES]


def _lane(project: Project, lane: str) -> dg.AssetsDefinition:
    node = landed.node_of(project, f"landing/{lane}")
    spec = landed.spec(
        project, node, DESCRIPTION.format(lane=lane), deps=[], columns=landed.LANDING_COLUMNS
    )

    @dg.multi_asset(
        name=f"landing_{lane}",
        specs=[spec],
        check_specs=landed.conservation_checks(project, node),
        partitions_def=partitions.landing(project.settings),
        backfill_policy=dg.BackfillPolicy.multi_run(MAX_PARTITIONS),
        can_subset=True,  # so that checks logged per partition need no output of their own
        pool=partitions.pool(node),
    )
    def land(context: dg.AssetExecutionContext, home: HomeResource) -> Iterator[object]:
        yield from landed.land(context, home.project, lane)

    return land
