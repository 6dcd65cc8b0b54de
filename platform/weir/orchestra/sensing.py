"""A sensor over the lake: its cursor is the newest commit, its decision a pure function."""

from collections.abc import Sequence
from functools import partial

import dagster as dg

from weir.lineage.plan import held_back, waves_in
from weir.orchestra.project import Project
from weir.orchestra.requests import attempts_of, run_requests, wanted

INTERVAL_SECONDS = 30


def lake_sensor(
    name: str,
    description: str,
    project: Project,
    assets: Sequence[dg.AssetsDefinition],
    waves: Sequence[str],
) -> dg.SensorDefinition:
    """Return a sensor that asks for the runs that some waves need.

    It looks again at every tick until nothing is left to do or waiting; then only after a new
    commit of the lake.

    Args:
        name: the sensor's name.
        description: shown in the Dagster UI.
        project: the project that it looks at.
        assets: what it may request.
        waves: the planner's waves that it is for.
    """

    @dg.sensor(
        name=name,
        description=description,
        asset_selection=dg.AssetSelection.assets(*assets),
        minimum_interval_seconds=INTERVAL_SECONDS,
        default_status=dg.DefaultSensorStatus.STOPPED
        if project.settings.env
        else dg.DefaultSensorStatus.RUNNING,
    )
    def sense(context: dg.SensorEvaluationContext) -> dg.SensorResult | dg.SkipReason:
        newest = str(project.history.newest_snapshot())
        if context.cursor == newest:
            return dg.SkipReason(f"Nothing new in the lake since commit {newest}.")
        picture = project.picture()
        runs = wanted(picture, waves_in(project.settings.env, waves))
        past = partial(attempts_of, context.instance)
        settled = not runs and not held_back(picture)
        return dg.SensorResult(
            run_requests=run_requests(picture, runs, past, project.now()),
            cursor=newest if settled else f"{newest}, unsettled",
        )

    return sense
