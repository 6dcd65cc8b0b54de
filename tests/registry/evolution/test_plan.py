"""Plans, and the DDL of both engines that comes of them."""

from __future__ import annotations

from typing import Any

import duckdb
import pytest
import sqlglot
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from weir.registry.columns import Column, columns
from weir.registry.evolution.bigquery import bigquery_sql
from weir.registry.evolution.ducklake import ducklake_sql
from weir.registry.evolution.parsing import parse
from weir.registry.evolution.steps import (
    AddColumn,
    CreateView,
    KeepColumn,
    Plan,
    RetypeColumn,
    WidenColumn,
    all_columns,
    plan,
)
from weir.registry.evolution.structures import duckdb_type
from weir.registry.evolution.united import common, mark, parted, view_sql

INTEGER, NUMBER, STRING = ({"type": kind} for kind in ("integer", "number", "string"))
INNER = {"type": "object", "properties": {"x": INTEGER, "order": STRING}}
WIDER = {"type": "object", "properties": {"new": STRING, "x": NUMBER, "order": STRING}}


def of(make_event: Any, *versions: dict[str, Any], have: int = 1) -> Plan:
    """Return the plan from a table of the first versions to all of them."""
    before = all_columns(columns(make_event(*versions[:have])))
    return plan("log", before, columns(make_event(*versions)))


def statements(sql: list[str], dialect: str) -> list[str]:
    """Return the kinds of statement that an independent parser sees; it knows every one."""
    parsed = [sqlglot.parse_one(text, read=dialect) for text in sql]
    assert not any(isinstance(one, sqlglot.exp.Command) for one in parsed), sql
    return [type(one).__name__ for one in parsed]


def test_nothing_to_do(make_event):
    same = of(make_event, {"a": INTEGER}, {"a": INTEGER})
    assert (same.steps, ducklake_sql(same), bigquery_sql(same)) == ((), [], [])


def test_an_added_parameter_is_a_column(make_event):
    one = of(make_event, {"a": INTEGER}, {"a": INTEGER, "b": {"type": "array", "items": INNER}})
    assert one.steps == (AddColumn("b", [{"x": "BIGINT", "order": "VARCHAR"}]),)
    assert ducklake_sql(one) == [
        'ALTER TABLE event_log."log" ADD COLUMN "b" STRUCT("x" BIGINT, "order" VARCHAR)[]'
    ]
    assert bigquery_sql(one) == [
        "ALTER TABLE event_log.`log` ADD COLUMN `b` ARRAY<STRUCT<`x` INT64, `order` STRING>>"
    ]
    assert statements(ducklake_sql(one), "duckdb") == ["Alter"]
    assert statements(bigquery_sql(one), "bigquery") == ["Alter"]


def test_a_wider_number_is_swapped_on_ducklake_and_altered_on_bigquery(make_event):
    one = of(make_event, {"a": INTEGER}, {"a": NUMBER})
    assert one.steps == (WidenColumn("a", "BIGINT", "DOUBLE"),)
    assert [text.split(" event_log")[0] for text in ducklake_sql(one)] == [
        "CREATE TABLE", "ALTER TABLE", "DROP TABLE", "ALTER TABLE",
    ]  # fmt: skip
    assert bigquery_sql(one) == [
        "ALTER TABLE event_log.`log` ALTER COLUMN `a` SET DATA TYPE FLOAT64"
    ]
    assert statements(bigquery_sql(one), "bigquery") == ["Alter"]


def test_a_wider_record_copies_the_table_on_bigquery(make_event):
    before, after = ({"a": {"type": "array", "items": items}} for items in (INNER, WIDER))
    (copy,) = bigquery_sql(of(make_event, before, after))
    assert statements([copy], "bigquery") == ["Create"]
    assert "SAFE_CAST(item.`x` AS FLOAT64) AS `x`" in copy
    assert "CAST(NULL AS STRING) AS `new`" in copy
    assert "PARTITION BY landing_day" in copy


def test_a_wider_map_changes_nothing_on_bigquery_where_it_is_json(make_event):
    one = of(
        make_event,
        {"a": {"type": "object", "additionalProperties": INTEGER}},
        {"a": {"type": "object", "additionalProperties": NUMBER}},
    )
    assert [type(step) for step in one.steps] == [WidenColumn]
    assert bigquery_sql(one) == []


def test_a_break_adds_a_column_and_the_view(make_event):
    one = of(make_event, {"a": INTEGER}, {"a": STRING})
    add, view = one.steps
    assert add == AddColumn("a__v2", "VARCHAR")
    assert isinstance(view, CreateView)
    assert statements(ducklake_sql(one), "duckdb") == ["Alter", "Create", "Comment"]
    assert statements(bigquery_sql(one), "bigquery") == ["Alter", "Create"]


def test_a_view_is_made_again_only_if_its_text_differs(make_event):
    event = make_event({"a": INTEGER}, {"a": STRING})
    have, typed = all_columns(columns(event)), columns(event)
    current = mark(view_sql("log", typed))
    assert plan("log", have, typed, current).steps == ()
    assert [type(s) for s in plan("log", have, typed, "another").steps] == [CreateView]


