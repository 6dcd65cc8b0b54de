"""Enters the runs that Dagster started into the audit log, after their end, each once."""

from datetime import timedelta

import dagster as dg

from weir.audit import log_of
from weir.audit.auditing import FAILED, OK, record
from weir.audit.reading import knows_run
from weir.orchestra.ended import ended_runs
from weir.orchestra.project import Project

_FIRST_LOOK = timedelta(days=1)


def enter_ended(
    project: Project, instance: dg.DagsterInstance, cursor: str | None
) -> tuple[int, str]:
    """Enter the runs that ended since the last look; return how many, and the next cursor.

    Runs that `weir` started are in the log from their start, and are left out.
    """
    ended, following = ended_runs(instance, cursor, project.now() - _FIRST_LOOK)
    log = log_of(project.settings)
    fresh = [run for run in ended if not knows_run(log, run.run_id)]
    for run in fresh:
        record(
            project.settings,
            "partitions.materialize",
            by=run.by,
            began=run.began,
            seconds=run.seconds,
            result=OK if run.succeeded else FAILED,
            message="cancelled" if run.status == "CANCELED" else run.message,
            run=run.run_id,
            assets=run.assets,
            partitions=run.partitions,
        )
    return len(fresh), following
