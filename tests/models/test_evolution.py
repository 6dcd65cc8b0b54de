"""An event through four versions on a real lake: the log's columns, its history, its view, its plan.

Real dbt runs build the log after each version, as `weir run` does; the plan that was made before a
run has to be what the run did.
"""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from weir.core.grains import Grain, Range
from weir.core.settings import Settings, load
from weir.engines.embedded.history import EmbeddedHistory
from weir.engines.embedded.lake import Lake
from weir.engines.embedded.readonly import query
from weir.lineage import inputs
from weir.lineage.ledger import Built, Ledger
from weir.orchestra.manifest import prepare
from weir.orchestra.warm import Invocation, WarmDbt
from weir.registry import Event, columns, generate, write
from weir.registry.evolution.ducklake import ducklake_sql
from weir.registry.evolution.parsing import parse
from weir.registry.evolution.steps import Plan, all_columns, plan
from weir.registry.model import Registry

FACT = """
{{ config(schema="fact", clock="day", partition_column="activity_date", partition_type="date",
          partitioned_by=["year(activity_date)"]) }}
select cast(event_time as date) as activity_date, version, amount
from {{ united(ref("click_item_home")) }}
"""
ROOT = Path(__file__).resolve().parents[2]
NAME = "click_item_home"
INTEGER, NUMBER, STRING = ({"type": kind} for kind in ("integer", "number", "string"))


def record(**fields: Any) -> dict[str, Any]:
    return {"type": "object", "properties": fields}


ITEMS = {"type": "array", "items": record(id=INTEGER)}
WIDER_ITEMS = {"type": "array", "items": record(note=STRING, id=NUMBER)}
V1 = {"amount": INTEGER, "score": INTEGER, "items": ITEMS, "place": record(x=INTEGER)}
V2 = {**V1, "coupon": STRING}
V3 = {**V2, "score": NUMBER, "items": WIDER_ITEMS}
V4 = {"coupon": STRING, "amount": STRING, "score": NUMBER, "place": STRING, "items": WIDER_ITEMS}
SENT = {
    1: {"amount": 7, "score": 1, "items": [{"id": 1}], "place": {"x": 5}},
    2: {"amount": 8, "score": 2, "items": [{"id": 2}], "place": {"x": 6}, "coupon": "c"},
    3: {"amount": 9, "score": 3.5, "items": [{"id": 3.5, "note": "n"}], "place": {"x": 7}},
    4: {"amount": "10 EUR", "score": 4.5, "items": [{"id": 4}], "place": "here"},
}


@dataclass
class World:
    """A project of one event, and a lake whose hour N has the row of version N."""

    settings: Settings
    event: Event | None = None

    @property
    def lake(self) -> Lake:
        return Lake(self.settings)

    def release(self, *versions: dict[str, Any]) -> Event:
        """Write the models of the event with these versions."""
        schemas = {n: record(**properties) for n, properties in enumerate(versions, 1)}
        event = Event(
            NAME, "home", "A click.", "o@example.com", "home", "normal", "active", 1, schemas
        )
        write(generate(Registry({NAME: event}), self.settings.project / "dbt"),
              self.settings.project / "dbt")  # fmt: skip
        self.event = event
        return event

    def send(self, version: int) -> None:
        """Accept one event of a version in the landing hour of the same number."""
        at = datetime(2026, 1, 1, version)
        with self.lake.write() as connection:
            connection.execute(
                "INSERT INTO accepted.normal (landing_day, landing_hour, received_at, event_id,"
                " event_name, version, event_time, params)"
                " VALUES ($1::DATE, $1, $1, $2, $3, $4, $1, $5)",
                [at, f"e{version}", NAME, version, json.dumps(SENT[version])],
            )

    def build(self, hour: int) -> None:
        labels = Range(datetime(2026, 1, 1, hour), datetime(2026, 1, 1, hour + 1), Grain.HOUR)
        dbt = WarmDbt(self.settings, prepare(self.settings))
        results = list(dbt.build(Invocation([NAME], labels, "run")))
        wrong = [r.message for r in results if not r.passed]
        if wrong or len(results) < 2:
            raise RuntimeError(str(wrong))

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        with self.lake.read() as connection:
            return connection.execute(sql).fetchall()

    def table(self) -> dict[str, str]:
        return {row[0]: row[1] for row in self.query(f"DESCRIBE event_log.{NAME}")}

    def plan(self) -> Plan:
        assert self.event is not None
        have = {name: parse(kind) for name, kind in self.table().items()}
        views = self.query("SELECT comment FROM duckdb_views() WHERE schema_name = 'event_log'")
        return plan(NAME, have, columns(self.event), views[0][0] if views else None)

    def ledger(self) -> dict[str, Built]:
        ledger = Ledger(self.settings.home / "test.db")
        ledger.sync(EmbeddedHistory(self.lake))
        return ledger.built(f"event_log/{NAME}")


