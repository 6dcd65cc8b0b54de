"""What the macros answer to a wrong name, a wrong grain, a wrong fact, a wrong range."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

FACT = "users_did_it"
SPAN = ("2024-01-01", "2024-02-01")
MACROS = {
    "activation": f"{FACT}_activation_daily",
    "activation_summary": f"{FACT}_activation_daily_summary",
    "firstlast": f"{FACT}_firstlast_daily",
}


@pytest.mark.parametrize("parsing", [True, False])
@pytest.mark.parametrize(("macro", "right"), MACROS.items())
def test_a_wrong_name_is_told_the_right_one(
    harness: Any,
    compilation_error: type[Exception],
    monkeypatch: pytest.MonkeyPatch,
    macro: str,
    right: str,
    parsing: bool,
) -> None:
    monkeypatch.setitem(harness.context, "execute", not parsing)
    with pytest.raises(compilation_error, match=f"must be named `{right}`"):
        harness.render(macro, FACT, "daily", model="my_model", span=SPAN)


@pytest.mark.parametrize("macro", MACROS)
def test_parsing_declares_every_input(
    harness: Any, monkeypatch: pytest.MonkeyPatch, macro: str
) -> None:
    seen: list[str] = []
    monkeypatch.setitem(harness.context, "execute", False)
    monkeypatch.setitem(harness.context, "graph", {})
    monkeypatch.setitem(harness.context, "ref", lambda name: seen.append(name) or name)
    assert harness.render(macro, FACT, "daily", model=MACROS[macro]) == "select 1"
    inputs = {
        "activation": {FACT, MACROS["firstlast"]},
        "activation_summary": {FACT, MACROS["firstlast"], MACROS["activation"]},
        "firstlast": {FACT},
    }
    assert set(seen) == inputs[macro]


@pytest.mark.parametrize("macro", MACROS)
def test_an_unknown_grain_is_told_the_known_ones(
    harness: Any, compilation_error: type[Exception], macro: str
) -> None:
    with pytest.raises(compilation_error, match="Valid values are: daily, weekly, monthly"):
        harness.render(macro, FACT, "dayly", model=f"{FACT}_activation_dayly", span=SPAN)


@pytest.mark.parametrize(
    ("meta", "said"),
    [
        (None, f"`{FACT}` is no fact"),
        ({}, f"`{FACT}` is no fact"),
        ({"kind": "other", "key": "user_id"}, f"`{FACT}` is no fact"),
        ({"kind": "fact", "key": "user_id", "time_zone": "UTC"}, "lacks `meta.weir.start`"),
        ({"kind": "fact", "time_zone": "UTC", "start": "2024-01-01"}, "lacks `meta.weir.key`"),
        ({"kind": "fact", "key": "u", "start": "2024-01-01"}, "lacks `meta.weir.time_zone`"),
    ],
)
def test_a_wrong_fact_is_told_what_is_missing(
    harness: Any,
    compilation_error: type[Exception],
    monkeypatch: pytest.MonkeyPatch,
    meta: dict[str, Any] | None,
    said: str,
) -> None:
    config = SimpleNamespace(meta={} if meta is None else {"weir": meta})
    node = SimpleNamespace(name=FACT, config=config)
    graph = SimpleNamespace(nodes={f"model.weir.{FACT}": node})
    monkeypatch.setitem(harness.context, "graph", graph)
    with pytest.raises(compilation_error, match=said):
        harness.render("activation", FACT, "daily", model=MACROS["activation"], span=SPAN)


def test_an_unknown_fact_is_told_so(harness: Any, compilation_error: type[Exception]) -> None:
    with pytest.raises(compilation_error, match="`nowhere` is no fact"):
        harness.render(
            "activation", "nowhere", "daily", model="nowhere_activation_daily", span=SPAN
        )


def test_a_range_must_begin_and_end_with_a_period(
    harness: Any, compilation_error: type[Exception]
) -> None:
    harness.fact(FACT, start="2024-01-01")
    with pytest.raises(compilation_error, match=r"2024-01-10 is none\. Use 2024-01-08"):
        harness.render(
            "activation",
            FACT,
            "weekly",
            model=f"{FACT}_activation_weekly",
            span=("2024-01-10", "2024-01-15"),
        )


def test_an_unknown_week_start_is_told_the_known_ones(
    harness: Any, compilation_error: type[Exception]
) -> None:
    harness.fact(FACT, start="2024-01-01", week_start="mon")
    with pytest.raises(compilation_error, match="week_start=mon"):
        harness.render("activation", FACT, "weekly", model=f"{FACT}_activation_weekly", span=SPAN)


def test_without_a_range_the_sql_is_valid_and_empty(layer_of: Any) -> None:
    layer = layer_of(FACT, "daily", start="2024-01-01")
    layer.facts([("a", "2024-01-01")])
    sql = layer.harness.render("activation", FACT, "daily", model=MACROS["activation"])
    assert layer.harness.con.execute(sql).fetchall() == []
