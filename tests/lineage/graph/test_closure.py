"""The closure against brute force: rebuild everything, see what differs."""

from __future__ import annotations

import random
from collections.abc import Mapping
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from weir.core import grains
from weir.core.errors import WeirError
from weir.core.grains import Grain
from weir.lineage.graph import Each, Edge, Graph, Previous, Same, UpTo, closure

FIRST = datetime(2024, 2, 20)
DAYS = [FIRST + timedelta(days=i) for i in range(40)]
GRAINS = (Grain.DAY, Grain.WEEK, Grain.MONTH)


def labels_of(grain: Grain) -> list[datetime]:
    return sorted({grains.floor(day, grain) for day in DAYS})


def overlapping(parent: Grain, child: Grain):
    """Return what a period reads of another grain's: all that touch it."""

    def reads(label: datetime) -> list[datetime]:
        end = grains.shift(label, child, 1)
        return [at for at in labels_of(parent) if at < end and grains.shift(at, parent, 1) > label]

    return reads


def last_of(parent: Grain, child: Grain):
    def last(label: datetime) -> datetime:
        return grains.floor(grains.shift(grains.shift(label, child, 1), Grain.DAY, -1), parent)

    return last


@st.composite
def worlds(draw: st.DrawFn) -> tuple[Graph, dict[str, Grain]]:
    """Draw a graph of assets of several grains, with all kinds of edges."""
    names = [f"a{i}" for i in range(draw(st.integers(2, 9)))]
    kinds = {name: draw(st.sampled_from(GRAINS)) for name in names}
    edges: list[Edge] = []
    for i, child in enumerate(names):
        parents = draw(st.lists(st.sampled_from(names[:i]), unique=True, max_size=3)) if i else []
        for parent in parents:
            p, c = kinds[parent], kinds[child]
            choices = ["up_to", "overlap", "offset"] + (["same"] if p == c else [])
            match draw(st.sampled_from(choices)):
                case "up_to":
                    edges.append(UpTo(parent, child, last_of(p, c)))
                case "overlap":
                    edges.append(Each(parent, child, overlapping(p, c)))
                case "offset":
                    step = draw(st.integers(-2, 0))

                    def reads(at: datetime, p: Grain = p, step: int = step) -> list[datetime]:
                        return [grains.shift(grains.floor(at, p), p, step)]

                    edges.append(Each(parent, child, reads))
                case _:
                    edges.append(Same(parent, child))
        if draw(st.booleans()):
            edges.append(Previous(child, child))
    return Graph({name: labels_of(kinds[name]) for name in names}, edges), kinds


Content = dict[str, dict[datetime, int]]


def build(graph: Graph, salt: Mapping[tuple[str, datetime], int]) -> Content:
    """Build every partition from scratch: a number made of all that it reads."""
    found: Content = {}
    for asset in graph.order:
        found[asset] = {}
        for at in sorted(graph.labels[asset]):
            read = graph.reads(asset, at)
            inputs = tuple((p, r, found[p][r]) for p, rs in sorted(read.items()) for r in rs)
            found[asset][at] = hash((asset, at, inputs, salt.get((asset, at), 0)))
    return found


@given(worlds(), st.randoms(use_true_random=False))
def test_the_closure_is_exactly_what_a_rebuild_of_everything_changes(
    world: tuple[Graph, dict[str, Grain]], rng: random.Random
) -> None:
    graph, _ = world
    every = [(asset, at) for asset, labels in graph.labels.items() for at in sorted(labels)]
    faults = rng.sample(every, k=min(len(every), rng.randint(0, 4)))
    before, after = build(graph, {}), build(graph, dict.fromkeys(faults, 1))
    differs = {(a, at) for a, at in every if before[a][at] != after[a][at]}
    seeds: dict[str, list[datetime]] = {}
    for asset, at in faults:
        seeds.setdefault(asset, []).append(at)
    reached = closure(graph, seeds)
    assert {(a, at) for a, labels in reached.items() for at in labels} == differs


@given(worlds(), st.randoms(use_true_random=False))
def test_every_first_cause_is_a_fault_that_itself_reads_no_other(
    world: tuple[Graph, dict[str, Grain]], rng: random.Random
) -> None:
    graph, _ = world
    every = [(asset, at) for asset, labels in graph.labels.items() for at in sorted(labels)]
    faults = set(rng.sample(every, k=min(len(every), 4)))
    seeds: dict[str, list[datetime]] = {}
    for asset, at in faults:
        seeds.setdefault(asset, []).append(at)
    reached = closure(graph, seeds)
    for asset, labels in reached.items():
        for at, how in labels.items():
            assert how.root in faults
            root_asset, root_at = how.root
            assert reached[root_asset][root_at].root == how.root
            if how.via != (asset, at):
                via_asset, via_at = how.via
                assert via_at in graph.reads(asset, at)[via_asset]
                assert reached[via_asset][via_at].root == how.root


def test_a_circle_is_told_with_its_assets() -> None:
    graph = Graph({"a": [FIRST], "b": [FIRST]}, [Same("a", "b"), Same("b", "a")])
    with pytest.raises(WeirError, match=r"(a reads b|b reads a) reads"):
        _ = graph.order


def test_a_chain_carries_a_fault_to_its_end_and_no_earlier() -> None:
    graph = Graph({"chain": DAYS}, [Previous("chain", "chain")])
    reached = closure(graph, {"chain": [DAYS[10]]})["chain"]
    assert list(reached) == DAYS[10:]
    assert {how.root for how in reached.values()} == {("chain", DAYS[10])}
