"""The generic tests `part_*`: one row per failing partition, on planted faults."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

FACT = "users_did_it"
SPAN = ("2024-01-01", "2024-01-05")


@pytest.fixture
def run(harness: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Return a function that runs a generic test on a table partitioned by `day`."""
    harness.fact(FACT, start="2024-01-01")
    config = {"partition_column": "day", "partition_type": "date"}
    node = SimpleNamespace(name="t", config=config)
    graph = SimpleNamespace(nodes={**harness.context["graph"].nodes, "model.weir.t": node})
    monkeypatch.setitem(harness.context, "graph", graph)

    def call(test: str, rows: str, **arguments: Any) -> list[tuple[Any, ...]]:
        table = f"(select cast(day as date) as day, a, b from (values {rows}) as t(day, a, b))"
        monkeypatch.setitem(config, "partition_column", "day")
        harness.range = SPAN
        harness.context["model"] = SimpleNamespace(name="test", attached_node="model.weir.t")
        sql = harness.context[f"test_{test}"](table, **arguments)
        found: list[tuple[Any, ...]] = harness.con.execute(f"{sql} order by 1").fetchall()
        return found

    return call


def test_not_null_counts_by_partition(run: Any) -> None:
    rows = "('2024-01-01', 1, 1), ('2024-01-02', null, 1), ('2024-01-02', null, 2)"
    assert run("part_not_null", rows, column_name="a") == [("2024-01-02", 2)]
    assert run("part_not_null", rows, column_name="b") == []


def test_unique_counts_the_repeated_combinations(run: Any) -> None:
    rows = "('2024-01-01', 1, 1), ('2024-01-01', 1, 1), ('2024-01-01', 1, 2), ('2024-01-02', 1, 1)"
    assert run("part_unique", rows, columns=["a", "b"]) == [("2024-01-01", 1)]
    assert run("part_unique", rows, columns=["day", "a", "b"]) == [("2024-01-01", 1)]


def test_accepted_values_let_null_pass(run: Any) -> None:
    rows = "('2024-01-01', 'x', 1), ('2024-01-02', 'y', 1), ('2024-01-03', null, 1)"
    found = run("part_accepted_values", rows, column_name="a", values=["x"])
    assert found == [("2024-01-02", 1)]


def test_columns_are_judged_in_one_scan_and_the_wrong_one_is_named(run: Any) -> None:
    rows = (
        "('2024-01-01', 'x', 1), ('2024-01-02', 'y', 1), ('2024-01-02', 'z', 1),"
        " ('2024-01-03', null, 1), ('2024-01-04', 'x', null)"
    )
    found = run("part_columns", rows, not_null=["b"], values={"a": ["x"]})
    assert found == [("2024-01-02", 2, "a is y"), ("2024-01-04", 1, "b is NULL")]
    assert run("part_columns", rows, not_null=["a", "b"]) == [
        ("2024-01-03", 1, "a is NULL"), ("2024-01-04", 1, "b is NULL"),
    ]  # fmt: skip


@pytest.fixture
def broken(layer_of: Any) -> Any:
    """Return a function that builds a layer, runs a fault on it, and returns what the test finds."""

    def call(fault: str) -> list[tuple[Any, ...]]:
        layer = layer_of(FACT, "daily", start="2024-01-01")
        layer.facts(
            [("a", "2024-01-01"), ("b", "2024-01-02"), ("a", "2024-01-03"), ("b", "2024-01-03")]
        )
        for kind in ("activation", "summary"):
            layer.build(kind, SPAN)
        harness = layer.harness
        harness.con.execute(
            fault.format(layer=layer.table("activation"), summary=layer.table("summary"))
        )
        sql = harness.render(
            "test_part_identity",
            layer.table("summary"),
            fact=FACT,
            grain="daily",
            span=SPAN,
        )
        found: list[tuple[Any, ...]] = harness.con.execute(f"{sql} order by 1").fetchall()
        return found

    return call


@pytest.mark.parametrize(
    ("fault", "found"),
    [
        ("select 1", {}),
        (
            "delete from {layer} where period_start = '2024-01-02'",
            {"2024-01-02": ["active users and active rows of the layer: 1, 0"]},
        ),
        (
            "update {summary} set users = 3 where period_start = '2024-01-04'",
            {
                "2024-01-04": [
                    "Retained -> Inactive and Retained before - back: 3, 1",
                    "seen and seen before + first time: 6, 2",
                ]
            },
        ),
        (
            f"insert into {FACT} values ('c', '2024-01-03', 1)",  # a late fact, not yet in the layer
            {"2024-01-03": ["active users and keys in the fact: 2, 3"]},
        ),
        (
            "update {summary} set users = -1 where period_start = '2024-01-02' and state = 'Inactive'",
            {
                "2024-01-02": [
                    "users below zero: 1, 0",
                    "New -> Inactive and New before - back: -1, 1",
                ],
                "2024-01-03": ["seen and seen before + first time: 2, 0"],
            },
        ),
    ],
)
def test_identities(broken: Any, fault: str, found: dict[str, list[str]]) -> None:
    rows = broken(fault)
    assert {row[0] for row in rows} == set(found)
    for key, failures, detail in rows:
        assert failures > 0
        for sentence in found[key]:
            assert sentence in detail
