"""Render the project's macros with dbt's own jinja, without a dbt project, and run them on DuckDB.

It stands in for what dbt gives a model (ref, this, graph, config, adapter.dispatch, run_query) and
stays out of materializations and the lake: the SQL is all that is tested here.
"""

from __future__ import annotations

import datetime as dt
import itertools
import json
import re
from pathlib import Path
from types import MappingProxyType, SimpleNamespace
from typing import Any

import duckdb
import pytest
from dbt_common.clients.jinja import MacroReturn, get_environment

MACROS = Path(__file__).parents[2] / "dbt" / "macros"
ENGINE_ONLY = {"closed_until", "range_start", "range_end", "landing_days", "load_relation"}
PREFIX = "dbt_macro__"
SUFFIXED = ("summary", "returns", "spans")
GRAINS = ("daily", "weekly", "monthly")


class CompilationError(Exception):
    """What `exceptions.raise_compiler_error` raises."""


class Relation(str):
    """A table as dbt names it, `schema.name` or a bare name."""

    @property
    def identifier(self) -> str:
        """The name alone."""
        return self.split(".")[-1]

    def include(self, *, identifier: bool) -> str:
        """Return the schema, as `include(identifier=false)` does."""
        assert not identifier
        return ".".join(self.split(".")[:-1])


class _Rows:
    def __init__(self, rows: list[tuple[Any, ...]]) -> None:
        self.rows = rows


class Harness:
    """One in-memory database and the macros over it; the range and the model are set per render."""

    def __init__(self, engine: str = "duckdb") -> None:
        self.engine = engine
        self.con = duckdb.connect()
        self.con.execute("set TimeZone = 'UTC'")
        self.range: tuple[str, str] | None = None
        self.closed_until = "timestamp '2100-01-01'"
        self.facts: dict[str, dict[str, Any]] = {}
        self.context: dict[str, Any] = self._context()
        self._load()
        self.context["weir"] = SimpleNamespace(**self.context)

    def fact(self, name: str, **meta: Any) -> None:
        """Register a fact's `meta.weir`."""
        weir = {"kind": "fact", "key": "user_id", "time_zone": "UTC", "dimensions": [], **meta}
        self.facts[name] = {"weir": weir}
        self._graph()

    def render(self, macro: str, *args: Any, model: str = "", span: Any = None, **kw: Any) -> str:
        """Return the text of one macro call, as the model `model`, for the half-open range `span`."""
        self.range = tuple(map(str, span)) if span else None  # type: ignore[assignment]
        self.context.update(model=SimpleNamespace(name=model), this=Relation(model))
        return str(self.context[macro](*args, **kw)).strip()

    def model(self, path: Path, span: tuple[str, str]) -> str:
        """Return the text of a model file for the half-open range `span`."""
        self.range = span
        self.context["model"] = SimpleNamespace(name=path.stem)
        return str(get_environment().from_string(path.read_text()).render(self.context))

    def exists(self, table: str) -> bool:
        """Return whether the table exists."""
        found = self.con.execute("select 1 from duckdb_tables() where table_name = ?", [table])
        return bool(found.fetchall())

    def _graph(self) -> None:
        nodes = {
            f"model.weir.{name}": SimpleNamespace(
                name=name, relation_name=name, config=SimpleNamespace(meta=meta)
            )
            for fact, meta in self.facts.items()
            for name in (
                fact,
                *(f"{fact}_activation_{g}{s}" for g in GRAINS for s in ("", "_summary")),
            )
        }
        self.context["graph"] = SimpleNamespace(nodes=nodes)

    def _context(self) -> dict[str, Any]:
        def dispatch(name: str, _package: str | None = None) -> Any:
            return self.context[f"{self.engine}__{name}"]

        def raise_error(message: str) -> None:
            raise CompilationError(message)

        return {
            "execute": True,
            "modules": SimpleNamespace(datetime=dt, re=re, itertools=itertools),
            "exceptions": SimpleNamespace(raise_compiler_error=raise_error),
            "adapter": SimpleNamespace(dispatch=dispatch),
            "dbt": SimpleNamespace(type_string=lambda: "string"),
            "return": _return,
            "ref": Relation,
            "source": lambda source, table: f"{source}.{table}",
            "tojson": json.dumps,
            "env_var": lambda _name, default=None: default,
            "config": SimpleNamespace(get=lambda _key, default=None: default),
            "run_query": lambda sql: _Rows(self.con.execute(sql).fetchall()),
            "load_relation": lambda name: name if self.exists(name) else None,
            "range_start": lambda: self.range[0] if self.range else None,
            "range_end": lambda: self.range[1] if self.range else None,
            "closed_until": lambda: self.closed_until,
            "landing_days": lambda **_: "true",
            "graph": SimpleNamespace(nodes={}),
        }

    def _load(self) -> None:
        environment = get_environment()
        names = (
            "activation*",
            "firstlast*",
            "period_*",
            "local_date",
            "value_at_last",
            "users_where",
            "event_log*",
            "event_window",
            "fact_meta",
            "partition_bounds",
            "partition_cluster",
            "partition_storage",
            "tests/part_*",
        )
        for path in sorted(p for n in names for p in MACROS.glob(f"{n}.sql")):
            template = environment.from_string(path.read_text(), globals=self.context)
            for name, macro in vars(template.module).items():
                if name.startswith(PREFIX) and name.removeprefix(PREFIX) not in ENGINE_ONLY:
                    self.context[name.removeprefix(PREFIX)] = _returning(macro)


