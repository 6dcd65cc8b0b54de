"""Who reads an event, by a graph of edges and by a real dbt manifest."""

from __future__ import annotations

from dataclasses import replace

import pytest

from weir.core.errors import NotFound
from weir.lineage.edges import edges
from weir.registry import Registry
from weir.registry.catalogue import readers

GRAPH = {
    "event_log/purchase_item_shop": ["fact/users_purchased_item", "fact/daily_revenue"],
    "fact/users_purchased_item": ["activation/a_daily", "activation/a_firstlast"],
    "activation/a_firstlast": ["activation/a_daily"],
    "activation/a_daily": ["service/growth_report"],
    "event_log/push_commit_git": ["fact/other"],
}


def test_the_nearest_come_first_each_with_one_shortest_way(registry: Registry):
    found = readers(registry.get("purchase_item_shop"), GRAPH)
    assert [(reader.asset, reader.distance) for reader in found] == [
        ("fact/daily_revenue", 1),
        ("fact/users_purchased_item", 1),
        ("activation/a_daily", 2),
        ("activation/a_firstlast", 2),
        ("service/growth_report", 3),
    ]
    assert [reader.stage for reader in found][-1] == "service"
    assert found[-1].via == (
        "event_log/purchase_item_shop",
        "fact/users_purchased_item",
        "activation/a_daily",
        "service/growth_report",
    )


def test_nobody_reads_it(registry: Registry):
    event = registry.get("purchase_item_shop")
    assert readers(event, {"event_log/purchase_item_shop": []}) == []


def test_a_circle_ends(registry: Registry):
    log = "event_log/purchase_item_shop"
    found = readers(
        registry.get("purchase_item_shop"), {log: ["fact/a"], "fact/a": ["fact/a", log]}
    )
    assert [reader.asset for reader in found] == ["fact/a"]


@pytest.mark.parametrize("graph", [{}, {"fact/a": ["fact/b"]}])
def test_an_event_without_a_log_is_named(registry: Registry, graph: dict):
    unknown = replace(registry.get("purchase_item_shop"), name="buy_item_shop")
    with pytest.raises(NotFound, match="weir events generate"):
        readers(unknown, graph)


def model(schema: str, name: str, *parents: str) -> dict:
    nodes = [f"model.weir.{parent}" for parent in parents]
    return {
        "resource_type": "model",
        "schema": schema,
        "name": name,
        "depends_on": {"nodes": nodes},
    }


def test_edges_of_a_manifest():
    manifest = {
        "nodes": {
            "model.weir.log": model("event_log", "log", "source"),
            "model.weir.facts": model("fact", "facts", "log"),
            "model.weir.scratch": model("scratch", "scratch", "log"),
            "test.weir.one": {"resource_type": "test"},
        },
        "exposures": {
            "exposure.weir.board": {"name": "board", "depends_on": {"nodes": ["model.weir.facts"]}}
        },
    }
    assert edges(manifest) == {"event_log/log": ["fact/facts"], "fact/facts": ["service/board"]}
