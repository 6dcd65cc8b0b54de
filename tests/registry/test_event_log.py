"""The SQL of the event logs, rendered with stubs of dbt and run on DuckDB."""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import jinja2
import pytest
import sqlglot
from hypothesis import given
from hypothesis import strategies as st

from weir.registry import Event, Registry, columns, compile_event
from weir.registry.columns import Structure
from weir.registry.generate import model_sql
from weir.registry.reserved import BASE_COLUMNS

MACROS = Path(__file__).parents[2] / "dbt" / "macros"
PUSH = {
    "repository": "example/website",
    "is_bot": False,
    "parents": 1,
    "files": {"added": 1, "modified": 2, "deleted": 0},
    "subject_len": 42,
    "top_dirs": [{"dir": "docs", "files": 1}, {"dir": "src", "files": 2}],
    "exts": {".md": 1, ".py": 2},
}
DAY = ("2026-11-20T00:00:00", "2026-11-21T00:00:00")
OBJECT = {"type": "object", "properties": {"x": {"type": "integer"}}}


class _Returned(Exception):
    pass


class Dbt:
    """Renders a model as dbt would: macros may return values, `source` names a table."""

    def __init__(self, bounds: tuple[str | None, str | None] = DAY, engine: str = "duckdb") -> None:
        self.sources: list[tuple[str, str]] = []
        self.environment = jinja2.Environment(extensions=["jinja2.ext.do"])
        self.environment.globals |= {
            "adapter": self,
            "range_start": lambda: bounds[0],
            "range_end": lambda: bounds[1],
            "return": self._return,
            "source": self._source,
            "tojson": json.dumps,
        }
        self.engine = engine
        self._macros: dict[str, Any] = {}
        texts = [path.read_text() for path in sorted(MACROS.glob("event_log*.sql"))]
        for name in re.findall(r"{% macro (\w+)", "".join(texts)):
            self.environment.globals[name] = functools.partial(self._call, name)
        for text in texts:
            renamed = text.replace("{% macro ", "{% macro dbt_macro__")  # as dbt does
            self._macros |= vars(self.environment.from_string(renamed).module)

    def _return(self, value: Any) -> None:
        raise _Returned(value)

    def _call(self, name: str, *args: Any) -> Any:
        try:
            return self._macros[f"dbt_macro__{name}"](*args)
        except _Returned as returned:
            return returned.args[0]

    def _source(self, schema: str, table: str) -> str:
        self.sources.append((schema, table))
        return f"{schema}_{table}"

    def dispatch(self, name: str) -> Any:
        return self.environment.globals[f"{self.engine}__{name}"]

    def render(self, event: Event) -> str:
        return self.environment.from_string(model_sql(event)).render()


@pytest.fixture(scope="module")
def lake() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        kinds = ", ".join(f"{name} {kind}" for name, (kind, _) in BASE_COLUMNS.items())
        for tier in ("normal", "bulk"):
            connection.execute(
                f"create table accepted_{tier} ({kinds}, event_name varchar, params varchar,"
                " violations varchar)"
            )
        yield connection


def rows(
    lake: duckdb.DuckDBPyConnection,
    event: Event,
    *params: object,
    hour: str = "2026-11-20 07:00",
    versions: Sequence[int] = (),
) -> list[dict[str, Any]]:
    """Return the log's rows of events with these parameters, which the collector has judged."""
    table, compiled = f"accepted_{event.tier}", compile_event(event)
    lake.execute(f"delete from {table}")
    for number, given_params in enumerate(params):
        version = versions[number] if versions else event.newest
        known = isinstance(given_params, dict) and version in event.versions
        wrong = not known or compiled.violations(version, given_params)
        lake.execute(
            f"insert into {table} (landing_day, landing_hour, event_id, event_time, event_name, params,"
            " version, violations)"
            " values ($1::timestamp::date, $1, $2, '2026-11-20 06:00', $3, $4, $5, $6)",
            [
                hour,
                f"e{number}",
                event.name,
                json.dumps(given_params),
                version,
                "[…]" if wrong else None,
            ],
        )
    result = lake.execute(Dbt().render(event))
    names = [column[0] for column in result.description or ()]
    return [dict(zip(names, row, strict=True)) for row in result.fetchall()]


