"""Event logs that are written together: the same as dbt leaves, and dbt's where it must be."""

from __future__ import annotations

import multiprocessing
import os
import shutil
import signal
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest

from weir.core.grains import Grain, Range
from weir.core.landing import TIERS
from weir.core.settings import load
from weir.engines.embedded import event_logs
from weir.engines.embedded.commit import content_hash_sql
from weir.engines.embedded.event_logs import EmbeddedEventLogs, LogBuild
from weir.engines.embedded.history import EmbeddedHistory
from weir.engines.embedded.lake import Lake, table_columns
from weir.engines.history import Counted
from weir.orchestra import log_tests, logs
from weir.orchestra.logs import build_logs, is_plain
from weir.orchestra.project import Project
from weir.orchestra.warm import Invocation, NodeResult

ROOT = Path(__file__).resolve().parents[2]
HOUR = datetime(2026, 1, 1, 5)
LABELS = Range(HOUR, datetime(2026, 1, 1, 7), Grain.HOUR)
EVENTS = {
    "push_commit_git": '{"repository": "r", "parents": 2, "top_dirs": [{"dir": "a", "files": 1}],'
    ' "exts": {"py": 3}, "files": {"added": 1, "odd": true}, "more": 5}',
    "purchase_item_shop": '{"quantity": 3, "price": 11.77}',
    "revert_commit_git": "{}",
}


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """A copy of the example project, with accepted events of two hours."""
    folder = tmp_path / "project"
    for name in ("dbt", "assets"):
        ignored = shutil.ignore_patterns("__pycache__", "target", "logs")
        shutil.copytree(ROOT / name, folder / name, ignore=ignored)
    made = Project(load(folder, tmp_path / "home"))
    made.lake.create()
    fill(made)
    return made


def fill(project: Project) -> None:
    tiers = {node.events[0]: node.tier for node in log_nodes(project)}
    with project.lake.write() as connection:
        for tier in TIERS:
            connection.execute(f"DELETE FROM lake.accepted.{tier}")
        for number, (name, params) in enumerate(EVENTS.items()):
            connection.execute(
                f"INSERT INTO lake.accepted.{tiers[name]} BY NAME"
                " SELECT h::DATE AS landing_day, h AS landing_hour, h AS received_at,"
                " 'e' || i || '-' || ? AS event_id, ? AS event_name, 1 AS version,"
                " h - to_minutes(i % 50) AS event_time, 'u' || i AS user_id, ? AS params"
                " FROM range(40) AS r(i), (VALUES (?::TIMESTAMP), (?::TIMESTAMP)) AS hours(h)",
                [number, name, params, HOUR, HOUR.replace(hour=6)],
            )


def log_nodes(project: Project) -> list[Any]:
    return [node for node in project.nodes if node.stage == "event_log"]


def build(project: Project, names: list[str] | None = None) -> list[NodeResult]:
    nodes = [n for n in log_nodes(project) if names is None or n.table in names]
    keys = ("2026-01-01-05:00", "2026-01-01-06:00")
    inputs = {node.asset: {key: f"in-{key}" for key in keys} for node in nodes}
    codes = {node.asset: node.code for node in nodes}
    invocation = Invocation([n.table for n in nodes], LABELS, "run-1", inputs, codes=codes)
    found = build_logs(project, project.picture(), nodes, invocation)
    return [result for batch in found for result in batch]


def state(project: Project) -> dict[str, Any]:
    """Return what is in every log, its columns, and what the ledger says of it."""
    project.ledger.sync(EmbeddedHistory(project.lake))
    found: dict[str, Any] = {}
    with project.lake.read() as connection:
        for node in log_nodes(project):
            rows = connection.execute(f"FROM event_log.{node.table} ORDER BY ALL").fetchall()
            columns = connection.execute(f"DESCRIBE event_log.{node.table}").fetchall()
            built = project.ledger.built(node.asset)
            told = {k: (b.rows, b.hash, b.input, b.run, b.code) for k, b in built.items()}
            found[node.table] = (rows, columns, told)
    return found


