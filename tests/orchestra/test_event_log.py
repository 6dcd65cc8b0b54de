"""Real range runs on an instance with the batching event log: what the UI reads must be there."""

from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest
import yaml
from dagster._core.storage.event_log.sqlite import SqliteEventLogStorage

from weir.orchestra.evaluations import MAX_KEYS, evaluations, log_evaluations
from weir.orchestra.event_log import BatchingSqliteEventLogStorage
from weir.orchestra.instance import ENVIRONMENT, config

DAYS = dg.DailyPartitionsDefinition("2026-01-01", "2027-12-31")
KEY = dg.AssetKey(["fact", "f"])


@dg.multi_asset(
    specs=[dg.AssetSpec(KEY, partitions_def=DAYS)],
    check_specs=[dg.AssetCheckSpec("whole", asset=KEY, partitions_def=DAYS)],
    partitions_def=DAYS,
    backfill_policy=dg.BackfillPolicy.single_run(),
    can_subset=True,
    allow_arbitrary_check_specs=True,
)
def fact(context: dg.AssetExecutionContext) -> Iterator[dg.MaterializeResult]:
    keys = list(context.partition_keys)
    bad = {"2026-01-02": "1 row"}
    log_evaluations(context, evaluations(KEY, "whole", keys, bad))
    yield dg.MaterializeResult(asset_key=KEY, metadata={"rows": len(keys)})


@pytest.fixture
def instance(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[dg.DagsterInstance]:
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    (tmp_path / "dagster.yaml").write_text(yaml.safe_dump(config(tmp_path)))
    with dg.DagsterInstance.from_config(str(tmp_path)) as instance:
        yield instance


def run(instance: dg.DagsterInstance, first: str, last: str) -> dg.ExecuteInProcessResult:
    job = dg.Definitions(assets=[fact]).resolve_implicit_global_asset_job_def()
    return job.execute_in_process(
        instance=instance,
        asset_selection=[KEY],
        tags={
            "dagster/asset_partition_range_start": first,
            "dagster/asset_partition_range_end": last,
        },
    )


def test_the_instance_uses_the_batching_log(instance: dg.DagsterInstance) -> None:
    assert isinstance(instance.event_log_storage, BatchingSqliteEventLogStorage)


def test_a_range_run_materializes_each_partition(instance: dg.DagsterInstance) -> None:
    assert run(instance, "2026-01-01", "2026-01-05").success
    assert instance.get_materialized_partitions(KEY) == {f"2026-01-0{d}" for d in range(1, 6)}
    event = instance.get_latest_materialization_event(KEY)
    assert event is not None
    assert event.asset_materialization is not None
    assert event.asset_materialization.metadata["rows"].value == 5


def test_each_partition_has_its_own_verdict(instance: dg.DagsterInstance) -> None:
    run(instance, "2026-01-01", "2026-01-03")
    key = dg.AssetCheckKey(KEY, "whole")
    records = instance.event_log_storage.get_asset_check_execution_history(key, limit=50)
    told = {
        record.event.dagster_event.asset_check_evaluation_data.partition: record.status.value
        for record in records
        if record.event and record.event.dagster_event
    }
    assert told == {"2026-01-01": "SUCCEEDED", "2026-01-02": "FAILED", "2026-01-03": "SUCCEEDED"}
    assert all(record.status.value != "PLANNED" for record in records)


def test_a_long_range_logs_failing_keys_and_one_aggregate(instance: dg.DagsterInstance) -> None:
    run(instance, "2026-01-01", "2027-12-30")
    key = dg.AssetCheckKey(KEY, "whole")
    records = instance.event_log_storage.get_asset_check_execution_history(key, limit=50)
    partitions = {
        record.event.dagster_event.asset_check_evaluation_data.partition
        for record in records
        if record.event and record.event.dagster_event
    }
    assert partitions == {None, "2026-01-02"}


def test_what_is_used_of_dagsters_inside_is_still_there() -> None:
    """The batching log and the batched evaluations stand on these; a new Dagster may move them."""
    needed = ("_event_to_row", "_store_asset_event", "_store_asset_event_tags", "run_connection",
              "index_transaction", "_event_insert_timestamp")  # fmt: skip
    assert [name for name in needed if not hasattr(SqliteEventLogStorage, name)] == []


def test_evaluations_above_the_limit_are_one_and_the_failing_ones() -> None:
    keys = [str(n) for n in range(MAX_KEYS + 1)]
    said = evaluations(KEY, "c", keys, {"7": "bad"})
    assert [(e.partition, e.passed) for e in said] == [(None, False), ("7", False)]
    assert all(e.passed for e in evaluations(KEY, "c", keys, {}))