def test_what_nobody_declares_stays_and_what_does_not_fit_is_retyped(make_event):
    have = {**all_columns([]), "gone": "BIGINT", "a": "JSON"}
    one = plan("log", have, columns(make_event({"a": INTEGER})))
    assert one.steps == (RetypeColumn("a", "JSON", "BIGINT"), KeepColumn("gone", "BIGINT"))
    assert [str(step) for step in one.steps] == [
        "retype a JSON -> BIGINT", "keep gone BIGINT (no version declares it)",
    ]  # fmt: skip
    assert one.changes == one.steps[:1]
    assert "TRY_CAST" in ducklake_sql(one)[0]
    assert "SAFE_CAST(`a` AS INT64)" in bigquery_sql(one)[0]


@pytest.mark.parametrize(
    ("kinds", "expected"),
    [
        (["BIGINT", "VARCHAR"], "VARCHAR"),
        (["VARCHAR", "BOOLEAN", "DOUBLE"], "VARCHAR"),
        (["BIGINT", "VARCHAR", "BIGINT"], "VARCHAR"),
        (["BIGINT", "BOOLEAN"], "JSON"),
        (["VARCHAR", "JSON"], "JSON"),
        (["VARCHAR", ["VARCHAR"]], "JSON"),
        ([["BIGINT"], ["DOUBLE"]], ["DOUBLE"]),
    ],
)
def test_the_type_of_a_united_column(kinds, expected):
    assert common(kinds) == expected


PLACE = {"type": "object", "properties": {"x": INTEGER, "y": NUMBER}}
LATER = {"type": "object", "properties": {"x": STRING, "y": NUMBER}}


def test_the_view_unites_scalars_objects_and_lists(make_event):
    event = make_event(
        {"a": INTEGER, "p": PLACE, "l": STRING},
        {"a": STRING, "p": STRING, "l": {"type": "array", "items": STRING}, "z": INTEGER},
        {"a": STRING, "p": LATER},
    )
    typed = columns(event)
    names = [*all_columns(typed)]
    fed = [
        {"version": 1, "a": 5, "p__x": 1, "p__y": 1.5, "l": "s"},
        {"version": 2, "a__v2": "b", "p__v2": "t", "l__v2": ["u"], "z": 3},
        {"version": 3, "a__v2": "c", "p__v3__x": "v"},
    ]
    with duckdb.connect() as connection:
        kinds = ", ".join(f'"{n}" {duckdb_type(k)}' for n, k in all_columns(typed).items())
        connection.execute("create schema event_log")
        connection.execute(f"create table event_log.log ({kinds})")
        for row in fed:
            marks = ", ".join("?" for _ in names)
            connection.execute(
                f"insert into event_log.log values ({marks})", [row.get(n) for n in names]
            )
        found = connection.execute(f"select a, p, l, z from ({view_sql('log', typed)})").fetchall()
    assert found == [
        ("5", '{"x":1,"y":1.5}', '"s"', None),
        ("b", '"t"', '["u"]', 3),
        ("c", '{"x":"v"}', None, None),
    ]


def test_the_view_on_bigquery_takes_each_list_in_its_own_versions(make_event):
    items = {"type": "array", "items": STRING}
    typed = columns(make_event({"a": items, "p": PLACE}, {"a": STRING, "p": STRING}))
    sql = view_sql("log", typed, "bigquery")
    assert statements([sql], "bigquery") == ["Select"]
    assert "IF(version <= 1 AND `a` IS NOT NULL, TO_JSON(`a`), NULL)" in sql
    assert "IF(version >= 2 AND `a__v2` IS NOT NULL, TO_JSON(`a__v2`), NULL)" in sql
    assert "PARSE_JSON(NULLIF(TO_JSON_STRING(JSON_STRIP_NULLS(JSON_OBJECT('x', " in sql
    assert sql.endswith(" AS `p`, _extra FROM event_log.`log`")


NAMES = st.sampled_from("ab")
SCHEMAS = st.recursive(
    st.sampled_from([INTEGER, NUMBER, STRING, {"type": "boolean"}, {"type": "object"}]),
    lambda inner: (
        inner.map(lambda items: {"type": "array", "items": items})
        | st.dictionaries(NAMES, inner, min_size=1).map(
            lambda fields: {"type": "object", "properties": fields}
        )
    ),
    max_leaves=4,
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.dictionaries(NAMES, SCHEMAS), min_size=2, max_size=4), st.integers(1, 3))
def test_after_its_statements_a_table_needs_no_more(make_event, versions, have):
    event = make_event(*versions)
    before = all_columns(columns(make_event(*versions[:have])))
    typed: list[Column] = columns(event)
    one = plan("log", before, typed)
    assert not any(isinstance(step, RetypeColumn | KeepColumn) for step in one.steps)
    statements(bigquery_sql(one), "bigquery")
    with duckdb.connect() as connection:
        kinds = ", ".join(f'"{name}" {duckdb_type(kind)}' for name, kind in before.items())
        connection.execute("create schema event_log")
        connection.execute(f"create table event_log.log ({kinds})")
        for statement in ducklake_sql(one):
            if "PARTITIONED BY" not in statement:  # DuckLake's own
                connection.execute(statement)
        found = connection.execute("describe event_log.log").fetchall()
        after = {row[0]: parse(row[1]) for row in found}
        if parted(typed):
            connection.execute(view_sql("log", typed))
    view = mark(view_sql("log", typed)) if parted(typed) else None
    assert plan("log", after, typed, view).steps == ()
