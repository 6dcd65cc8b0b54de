"""Every model's BigQuery text gives the columns and types that its YAML says (sqlglot's annotation)."""

from __future__ import annotations

import warnings
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import yaml

with warnings.catch_warnings():  # sqlglotrs, an extra of a dependency, warns on import
    warnings.simplefilter("ignore", DeprecationWarning)
    import sqlglot
    from sqlglot import exp
    from sqlglot.optimizer.annotate_types import annotate_types
    from sqlglot.optimizer.qualify import qualify
    from sqlglot.schema import MappingSchema

from weir.engines.embedded.schema import ACCEPTED_COLUMNS

MODELS = Path(__file__).parents[2] / "dbt" / "models"
PATHS = sorted(MODELS.rglob("*.sql"))
SPAN = ("2012-01-01", "2014-01-01")  # no week begins on both: a weekly layer has its own
WEEKS = ("2012-01-02", "2013-12-30")
FACT = "users_did_it"
DIMENSIONS = {"country": "varchar"}
EXTRA = {
    "activation_spans": {"streak_start": "DATE", "streak_end": "DATE", "next_start": "DATE"},
    "activation_pulse": {
        "period_start": "DATE",
        **dict.fromkeys(("dim_name", "dim_value"), "STRING"),
        "is_complete": "BOOL",
        **dict.fromkeys(("new_users", "retained", "reactivated", "active"), "INT64"),
        **dict.fromkeys(("went", "stayed_away"), "INT64"),
        **dict.fromkeys(("pulse", "churn_rate"), "FLOAT64"),
    },
    "activation_variants": {
        "period_start": "DATE",
        "state": "STRING",
        "interval_periods": "INT64",
        **dict.fromkeys(("wakeup_state", "year_state", "duolingo_state"), "STRING"),
    },
    "activation_duolingo": {"period_start": "DATE", "state": "STRING", "users": "INT64"},
    "activation_status_asof": {
        "state": "STRING",
        **dict.fromkeys(("inactive_periods", "streak", "longest_streak"), "INT64"),
        **dict.fromkeys(("first_period", "last_period", "streak_start"), "DATE"),
    },
}
"""Outputs that no YAML describes: views, spans and the status at a date, without key and dimensions."""
TEST_COLUMNS = {"partition_key": "STRING", "failures": "INT64"}


def described() -> dict[str, dict[str, Any]]:
    """Return every model of the project's YAML files by name."""
    found: dict[str, dict[str, Any]] = {}
    for path in MODELS.rglob("*.yml"):
        models = (yaml.safe_load(path.read_text()) or {}).get("models", [])
        found |= {model["name"]: {**model, "schema": path.parent.name} for model in models}
    return found


YAML = described()


def bigquery_type(name: str) -> str:
    """Return BigQuery's type of a column of this type; a map is JSON there."""
    if name.lower().startswith("map("):
        return "JSON"
    kind = exp.DataType.build("timestamptz" if name.lower() == "timestamp" else name, "duckdb")
    return kind.sql("bigquery")


def columns_of(model: str) -> dict[str, str]:
    """Return a model's columns with BigQuery's types, of its YAML."""
    return {c["name"]: bigquery_type(c["data_type"]) for c in YAML[model]["columns"]}


def dimensioned(name: str, parent: str) -> dict[str, str]:
    """Return the columns of a model of `FACT`, made of the one of the example fact."""
    columns = columns_of(name.replace(FACT, parent))
    if name.endswith(("_summary", "_returns")):
        return columns
    columns |= {name: bigquery_type(kind) for name, kind in DIMENSIONS.items()}
    if "_activation_" in name:
        columns |= {f"previous_{d}": columns[d] for d in DIMENSIONS}
    return columns


def known() -> MappingSchema:
    """Return the schema of all tables: models, a fact with a dimension, accepted, weir."""
    example = "users_contributed_code"
    tables: dict[str, Any] = {"event_log": {}, "fact": {}, "activation": {}}
    for name, model in YAML.items():
        tables[model["schema"]][name] = columns_of(name)
        if name.startswith(example):
            other = name.replace(example, FACT)
            tables[model["schema"]][other] = dimensioned(other, example)
    accepted = {name: bigquery_type(kind) for name, kind in ACCEPTED_COLUMNS.items()}
    tables["accepted"] = dict.fromkeys(("critical", "normal", "bulk"), accepted)
    tables["weir"] = {"lane_owner": {"lane": "STRING", "closed_until": "TIMESTAMP"}}
    return MappingSchema(tables, dialect="bigquery")


SCHEMA = known()
MAPPING: Any = SCHEMA.mapping


def types_of(sql: str) -> dict[str, str]:
    """Return the columns of a query with the types that sqlglot gives them."""
    (statement,) = sqlglot.parse(sql, read="bigquery")
    assert statement is not None
    assert not list(statement.find_all(exp.Command)), sql
    typed = annotate_types(
        qualify(statement, schema=SCHEMA, dialect="bigquery"), SCHEMA, dialect="bigquery"
    )
    assert isinstance(typed, exp.Query)
    return {
        column.alias_or_name: column.type.sql("bigquery") if column.type else ""
        for column in typed.selects
    }


