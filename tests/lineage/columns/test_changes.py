"""What a change of SQL or meta is: a table of pairs, and what it reaches."""

from __future__ import annotations

import json
from typing import Any

import pytest

from weir.lineage.columns.affected import affected
from weir.lineage.columns.changes import Change, classify
from weir.lineage.columns.graph import ColumnGraph
from weir.lineage.columns.model_code import ModelCode
from weir.lineage.columns.trace import trace

INPUTS = {
    "log/a": ["u", "t", "x", "y", "p"],
    "log/b": ["u", "z"],
}


def code(sql: str, asset: str = "fact/f", **meta: Any) -> ModelCode:
    return ModelCode(asset, "1", sql, {}, INPUTS, meta)


FACT = "select u, t, sum(x) as s from log.a where x > 1 and u is not null group by 1, 2"


def log(extra: str = "", **types: str) -> str:
    """An event's log as the macro writes it."""
    declared = ", ".join(f"d.{name}" for name in types)
    gone = json.dumps(dict.fromkeys(types)) + extra
    return (
        f"with e as (select u, p, from_json(p, '{json.dumps(types)}') as d from log.a where t = 1)"
        f" select u, {declared}, json_merge_patch(p, '{gone}') as _extra from e"
    )


NONE = {
    "comments and layout": (FACT, "-- who\nSELECT u,\n t, SUM(x) AS s /* all */\nFROM log.a WHERE x > 1 AND u IS NOT NULL GROUP BY u, t"),
    "another order of conditions": (FACT, FACT.replace("x > 1 and u is not null", "u is not null and 1 < x")),
    "a table's alias": (FACT, FACT.replace("log.a", "log.a as k").replace("sum(x)", "sum(k.x)")),
    "a step more": (FACT, f"with k as (select * from log.a) {FACT.replace('log.a', 'k')}"),
    "steps called otherwise": (
        "with m as (select u, x as v from log.a where t = 1) select u, v from m",
        "with n as (select u, x as w from log.a where t = 1) select n.u, n.w as v from n",
    ),
    "a step's column that nobody reads": (
        "with m as (select u from log.a where t = 1) select u from m",
        "with m as (select u, y from log.a where t = 1) select u from m",
    ),
    "columns in another order": ("select u, x from log.a", "select x, u from log.a"),
    "the stored order": ("select u, x from log.a", "select u, x from log.a order by x"),
    "casts written otherwise": ("select cast(x as date) as d from log.a", "select x::date as d from log.a"),
    "parts of a union that change places": (
        "select u, x from log.a union all select u, z from log.b",
        "select u, z as x from log.b union all select u, x from log.a",
    ),
    "a list in another order": ("select u from log.a where x in (1, 2)", "select u from log.a where x in (2, 1, 1)"),
}  # fmt: skip

ADDITIVE = {
    "an aggregate": (FACT, FACT.replace("as s", "as s, max(y) as m"), {"m"}),
    "a plain column through two steps": (
        "with k as (select u, x from log.a where t = 1) select u, x from k",
        "with k as (select u, x, y from log.a where t = 1) select u, x, y * 2 as z from k",
        {"z"},
    ),
    "a parameter of an event, and `_extra` without it": (
        log(a="BIGINT"),
        log(a="BIGINT", b="DOUBLE"),
        {"b"},
    ),
}

WIDENING = {
    "a sum's type": (FACT.replace("sum(x)", "cast(sum(x) as int)"), FACT.replace("sum(x)", "cast(sum(x) as bigint)"), {"s"}),
    "digits": ("select cast(x as decimal(9, 2)) as d from log.a", "select cast(x as decimal(18, 2)) as d from log.a", {"d"}),
    "an event's parameter": (log(a="BIGINT"), log(a="DOUBLE"), {"a"}),
}  # fmt: skip

