"""Range runs, asked through GraphQL: a verdict per key up to 400 keys, and of each failing key beyond.

A real project whose fact is read from Parquet: 430 days, three of which hold a user twice.
"""

import asyncio
import importlib.util
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import dagster as dg
import duckdb
import pytest
from dagster._core.loader import LoadingContext
from dagster_graphql.schema import create_schema

from benchmarks.fact_files import FactFile, make_project
from weir.core.errors import RunFailed
from weir.core.grains import Grain, Range
from weir.lineage.plan import RangeRun
from weir.orchestra.evaluations import MAX_KEYS
from weir.orchestra.home import project_of
from weir.orchestra.instance import ENVIRONMENT
from weir.orchestra.launcher import InProcessLauncher

ROOT = Path(__file__).resolve().parents[2]
START, DAYS = datetime(2025, 1, 1), 430
TWICE = {"2025-01-02", "2025-06-01", "2026-02-01"}
ASSET, CHECK = "fact/users_acted", "part_unique_users_acted_user_id__activity_date"
QUERY = """
query Executions($check: String!, $partition: String) {
  assetCheckExecutions(
    assetKey: {path: ["fact", "users_acted"]}, checkName: $check, limit: 1000, partition: $partition
  ) { runId status partition evaluation { success description } }
}
"""


class Asking(LoadingContext):
    """As much of the web server's context as the query needs."""

    def __init__(self, instance: dg.DagsterInstance) -> None:
        self._instance, self._loaders = instance, dict[Any, Any]()

    @property
    def instance(self) -> dg.DagsterInstance:
        return self._instance

    @property
    def loaders(self) -> dict[Any, Any]:
        return self._loaders


@pytest.fixture(scope="module")
def launcher(tmp_path_factory: pytest.TempPathFactory) -> Iterator[InProcessLauncher]:
    folder = tmp_path_factory.mktemp("ranges")
    file = folder / "facts.parquet"
    twice = ", ".join(f"'{day}'" for day in TWICE)
    duckdb.sql(
        f"""copy (
            select 'u' || u as user_id, day::date as activity_date, 1::bigint as event_count
            from range(2) users(u), range(date '{START:%Y-%m-%d}', date '{START:%Y-%m-%d}'
                + interval {DAYS} day, interval 1 day) days(day)
            union all
            select 'u0', unnest([{twice}])::date, 1
        ) to '{file}'"""
    )
    last = date(2025, 1, 1) + timedelta(DAYS - 1)
    with pytest.MonkeyPatch.context() as patch:
        for name, value in ENVIRONMENT.items():
            patch.setenv(name, value)
        patch.setenv("DAGSTER_HOME", str(folder / "home" / "dagster"))
        settings = make_project(folder, [FactFile("users_acted", file, date(2025, 1, 1), last)], [])
        project = project_of(settings)
        spec = importlib.util.spec_from_file_location("definitions", ROOT / "definitions.py")
        assert spec
        assert spec.loader
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        launcher = InProcessLauncher(project, module.build_defs(project=project))
        with launcher.instance:
            yield launcher


def build(launcher: InProcessLauncher, first: int, days: int) -> list[str]:
    """Build a range, which fails; return its keys."""
    labels = Range(START + timedelta(first), START + timedelta(first + days), Grain.DAY)
    with pytest.raises(RunFailed, match="part_unique"):
        launcher.launch(RangeRun("fact", (ASSET,), labels, days, 0))
    return labels.keys


def ask(launcher: InProcessLauncher, partition: str | None = None) -> list[dict[str, Any]]:
    done = asyncio.run(
        create_schema().execute_async(
            QUERY,
            variables={"check": CHECK, "partition": partition},
            context_value=Asking(launcher.instance),
        )
    )
    assert done.errors is None
    found: list[dict[str, Any]] = done.data["assetCheckExecutions"]
    return found


def verdicts(launcher: InProcessLauncher) -> dict[str, bool]:
    said = launcher.project.ledger.verdicts(ASSET)
    return {verdict.key: verdict.passed for verdict in said if verdict.check == CHECK}


def test_each_key_of_a_short_range_has_its_evaluation(launcher: InProcessLauncher) -> None:
    keys = build(launcher, 0, 3)
    assert verdicts(launcher) == {key: key not in TWICE for key in keys}
    for key in keys:
        (one,) = ask(launcher, key)
        passed = key not in TWICE
        assert one["evaluation"]["success"] is passed
        assert one["status"] == ("SUCCEEDED" if passed else "FAILED")
        assert (one["evaluation"]["description"] is None) is passed
    assert {one["partition"] for one in ask(launcher)} >= set(keys)


def test_of_a_long_range_each_failing_key_has_one(launcher: InProcessLauncher) -> None:
    before = {one["runId"] for one in ask(launcher)}
    keys = build(launcher, 10, DAYS - 10)
    assert len(keys) > MAX_KEYS
    bad = TWICE & set(keys)
    assert len(bad) == 2
    mine = verdicts(launcher)
    assert {key: mine[key] for key in keys} == {key: key not in TWICE for key in keys}
    for key in bad:
        (one,) = ask(launcher, key)
        assert one["status"] == "FAILED"
        assert one["evaluation"]["success"] is False
    mine_in_dagster = [one for one in ask(launcher) if one["runId"] not in before]
    states = {one["partition"]: one["status"] for one in mine_in_dagster if one["partition"]}
    assert states == {key: "FAILED" if key in bad else "SUCCEEDED" for key in keys}
    said = {one["partition"]: one["evaluation"]["success"] for one in mine_in_dagster}
    assert said == {None: False, **{key: key not in bad for key in keys}}
