"""What goes into production, and what is in the way: decided on plain data."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import pytest

from weir.core.grains import Grain
from weir.lineage.environments.picture import Shown
from weir.lineage.environments.promotion import CannotPromote, Promotion, promotion
from weir.lineage.ledger import Built
from weir.lineage.nodes import Kind, Node
from weir.lineage.stale import Look

LOG = Node("event_log/clicks", Kind.EVENT_LOG, Grain.DAY, events=("clicks",))
FACT = Node("fact/clicked", Kind.FACT, Grain.DAY, events=("clicks",), fact="clicked")
LAYER = Node("activation/clicked_activation_daily", Kind.ACTIVATION, Grain.DAY, fact="clicked")


def day(number: int) -> datetime:
    return datetime(2026, 1, number)


def built(content: str, code: str = "old") -> Built:
    return Built(1, content, "", "", code, 1, None)


class Seen:
    """Stands for a picture: what production and the environment have of each model."""

    def __init__(self) -> None:
        self.nodes = {node.asset: node for node in (LOG, FACT, LAYER)}
        self._shown = {asset: Shown() for asset in self.nodes}
        self.todo: dict[str, list[datetime]] = {}
        self.bad: dict[str, set[datetime]] = {}

    def put(
        self, node: Node, production: dict[int, Built], own: dict[int, Built] | None = None
    ) -> None:
        mine = {day(n): one for n, one in (own or {}).items()}
        there = {day(n): one for n, one in production.items()}
        self._shown[node.asset] = Shown({**there, **mine}, set(mine), there, mine)

    def shown(self, node: Node) -> Shown:
        return self._shown[node.asset]

    def look(self, node: Node) -> Look:
        return Look(node, {}, [], self.todo.get(node.asset, []))

    def failed(self, node: Node) -> set[datetime]:
        return self.bad.get(node.asset, set())

    def logs_of(self, fact: Node) -> list[Node]:
        del fact
        return [LOG]

    def fact_of(self, node: Node) -> Node:
        del node
        return FACT


@pytest.fixture
def seen() -> Seen:
    """An environment that has built days 1 and 2 of the fact anew; the code of day 1 was `old`."""
    made = Seen()
    made.put(FACT, {1: built("a"), 2: built("b")}, {1: built("A", "new"), 2: built("b", "new")})
    return made


def plan(
    picture: Any, changed: Iterable[str] = (), base: dict[str, str] | None = None
) -> Promotion:
    bases = {FACT.asset: {"2026-01-01": "old"} if base is None else base}
    return promotion(picture, bases, set(changed))


def spans(of: Any) -> dict[str, list[str]]:
    return {asset: [str(each) for each in ranges] for asset, ranges in of.items()}


def test_all_that_was_built_goes_and_only_other_rows_are_copied(seen: Seen) -> None:
    found = plan(seen)
    (moving,) = found.moving
    assert not found.blocked
    assert moving.node == FACT
    assert [str(each) for each in moving.ranges] == ["2026-01-01"]
    assert (found.partitions, found.copied) == (2, 1)
    assert {at: part.hash for at, part in moving.replaced.items()} == {day(1): "a", day(2): "b"}


def test_what_production_lacks_is_copied_too(seen: Seen) -> None:
    seen.put(FACT, {}, {3: built("c", "new")})
    assert plan(seen).copied == 1


def test_nothing_built_is_nothing_to_promote() -> None:
    assert plan(Seen()).moving == []


def test_partitions_that_production_has_must_be_built(seen: Seen) -> None:
    seen.put(FACT, {1: built("a"), 2: built("b")}, {1: built("A", "new")})
    seen.todo[FACT.asset] = [day(2), day(3)]  # production has no third day either
    assert spans(plan(seen).blocked.missing) == {FACT.asset: ["2026-01-02"]}


def test_what_follows_a_change_must_be_built_as_well(seen: Seen) -> None:
    seen.put(LAYER, {1: built("x")})
    seen.todo[LAYER.asset] = [day(1)]
    assert spans(plan(seen).blocked.missing) == {LAYER.asset: ["2026-01-01"]}


def test_where_production_itself_is_behind_nothing_is_in_the_way(seen: Seen) -> None:
    seen.put(LOG, {1: built("l")})
    seen.todo[LOG.asset] = [day(1)]
    assert not plan(seen).blocked
    assert spans(plan(seen, [LOG.asset]).blocked.missing) == {LOG.asset: ["2026-01-01"]}


def test_what_was_built_from_something_else_is_in_the_way(seen: Seen) -> None:
    seen.todo[FACT.asset] = [day(1)]
    blocked = plan(seen).blocked
    assert spans(blocked.stale) == {FACT.asset: ["2026-01-01"]}
    assert blocked.missing == {}


def test_failed_checks_count_where_the_environment_built(seen: Seen) -> None:
    seen.bad[FACT.asset] = {day(2), day(9)}
    assert spans(plan(seen).blocked.failed) == {FACT.asset: ["2026-01-02"]}


@pytest.mark.parametrize(
    ("code", "base", "moved"),
    [
        ("old", {"2026-01-01": "old"}, False),
        ("new", {"2026-01-01": "old"}, False),  # the environment's own code: CI promoted it
        ("theirs", {"2026-01-01": "old"}, True),
        ("theirs", {"2026-01-01": ""}, True),
        ("old", {"2026-01-01": "", "2026-01-02": "old"}, False),  # a day came, with the old code
    ],
)
def test_what_other_code_built_since_is_not_undone(
    seen: Seen, code: str, base: dict[str, str], moved: bool
) -> None:
    seen.put(FACT, {1: built("a", code)}, {1: built("A", "new")})
    assert spans(plan(seen, base=base).blocked.moved) == (
        {FACT.asset: ["2026-01-01"]} if moved else {}
    )


def test_a_refusal_names_every_reason_and_the_next_step(seen: Seen) -> None:
    seen.put(FACT, {1: built("a", "theirs"), 2: built("b")}, {1: built("A", "new")})
    seen.todo[FACT.asset], seen.bad[FACT.asset] = [day(2)], {day(1)}
    refused = CannotPromote("ann", plan(seen).blocked)
    for part in ("missing what production has", "has failed checks", "would undo"):
        assert part in refused.what
    assert refused.remedy == "Build it: `weir --env ann run`."
    seen.todo.clear()
    assert "tells which checks" in CannotPromote("ann", plan(seen).blocked).remedy
    seen.bad.clear()
    assert "Merge the code" in CannotPromote("ann", plan(seen).blocked).remedy
