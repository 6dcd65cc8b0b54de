"""This project's assets, one module per stage. `STAGES` is the table of contents, in data order.

A stage's assets read only assets of the stages before it, and of its own:
tests/graph/test_flow.py walks every edge. Maintenance stands last: no data flows through it.
"""

from collections.abc import Sequence

import dagster as dg

from assets import accepted, activation, event_log, fact, landing, maintenance, search
from weir.orchestra.project import Project

STAGES = {
    "landing": landing,
    "accepted": accepted,
    "event_log": event_log,
    "fact": fact,
    "activation": activation,
    "search": search,
    "maintenance": maintenance,
}


def build(
    project: Project,
) -> tuple[Sequence[dg.AssetsDefinition], Sequence[dg.AssetChecksDefinition]]:
    """Return the assets and the separate checks of all stages, in data order."""
    stages = STAGES.values()
    return (
        [asset for stage in stages for asset in stage.assets(project)],
        [check for stage in stages for check in getattr(stage, "checks", lambda _: [])(project)],
    )
