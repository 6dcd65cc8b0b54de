"""Where columns come from, model by model: the ways in which SQL hands them on."""

from __future__ import annotations

import pytest

from weir.lineage.columns.flows import Lineage, Ref, Use
from weir.lineage.columns.trace import trace

INPUTS = {"log/a": ["u", "x", "y", "j", "l"], "log/b": ["u", "z"]}


def followed(sql: str, dialect: str = "duckdb") -> Lineage:
    found = trace(sql, INPUTS, dialect=dialect)
    assert found.unresolved == (), found
    return found


def values(found: Lineage, column: str) -> set[str]:
    return {ref.text for ref in found.columns[column]}


def rows(found: Lineage) -> set[str]:
    return {f"{ref.text} {use}" for ref, use in found.rows}


@pytest.mark.parametrize(
    ("sql", "column", "sources"),
    [
        ("select x + y as c from log.a", "c", {"x", "y"}),
        ("select count(*) as c from log.a", "c", set()),
        ("select 1 as c from log.a", "c", set()),
        ("with k as (select x as v, y from log.a) select v as c from k", "c", {"x"}),
        ("select c from (select case when x > 0 then y end as c from log.a) as k", "c", {"x", "y"}),
        ("select * from log.a", "x", {"x"}),
        ("select * exclude (y) from log.a", "x", {"x"}),
        ("select x as b, b + 1 as c from log.a", "c", {"x"}),
        ("select sum(y) over (partition by u order by x) as c from log.a", "c", {"u", "x", "y"}),
        ("select sum(y) filter (where x > 1) as c from log.a", "c", {"x", "y"}),
        ("select arg_max(y, x) as c from log.a", "c", {"x", "y"}),
        ("select list_transform(l, v -> v + y) as c from log.a", "c", {"l", "y"}),
        ("select x as c from log.a union all select y from log.a", "c", {"x", "y"}),
        ("select x as c from log.a union all by name select y, u as c from log.a", "c", {"u", "x"}),
        ("select s.p as c from (select struct_pack(p := x, q := y) as s from log.a)", "c", {"x", "y"}),
        ("select w.c from log.a, unnest(l) as w(c)", "c", {"l"}),
        ("select unnest(l) as c from log.a", "c", {"l"}),
        ("from log.a select x as c", "c", {"x"}),
        ("with recursive r as (select x as c, y as d from log.a union all"
         " select d, c from r where c < 9) select c from r", "c", {"x", "y"}),
    ],
)  # fmt: skip
def test_values_flow(sql: str, column: str, sources: set[str]) -> None:
    assert values(followed(sql), column) == {f"log/a.{name}" for name in sources}


@pytest.mark.parametrize(
    ("sql", "deciding"),
    [
        ("select u from log.a", set()),
        ("select u from log.a where x > 1", {"log/a.x filter"}),
        ("select u, sum(y) as s from log.a group by u", {"log/a.u group"}),
        ("select u, sum(y) as s from log.a group by all", {"log/a.u group"}),
        ("select u from log.a group by u having sum(y) > 1", {"log/a.u group", "log/a.y filter"}),
        ("select u from log.a qualify row_number() over (order by x) = 1", {"log/a.x filter"}),
        ("select distinct u from log.a", {"log/a.u group"}),
        ("select distinct on (u) x from log.a order by y", {"log/a.u group", "log/a.y filter"}),
        ("select u from log.a order by x", set()),
        ("select u from log.a order by x limit 1", {"log/a.x filter"}),
        ("select z from log.a join log.b on a.u = b.u", {"log/a.u join", "log/b.u join"}),
        ("select z from log.a left join log.b using (u)", {"log/a.u join", "log/b.u join"}),
        ("with k as (select * from log.a where x > 1) select u from k", {"log/a.x filter"}),
        ("select u from log.a where u in (select u from log.b where z > 1)",
         {"log/a.u filter", "log/b.u filter", "log/b.z filter"}),
        ("select u from log.a where exists (select 1 from log.b where z = x)",
         {"log/a.x filter", "log/b.z filter"}),
        ("select u from log.a union select u from log.b", {"log/a.u group", "log/b.u group"}),
        ("select u, w.c from log.a, unnest(l) as w(c)", {"log/a.l join"}),
        ("select unnest(l) as c from log.a", {"log/a.l join"}),
        ("select u, n from log.a, range(a.x) as r(n)", {"log/a.x join"}),
    ],
)  # fmt: skip
def test_rows_are_decided(sql: str, deciding: set[str]) -> None:
    assert rows(followed(sql)) == deciding


def test_a_subquery_in_a_column_belongs_to_that_column() -> None:
    found = followed("select u, (select max(z) from log.b where b.u = a.x) as m from log.a")
    assert values(found, "m") == {"log/b.z", "log/b.u", "log/a.x"}
    assert rows(found) == set()


@pytest.mark.parametrize(
    ("dialect", "sql", "place"),
    [
        ("duckdb", "select j->>'$.a.b' as c from log.a", "$.a.b"),
        ("duckdb", "select j->'$.a[0].b' as c from log.a", "$.a"),
        ("duckdb", "select cast(j as json)->'a' as c from log.a", "$.a"),
        ("duckdb", "with e as (select from_json(j, '{}') as t from log.a) select t.\"k\".m as c from e", "$.k.m"),
        ("duckdb", "with e as (select j->'$.a' as t from log.a) select cast(t->>'$.b' as int) as c from e", "$.a.b"),
        ("duckdb", "with e as (select upper(j) as t from log.a) select t->>'$.b' as c from e", ""),
        ("bigquery", "select safe_cast(json_value(j, '$.a.b') as int64) as c from log.a", "$.a.b"),
        ("bigquery", "select safe.parse_json(json_query(j, '$.a')) as c from log.a", "$.a"),
    ],
)  # fmt: skip
def test_places_in_json_are_followed(dialect: str, sql: str, place: str) -> None:
    assert values(followed(sql, dialect), "c") == {f"log/a.j{place}"}


@pytest.mark.parametrize(
    ("sql", "column", "reason"),
    [
        ("select u from log.c", "", "whose columns are not known"),
        ("pivot log.a on x using sum(y)", "", "it is no SELECT"),
        ("select columns('x.*') from log.a", "_col_0", "only the engine knows"),
        ("select u, nowhere.q as c from log.a", "c", "`nowhere.q` is a column of no known table"),
        ("with k as (select nowhere.q as c, u from log.a) select u from k", "", "no known table"),
        ("select from where", "", "Expected"),
        ("delete from log.a", "", "it is no SELECT"),
        ("select 1; select 2", "", "gave up"),
    ],
)
def test_what_cannot_be_followed_is_told(sql: str, column: str, reason: str) -> None:
    found = trace(sql, INPUTS)
    assert [one.column for one in found.unresolved] == [column]
    assert reason in found.unresolved[0].reason
    assert found.reads <= {"log/a", "log/c"}


def test_lineage_survives_json() -> None:
    found = followed("select u, x->>'$.a' as c from log.a join log.b using (u) where z > 1")
    assert Lineage.from_json(found.as_json()) == found
    assert found.reads == {"log/a", "log/b"}
    assert (Ref("log/b", "z"), Use.FILTER) in found.rows
