"""The layer of the CDNOW sample against the naive oracle's numbers (`data/`, day, week, month).

The expected files are made by plain loops without SQL; the purchases are those of `examples/cdnow`.
"""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
DATA = Path(__file__).parent / "data"
FACT = "users_purchased_item"
WHOLE = ("1997-01-01", "1998-07-01")
GRAINS = {  # name of the expected file: grain, first day of the week, range, range of checkpoints
    "day": ("daily", "monday", WHOLE, WHOLE),
    "week": ("weekly", "monday", ("1996-12-30", "1998-07-06"), WHOLE),
    "weeksun": ("weekly", "sunday", ("1996-12-29", "1998-07-05"), WHOLE),
    "month": ("monthly", "monday", WHOLE, ("1997-01-01", "1999-01-01")),
}


@pytest.fixture(scope="session")
def purchases() -> list[tuple[str, str]]:
    """The user-days of the sample."""
    with (ROOT / "examples" / "cdnow" / "cdnow_sample.csv").open(newline="") as file:
        return sorted({(row["user_id"], row["date"]) for row in csv.DictReader(file)})


def _expected(name: str) -> list[dict[str, str]]:
    with (DATA / f"cdnow_sample_{name}.csv").open(newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("with_checkpoints", [True, False], ids=["chain", "from scratch"])
@pytest.mark.parametrize("name", GRAINS)
def test_every_count_equals_the_oracle(
    layer_of: Any, purchases: list[tuple[str, str]], name: str, with_checkpoints: bool
) -> None:
    grain, week_start, span, checkpoints = GRAINS[name]
    layer = layer_of(FACT, grain, start="1997-01-01", end="1998-06-30", week_start=week_start)
    layer.facts(purchases)
    if with_checkpoints:
        layer.build("firstlast", checkpoints)
    layer.build("activation", span)
    layer.build("summary", span)
    counts = layer.rows("summary", "period_start, previous_state, state, users")
    assert {(str(p), before or "None", state, n) for p, before, state, n in counts} == {
        (row["period"], row["prev_state"], row["state"], int(row["users"]))
        for row in _expected(f"{name}_counts")
    }


def test_every_row_equals_the_oracle(layer_of: Any, purchases: list[tuple[str, str]]) -> None:
    layer = layer_of(FACT, "daily", start="1997-01-01", end="1998-06-30")
    layer.facts(purchases)
    layer.build("firstlast", ("1997-01-01", "1998-07-01"))
    for span in (("1998-01-01", "1998-07-01"), ("1997-01-01", "1998-01-01")):
        layer.build("activation", span)
    columns = (
        "user_id, period_start, state, coalesce(previous_state, 'None'), streak,"
        " interval_periods, churned, first_period"
    )
    got = [
        tuple("" if value is None else str(value) for value in row)
        for row in layer.rows("activation", columns)
    ]
    fields = [
        "user_id",
        "period",
        "state",
        "prev_state",
        "streak",
        "interval",
        "churned",
        "first_period",
    ]
    assert got == sorted(
        tuple(row[field] for field in fields) for row in _expected("day_active_rows")
    )
    assert len(got) == 6696