def test_git_row(registry: Registry, lake):
    event = registry.get("push_commit_git")
    (row,) = rows(lake, event, PUSH)
    assert list(row) == [*BASE_COLUMNS, *(c.name for c in columns(event)), "_extra"]
    assert row["files__modified"] == 2
    assert row["top_dirs"] == PUSH["top_dirs"]
    assert row["exts"] == {".md": 1, ".py": 2}
    assert (row["is_bot"], row["_extra"], row["event_id"]) == (False, None, "e0")
    assert row["landing_hour"] == datetime(2026, 11, 20, 7)


def test_types_are_those_of_the_columns(registry: Registry, lake):
    event = registry.get("push_commit_git")
    described = lake.execute(f"describe {Dbt().render(event)}").fetchall()
    found = {name: kind.replace('"', "") for name, kind, *_ in described}
    assert {c.name: c.duckdb.replace('"', "") for c in columns(event)}.items() <= found.items()
    assert found["_extra"] == "JSON"


def test_absent_parameters_are_null(registry: Registry, lake):
    (row,) = rows(lake, registry.get("push_commit_git"), {})
    assert {row[column.name] for column in columns(registry.get("push_commit_git"))} == {None}
    assert row["_extra"] is None


@pytest.mark.parametrize(
    ("params", "extra"),
    [
        ({"zz": 1, "repository": "a/b"}, {"zz": 1}),
        ({"zz": None}, {"zz": None}),
        ({"files": {"added": 1, "renamed": 3}}, {"files": {"renamed": 3}}),
        ({"files": {"renamed": {"x": [1]}}, "zz": {"y": {}}}, {"files": {"renamed": {"x": [1]}}, "zz": {"y": {}}}),
        ({"files": {}}, None),
        ({"files": None}, None),
        ({"files": 5}, {"files": 5}),
        ({"files": [1]}, {"files": [1]}),
        ({"files": {"added": 1, "none": None}}, {"files": {"none": None}}),
        ({"files": {"deep": {"none": None}}}, {"files": {"deep": {"none": None}}}),
        ({"top_dirs": [{"dir": "a", "files": 1, "z": 1}]}, {"top_dirs": [{"z": 1}]}),
        ({"top_dirs": [{"dir": "a"}, {"z": {"y": None}}, 5, None]},
         {"top_dirs": [None, {"z": {"y": None}}, 5, None]}),
        ({"top_dirs": [{"dir": "a", "files": 1}, {}, None]}, None),
        ({"top_dirs": []}, None),
        ({"top_dirs": None}, None),
        ({"top_dirs": {"dir": "a"}}, {"top_dirs": {"dir": "a"}}),
        ({"zz": "{,}", "files": {"o'x": '",{'}}, {"zz": "{,}", "files": {"o'x": '",{'}}),
        ({"o'hara \"x\"": "it's"}, {"o'hara \"x\"": "it's"}),
    ],
)  # fmt: skip
def test_undeclared_parameters_are_kept(registry: Registry, lake, params, extra):
    (row,) = rows(lake, registry.get("push_commit_git"), params)
    assert (row["_extra"] and json.loads(row["_extra"])) == extra


def test_deep_objects(make_event, lake):
    event = make_event({"a": {"type": "object", "properties": {"b": OBJECT, "c": OBJECT}}})
    params = {"a": {"b": {"x": 1, "y": 2}, "c": {"x": 3}, "d": 4}}
    (row,) = rows(lake, event, params)
    assert (row["a__b__x"], row["a__c__x"]) == (1, 3)
    assert json.loads(row["_extra"]) == {"a": {"b": {"y": 2}, "d": 4}}


