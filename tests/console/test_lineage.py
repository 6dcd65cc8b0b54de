"""Lineage as pages ask for it: assets around one, and the path of a column."""

from __future__ import annotations

from typing import Any

import pytest
from fastapi.testclient import TestClient

FACT = "fact/users_purchased_item"
LOG = "event_log/purchase_item_shop"
LAYER = "activation/users_purchased_item_activation_daily"


@pytest.fixture
def ask(viewer: TestClient) -> Any:
    def ask(path: str, status: int = 200) -> Any:
        answer = viewer.get(f"/api/v1/lineage{path}")
        assert answer.status_code == status, answer.text
        return answer.json()

    return ask


def test_the_whole_graph_has_every_asset_once_and_ends_of_edges_that_are_there(ask: Any) -> None:
    found = ask("")
    names = [one["asset"] for one in found["assets"]]
    assert len(names) == len(set(names))
    assert names[0].startswith("landing/")
    assert {end for one in found["edges"] for end in one.values()} <= set(names)
    states = {one["asset"]: one["state"] for one in found["assets"]}
    assert states[FACT] == "empty"
    assert {"source": LOG, "target": FACT} in found["edges"]


def test_around_an_asset_go_so_many_steps(ask: Any) -> None:
    near = {one["asset"] for one in ask(f"?asset={FACT}&up=1&down=0")["assets"]}
    assert near == {FACT, LOG}
    further = {one["asset"] for one in ask(f"?asset={FACT}&up=3&down=1")["assets"]}
    assert further >= {FACT, LOG, LAYER, "accepted/normal", "landing/normal"}
    assert ask("?asset=fact/no_such", 404)["error"]["code"] == "not_found"
    assert ask(f"?asset={FACT}&up=-1", 422)


def test_a_column_has_a_path_to_the_event_it_is_made_of(ask: Any) -> None:
    columns = ask(f"/{FACT}")
    assert columns["steps"] == []
    assert {"name": "user_id", "type": "varchar"} in columns["columns"]
    path = ask(f"/{FACT}?column=user_id")
    first = [one for one in path["steps"] if one["depth"] == -1 and "value" in one["uses"]]
    assert [(one["source"], one["source_column"]) for one in first] == [(LOG, "user_id")]
    assert {one["target_column"] for one in first} == {"user_id"}
    up = {(one["source"], one["source_column"]) for one in path["steps"] if one["depth"] < 0}
    assert any(asset.startswith("landing/") for asset, _ in up)
    down = {one["target"] for one in path["steps"] if one["depth"] > 0}
    assert LAYER in down
    assert {one["depth"] for one in ask(f"/{FACT}?column=user_id&up=1&down=0")["steps"]} == {-1}
    assert ask(f"/{FACT}?column=no_such", 404)["error"]["message"].count("no_such") == 1
