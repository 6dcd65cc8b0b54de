"""This project's Dagster code location: `build_defs` assembles it, `defs` is one call."""

import dagster as dg

import assets
import sensors
from resources.home import project_from_environment
from weir.orchestra.home import HomeResource
from weir.orchestra.loading import uncollected
from weir.orchestra.project import Project


def build_defs(
    *, project: Project | None = None, executor: dg.ExecutorDefinition | None = None
) -> dg.Definitions:
    """Return the definitions of a project.

    Args:
        project: settings and what hangs on them; read from the environment when not given.
        executor: how a run executes its steps; in one process when not given, so that dbt stays warm.
    """
    with uncollected():
        chosen = project or project_from_environment()
        definitions, checks = assets.build(chosen)
        return dg.Definitions(
            assets=definitions,
            asset_checks=checks,
            schedules=[assets.maintenance.schedule(chosen)],
            sensors=sensors.build(chosen, definitions),
            resources={"home": HomeResource.of(chosen)},
            executor=executor or dg.in_process_executor,
        )


defs = build_defs()
