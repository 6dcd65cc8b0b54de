"""The fact models: one row per key and day of the fact's zone, and YAML that tells the truth."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml

MODELS = Path(__file__).parents[2] / "dbt" / "models"
GIT = ("push_commit_git", "merge_branch_git", "publish_release_git", "revert_commit_git")


def _table(harness: Any, name: str, columns: str, rows: str = "") -> None:
    harness.con.execute(f"create or replace table {name} ({columns})")
    if rows:
        harness.con.execute(f"insert into {name} values {rows}")


@pytest.fixture
def purchases(harness: Any) -> Any:
    """Two users' purchases around midnight UTC."""
    _table(
        harness,
        "purchase_item_shop",
        "user_id varchar, event_time timestamp, quantity bigint, price double",
        "('a', '1997-01-01 23:59:59', 1, 0.1), ('a', '1997-01-01 00:00:00', 2, 0.2),"
        " ('a', '1997-01-02 00:00:00', 4, 9.99), (null, '1997-01-01 12:00:00', 9, 1),"
        " ('b', '1996-12-31 23:59:59', 8, 5)",
    )
    return harness


@pytest.fixture
def commits(harness: Any) -> Any:
    """Contributions around midnight in Seoul (15:00 UTC), a bot's among them."""
    columns = (
        "user_id varchar, event_time timestamp, is_bot boolean,"
        " files__added bigint, files__modified bigint, files__deleted bigint"
    )
    for name in GIT:
        _table(harness, name, columns)
    harness.con.execute(
        "insert into push_commit_git values"
        " ('a', '2024-01-01 14:59:59', false, 1, 1, null), ('a', '2024-01-01 15:00:00', null, 1, 2, 3),"
        " ('bot', '2024-01-01 16:00:00', true, 1, 2, 3), ('a', '2024-01-02 15:00:00', false, 9, 9, 9)"
    )
    harness.con.execute(
        "insert into merge_branch_git values ('a', '2024-01-02 14:59:59', false, null, null, null)"
    )
    return harness


def _built(harness: Any, fact: str, span: tuple[str, str]) -> list[tuple[Any, ...]]:
    sql = harness.model(MODELS / "fact" / f"{fact}.sql", span)
    found: list[tuple[Any, ...]] = harness.con.execute(f"{sql} order by all").fetchall()
    return found


def test_a_purchase_day_sums_exactly(purchases: Any) -> None:
    assert _built(purchases, "users_purchased_item", ("1997-01-01", "1997-01-02")) == [
        ("a", date(1997, 1, 1), 2, 3, Decimal("0.30"))
    ]


def test_a_day_is_the_zones_and_bots_are_left_out(commits: Any) -> None:
    assert _built(commits, "users_contributed_code", ("2024-01-02", "2024-01-03")) == [
        ("a", date(2024, 1, 2), 2, 6)
    ]


@pytest.mark.parametrize("fact", ["users_purchased_item", "users_contributed_code"])
def test_yaml_names_columns_and_types_of_the_sql(purchases: Any, commits: Any, fact: str) -> None:
    sql = purchases.model(MODELS / "fact" / f"{fact}.sql", ("2024-01-01", "2024-01-02"))
    real = [(row[0], row[1].lower()) for row in purchases.con.execute(f"describe {sql}").fetchall()]
    (model,) = yaml.safe_load((MODELS / "fact" / f"{fact}.yml").read_text())["models"]
    assert [(c["name"], c["data_type"]) for c in model["columns"]] == real
    assert all(c["description"] for c in model["columns"])
