"""`weir activation bytes`: what is counted in the lake, what is printed, and mistakes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from weir.core.errors import InvalidValue, NotReady
from weir.core.settings import load
from weir.engines.embedded.lake import Lake

FACT = "users_purchased_item"
NAME = f"{FACT}_activation_daily"
BYTES = ("activation", "bytes", FACT, "--grain", "daily")
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A lake with 40 days of a fact of two users (names of 3 and 5 bytes), and their layer."""
    made = load(ROOT, tmp_path_factory.mktemp("bytes"))
    Lake(made).create()
    with Lake(made).write() as connection:
        connection.execute(
            f"CREATE TABLE fact.{FACT} AS SELECT u AS user_id, date '1997-01-01' + d::int AS"
            " activity_date, 1::bigint AS event_count FROM range(40) r(d), (VALUES ('ann'), ('zoëx')) v(u)"
        )
        connection.execute(
            f"CREATE TABLE activation.{FACT}_firstlast_daily AS"
            f" SELECT DISTINCT date '1997-01-01' AS checkpoint_start, user_id FROM fact.{FACT}"
        )
        connection.execute(
            f"CREATE TABLE activation.{NAME} AS SELECT activity_date AS period_start FROM fact.{FACT}"
        )
    return made.home


@pytest.fixture
def empty(tmp_path: Path) -> Path:
    """A home whose lake has no fact."""
    made = load(ROOT, tmp_path)
    Lake(made).create()
    return made.home


def test_json(weir: Any, home: Path) -> None:
    answer = json.loads(weir(*BYTES, "--from", "1997-02-03", "--json", home=home).stdout)
    assert (answer["from"], answer["until"]) == ("1997-02-03", "1997-02-04")
    models = {model["model"]: model for model in answer["models"]}
    assert [*models] == [f"{FACT}_firstlast_daily", NAME, f"{NAME}_summary", f"{NAME}_returns"]
    key = 2 + 4  # of 3 and 5 bytes
    day = 2 * (key + 8 + 8)
    assert models[NAME]["reads"] == {"fact": 3 * day, "checkpoint": 2 * (key + 6 * 8)}
    assert models[NAME]["billed"] == 3 * 10 * 2**20


def test_the_table_is_of_the_last_day_unless_said(weir: Any, home: Path) -> None:
    told = weir(*BYTES, home=home)
    assert NAME in told.stdout
    assert "1997-02-09 to 1997-02-09" in " ".join(told.stderr.split())
    assert all(len(line) <= 100 for line in told.stdout.splitlines())


def test_mistakes(weir: Any, home: Path, empty: Path) -> None:
    with pytest.raises(InvalidValue, match="--to"):
        weir(*BYTES, "--from", "1997-02-03", "--to", "1997-02-03", home=home)
    with pytest.raises(NotReady, match="has no rows yet"):
        weir(*BYTES, home=empty)
