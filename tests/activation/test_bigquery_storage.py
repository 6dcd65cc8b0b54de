"""How a range is replaced on BigQuery: the materialization, rendered with a stand-in for the adapter."""

from __future__ import annotations

import contextlib
import datetime as dt
import re
import warnings
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from dbt_common.clients.jinja import get_environment

with warnings.catch_warnings():  # sqlglotrs, an extra of a dependency, warns on import
    warnings.simplefilter("ignore", DeprecationWarning)
    import sqlglot
    from sqlglot import exp

MACROS = Path(__file__).parents[2] / "dbt" / "macros"
USED = (
    "check_partitions",
    "partition_bounds",
    "partition_cluster",
    "partition_storage",
    "range_bound",
    "sync_columns",
    "sync_view",
)
FACT = {"kind": "fact", "key": "user_id"}
LAYER = {"kind": "activation", "fact": "users_did_it"}
COLUMNS = [
    SimpleNamespace(name=name, data_type=kind)
    for name, kind in (("user_id", "STRING"), ("activity_date", "DATE"), ("event_count", "INT64"))
]


class Wrong(Exception):
    """What `exceptions.raise_compiler_error` raises."""


class Relation(str):
    """A table's name, as far as the macros use it."""

    def incorporate(self, *, type: str = "", path: Any = None) -> Relation:  # noqa: A002 - dbt's
        return Relation("d." + path["identifier"]) if path else self


class Adapter:
    """Records the statements; knows the columns of a table that exists and of the query."""

    def __init__(self, table: list[Any] | None, query: list[Any]) -> None:
        self.table, self.query = table, query
        self.added: list[str] = []
        self.context: dict[str, Any] = {}

    def dispatch(self, name: str, _package: str = "") -> Any:
        return self.context[f"bigquery__{name}"]

    def get_columns_in_select_sql(self, _sql: str) -> list[Any]:
        return self.query

    def get_columns_in_relation(self, _relation: str) -> list[Any]:
        return self.table or []

    def alter_table_add_columns(self, _relation: str, columns: list[Any]) -> None:
        self.added += [column.name for column in columns]


def run(
    config: dict[str, Any],
    span: tuple[str, str] = ("2024-02-01T00:00:00", "2024-03-01T00:00:00"),
    table: list[Any] | None = None,
    query: list[Any] = COLUMNS,
) -> tuple[list[str], Adapter]:
    """Return the statements that a model's run sends, and the adapter."""
    adapter = Adapter(table, query)
    sent: list[str] = []
    context = adapter.context
    context |= {
        "adapter": adapter,
        "config": _Config(config),
        "this": Relation("d.t"),
        "compiled_code": "select user_id, activity_date, event_count from d.source",
        "model": SimpleNamespace(name="t"),
        "modules": SimpleNamespace(datetime=dt),
        "exceptions": SimpleNamespace(raise_compiler_error=_refuse),
        "load_cached_relation": lambda relation: relation if table is not None else None,
        "get_empty_subquery_sql": lambda sql: f"select * from ({sql}) where false limit 0",
        "run_hooks": lambda *_, **__: "",
        "pre_hooks": [],
        "post_hooks": [],
        "range_start": lambda: span[0],
        "range_end": lambda: span[1],
        "check_clock": lambda: "",
        "activation_fact": lambda _: SimpleNamespace(key="user_id"),
        "activation_views": lambda *_: [{"view": "t_pulse", "select": "select 1 as one"}],
        "run_query": sent.append,
        "statement": lambda _name, caller: sent.extend([caller()]),
        "return": _return,
    }
    environment = get_environment()
    for name in USED:
        _load(environment, (MACROS / f"{name}.sql").read_text(), context)
    context["weir"] = SimpleNamespace(**context)
    text = (MACROS / "partition_range.sql").read_text()
    text = text[text.index('adapter = "bigquery"') :]
    body = text[text.index("%}") + 2 : text.index("{% endmaterialization")]
    with contextlib.suppress(_Return):
        environment.from_string(body).render(context)
    return sent, adapter


class _Config(dict[str, Any]):
    """What dbt gives a model as `config`."""


class _Return(Exception):
    def __init__(self, value: Any) -> None:
        self.value = value


def _return(value: Any = None) -> None:
    raise _Return(value)


def _refuse(message: str) -> None:
    raise Wrong(message)


def _load(environment: Any, text: str, context: dict[str, Any]) -> None:
    template = environment.from_string(text, globals=context)
    for name, macro in vars(template.module).items():
        if name.startswith("dbt_macro__"):
            context[name.removeprefix("dbt_macro__")] = _returning(macro)


def _returning(macro: Any) -> Any:
    def call(*args: Any, **kwargs: Any) -> Any:
        try:
            return macro(*args, **kwargs)
        except _Return as returned:
            return returned.value

    return call


def fact(**more: Any) -> dict[str, Any]:
    return {
        "partition_column": "activity_date",
        "partition_type": "date",
        "clock": "day",
        "meta": {"weir": FACT},
        **more,
    }


