"""The BigQuery text of every macro parses as BigQuery. It runs nowhere here: no engine is at hand."""

from __future__ import annotations

import re
import warnings
from pathlib import Path
from typing import Any

import pytest

with warnings.catch_warnings():  # sqlglotrs, an extra of a dependency, warns on import
    warnings.simplefilter("ignore", DeprecationWarning)
    import sqlglot
    from sqlglot import exp

FACT = "users_did_it"
MACROS = Path(__file__).parents[2] / "dbt" / "macros"
SPANS = {
    "daily": ("2024-02-01", "2024-03-01"),
    "weekly": ("2024-01-01", "2024-04-01"),
    "monthly": ("2024-01-01", "2025-01-01"),
}
OWN = [
    path
    for name in ("activation*", "firstlast*", "period_*", "local_date", "event_window")
    for path in sorted(MACROS.glob(f"{name}.sql"))
]


@pytest.fixture(scope="module")
def engine(bigquery: Any) -> Any:
    """BigQuery's renderings, with a checkpoint found for every range."""
    bigquery.fact(FACT, start="2020-01-01", time_zone="Asia/Seoul")
    bigquery.closed_until = "(select min(closed_until) from weir.lane_owner)"
    bigquery.exists = lambda table: True
    rows = type("Rows", (), {"rows": [("2022-01-01",)]})()
    bigquery.context["run_query"] = lambda sql: rows
    return bigquery


def _parsed(sql: str) -> exp.Expr:
    (statement,) = sqlglot.parse(sql, read="bigquery")
    assert statement is not None
    assert not list(statement.find_all(exp.Command, exp.Anonymous)), sql
    return statement


@pytest.mark.parametrize("grain", SPANS)
@pytest.mark.parametrize("macro", ["activation", "activation_summary", "firstlast"])
def test_the_models_parse(engine: Any, macro: str, grain: str) -> None:
    name = {
        "activation": "activation",
        "activation_summary": "activation",
        "firstlast": "firstlast",
    }
    suffix = "_summary" if macro == "activation_summary" else ""
    model = f"{FACT}_{name[macro]}_{grain}{suffix}"
    statement = _parsed(engine.render(macro, FACT, grain, model=model, span=SPANS[grain]))
    columns = {e.alias_or_name for e in statement.selects}
    key = {"activation": "state", "activation_summary": "users", "firstlast": "last_period"}
    assert key[macro] in columns
    assert not re.search(r"//|\btimezone\(|make_date|strftime", statement.sql())


def test_zones_and_windows_parse(engine: Any) -> None:
    window = engine.render("event_window", "event_time", "Asia/Seoul", span=SPANS["daily"])
    _parsed(f"select 1 from t where {window}")
    assert "date(event_time, 'Asia/Seoul')" in window


@pytest.mark.parametrize("path", OWN, ids=lambda path: path.stem)
def test_a_macro_that_knows_one_engine_knows_the_other(path: Path) -> None:
    text = path.read_text()
    if not path.stem.startswith(
        ("activation", "firstlast", "period", "local_date", "event_window")
    ):
        pytest.skip("not a macro of the activation layer")
    assert f"macro {path.stem}(" in text
    assert ("duckdb__" in text) == ("bigquery__" in text)
