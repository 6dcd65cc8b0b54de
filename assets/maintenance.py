"""Maintenance of the lake, once a day: retention, merging, expiry, cleaning. No data flows through it."""

from collections.abc import Iterator

import dagster as dg

from weir.lineage.plan import MAX_PARTITIONS
from weir.orchestra import partitions
from weir.orchestra.home import HomeResource
from weir.orchestra.maintaining import maintain
from weir.orchestra.project import Project

KEY = dg.AssetKey(["maintenance", "lake"])
CRON = "40 3 * * *"
DESCRIPTION = """What each day's maintenance did to the lake: partitions past their retention dropped, small files
merged, old commits expired (never pinned ones), files that nobody reads deleted. The same as `weir maintain`."""
_COLUMNS = {
    "step": "VARCHAR", "subject": "VARCHAR", "count": "BIGINT", "unit": "VARCHAR", "bytes": "BIGINT",
    "note": "VARCHAR",
}  # fmt: skip


def assets(project: Project) -> list[dg.AssetsDefinition]:
    """Return the one asset of this stage."""
    schema = dg.TableSchema([dg.TableColumn(name, kind) for name, kind in _COLUMNS.items()])
    spec = dg.AssetSpec(
        KEY,
        description=DESCRIPTION,
        group_name="maintenance",
        owners=["team:platform"],
        kinds={"ducklake"},
        tags={"weir/kind": "maintenance"},
        code_version="1",
        metadata={"dagster/column_schema": schema},
        partitions_def=partitions.landing_day(project.settings),
    )

    @dg.multi_asset(
        name="maintenance_lake",
        specs=[spec],
        partitions_def=partitions.landing_day(project.settings),
        backfill_policy=dg.BackfillPolicy.multi_run(MAX_PARTITIONS),
        pool="maintenance",
    )
    def lake(home: HomeResource) -> Iterator[dg.MaterializeResult]:
        done = list(maintain(home.project))
        told = [dg.TableRecord(step.as_dict()) for step in done]
        yield dg.MaterializeResult(metadata={"steps": dg.MetadataValue.table(told)} if told else {})

    return [lake]


def schedule(project: Project) -> dg.ScheduleDefinition:
    """Return the nightly schedule; on from the start: nothing is dropped unless a retention is set."""
    days = partitions.landing_day(project.settings)

    @dg.schedule(
        name="maintenance",
        cron_schedule=CRON,
        execution_timezone="UTC",
        target=dg.AssetSelection.assets(KEY),
        default_status=dg.DefaultScheduleStatus.RUNNING,
        description="Maintain the lake every night: the partition of the day that began.",
    )
    def maintenance(context: dg.ScheduleEvaluationContext) -> dg.RunRequest:
        day = context.scheduled_execution_time.strftime(days.fmt)
        return dg.RunRequest(run_key=day, partition_key=day)

    return maintenance
