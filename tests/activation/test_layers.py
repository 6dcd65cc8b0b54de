"""The files of a layer: what `weir activation add` writes is what the macros make and the project holds."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from weir.activation.contract import Fact
from weir.activation.layers import FOLDER, files_of, parts_of
from weir.core.names import LAYER_GRAINS, Layer, layer_of

DBT = Path(__file__).parents[2] / "dbt"
SPAN = ("2024-01-01", "2025-01-01")
WEEKS = {"monday": ("2024-01-01", "2024-12-30"), "sunday": ("2023-12-31", "2024-12-29")}
TYPES = {"user_id": "varchar", "activity_date": "date", "event_count": "bigint"}
PLAIN = Fact("users_did_it", "user_id", "UTC", date(2024, 1, 1), types=TYPES)
RICH = Fact(
    "accounts_did_it", "account_id", "Asia/Seoul", date(2024, 1, 1), dimensions=("country", "seats"),
    week_start="sunday", birth="signed_up", horizon=30, spans=True,
    types={**TYPES, "account_id": "bigint", "country": "varchar", "seats": "bigint",
           "signed_up": "date"},
)  # fmt: skip


def models(fact: Fact, grain: str) -> dict[str, Any]:
    (text,) = [t for path, t in files_of(fact, grain).items() if path.suffix == ".yml"]
    return {model["name"]: model for model in yaml.safe_load(text)["models"]}


@pytest.mark.parametrize("grain", LAYER_GRAINS)
@pytest.mark.parametrize("fact", [PLAIN, RICH], ids=lambda f: f.name)
def test_yaml_names_columns_and_types_of_the_sql(made: Any, fact: Fact, grain: str) -> None:
    layer = made(fact, grain)
    described = models(fact, grain)
    assert set(described) == {str(Layer(fact.name, grain, part)) for part in parts_of(fact)}
    for name, model in described.items():
        part = layer_of(name).part
        kind = "firstlast" if part == "checkpoint" else part
        weekly = grain == "weekly" and kind != "firstlast"
        layer.build(kind, WEEKS[fact.week_start] if weekly else SPAN)
        found = layer.harness.con.execute(f"describe {name}").fetchall()
        real = [(row[0], row[1].lower()) for row in found]
        assert [(c["name"], c["data_type"]) for c in model["columns"]] == real
        assert all(c["description"] for c in model["columns"])
        assert model["config"]["partition_column"] == layer.KEYS[kind]


@pytest.fixture
def made(layer_of: Any) -> Any:
    """Return a function that makes the tables of a fact with a few rows."""

    def make(fact: Fact, grain: str) -> Any:
        meta = {
            "key": fact.key, "time_zone": fact.zone, "start": str(fact.start),
            "dimensions": list(fact.dimensions), "birth": fact.birth,
            "inactive_rows": fact.horizon, "week_start": fact.week_start,
        }  # fmt: skip
        layer = layer_of(fact.name, grain, **meta)
        columns = ", ".join(f"{name} {kind}" for name, kind in (fact.types or {}).items())
        layer.harness.con.execute(f"create or replace table {fact.name} ({columns})")
        layer.harness.con.execute(
            f"insert into {fact.name} ({fact.key}, activity_date, event_count) values"
            " ('1', '2024-01-05', 1), ('1', '2024-03-05', 2)"
        )
        return layer

    return make


@pytest.mark.parametrize("path", sorted((DBT / FOLDER).glob("*.yml")), ids=lambda p: p.stem)
def test_the_examples_layers_are_as_the_command_writes_them(path: Path) -> None:
    layer = layer_of(path.stem)
    described = yaml.safe_load((DBT / f"models/fact/{layer.fact}.yml").read_text())["models"][0]
    meta = described["config"]["meta"]["weir"]
    fact = Fact(
        layer.fact, meta["key"], meta["time_zone"], meta["start"],
        dimensions=tuple(meta.get("dimensions") or ()), birth=meta.get("birth", "first_activity"),
        horizon=meta.get("inactive_rows") or 0, spans=meta.get("spans", False),
        types={c["name"]: c["data_type"] for c in described["columns"]},
    )  # fmt: skip
    for name, text in files_of(fact, layer.grain).items():
        assert (DBT / name).read_text() == text, f"weir activation add {fact.name}"


def test_a_model_is_one_line() -> None:
    for path, text in files_of(RICH, "weekly").items():
        if path.suffix == ".sql":
            assert re.fullmatch(r'\{\{ \w+\(fact="accounts_did_it", grain="weekly"\) \}\}\n', text)