class Layer:
    """One fact with its checkpoints, layer and summary, built range by range as the lake does it."""

    KEYS = MappingProxyType(
        {
            "firstlast": "checkpoint_start",
            "activation": "period_start",
            "summary": "period_start",
            "returns": "period_start",
            "spans": "next_start",
        }
    )

    def __init__(self, harness: Harness, fact: str, grain: str, **meta: Any) -> None:
        self.harness, self.name, self.grain = harness, fact, grain
        harness.fact(fact, **meta)
        for table in (fact, *map(self.table, self.KEYS)):
            harness.con.execute(f"drop table if exists {table}")

    def table(self, kind: str) -> str:
        """Return the model's name."""
        middle = "firstlast" if kind == "firstlast" else "activation"
        suffix = f"_{kind}" if kind in SUFFIXED else ""
        return f"{self.name}_{middle}_{self.grain}{suffix}"

    def facts(self, rows: Any) -> None:
        """Replace the fact by (user_id, activity_date) pairs."""
        con = self.harness.con
        con.execute(
            f"create or replace table {self.name}"
            " (user_id varchar, activity_date date, event_count bigint)"
        )
        values = ", ".join(f"('{user}', date '{day}', 1)" for user, day in rows)
        if values:
            con.execute(f"insert into {self.name} values {values}")

    def build(self, kind: str, span: Any) -> None:
        """Replace the range of one table, as the `partition_range` materialization does."""
        table, key, con = self.table(kind), self.KEYS[kind], self.harness.con
        macro = f"activation_{kind}" if kind in SUFFIXED else kind
        sql = self.harness.render(macro, self.name, self.grain, model=table, span=span)
        if not self.harness.exists(table):
            con.execute(f"create table {table} as select * from ({sql}) limit 0")
        con.execute(
            f"delete from {table} where {key} >= date '{span[0]}' and {key} < date '{span[1]}'"
        )
        con.execute(f"insert into {table} by name {sql}")

    def rows(self, kind: str, columns: str = "*", where: str = "true") -> list[tuple[Any, ...]]:
        """Return the table's rows in order; none if nothing was built."""
        table = self.table(kind) if kind in self.KEYS else kind
        if not self.harness.exists(table):
            return []
        query = f"select {columns} from {table} where {where} order by all"
        return self.harness.con.execute(query).fetchall()


@pytest.fixture(scope="session")
def harness() -> Harness:
    """The macros, rendered by dbt's jinja, over one in-memory DuckDB."""
    return Harness()


@pytest.fixture(scope="session")
def layer_of(harness: Harness) -> Any:
    """Return a function that makes a fresh fact with its tables."""
    return lambda fact, grain, **meta: Layer(harness, fact, grain, **meta)


@pytest.fixture(scope="session")
def bigquery() -> Harness:
    """The macros as they render for BigQuery (nothing runs)."""
    return Harness("bigquery")


@pytest.fixture(scope="session")
def compilation_error() -> type[Exception]:
    """The error that dbt turns into a compilation error."""
    return CompilationError


def _return(value: Any = None) -> None:
    raise MacroReturn(value)


def _returning(macro: Any) -> Any:
    def call(*args: Any, **kwargs: Any) -> Any:
        try:
            return macro(*args, **kwargs)
        except MacroReturn as returned:
            return returned.value

    return call
