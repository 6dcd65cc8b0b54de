"""Looks at the files of a few assets at every tick, within a time budget, and reports what is broken."""

import dagster as dg

from weir.orchestra.patrol import patrol_sensor
from weir.orchestra.project import Project


def partitions_sensor(project: Project) -> dg.SensorDefinition:
    """Return the sensor that patrols recent partitions at level `footer`."""
    return patrol_sensor(
        "partitions",
        "Recent partitions are in the lake as the ledger says: files, sizes, footers.",
        project,
    )