def test_lists_of_objects_inside_each_other(make_event, lake):
    inner = {"type": "array", "items": OBJECT}
    items = {"type": "object", "properties": {"b": inner, "c": OBJECT}}
    event = make_event({"a": {"type": "array", "items": items}})
    params = {
        "a": [{"b": [{"x": 1, "y": None}, {"x": 2}], "c": {"x": 1, "z": 3}}, {"b": [{"x": 3}]}]
    }
    (row,) = rows(lake, event, params)
    assert [item["c"] for item in row["a"]] == [{"x": 1}, None]
    assert json.loads(row["_extra"]) == {"a": [{"b": [{"y": None}, None], "c": {"z": 3}}, None]}


def test_an_event_without_parameters(make_event, lake):
    (row,) = rows(lake, make_event({}), {"x": 1})
    assert json.loads(row["_extra"]) == {"x": 1}


def test_sql_keywords_are_names_too(make_event, lake):
    words = ["select", "order", "group", "from", "table", "params", "typed", "events"]
    (row,) = rows(
        lake, make_event({w: {"type": "string"} for w in words}), dict.fromkeys(words, "x")
    )
    assert {row[word] for word in words} == {"x"}


def test_only_the_range_and_the_name(registry: Registry, make_event, lake):
    event = registry.get("push_commit_git")
    assert len(rows(lake, event, PUSH, hour="2026-11-20 00:00")) == 1
    assert len(rows(lake, event, PUSH, hour="2026-11-20 23:00")) == 1
    assert rows(lake, event, PUSH, hour="2026-11-21 00:00") == []
    assert rows(lake, event, PUSH, hour="2026-11-19 23:00") == []
    lake.execute("update accepted_bulk set event_name = 'other'")
    assert lake.execute(Dbt().render(event)).fetchall() == []


def test_parsing_without_a_range_still_names_the_source(registry: Registry):
    dbt = Dbt((None, None))
    assert "event_name = 'push_commit_git'" in dbt.render(registry.get("push_commit_git"))
    assert dbt.sources == [("accepted", "bulk")]


def test_bigquery_reads_json(registry: Registry):
    sql = Dbt(engine="bigquery").render(registry.get("push_commit_git"))
    assert "safe_cast(json_value(params, '$.is_bot') as bool)" in sql
    assert "unnest(json_query_array(params, '$.top_dirs')) as item" in sql
    assert "from_json" not in sql
    assert sql.count("(") == sql.count(")")


INTEGER, STRING = {"type": "integer"}, {"type": "string"}
BROKEN = (
    {
        "a": INTEGER,
        "o": {"type": "object", "properties": {"x": INTEGER, "y": INTEGER}},
        "p": OBJECT,
    },
    {"a": STRING, "o": {"type": "object", "properties": {"x": STRING}}, "p": STRING},
    {"a": {"type": "array", "items": OBJECT}, "p": OBJECT},
)


def test_each_version_reads_its_own_columns(make_event, lake):
    found = rows(
        lake,
        make_event(*BROKEN),
        {"a": 7, "o": {"x": 1, "y": 2}, "p": {"x": 3}},
        {"a": "7", "o": {"x": "1"}, "p": "3"},
        {"a": [{"x": 7}], "p": {"x": 3}},
        versions=(1, 2, 3),
    )
    names = [name for name in found[0] if name not in (*BASE_COLUMNS, "_extra")]
    assert names == [
        "a", "a__v2", "a__v3", "p__x", "p__v2", "p__v3__x", "o__x", "o__x__v2", "o__y",
    ]  # fmt: skip
    assert [tuple(row[name] for name in names) for row in found] == [
        (7, None, None, 3, None, None, 1, None, 2),
        (None, "7", None, None, "3", None, None, "1", None),
        (None, None, [{"x": 7}], None, None, 3, None, None, None),
    ]
    assert {row["_extra"] for row in found} == {None}


def test_what_does_not_fit_is_null_and_fails_nothing(make_event, lake):
    one, two, three = rows(
        lake,
        make_event(*BROKEN),
        {"a": "text", "o": 5, "p": "no object"},
        {"a": {"deep": [1]}, "o": {"x": [1]}, "p": {"x": 1}},
        {"a": 5, "p": [1]},
        versions=(1, 2, 3),
    )
    assert (one["a"], one["o__x"], one["p__x"], two["o__y"], three["a__v3"]) == (None,) * 5
    assert three["p__v3__x"] is None
    assert json.loads(one["_extra"]) == {"o": 5, "p": "no object"}
    assert json.loads(three["_extra"])["p"] == [1]


