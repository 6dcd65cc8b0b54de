"""Fact and activation days that became complete, or stale because events came late."""

from collections.abc import Sequence

import dagster as dg

from weir.orchestra.project import Project
from weir.orchestra.requests import COMPLETENESS
from weir.orchestra.sensing import lake_sensor


def completeness_sensor(
    project: Project, assets: Sequence[dg.AssetsDefinition]
) -> dg.SensorDefinition:
    """Return the sensor that builds each fact day once its landing hours are closed."""
    return lake_sensor(
        "completeness",
        "All landing hours of a fact day are closed, or late events changed it: build or restate it.",
        project,
        assets,
        COMPLETENESS,
    )
