"""What a restatement builds, and how what it rewrote is told."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest

from weir.engines.history import LandingHistory
from weir.lineage.ledger import Built, Ledger
from weir.lineage.nodes import Node
from weir.lineage.restate import WAVES, Restatement
from weir.lineage.rewritten import compare, compare_all
from weir.lineage.stale import Picture

spec = importlib.util.spec_from_file_location("commits", Path(__file__).with_name("commits.py"))
assert spec
assert spec.loader
doubles = importlib.util.module_from_spec(spec)
spec.loader.exec_module(doubles)

Look = Callable[..., Picture]
FACT = "users_bought"


def planned(look: Look, history: LandingHistory, wanted: Restatement) -> list[str]:
    return [
        f"{run.wave} {run.labels} {run.missing}+{run.stale}"
        for wave in WAVES
        for run in wanted.runs(look(history), wave)
    ]


def test_everything_from_the_day_on_is_built_again(
    look: Look, history: LandingHistory, ledger: Ledger
) -> None:
    doubles.run_all(look, history, ledger, doubles.Commits())
    assert planned(look, history, Restatement(FACT, datetime(2026, 1, 8))) == [
        "fact 2026-01-08..2026-01-09 0+2",
        "activation 2026-01-08..2026-01-09 0+4",
    ]


def test_other_facts_and_other_grains_stay(
    look: Look, history: LandingHistory, ledger: Ledger
) -> None:
    doubles.run_all(look, history, ledger, doubles.Commits())
    since = datetime(2026, 1, 8)
    assert planned(look, history, Restatement("users_visited", since)) == []
    assert planned(look, history, Restatement(FACT, since, {"week"})) == [
        "fact 2026-01-08..2026-01-09 0+2"
    ]


def test_what_is_stale_before_the_day_is_built_too(
    look: Look, history: LandingHistory, ledger: Ledger, nodes: list[Node]
) -> None:
    """Otherwise nothing after it could be."""
    doubles.run_all(look, history, ledger, doubles.Commits())
    changed = [replace(n, code="new") if n.asset == f"fact/{FACT}" else n for n in nodes]
    runs = Restatement(FACT, datetime(2026, 1, 9)).runs(look(history, nodes=changed), "fact")
    assert [str(run.labels) for run in runs] == ["2026-01-05..2026-01-09"]


def test_a_demand_asks_for_nothing_that_is_not_due(
    look: Look, history: LandingHistory, ledger: Ledger
) -> None:
    doubles.run_all(look, history, ledger, doubles.Commits())
    picture = look(history)
    node = picture.nodes[f"fact/{FACT}"]
    picture.demand(node, [datetime(2026, 1, 6), datetime(2030, 1, 1)])
    assert picture.look(node).stale == [datetime(2026, 1, 6)]


@pytest.mark.parametrize(
    ("before", "after", "counts", "span"),
    [
        ({}, {"a": 1, "b": 2}, (2, 0, 0), ("a", "b")),
        ({"a": 1, "b": 2}, {"a": 1, "b": 3}, (0, 1, 1), ("b", "b")),
        ({"a": 1}, {"a": 1}, (0, 0, 1), ("", "")),
        ({"a": 1, "z": 1}, {"a": 1}, (0, 0, 1), ("", "")),
    ],
)
def test_partitions_are_new_changed_or_the_same(
    before: dict[str, int],
    after: dict[str, int],
    counts: tuple[int, int, int],
    span: tuple[str, str],
) -> None:
    report = compare("fact/x", [*after, "absent"], _built(before), _built(after))
    assert (report.new, report.changed, report.same) == counts
    assert (report.first, report.last) == span
    assert report.rows_after == sum(after.values())


def test_assets_that_nothing_built_are_left_out() -> None:
    state = {"fact/x": _built({"a": 1}), "fact/y": _built({"a": 1})}
    assert [r.asset for r in compare_all({"fact/y": {"a"}}, state, state)] == ["fact/y"]


def _built(rows: dict[str, int]) -> dict[str, Built]:
    return {key: Built(n, f"hash {n}", "", "", "", 1, None) for key, n in rows.items()}