@pytest.fixture
def world(tmp_path: Path) -> World:
    project = tmp_path / "project"
    shutil.copytree(ROOT / "dbt" / "macros", project / "dbt" / "macros")
    for name in ("dbt_project.yml", "profiles.yml"):
        shutil.copy(ROOT / "dbt" / name, project / "dbt" / name)
    made = World(load(project, tmp_path / "home"))
    made.lake.create()
    return made


def test_history_stays_readable_through_all_versions(world: World) -> None:
    said: list[list[str]] = []
    for number in range(1, 5):
        event = world.release(*(V1, V2, V3, V4)[:number])
        world.send(number)
        if number > 1:
            said.append([str(step) for step in world.plan().steps])
        world.build(number)
        assert world.plan().steps == ()
        assert {k: parse(v) for k, v in world.table().items()} == all_columns(columns(event))
    assert said == [
        ["add coupon VARCHAR"],
        [
            "widen score BIGINT -> DOUBLE",
            'widen items STRUCT("id" BIGINT)[] -> STRUCT("note" VARCHAR, "id" DOUBLE)[]',
        ],
        ["add amount__v4 VARCHAR", "add place__v4 VARCHAR", f"create view {NAME}__united"],
    ]
    names = "version, amount, amount__v4, score, place__x, place__v4, coupon, items[1].id"
    assert world.query(f"SELECT {names} FROM event_log.{NAME} ORDER BY version") == [
        (1, 7, None, 1.0, 5, None, None, 1.0),
        (2, 8, None, 2.0, 6, None, "c", 2.0),
        (3, 9, None, 3.5, 7, None, None, 3.5),
        (4, None, "10 EUR", 4.5, None, "here", None, 4.0),
    ]
    united = world.query(
        f"SELECT amount, place, score FROM event_log.{NAME}__united ORDER BY version"
    )
    assert united == [
        ("7", '{"x":5}', 1.0), ("8", '{"x":6}', 2.0), ("9", '{"x":7}', 3.5), ("10 EUR", '"here"', 4.5),
    ]  # fmt: skip


def test_the_plan_run_by_hand_is_what_the_run_does(world: World) -> None:
    world.release(V1)
    world.send(1)
    world.build(1)
    world.release(V1, V2, V3, V4)
    with world.lake.write() as connection:
        for statement in ducklake_sql(world.plan()):
            connection.execute(statement)
    by_hand = world.table()
    assert world.plan().steps == ()
    world.send(4)
    world.build(4)
    assert world.table() == by_hand
    assert world.query(f"SELECT amount, place FROM event_log.{NAME}__united ORDER BY 1") == [
        ("10 EUR", '"here"'), ("7", '{"x":5}'),
    ]  # fmt: skip


def test_facts_and_people_read_across_a_break(world: World) -> None:
    world.release(V1, V2, V3, V4)
    fact = world.settings.project / "dbt" / "models" / "fact"
    fact.mkdir()
    (fact / "clicks.sql").write_text(FACT)
    for number in (1, 4):
        world.send(number)
        world.build(number)
    labels = Range(datetime(2026, 1, 1), datetime(2026, 1, 2), Grain.DAY)
    dbt = WarmDbt(world.settings, prepare(world.settings))
    assert [r.passed for r in dbt.build(Invocation(["clicks"], labels, "run"))] == [True]
    rows = [(1, "7"), (4, "10 EUR")]
    assert world.query("SELECT version, amount FROM fact.clicks ORDER BY 1") == rows
    sql = f"SELECT version, amount FROM event_log.{NAME}__united ORDER BY 1"
    assert query(world.settings, sql).rows == rows