def test_a_range_is_replaced_in_one_transaction_with_literal_bounds() -> None:
    sent, _ = run(fact(), table=COLUMNS)
    script = next(sql for sql in sent if "begin transaction" in sql)
    assert not re.search(r"\bmerge\b|@@|declare|_dbt_max|create|alter", script, re.IGNORECASE)
    begin, delete, insert, commit = (
        statement for statement in sqlglot.parse(script, read="bigquery") if statement
    )
    assert isinstance(begin, exp.Transaction)
    assert isinstance(commit, exp.Commit)
    assert isinstance(delete, exp.Delete)
    assert isinstance(insert, exp.Insert)
    assert delete.args["where"].this.sql("bigquery") == (
        "activity_date >= CAST('2024-02-01' AS DATE) AND activity_date < CAST('2024-03-01' AS DATE)"
    )
    names = [column.name for column in insert.this.expressions]
    assert names == insert.expression.named_selects == [column.name for column in COLUMNS]


@pytest.mark.parametrize(
    ("clock", "column", "wanted"),
    [
        ("day", "activity_date", "activity_date"),
        ("week", "period_start", "period_start"),
        ("month", "period_start", "date_trunc(period_start, month)"),
        ("quarter", "checkpoint_start", "date_trunc(checkpoint_start, month)"),
        ("year", "checkpoint_start", "date_trunc(checkpoint_start, year)"),
    ],
)
def test_a_new_table_is_partitioned_by_its_clock_and_clustered_by_the_key(
    clock: str, column: str, wanted: str
) -> None:
    sent, _ = run(fact(clock=clock, partition_column=column, meta={"weir": LAYER}))
    create = next(sql for sql in sent if "create table" in sql)
    parsed = sqlglot.parse_one(create, read="bigquery")
    assert isinstance(parsed, exp.Create)
    assert re.search(r"partition by (.+)", create)[1].strip() == wanted  # type: ignore[index]
    assert re.search(r"cluster by (.+)", create)[1].strip() == "user_id"  # type: ignore[index]
    assert sent.index(create) < next(i for i, sql in enumerate(sent) if "begin" in sql)


@pytest.mark.parametrize(
    ("meta", "cluster"),
    [
        (FACT, ["user_id"]),
        ({"kind": "firstlast", "fact": "f"}, ["user_id"]),
        ({"kind": "spans", "fact": "f"}, ["user_id"]),
        ({"kind": "summary", "fact": "f"}, ["dim_name", "dim_value"]),
        ({"kind": "returns", "fact": "f"}, ["previous_period"]),
        ({"kind": "event_log"}, ["event_time", "user_id"]),
        ({}, []),
    ],
)
def test_what_a_kind_is_clustered_by(meta: dict[str, Any], cluster: list[str]) -> None:
    (create, *_) = run(fact(meta={"weir": meta}))[0]
    found = re.search(r"cluster by (.+)", create)
    assert (found[1].strip().split(", ") if found else []) == cluster


def test_hours_are_stored_by_day_and_both_are_bounded() -> None:
    config = {
        "partition_column": "landing_hour",
        "partition_type": "timestamp",
        "partitioned_by": ["landing_day"],
        "clock": "landing",
        "meta": {"weir": {"kind": "event_log"}},
    }
    sent, _ = run(config, span=("2024-02-01T05:00:00", "2024-02-01T06:00:00"))
    assert "partition by landing_day" in sent[0]
    delete = sqlglot.parse(sent[1], read="bigquery")[1]
    assert delete is not None
    assert delete.args["where"].this.sql() == (
        "landing_hour >= CAST('2024-02-01T05:00:00' AS TIMESTAMP)"
        " AND landing_hour < CAST('2024-02-01T06:00:00' AS TIMESTAMP)"
        " AND landing_day BETWEEN CAST('2024-02-01' AS DATE) AND CAST('2024-02-01' AS DATE)"
    ).replace("TIMESTAMP)", "TIMESTAMPTZ)")


def test_a_new_column_is_added_and_a_changed_type_is_refused() -> None:
    _, adapter = run(fact(), table=COLUMNS[:2])
    assert adapter.added == ["event_count"]
    changed = [*COLUMNS[:2], SimpleNamespace(name="event_count", data_type="STRING")]
    with pytest.raises(Wrong, match=r"`event_count` of d\.t is STRING, the model's is INT64"):
        run(fact(), table=changed)


def test_views_come_after_the_transaction() -> None:
    *_, script, view = run(fact(), table=COLUMNS)[0]
    assert "commit transaction" in script
    assert view == "create or replace view d.t_pulse as select 1 as one"


def test_more_partitions_than_one_job_may_change_are_refused() -> None:
    assert run(fact(), span=("2014-01-01T00:00:00", "2024-12-14T00:00:00"))[0]  # 4,000 days
    with pytest.raises(Wrong, match="more than the 4,000 partitions"):
        run(fact(), span=("2014-01-01T00:00:00", "2024-12-15T00:00:00"))
    assert run(fact(clock="month"), span=("1950-01-01T00:00:00", "2050-01-01T00:00:00"))[0]
