"""Real range runs on an instance with the batching event log: what the UI reads must be there."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import dagster as dg
import pytest
import sqlalchemy as sa
import yaml
from dagster._core.storage.event_log.schema import AssetCheckExecutionsTable
from dagster._core.storage.event_log.sqlite import SqliteEventLogStorage

from weir.orchestra import event_log
from weir.orchestra.evaluations import MAX_KEYS, evaluations, tell
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
def fact(
    context: dg.AssetExecutionContext,
) -> Iterator[dg.MaterializeResult | dg.AssetCheckResult]:
    keys = list(context.partition_keys)
    yield dg.MaterializeResult(asset_key=KEY, metadata={"rows": len(keys)})
    bad = {key: "1 row" for key in keys if key == "2026-01-02"}
    yield tell(context, KEY, "whole", bad)


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
        tags={"dagster/partition": first}
        if first == last
        else {
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


def verdicts(instance: dg.DagsterInstance) -> dict[str | None, str]:
    """Return partition → status, as Dagster's table of check executions has it."""
    key = dg.AssetCheckKey(KEY, "whole")
    table = AssetCheckExecutionsTable
    with instance.event_log_storage.index_connection() as connection:  # type: ignore[attr-defined]
        rows = connection.execute(table.select().where(table.c.check_name == key.name)).fetchall()
    return {row.partition: row.execution_status for row in rows}


def test_each_partition_has_its_own_verdict(instance: dg.DagsterInstance) -> None:
    run(instance, "2026-01-01", "2026-01-03")
    assert verdicts(instance) == {
        "2026-01-01": "SUCCEEDED",
        "2026-01-02": "FAILED",
        "2026-01-03": "SUCCEEDED",
        None: "FAILED",
    }


def test_a_single_partition_has_one_verdict(instance: dg.DagsterInstance) -> None:
    run(instance, "2026-01-03", "2026-01-03")
    assert verdicts(instance) == {"2026-01-03": "SUCCEEDED"}


def test_a_long_range_settles_every_partition_with_one_event_and_the_failing_ones(
    instance: dg.DagsterInstance,
) -> None:
    result = run(instance, "2026-01-01", "2027-12-30")
    told = verdicts(instance)
    assert len(told) == 729 + 1
    assert {key for key, status in told.items() if status == "FAILED"} == {None, "2026-01-02"}
    assert set(told.values()) == {"SUCCEEDED", "FAILED"}
    events = [e for e in result.all_events if e.event_type_value == "ASSET_CHECK_EVALUATION"]
    assert len(events) <= 2


def made(file: Path) -> tuple[set[object], list[object]]:
    """Return what makes a log's file, and the version that it says it is."""
    with closing(sqlite3.connect(file)) as connection:
        statements = connection.execute("SELECT type, name, sql FROM sqlite_master").fetchall()
        versions = connection.execute("SELECT version_num FROM alembic_version").fetchall()
    return set(statements), versions


def test_the_file_of_a_second_run_is_as_dagster_makes_it_without_reading_migrations_again(
    instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = instance.event_log_storage
    assert isinstance(log, BatchingSqliteEventLogStorage)
    first = run(instance, "2026-01-03", "2026-01-03")
    monkeypatch.setattr(log, "_initdb", None)
    second = run(instance, "2026-01-04", "2026-01-04")
    assert second.success
    files = [Path(log.path_for_shard(result.run_id)) for result in (first, second)]
    assert made(files[0])[1]
    assert made(files[0]) == made(files[1])
    assert len(instance.all_logs(first.run_id)) == len(instance.all_logs(second.run_id)) > 5


def test_a_file_that_another_process_makes_meanwhile_is_taken_as_it_is(
    instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = run(instance, "2026-01-03", "2026-01-03")
    execute_all = event_log._execute_all

    def late(engine: sa.Engine, statements: list[str]) -> bool:
        assert execute_all(engine, statements)
        assert not execute_all(engine, statements)
        return False

    monkeypatch.setattr(event_log, "_execute_all", late)
    second = run(instance, "2026-01-04", "2026-01-04")
    assert second.success
    assert len(instance.all_logs(first.run_id)) == len(instance.all_logs(second.run_id))


def test_what_is_used_of_dagsters_inside_is_still_there() -> None:
    """The batching log and the batched evaluations stand on these; a new Dagster may move them."""
    needed = ("_event_to_row", "_store_asset_event", "_store_asset_event_tags", "run_connection",
              "index_transaction", "_event_insert_timestamp", "_initdb", "path_for_shard",
              "_store_asset_check_evaluation_planned",
              "_update_asset_check_evaluation")  # fmt: skip
    assert [name for name in needed if not hasattr(SqliteEventLogStorage, name)] == []


def test_evaluations_above_the_limit_are_the_failing_ones() -> None:
    keys = [str(n) for n in range(MAX_KEYS + 1)]
    said = evaluations(KEY, "c", keys, {"7": "bad"})
    assert [(e.partition, e.passed) for e in said] == [("7", False)]
    assert evaluations(KEY, "c", keys, {}) == []
