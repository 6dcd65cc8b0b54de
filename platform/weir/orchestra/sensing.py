"""A sensor over the lake: its cursor is the newest commit, its decision a pure function."""

from collections.abc import Callable, Sequence

import dagster as dg

from weir.lineage.plan import RangeRun
from weir.lineage.stale import Picture
from weir.orchestra.project import Project
from weir.orchestra.requests import run_requests

INTERVAL_SECONDS = 30


def lake_sensor(
    name: str,
    description: str,
    project: Project,
    assets: Sequence[dg.AssetsDefinition],
    decide: Callable[[Picture], list[RangeRun]],
) -> dg.SensorDefinition:
    """Return a sensor that asks for what `decide` wants whenever the lake has a new commit.

    Args:
        name: the sensor's name.
        description: shown in the Dagster UI.
        project: the project that it looks at.
        assets: what it may request.
        decide: pure: what to run, given what landed and what is built.
    """

    @dg.sensor(
        name=name,
        description=description,
        asset_selection=dg.AssetSelection.assets(*assets),
        minimum_interval_seconds=INTERVAL_SECONDS,
        default_status=dg.DefaultSensorStatus.RUNNING,
    )
    def sense(context: dg.SensorEvaluationContext) -> dg.SensorResult | dg.SkipReason:
        newest = str(project.history.newest_snapshot())
        if context.cursor == newest:
            return dg.SkipReason(f"Nothing new in the lake since commit {newest}.")
        picture = project.picture()
        requests = run_requests(picture, decide(picture))
        return dg.SensorResult(run_requests=requests, cursor=newest)

    return sense
