"""New generations and closed hours in landing: accept, type and index them."""

from collections.abc import Sequence

import dagster as dg

from weir.orchestra.project import Project
from weir.orchestra.requests import ARRIVALS
from weir.orchestra.sensing import lake_sensor


def arrivals_sensor(project: Project, assets: Sequence[dg.AssetsDefinition]) -> dg.SensorDefinition:
    """Return the sensor that follows the landing manifest to event logs and search."""
    return lake_sensor(
        "arrivals",
        "A new generation or a closed hour landed: accept it, type it, index it.",
        project,
        assets,
        ARRIVALS,
    )
