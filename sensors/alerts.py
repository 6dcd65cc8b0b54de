"""Failed runs and checks: tell their owners, once, and again when they are well."""

import dagster as dg

from resources.secrets import environment
from weir.orchestra.alerting import look
from weir.orchestra.project import Project
from weir.orchestra.triage import explaining

_INTERVAL_SECONDS = 30


def alerts_sensor(project: Project) -> dg.SensorDefinition:
    """Return the sensor that raises alerts and sends those that wait."""

    @dg.sensor(
        name="alerts",
        description="A run or a check failed, or passes again: tell whose asset it is.",
        minimum_interval_seconds=_INTERVAL_SECONDS,
        default_status=dg.DefaultSensorStatus.RUNNING,
    )
    def sense(context: dg.SensorEvaluationContext) -> dg.SkipReason:
        explain = explaining(project, context.instance)
        done, cursor = look(project, context.instance, context.cursor, environment(), explain)
        context.update_cursor(cursor)
        if done is None:
            return dg.SkipReason("There is no alerts.yaml.")
        return dg.SkipReason(f"{done.sent} alerts sent, {done.failed} failed, {done.put_off} wait.")

    return sense