@pytest.fixture
def only_dbt(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    return lambda: monkeypatch.setattr(logs, "is_plain", lambda *_: False)


@pytest.fixture
def never_dbt(monkeypatch: pytest.MonkeyPatch, project: Project) -> None:
    def fail(_: Invocation) -> None:
        pytest.fail("dbt builds what could be written together")

    monkeypatch.setattr(project.dbt, "build", fail)


def test_it_leaves_what_dbt_leaves(project: Project, only_dbt: Callable[[], None]) -> None:
    told = {(r.unique_id, r.status) for r in build(project)}
    together = state(project)
    assert [len(rows) for rows, _, _ in together.values() if rows] == [80, 80, 80]
    with project.lake.write() as connection:
        for table in together:
            connection.execute(f"DROP TABLE lake.event_log.{table}")
    only_dbt()
    assert {(r.unique_id, r.status) for r in build(project)} == told
    assert state(project) == together


@pytest.mark.usefixtures("never_dbt")
def test_all_logs_of_the_example_are_written_together_again_and_again(project: Project) -> None:
    first = build(project)
    before = state(project)
    assert {r.status for r in first} == {"ok", "pass"}
    assert {r.status for r in build(project)} == {"ok", "pass"}
    assert state(project) == before


@pytest.mark.usefixtures("never_dbt")
def test_an_hour_that_became_empty_ends_up_empty_and_is_in_the_ledger(project: Project) -> None:
    build(project)
    with project.lake.write() as connection:
        for tier in TIERS:
            connection.execute(f"DELETE FROM lake.accepted.{tier}")
    build(project)
    build(project)  # now nothing changes: the entries must be kept all the same
    for rows, _, told in state(project).values():
        assert rows == []
        assert {entry[0] for entry in told.values()} == {0}
        assert len(told) == 2


@pytest.mark.slow
def test_a_failure_in_the_middle_leaves_everything_as_it_was(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    build(project)
    before = state(project)
    with project.lake.write() as connection:
        connection.execute("DELETE FROM lake.accepted.normal")

    def broken(*_: object) -> None:
        raise RuntimeError("killed before the commit")

    monkeypatch.setattr(event_logs, "write_entries", broken)
    with pytest.raises(RuntimeError, match="killed"):
        build(project)
    assert state(project) == before


def killed_before_the_commit(project_dir: str, home: str) -> None:
    """Build the logs in a process of its own that is killed when all is written but the commit."""
    event_logs.write_entries = lambda *_: os.kill(os.getpid(), signal.SIGKILL)  # type: ignore[assignment]
    build(Project(load(Path(project_dir), Path(home))))


@pytest.mark.slow
def test_a_killed_run_leaves_what_was_there_and_the_next_one_goes_on(project: Project) -> None:
    build(project)
    before = state(project)
    with project.lake.write() as connection:
        connection.execute("DELETE FROM lake.accepted.normal WHERE user_id = 'u3'")
    context = multiprocessing.get_context("spawn")
    where = (str(project.settings.project), str(project.settings.home))
    child = context.Process(target=killed_before_the_commit, args=where)
    child.start()
    child.join(120)
    assert child.exitcode == -signal.SIGKILL
    assert state(project) == before
    assert {r.status for r in build(project)} == {"ok", "pass"}
    assert len(state(project)["purchase_item_shop"][0]) == 78


def test_a_log_that_cannot_be_read_fails_alone(project: Project) -> None:
    model = project.settings.project / "dbt" / "models" / "event_log" / "purchase_item_shop.sql"
    model.write_text(model.read_text().replace('"type": "BIGINT"', '"type": "NO_TYPE"'))
    results = {
        r.unique_id.rpartition(".")[2]: r
        for r in build(Project(project.settings))
        if "test." not in r.unique_id
    }
    assert results.pop("purchase_item_shop").status == "error"
    assert len(results) >= 4
    assert {r.status for r in results.values()} == {"ok"}


@pytest.mark.slow
def test_a_table_with_other_columns_is_brought_to_them_by_dbt(project: Project) -> None:
    build(project)
    model = project.settings.project / "dbt" / "models" / "event_log" / "purchase_item_shop.sql"
    more = '[{"name": "sent", "path": ["sent"], "type": "BIGINT"}, '
    model.write_text(model.read_text().replace("[", more, 1))
    again = Project(project.settings)
    assert {r.status for r in build(again)} == {"ok", "pass"}
    _, columns, told = state(again)["purchase_item_shop"]
    assert ("sent", "BIGINT") in {column[:2] for column in columns}
    assert len({entry[4] for entry in told.values()}) == 1


def test_rows_that_are_missing_fail_the_test_by_its_own_sql(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = EmbeddedEventLogs.replace

    def lossy(self: EmbeddedEventLogs, *given: Any, **named: Any) -> dict[str, float]:
        done = whole(self, *given, **named)
        with self.lake.write() as connection:
            connection.execute(
                "DELETE FROM lake.event_log.purchase_item_shop WHERE event_id LIKE 'e7-%'"
            )
            connection.execute(
                "UPDATE lake.event_log.push_commit_git SET event_id = NULL WHERE user_id = 'u9'"
            )
        return done

    monkeypatch.setattr(EmbeddedEventLogs, "replace", lossy)
    failed = {r.unique_id.split(".")[2]: r for r in build(project) if r.status == "fail"}
    assert set(failed) == {
        "complete_against_accepted_purchase_item_shop_purchase_item_shop__normal",
        "part_not_null_push_commit_git_event_id",
    }
    for result in failed.values():
        with project.lake.read() as connection:
            found = connection.execute(result.sql).fetchall()
        assert found == [("2026-01-01-05:00", 1), ("2026-01-01-06:00", 1)]


def test_a_test_of_ones_own_is_run_by_its_sql(project: Project) -> None:
    folder = project.settings.project / "dbt"
    (folder / "macros" / "tests" / "part_few.sql").write_text(
        "{% test part_few(model, most) %} select {{ part_key() }} as partition_key, count(*) as found"
        " from {{ model }} group by 1 having count(*) > {{ most }} {% endtest %}"
    )
    model = folder / "models" / "event_log" / "purchase_item_shop.yml"
    few = "data_tests:\n  - part_few: {arguments: {most: 39}, config: {severity: warn}}"
    model.write_text(model.read_text().replace("data_tests:", few, 1))
    found = {r.status for r in build(Project(project.settings)) if "part_few" in r.unique_id}
    assert found == {"warn"}


def test_too_many_rows_go_to_dbt(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    picture = project.picture()
    many = {(HOUR, HOUR): Counted(logs.MAX_ROWS + 1, (0, 0, 0, 0))}
    picture.history.by_event["purchase_item_shop"] = many
    monkeypatch.setattr(project, "picture", lambda: picture)
    seen: list[str] = []
    usual = project.dbt.build

    def told(invocation: Invocation) -> Any:
        seen.extend(invocation.models)
        return usual(invocation)

    monkeypatch.setattr(project.dbt, "build", told)
    assert {r.status for r in build(project)} == {"ok", "pass"}
    assert seen == ["purchase_item_shop"]


@pytest.mark.parametrize(
    ("code", "config"),
    [
        ('{{ event_log("a", "normal", []) }} union all select 1', {}),
        ('{{ event_log("a") }} {{ event_log("b") }}', {}),
        ('{{ event_log(x, "normal", []) }}', {}),
        ('{{ other("a", "normal", []) }}', {}),
        ('{% set x = 1 %}{{ event_log("a", "normal", []) }}', {}),
        ('{{ event_log("a", "normal", []) }}', {"post-hook": ["select 1"]}),
        ('{{ event_log("a", "normal", []) }}', {"materialized": "table"}),
        ('{{ event_log("a", "normal", []) }}', {"partitioned_by": ["landing_day", "platform"]}),
        ('{{ event_log("a", "normal", []) }}', {"contract": {"enforced": True}}),
        (
            '{{ event_log("a", "normal", []) }}',
            {"meta": {"weir": {"united": {"view": "a__united"}}}},
        ),
    ],
)
def test_what_says_more_than_the_macro_is_not_plain(code: str, config: dict[str, Any]) -> None:
    usual = {
        "materialized": "partition_range", "partitioned_by": ["landing_day"], "pre-hook": [],
        "post-hook": [], "contract": {"enforced": False}, "meta": {"weir": {}},
    }  # fmt: skip
    plain = '-- generated\n{{ event_log("a", "normal", [{"name": "b", "type": {"c": ["d"]}}]) }}\n'
    tests = [{"config": dict(logs._PLAIN_TEST)}]
    assert is_plain({"raw_code": plain, "config": usual}, tests)
    assert not is_plain({"raw_code": code, "config": usual | config}, tests)
    assert not is_plain(
        {"raw_code": plain, "config": usual}, [{"config": {**logs._PLAIN_TEST, "error_if": "> 9"}}]
    )


def test_a_lake_in_a_wrong_state_is_an_error_of_duckdb(project: Project) -> None:
    lake = Lake(project.settings)
    with pytest.raises(duckdb.Error):
        EmbeddedEventLogs(lake).replace([LogBuild("x", "SELECT nothing", "-", "normal")], LABELS)
    assert log_tests.tests_of({"nodes": {}}, ["a"]) == {"a": []}


@pytest.mark.usefixtures("never_dbt")
@pytest.mark.parametrize("names", [["purchase_item_shop"], None], ids=["one", "all of a tier"])
def test_a_file_is_sorted_by_time_and_the_ledger_knows_its_hash(
    project: Project, names: list[str] | None
) -> None:
    build(project, names)
    files = list((project.settings.lake_dir / "data").rglob("purchase_item_shop/**/*.parquet"))
    assert files
    for file in files:
        order = duckdb.sql(f"SELECT event_time, event_id FROM read_parquet('{file}')").fetchall()
        assert order == sorted(order)
        assert len(order) > 1
    node = next(n for n in log_nodes(project) if n.table == "purchase_item_shop")
    project.ledger.sync(project.history)
    with project.lake.read() as connection:
        columns = table_columns(connection, "event_log")["purchase_item_shop"]
        found = connection.execute(
            f"SELECT landing_hour, count(*), {content_hash_sql(columns)}"
            " FROM event_log.purchase_item_shop GROUP BY 1"
        ).fetchall()
    built = project.ledger.built(node.asset)
    assert {f"{hour:%Y-%m-%d-%H:%M}": (rows, hashed) for hour, rows, hashed in found} == {
        key: (part.rows, part.hash) for key, part in built.items()
    }