@pytest.fixture(scope="module")
def engine(bigquery: Any) -> Any:
    """BigQuery's renderings over all models and a fact with a dimension, with checkpoints."""
    context = bigquery.context
    saved = dict(context)
    facts = {name: m["config"]["meta"] for name, m in YAML.items() if m["schema"] == "fact"}
    facts[FACT] = {"weir": {**facts["users_contributed_code"]["weir"], "dimensions": ["country"]}}
    context["graph"] = SimpleNamespace(
        nodes={
            name: SimpleNamespace(
                name=name, relation_name=f"{schema}.{name}", config=SimpleNamespace(meta=meta)
            )
            for schema, tables in MAPPING.items()
            for name in tables
            for meta in [facts.get(name, {})]
        }
    )
    relation = context["ref"]
    context["ref"] = lambda name: named(relation, name)
    context["load_relation"] = lambda relation: relation
    rows = SimpleNamespace(rows=[("2012-01-01",)])
    context["run_query"] = lambda sql: rows
    bigquery.closed_until = "(select min(closed_until) from weir.lane_owner)"
    yield bigquery
    context.clear()
    context.update(saved)


def named(relation: Any, name: str) -> Any:
    """Return a model's relation."""
    (schema,) = {s for s, tables in MAPPING.items() if name in tables}
    return relation(f"{schema}.{name}")


def rendered(engine: Any, macro: str, *args: Any, model: str = "", weekly: bool = False) -> str:
    context = engine.context
    engine.range = WEEKS if weekly else SPAN
    context["model"] = SimpleNamespace(name=model)
    context["this"] = context["ref"](model) if model else ""
    return str(context[macro](*args)).strip()


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_a_model_gives_the_columns_of_its_yaml(engine: Any, path: Path) -> None:
    engine.context["this"] = engine.context["ref"](path.stem)
    weekly = "_activation_weekly" in path.stem
    sql = engine.model(path, WEEKS if weekly else SPAN)
    assert types_of(sql) == columns_of(path.stem)


@pytest.mark.parametrize("kind", ["firstlast", "activation", "summary", "returns"])
@pytest.mark.parametrize("grain", ["daily", "weekly", "monthly"])
def test_a_layer_with_a_dimension(engine: Any, kind: str, grain: str) -> None:
    macro = f"activation_{kind}" if kind in ("summary", "returns") else kind
    middle = "firstlast" if kind == "firstlast" else "activation"
    model = f"{FACT}_{middle}_{grain}" + (f"_{kind}" if macro != kind else "")
    weekly = grain == "weekly" and kind != "firstlast"
    sql = rendered(engine, macro, FACT, grain, model=model, weekly=weekly)
    assert types_of(sql) == MAPPING["activation"][model]


@pytest.mark.parametrize("macro", EXTRA)
def test_views_spans_and_status(engine: Any, macro: str) -> None:
    layer = f"{FACT}_activation_daily"
    spec = {**engine.context["activation_fact"](FACT), **engine.context["period_unit"]("daily")}
    arguments: dict[str, tuple[Any, ...]] = {
        "activation_pulse": (
            spec,
            f"activation.{layer}_summary",
        ),
        "activation_duolingo": (f"activation.{layer}_returns",),
        "activation_variants": (spec, f"activation.{layer}"),
        "activation_status_asof": (FACT, "daily", "2013-05-05"),
    }
    found = types_of(
        spans(engine) if macro == "activation_spans" else rendered(engine, macro, *arguments[macro])
    )
    keyed = (
        {"user_id": "STRING"} if macro not in ("activation_pulse", "activation_duolingo") else {}
    )
    dimensions = (
        {"country": "STRING"} if macro in ("activation_spans", "activation_status_asof") else {}
    )
    assert found == {**keyed, **EXTRA[macro], **dimensions}


def spans(engine: Any) -> str:
    engine.range = SPAN
    engine.context["model"] = SimpleNamespace(name=f"{FACT}_activation_daily_spans")
    return str(engine.context["activation_spans"](FACT, "daily"))


@pytest.mark.parametrize(
    ("macro", "arguments"),
    [
        ("part_identity", (FACT, "daily")),
        ("part_not_null", ("user_id",)),
        ("part_unique", (["user_id", "period_start"],)),
        ("part_accepted_values", ("state", ["New", "Retained"])),
        ("part_columns", (["user_id", "state"], {"state": ["New", "Retained"]})),
    ],
)
def test_part_tests(engine: Any, macro: str, arguments: tuple[Any, ...]) -> None:
    model = f"activation.{FACT}_activation_daily"
    found = types_of(rendered(engine, f"test_{macro}", model, *arguments))
    assert {name: found[name] for name in TEST_COLUMNS} == TEST_COLUMNS


def test_the_newest_checkpoint_is_found_in_the_list_of_partitions(engine: Any) -> None:
    sql = rendered(
        engine, "activation_newest", engine.context["ref"](f"{FACT}_firstlast_daily"), "2013-01-01"
    )
    (table,) = sqlglot.parse_one(sql, read="bigquery").find_all(exp.Table)
    assert (table.db, table.name) == ("activation", "INFORMATION_SCHEMA.PARTITIONS")
    assert f"table_name = '{FACT}_firstlast_daily'" in sql
    assert "label <= date '2013-01-01'" in sql