def test_undeclared_is_what_the_own_version_does_not_declare(make_event, lake):
    extras = [
        json.loads(row["_extra"])
        for row in rows(
            lake,
            make_event(*BROKEN),
            {"p": {"x": 1, "z": 1}, "o": {"x": 1, "z": 2}, "w": 3},
            {"p": "text", "o": {"x": "1", "z": 2}, "w": 3},
            {"p": {"x": 1, "z": 1}, "w": 3},
            versions=(1, 2, 3),
        )
    ]
    assert extras == [
        {"p": {"z": 1}, "o": {"z": 2}, "w": 3}, {"o": {"z": 2}, "w": 3}, {"p": {"z": 1}, "w": 3},
    ]  # fmt: skip


def test_a_row_of_a_version_in_between_reads_the_types_of_its_time(make_event, lake):
    found = rows(lake, make_event({"a": INTEGER}, {"a": STRING}), {"a": 1}, versions=(9,))
    assert (found[0]["a"], found[0]["a__v2"]) == (None, "1")


def test_bigquery_reads_each_column_in_its_versions(make_event):
    sql = Dbt(engine="bigquery").render(make_event(*BROKEN))
    (statement,) = sqlglot.parse(sql, read="bigquery")
    assert statement is not None
    flat = statement.sql("bigquery")
    assert "CASE WHEN version <= 1 THEN SAFE_CAST(" in flat
    assert "CASE WHEN version BETWEEN 2 AND 2 THEN JSON_VALUE(params, '$.p') END AS `p__v2`" in flat
    assert "WHEN version < 2 THEN json_remove(" in flat
    assert "'$.p.x'" in flat


LEAF = st.sampled_from(["BIGINT", "DOUBLE", "VARCHAR", "BOOLEAN"])
TREE = st.recursive(
    st.dictionaries(st.sampled_from("abc"), LEAF, max_size=3),
    lambda inner: st.dictionaries(st.sampled_from("abc"), LEAF | inner, min_size=1, max_size=3),
    max_leaves=6,
)
VALUE = st.recursive(
    st.integers(-9, 9) | st.text("xy'\",{}", max_size=3) | st.booleans() | st.none(),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from("abcd"), inner),
    max_leaves=8,
)
_NAMES = {"BIGINT": "integer", "DOUBLE": "number", "VARCHAR": "string", "BOOLEAN": "boolean"}


def _schema(tree: Structure) -> dict[str, Any]:
    if isinstance(tree, dict):
        return {"type": "object", "properties": {k: _schema(v) for k, v in tree.items()}}
    return {"type": _NAMES[str(tree)]}


def _beyond(value: dict[str, Any], tree: Structure) -> dict[str, Any]:
    """Return what of a value its declaration does not name: the same rule in plain Python."""
    assert isinstance(tree, dict)
    kept: dict[str, Any] = {}
    for key, inner in value.items():
        declared = tree.get(key, ...)
        if declared is ...:
            kept[key] = inner
        elif isinstance(declared, dict) and declared:
            rest = _beyond(inner, declared) if isinstance(inner, dict) else inner
            kept |= {key: rest} if rest not in ({}, None) else {}
    return kept


@given(tree=TREE, params=st.dictionaries(st.sampled_from("abcd"), VALUE))
def test_extra_is_what_is_not_declared(registry: Registry, lake, tree, params):
    declared = {name: _schema(kind) for name, kind in tree.items()}
    version = {"type": "object", "properties": declared}
    template = registry.get("purchase_item_shop")
    fields = {k: v for k, v in vars(template).items() if k != "versions"}
    (row,) = rows(lake, Event(**fields, versions={1: version}), params)
    assert (json.loads(row["_extra"]) if row["_extra"] else {}) == _beyond(params, tree)
