"""What reacts to upstream arrivals and to broken partitions. Sensors decide (cursor, idempotent run keys); runs do the work."""

from collections.abc import Sequence

import dagster as dg

from sensors.alerts import alerts_sensor
from sensors.arrivals import arrivals_sensor
from sensors.auditing import auditing_sensor
from sensors.completeness import completeness_sensor
from sensors.freshness import freshness_sensor
from sensors.partitions import partitions_sensor
from weir.orchestra.project import Project


def build(project: Project, assets: Sequence[dg.AssetsDefinition]) -> Sequence[dg.SensorDefinition]:
    """Return this project's sensors."""
    return [
        arrivals_sensor(project, assets),
        completeness_sensor(project, assets),
        auditing_sensor(project),
        alerts_sensor(project),
        partitions_sensor(project),
        freshness_sensor(project),
    ]