@pytest.mark.slow
def test_the_order_of_columns_does_not_matter(world: World) -> None:
    world.release(V1)
    world.send(1)
    world.build(1)
    (before,) = world.ledger().values()
    turned = ", ".join(f'"{name}"' for name in reversed(world.table()))
    with world.lake.write() as connection:
        connection.execute(f"CREATE TABLE event_log.t AS SELECT {turned} FROM event_log.{NAME}")
        connection.execute(f"DROP TABLE event_log.{NAME}")
        connection.execute(f"ALTER TABLE event_log.t RENAME TO {NAME}")
    assert next(iter(world.table())) == "_extra"
    assert world.plan().steps == ()
    world.release(V1, V2)
    world.send(2)
    world.build(1)
    world.build(2)
    assert world.ledger()[next(iter(world.ledger()))].hash == before.hash
    assert world.query(f"SELECT amount, coupon FROM event_log.{NAME} ORDER BY 1") == [
        (7, None), (8, "c"),
    ]  # fmt: skip


def test_a_view_that_is_current_is_not_made_again(world: World) -> None:
    world.release(V1, V2, V3, V4)
    for number in (1, 4):
        world.send(number)
        world.build(number)
    made = "SELECT count(*) FROM ducklake_snapshots('lake') WHERE changes::VARCHAR LIKE '%view%'"
    assert world.query(made) == [(1,)]


@pytest.mark.slow
def test_columns_that_nobody_declares_any_more_stay(world: World) -> None:
    world.release(V2)
    world.send(1)
    world.build(1)
    world.release({"amount": INTEGER})
    assert {str(step).split(" ")[0] for step in world.plan().steps} == {"keep"}
    assert world.plan().changes == ()
    assert ducklake_sql(world.plan()) == []
    world.build(1)
    assert world.query(f"SELECT amount, score, coupon FROM event_log.{NAME}") == [(7, None, None)]


def test_an_edited_version_loses_no_run_and_is_rebuilt(world: World) -> None:
    world.release({"amount": STRING, "place": STRING})
    world.send(4)
    world.build(4)
    world.release({"amount": INTEGER, "place": STRING})
    assert [str(step) for step in world.plan().steps] == ["retype amount VARCHAR -> BIGINT"]
    world.build(5)
    assert world.query(f"SELECT amount, place FROM event_log.{NAME}") == [(None, "here")]


def test_an_added_parameter_leaves_the_hashes_of_the_past(world: World) -> None:
    world.release(V1)
    world.send(1)
    world.build(1)
    (before,) = world.ledger().values()
    world.release(V1, V2)
    world.build(1)
    (after,) = world.ledger().values()
    assert "coupon" in world.table()
    assert after.snapshot > before.snapshot
    assert after.hash == before.hash
    day = datetime(2026, 1, 1)
    state = inputs.prefix({day: "due"}, {day: before})
    assert inputs.prefix({day: "due"}, {day: after}) == state  # what reads it is not stale
    with world.lake.write() as connection:
        connection.execute("UPDATE accepted.normal SET params = replace(params, '7', '6')")
    world.build(1)
    (other,) = world.ledger().values()
    assert other.hash != after.hash


@pytest.mark.slow
def test_a_run_that_breaks_off_leaves_columns_rows_and_view_as_they_were(world: World) -> None:
    world.release(V1)
    world.send(1)
    world.build(1)
    before = (world.table(), world.query(f"FROM event_log.{NAME}"), world.ledger())
    world.release(V1, V2, V3, V4)
    world.send(4)
    last = world.settings.project / "dbt" / "macros" / "content_hash.sql"
    kept = last.read_text()
    last.write_text("{% macro content_hash(columns) %} error('cut off') {% endmacro %}")
    with pytest.raises(RuntimeError, match="cut off"):
        world.build(4)
    assert (world.table(), world.query(f"FROM event_log.{NAME}"), world.ledger()) == before
    assert len(world.plan().steps) == 6
    last.write_text(kept)
    world.build(4)
    assert world.plan().steps == ()