BREAKING = {
    "an expression": (FACT, FACT.replace("sum(x)", "sum(x) + 1"), {"s"}, False),
    "an inner expression": (
        "with k as (select u, x from log.a) select u, x as v from k",
        "with k as (select u, -x as x from log.a) select u, x as v from k",
        {"v"},
        False,
    ),
    "a column that is gone": (FACT, FACT.replace(", sum(x) as s", ""), {"s"}, False),
    "another name": (FACT, FACT.replace("as s", "as total"), {"s"}, False),
    "a narrower type": ("select cast(x as bigint) as d from log.a", "select cast(x as int) as d from log.a", {"d"}, False),
    "a type of another sort": ("select cast(x as bigint) as d from log.a", "select cast(x as text) as d from log.a", {"d"}, False),
    "a filter": (FACT, FACT.replace("x > 1", "x > 2"), {"s"}, True),
    "a filter of an inner step": (
        "with k as (select u, x from log.a where t = 1) select u, x from k",
        "with k as (select u, x from log.a where t = 2) select u, x from k",
        set(),
        True,
    ),
    "and made or": (FACT, FACT.replace(" and ", " or "), {"s"}, True),
    "the grouping": (FACT, FACT.replace("1, 2", "1, 2, y"), {"s"}, True),
    "another join": (
        "select a.u, b.z from log.a as a join log.b as b on a.u = b.u",
        "select a.u, b.z from log.a as a left join log.b as b on a.u = b.u",
        set(),
        True,
    ),
    "the other side of a self-join": (
        "select a.x from log.a as a join log.a as b on a.u = b.y",
        "select b.x from log.a as a join log.a as b on a.u = b.y",
        {"x"},
        False,
    ),
    "another table": ("select u from log.a", "select u from log.b", {"u"}, True),
    "distinct": ("select u from log.a", "select distinct u from log.a", set(), True),
    "a limit": ("select u from log.a order by x limit 5", "select u from log.a order by y limit 5", set(), True),
    "a union more": ("select u, x from log.a", "select u, x from log.a union all select u, z from log.b", {"u", "x"}, True),
    "a union that drops what is twice": (
        "select u from log.a union all select u from log.b",
        "select u from log.a union select u from log.b",
        {"u"},
        True,
    ),
    "a window's rows": (
        "select u, s from (select u, x, sum(y) over () as s from log.a) as k where x > 1",
        "select u, sum(y) over () as s from log.a where x > 1",
        {"s"},
        False,
    ),
    "a subquery's filter": (
        "select u from log.a where x in (select z from log.b)",
        "select u from log.a where x in (select z from log.b where u = 1)",
        set(),
        True,
    ),
    "what cannot be read": (FACT, "select from where", set(), True),
    "an input that is not known": (FACT, "select u from log.c", set(), True),
}  # fmt: skip


@pytest.mark.parametrize("name", NONE)
def test_nothing_changes(name: str) -> None:
    old, new = NONE[name]
    for before, after in ((old, new), (new, old)):
        change = classify(code(before), code(after))
        assert (change.change, change.sentences()) == (Change.NONE, []), name


@pytest.mark.parametrize("name", ADDITIVE)
def test_only_columns_come(name: str) -> None:
    old, new, columns = ADDITIVE[name]
    change = classify(code(old, kind="event_log"), code(new, kind="event_log"))
    assert change.change is Change.ADDITIVE, change
    assert change.names(Change.ADDITIVE) == columns
    assert not change.rows
    assert len(change.columns) == len(columns)
    assert classify(code(new), code(old)).change is Change.BREAKING  # the way back takes them away


@pytest.mark.parametrize("name", WIDENING)
def test_a_type_widens(name: str) -> None:
    old, new, columns = WIDENING[name]
    change = classify(code(old), code(new))
    assert change.change is Change.WIDENING, change
    assert change.names(Change.WIDENING) == columns
    assert classify(code(new), code(old)).change is Change.BREAKING


@pytest.mark.parametrize("name", BREAKING)
def test_it_breaks(name: str) -> None:
    old, new, columns, rows = BREAKING[name]
    change = classify(code(old), code(new))
    assert change.change is Change.BREAKING, change
    assert change.rows is rows
    assert change.names(Change.BREAKING) >= columns
    assert change.sentences()
    assert all(told.endswith(".") for told in change.sentences())


