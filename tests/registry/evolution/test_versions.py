"""Which columns successive versions become."""

from __future__ import annotations

from typing import Any

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from weir.registry.evolution.structures import Structure, bigquery_type, duckdb_type, widen
from weir.registry.evolution.versions import Typed, fold

INT, REAL, TEXT, JSON = "BIGINT", "DOUBLE", "VARCHAR", "JSON"


def folded(*versions: dict[str, Any]) -> dict[str, tuple[Structure, int, int | None]]:
    found = fold(dict(enumerate(versions, 1)))
    return {column.name: (column.structure, column.since, column.until) for column in found}


@pytest.mark.parametrize(
    ("old", "new", "both"),
    [
        (INT, INT, INT),
        (INT, REAL, REAL),
        (REAL, INT, REAL),
        ([INT], [REAL], [REAL]),
        ("MAP(VARCHAR, BIGINT)", "MAP(VARCHAR, DOUBLE)", "MAP(VARCHAR, DOUBLE)"),
        ([{"a": INT}], [{"b": TEXT, "a": REAL}], [{"b": TEXT, "a": REAL}]),
        ([{"a": INT, "b": TEXT}], [{"a": INT}], [{"a": INT, "b": TEXT}]),
        ([{"a": [{"b": INT}]}], [{"a": [{"b": REAL, "c": INT}]}], [{"a": [{"b": REAL, "c": INT}]}]),
    ],
)
def test_what_widens_stays_one_column(old, new, both):
    assert folded({"p": old}, {"p": new}) == {"p": (both, 0, None)}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (INT, TEXT),
        (INT, "BOOLEAN"),
        (TEXT, JSON),
        (JSON, TEXT),
        (INT, [INT]),
        ([INT], [TEXT]),
        ([INT], JSON),
        ("MAP(VARCHAR, BIGINT)", "MAP(VARCHAR, VARCHAR)"),
        ("MAP(VARCHAR, BIGINT)", INT),
        ([{"a": INT}], [{"a": TEXT}]),
        ([{"a": INT}], [INT]),
    ],
)
def test_any_other_type_is_a_new_column(old, new):
    assert folded({"p": old}, {"p": new}) == {"p": (old, 0, 1), "p__v2": (new, 2, None)}


def test_a_type_that_comes_back_follows_the_latest():
    assert folded({"p": INT}, {"p": TEXT}, {"p": INT}) == {
        "p": (INT, 0, 1), "p__v2": (TEXT, 2, 2), "p__v3": (INT, 3, None),
    }  # fmt: skip
    assert folded({"p": INT}, {"p": TEXT}, {"p": TEXT}).keys() == {"p", "p__v2"}


def test_a_removed_parameter_keeps_its_column_and_may_come_back():
    assert folded({"p": INT, "q": INT}, {"q": INT}, {"p": REAL}) == {
        "p": (REAL, 0, None), "q": (INT, 0, None),
    }  # fmt: skip
    assert folded({"p": INT}, {}, {"p": TEXT}) == {"p": (INT, 0, 2), "p__v3": (TEXT, 3, None)}


def test_an_object_and_a_scalar_in_turn():
    assert folded({"p": INT}, {"p": {"x": INT}}, {"p": {"x": TEXT, "y": REAL}}, {"p": TEXT}) == {
        "p": (INT, 0, 1),
        "p__v2__x": (INT, 2, 2),
        "p__v2__x__v3": (TEXT, 3, 3),
        "p__v2__y": (REAL, 2, 3),
        "p__v4": (TEXT, 4, None),
    }
    assert folded({"p": {"x": INT}}, {"p": [INT]}) == {
        "p__x": (INT, 0, 1), "p__v2": ([INT], 2, None),
    }  # fmt: skip


def test_inside_an_object_only_what_broke_is_new():
    assert folded({"p": {"x": INT, "y": INT}}, {"p": {"x": TEXT, "y": REAL}}) == {
        "p__x": (INT, 0, 1), "p__x__v2": (TEXT, 2, None), "p__y": (REAL, 0, None),
    }  # fmt: skip


def test_the_fork_is_where_types_part():
    found = fold({1: {"p": {"x": INT}, "q": {"r": INT}}, 2: {"p": {"x": TEXT}, "q": INT}})
    assert {c.name: c.fork for c in found} == {"p__x": 2, "p__x__v2": 2, "q__r": 1, "q__v2": 1}


def test_versions_may_have_gaps_and_columns_the_newest_order():
    found = fold({2: {"a": INT, "b": INT}, 7: {"c": INT, "b": TEXT}})
    assert [(c.name, c.since, c.until) for c in found] == [
        ("c", 0, None), ("b", 0, 6), ("b__v7", 7, None), ("a", 0, None),
    ]  # fmt: skip
    assert fold({}) == fold({1: {}}) == []


STRUCTURES = st.recursive(
    st.sampled_from([INT, REAL, TEXT, JSON, "MAP(VARCHAR, BIGINT)"]),
    lambda inner: (
        inner.filter(lambda x: x != JSON).map(lambda x: [x])
        | st.dictionaries(st.sampled_from("abc"), inner, min_size=1, max_size=3)
    ),
    max_leaves=5,
)
VERSIONS = st.lists(st.dictionaries(st.sampled_from("pq"), STRUCTURES, max_size=2), max_size=4)


def leaves(tree: Structure, path: tuple[str, ...] = ()) -> list[tuple[tuple[str, ...], Structure]]:
    if not isinstance(tree, dict):
        return [(path, tree)]
    return [found for key, inner in tree.items() for found in leaves(inner, (*path, key))]


def feeds(column: Typed, version: int) -> bool:
    return column.since <= version and (column.until is None or version <= column.until)


@given(VERSIONS)
def test_every_version_has_exactly_one_column_that_holds_its_type(versions):
    found = fold(dict(enumerate(versions, 1)))
    assert len({column.name for column in found}) == len(found)
    for number, fields in enumerate(versions, 1):
        for path, kind in leaves(fields):
            (column,) = [c for c in found if c.path == path and feeds(c, number)]
            assert widen(column.structure, kind) == column.structure


@given(STRUCTURES, STRUCTURES)
def test_the_wider_type_holds_both_whatever_their_order(one, other):
    both = widen(one, other)
    assert both == widen(other, one)
    assert widen(one, one) == one
    if both is not None:
        assert widen(both, one) == widen(both, other) == both


@given(STRUCTURES)
def test_duckdb_and_bigquery_know_every_type(kind):
    with duckdb.connect() as connection:
        connection.execute(f"select cast(null as {duckdb_type(kind)})")
    assert "MAP" not in bigquery_type(kind)
