"""Runs that Dagster started and that have ended: enter them into the audit log."""

import dagster as dg

from weir.orchestra.auditing import enter_ended
from weir.orchestra.project import Project

_INTERVAL_SECONDS = 30


def auditing_sensor(project: Project) -> dg.SensorDefinition:
    """Return the sensor that writes who ran what into the audit log."""

    @dg.sensor(
        name="auditing",
        description="A run that Dagster started has ended: enter it into the audit log.",
        minimum_interval_seconds=_INTERVAL_SECONDS,
        default_status=dg.DefaultSensorStatus.RUNNING,
    )
    def sense(context: dg.SensorEvaluationContext) -> dg.SkipReason:
        entered, cursor = enter_ended(project, context.instance, context.cursor)
        context.update_cursor(cursor)
        return dg.SkipReason(f"{entered} runs entered.")

    return sense
