"""Newest partitions that should be there by now, and are not: report them, start nothing."""

import dagster as dg

from weir.orchestra.freshness import freshness_sensor as _sensor
from weir.orchestra.project import Project


def freshness_sensor(project: Project) -> dg.SensorDefinition:
    """Return the sensor that evaluates the freshness checks without running the assets."""
    return _sensor(
        "freshness",
        "The newest partition that should be built by now is missing, lost or stale: report it.",
        project,
    )