@pytest.mark.parametrize(
    ("old", "new", "change"),
    [
        ({"time_zone": "UTC"}, {"time_zone": "Asia/Seoul"}, Change.BREAKING),
        ({"key": "user_id"}, {"key": "device_id"}, Change.BREAKING),
        ({"dimensions": []}, {"dimensions": ["platform"]}, Change.BREAKING),
        ({"start": "2026-01-01"}, {"start": "2026-02-01"}, Change.BREAKING),
        ({"anything": 1}, {}, Change.BREAKING),
        ({"end": "2026-01-01"}, {"end": None}, Change.WIDENING),
        ({"end": "2026-01-01"}, {"end": "2026-02-01"}, Change.WIDENING),
        ({"end": "2026-02-01"}, {"end": "2026-01-01"}, Change.BREAKING),
        ({"end": None}, {"end": "2026-01-01"}, Change.BREAKING),
        ({"owner": "a"}, {"owner": "b", "domain": "shop"}, Change.NONE),
    ],
)
def test_meta_counts_unless_it_only_tells(
    old: dict[str, Any], new: dict[str, Any], change: Change
) -> None:
    found = classify(code(FACT, **old), code(FACT, **new))
    assert found.change is change
    assert bool(found.reasons) is (change is not Change.NONE)
    assert found.rows is (change is Change.BREAKING)


def test_extra_is_compared_where_no_parameter_came() -> None:
    old, new = log(a="BIGINT"), log(a="BIGINT", extra=" ")
    change = classify(code(old, kind="event_log"), code(new, kind="event_log"))
    assert change.names(Change.BREAKING) == {"_extra"}


def test_the_reason_names_the_clause() -> None:
    def told(old: str, new: str) -> tuple[str, ...]:
        return classify(code(old), code(new)).reasons

    assert told(FACT, FACT.replace("x > 1", "x > 2")) == ("Its rows change: the filter differs.",)
    assert told(*BREAKING["another join"][:2]) == ("Its rows change: a join differs.",)
    assert told(*BREAKING["another table"][:2]) == ("Its rows change: what it reads differs.",)
    assert (
        "`s` is now called `total`."
        in classify(code(FACT), code(FACT.replace("as s", "as total"))).sentences()
    )
    assert told(FACT, "select from where")[0].startswith("The SQL cannot be compared: ")


MODELS = {
    "fact/f": FACT,
    "act/value": "select u, s as total, 1 as one from fact.f",
    "act/filter": "select u from fact.f where s > 3",
    "act/count": "select t, count(*) as n from fact.f group by 1",
    "act/far": "select total + 1 as more, u from act.value",
}


@pytest.fixture
def graph() -> ColumnGraph:
    inputs: dict[str, list[str]] = dict(INPUTS)
    models = {}
    for asset, sql in MODELS.items():
        models[asset] = trace(sql, inputs)
        inputs[asset] = list(models[asset].columns)
    return ColumnGraph(models, {"service/page": ["act/far"]})


def test_a_column_reaches_those_who_read_it(graph: ColumnGraph) -> None:
    change = classify(code(FACT), code(FACT.replace("sum(x)", "max(x)")))
    found = affected([change], graph)
    assert found == {
        "fact/f": {"s"},
        "act/value": {"total"},
        "act/filter": {""},
        "act/far": {"more"},
        "service/page": {""},
    }


def test_rows_reach_all_that_reads_them(graph: ColumnGraph) -> None:
    change = classify(code(FACT), code(FACT.replace("x > 1", "x > 2")))
    assert affected([change], graph) == {asset: {""} for asset in [*MODELS, "service/page"]}


@pytest.mark.parametrize("name", ["an aggregate", "digits"])
def test_what_is_additive_or_widens_reaches_nothing(graph: ColumnGraph, name: str) -> None:
    old, new, _ = {**ADDITIVE, **WIDENING}[name]
    assert affected([classify(code(old), code(new))], graph) == {}


def test_what_cannot_be_followed_counts_as_read() -> None:
    inputs = {"fact/f": ["u", "t", "s"]}
    models = {"fact/f": trace(FACT, INPUTS), "act/odd": trace("pivot fact.f on t", inputs)}
    assert models["act/odd"].unresolved
    change = classify(code(FACT), code(FACT.replace("sum(x)", "max(x)")))
    assert affected([change], ColumnGraph(models)) == {"fact/f": {"s"}, "act/odd": {""}}
