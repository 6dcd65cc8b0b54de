"""The house rules of SQL, held against the SQL that runs: every model as dbt compiles it.

The templates themselves are formatted by sqlfmt; a linter cannot read them without dbt. The rules of
sqlfluff are in pyproject.toml. That tables and columns exist, the engine itself says: the models are
built. `make sql` runs this file.
"""

from __future__ import annotations

import warnings
from typing import Any

import duckdb
import pytest

with warnings.catch_warnings():  # sqlglotrs, an extra of a dependency, warns on import
    warnings.simplefilter("ignore", DeprecationWarning)
    import sqlglot
    from sqlfluff.core import FluffConfig, Linter
    from sqlglot import exp

UNORDERED = (exp.AnyValue, exp.First, exp.Last)
EXACT = "weir_exact"


@pytest.fixture(scope="module")
def linter(request: pytest.FixtureRequest) -> Linter:
    return Linter(config=FluffConfig.from_path(str(request.config.rootpath)))


def linted(linter: Linter, sql: str) -> list[str]:
    """Return what sqlfluff finds, text that it cannot parse included."""
    found = linter.lint_string(sql.strip() + "\n").get_violations()
    return [f"{v.rule_code()} line {v.line_no}: {v.desc()}" for v in found]


def parsed(sql: str) -> exp.Expr:
    (statement,) = sqlglot.parse(sql, read="duckdb")
    assert statement is not None
    return statement


def arbitrary(sql: str) -> list[str]:
    """Return the calls whose answer depends on the order in which the engine meets the rows."""
    return [
        call.sql("duckdb")
        for call in parsed(sql).find_all(*UNORDERED, exp.Anonymous)
        if not isinstance(call, exp.Anonymous) or call.name.lower() == "arbitrary"
        if not call.find(exp.Order) and not isinstance(call.parent, exp.Window)
    ]


def inexact(connection: duckdb.DuckDBPyConnection, sql: str) -> list[str]:
    """Return the sums and averages of floating point: their last digits depend on the order, too.

    DuckDB itself says: each argument passes a function of DECIMAL, into which integers turn by
    themselves and floating point does not; `describe` binds the types and runs nothing.
    """
    statement, found = parsed(sql), []
    for number in range(len(list(statement.find_all(exp.Sum, exp.Avg)))):
        probe = statement.copy()
        call = list(probe.find_all(exp.Sum, exp.Avg))[number]
        call.set("this", exp.func(EXACT, call.this.copy()))
        try:
            connection.execute("describe " + probe.sql("duckdb"))
        except duckdb.BinderException as error:
            if EXACT not in str(error):
                raise
            found.append(call.sql("duckdb").replace(EXACT, ""))
    return found


@pytest.fixture(scope="module")
def exact(models: Any) -> duckdb.DuckDBPyConnection:
    kind = duckdb.decimal_type(38, 9)
    models.connection.create_function(EXACT, lambda value: value, [kind], kind)
    return models.connection


@pytest.mark.slow
def test_every_model_passes_the_linter(models: Any, linter: Linter) -> None:
    found = {n: linted(linter, node.compiled_code) for n, node in models.nodes.items()}
    assert {name: wrong for name, wrong in found.items() if wrong} == {}


def test_no_model_depends_on_the_order_of_rows(models: Any) -> None:
    found = {n: arbitrary(node.compiled_code) for n, node in models.nodes.items()}
    assert {name: wrong for name, wrong in found.items() if wrong} == {}


def test_facts_and_activation_are_exact(models: Any, exact: duckdb.DuckDBPyConnection) -> None:
    wrong = {}
    for name, node in models.nodes.items():
        if node.schema in {"fact", "activation"}:
            floats = [c for c, t in models.columns(name).items() if t in {"DOUBLE", "FLOAT"}]
            if found := floats + inexact(exact, node.compiled_code):
                wrong[name] = found
    assert wrong == {}


def test_every_column_of_every_model_is_described(models: Any) -> None:
    wrong = {
        name: sorted(missing)
        for name, node in models.nodes.items()
        if (missing := {c for c in models.columns(name) if not _described(node, c)})
    }
    assert wrong == {}
    assert [name for name, node in models.nodes.items() if not node.description.strip()] == []


def test_no_description_is_of_a_column_that_is_not_there(models: Any) -> None:
    for name, node in models.nodes.items():
        assert set(node.columns) - set(models.columns(name)) == set(), name


def _described(node: Any, column: str) -> bool:
    return column in node.columns and bool(node.columns[column].description.strip())


@pytest.mark.parametrize(
    ("rule", "sql"),
    [
        ("AL01", "select t.x from lake.fact.a t"),
        ("AL03", "select y, coalesce(x, 0) from a"),
        ("CP01", "select x FROM a"),
        ("ST03", "with unused as (select 1 as x) select y from a"),
        ("PRS", "select x from from a"),
    ],
)
def test_the_linter_finds(linter: Linter, rule: str, sql: str) -> None:
    assert [v.split(" ")[0] for v in linted(linter, sql)] == [rule]


@pytest.mark.parametrize(
    "call", ["any_value(x)", "arbitrary(x)", "first(x)", "last(x)", "max(first(x)) over ()"]
)
def test_arbitrary_values_are_found(call: str) -> None:
    assert len(arbitrary(f"select {call} from t")) == 1


@pytest.mark.parametrize("call", ["first(x order by y)", "last(x order by y)", "max(x)"])
def test_ordered_values_are_not(call: str) -> None:
    assert arbitrary(f"select {call} from t") == []


@pytest.mark.parametrize("call", ["sum(d)", "avg(d)", "sum(d) over (order by i)", "sum(i * 0.5e0)"])
def test_sums_of_floating_point_are_found(exact: duckdb.DuckDBPyConnection, call: str) -> None:
    source = "(select 1.5::double as d, 1 as i, 2.5::decimal(9, 2) as m)"
    assert len(inexact(exact, f"with t as (select * from {source}) select {call} from t")) == 1
    assert inexact(exact, f"select sum(i) as a, sum(m) as b, sum(i * m) as c from {source}") == []
