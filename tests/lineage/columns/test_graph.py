"""Columns through many models: up, down, and what people ask for."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from weir.core.errors import NotFound
from weir.lineage.columns.asking import down, parse
from weir.lineage.columns.assemble import Assembled, Source, assemble
from weir.lineage.columns.graph import ColumnGraph, Node, Step

LOG = (
    'with e as (select *, from_json(params, \'{"item": "BIGINT", "price": "DOUBLE"}\') as t'
    " from accepted.normal where event_name = 'buy_item_shop')"
    " select event_id, user_id, event_time, t.item, t.price,"
    " json_merge_patch(params, '{}') as _extra from e"
)
MODELS = {
    "event_log/buy_item_shop": LOG,
    "fact/bought": "select user_id, cast(event_time as date) as day, sum(price) as amount,"
    " count(*) as n from event_log.buy_item_shop where item > 0 group by 1, 2",
    "activation/state": "with recent as (select * from activation.state where day > '2026-01-01')"
    " select b.user_id, b.day, b.amount + coalesce(s.total, 0) as total"
    " from fact.bought as b left join recent as s on b.user_id = s.user_id",
    "activation/days": "select day, count(*) as users from activation.state group by 1",
    "activation/state_view": "select total * 2 as twice from activation.state",
}
DECLARED = {"activation/state": {"user_id": "varchar", "day": "date", "total": "double"}}


def sources(**changed: str) -> list[Source]:
    found = {**MODELS, **{f"fact/{name}": sql for name, sql in changed.items()}}
    return [Source(a, "1", sql, DECLARED.get(a, {})) for a, sql in found.items()]


@pytest.fixture(scope="module")
def whole() -> Assembled:
    return assemble(reversed(sources()))


@pytest.fixture(scope="module")
def graph(whole: Assembled) -> ColumnGraph:
    return ColumnGraph(whole.lineages(), {"service/page": ["activation/days"]})


def reached(steps: Iterable[Step], *, prefix: str = "") -> set[str]:
    return {step.there.text for step in steps if step.there.asset.startswith(prefix)}


def test_every_model_is_followed_once_in_order(whole: Assembled) -> None:
    assert [a for a, one in whole.followed.items() if one.lineage.unresolved] == []
    order = list(whole.followed)
    assert (
        order.index("fact/bought")
        < order.index("activation/state")
        < order.index("activation/days")
    )


def test_up_goes_through_all_models(graph: ColumnGraph) -> None:
    steps = graph.up("activation/state_view", "twice")
    assert {
        "activation/state.total",
        "fact/bought.amount",
        "event_log/buy_item_shop.price",
    } <= reached(steps)
    assert "accepted/normal.params" in reached(steps)
    assert "event_log/buy_item_shop.item" in reached(steps)  # it decides the rows of the fact
    assert {
        s.path
        for s in steps
        if s.there == Node("accepted/normal", "params") and s.here.column == "price"
    } == {".price"}
    assert reached(graph.up("activation/state_view", "twice", depth=1)) == {
        "activation/state.total"
    }


def test_down_tells_values_from_rows(graph: ColumnGraph) -> None:
    price = graph.down("event_log/buy_item_shop", "price")
    assert reached(price) == {
        "fact/bought.amount", "activation/state.total", "activation/state_view.twice",
    }  # fmt: skip
    item = graph.down("event_log/buy_item_shop", "item")
    assert reached(item) == {
        "fact/bought", "activation/state", "activation/state_view", "activation/days", "service/page",
    }  # fmt: skip


def test_a_model_that_reads_itself_does_not_go_round(graph: ColumnGraph) -> None:
    assert Node("activation/state", "total") in {
        s.there for s in graph.up("activation/state", "total")
    }
    assert reached(graph.down("activation/state", "total")) >= {"activation/state_view.twice"}
    assert "activation/state" not in reached(graph.assets("activation/state", up=True))


def test_assets_alone(graph: ColumnGraph) -> None:
    assert reached(graph.assets("service/page", up=True, depth=2)) == {
        "activation/days",
        "activation/state",
    }
    assert reached(graph.assets("fact/bought", up=False)) == {
        "activation/state", "activation/days", "activation/state_view", "service/page",
    }  # fmt: skip
    assert reached(graph.up("service/page")) > {"activation/days", "activation/state.day"}


def test_readers_are_the_next_ones_only(graph: ColumnGraph) -> None:
    assert reached(graph.readers("event_log/buy_item_shop", "price")) == {"fact/bought.amount"}
    assert reached(graph.readers("activation/state")) == {
        "activation/days",
        "activation/state_view",
    }


LOGS = {"buy_item_shop": [("event_log/buy_item_shop", "accepted/normal")]}


def test_an_events_parameter_is_followed_by_its_place(graph: ColumnGraph) -> None:
    wanted = parse("event:buy_item_shop.price", graph, LOGS)
    only = ["event_log/buy_item_shop"]
    steps = down(wanted, graph, only)
    assert reached(steps, prefix="event_log") == {"event_log/buy_item_shop.price"}  # not `_extra`
    assert "activation/state_view.twice" in reached(steps)
    assert max(s.depth for s in steps) == 4
    unknown = parse("event:buy_item_shop.color", graph, LOGS)
    assert reached(down(unknown, graph, only)) == {"event_log/buy_item_shop._extra"}
    assert reached(down(wanted, graph, only, depth=1)) == {"event_log/buy_item_shop.price"}


def test_names_may_be_short(graph: ColumnGraph) -> None:
    assert parse("bought.amount", graph, LOGS).node == Node("fact/bought", "amount")
    assert parse("fact/bought", graph, LOGS).node == Node("fact/bought")
    place = parse("accepted/normal.params$.price", graph, LOGS)
    assert place.text == "accepted/normal.params$.price"
    assert "event_log/buy_item_shop.price" in reached(down(place, graph))
    assert "event_log/buy_item_shop.item" not in reached(down(place, graph, depth=1))


@pytest.mark.parametrize(
    ("words", "near"),
    [
        ("fact/bougth", "fact/bought"),
        ("fact/bought.amuont", "amount"),
        ("event:buy_item_shpo.price", "buy_item_shop"),
    ],
)
def test_near_names_are_told(graph: ColumnGraph, words: str, near: str) -> None:
    with pytest.raises(NotFound, match=f"Did you mean `{near}`"):
        parse(words, graph, LOGS)


def test_what_did_not_change_is_not_followed_again(whole: Assembled) -> None:
    sql = MODELS["fact/bought"]
    same = assemble(sources(), whole.followed)
    assert all(same.followed[asset] is one for asset, one in whole.followed.items())
    other = assemble(
        sources(bought=sql.replace("count(*) as n", "count(*) as n, max(item) as top")),
        whole.followed,
    )
    again = {a for a, one in other.followed.items() if one is not whole.followed[a]}
    assert again == {
        "fact/bought",
        "activation/state",
    }  # what reads it has another input; no further
    assert other.followed["activation/state"].lineage == whole.followed["activation/state"].lineage


def test_what_was_not_compiled_is_told_and_counts_as_read() -> None:
    broken = Source("fact/odd", "1", "", {"user_id": "varchar"}, failed="dbt cannot compile it: no")
    found = assemble(
        [*sources(), broken, Source("activation/x", "1", "select user_id from fact.odd")]
    )
    assert found.followed["fact/odd"].lineage.unknown == {""}
    assert found.followed["activation/x"].lineage.unresolved == ()
    assert found.codes["fact/odd"].columns == {"user_id": "varchar"}
