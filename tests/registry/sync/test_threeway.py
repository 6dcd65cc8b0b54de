"""The three-way merge: what is kept, and what is a conflict."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from weir.core.errors import EditConflict
from weir.registry.sync import Change, Edit
from weir.registry.sync.change import blob_id, canonical, text
from weir.registry.sync.merging import merge_change
from weir.registry.sync.threeway import ABSENT, merge

BASE: dict[str, Any] = {
    "type": "object",
    "required": ["a", "b"],
    "properties": {
        "a": {"type": "string", "enum": ["x", "y"], "maxLength": 5},
        "b": {"type": ["integer", "null"], "minimum": 1},
        "c": {"type": "object", "properties": {"d": {"type": "string"}}},
    },
    "anyOf": [{"required": ["a"]}, {"required": ["b"]}],
    "examples": [{"a": "x"}],
}


def edited(*places: tuple[str, Any]) -> dict[str, Any]:
    """BASE with the values at some pointers set, or removed where the value is ABSENT."""
    value = copy.deepcopy(BASE)
    for pointer, new in places:
        *way, last = pointer.split("/")[1:]
        node = value
        for token in way:
            node = node.setdefault(token, {})
        if new is ABSENT:
            del node[last]
        else:
            node[last] = new
    return value


P = "/properties"
MERGES = [
    # mine, theirs, both
    ([(f"{P}/e", {"type": "string"})], [(f"{P}/f", {"type": "boolean"})],
     [(f"{P}/f", {"type": "boolean"}), (f"{P}/e", {"type": "string"})]),
    ([(f"{P}/a/maxLength", 9)], [(f"{P}/a/enum", ["x", "y", "z"])],
     [(f"{P}/a/maxLength", 9), (f"{P}/a/enum", ["x", "y", "z"])]),
    ([("/required", ["a", "b", "c"])], [("/required", ["b"])], [("/required", ["b", "c"])]),
    ([("/required", ["b", "a"])], [("/required", ["a"])], [("/required", ["a"])]),
    ([(f"{P}/a/enum", ["y", "x", "v"])], [(f"{P}/a/enum", ["w", "y"])],
     [(f"{P}/a/enum", ["w", "y", "v"])]),
    ([(f"{P}/b/type", ["integer", "null", "string"])], [(f"{P}/b/type", ["integer"])],
     [(f"{P}/b/type", ["integer", "string"])]),
    ([(f"{P}/a", ABSENT)], [(f"{P}/b/minimum", 2)], [(f"{P}/a", ABSENT), (f"{P}/b/minimum", 2)]),
    ([(f"{P}/a", ABSENT)], [(f"{P}/a", ABSENT)], [(f"{P}/a", ABSENT)]),
    ([("/$defs", {"m": {"type": "string"}})], [("/$defs", {"n": {"type": "string"}})],
     [("/$defs", {"n": {"type": "string"}, "m": {"type": "string"}})]),
    ([(f"{P}/c/required", ["d"])], [(f"{P}/c/required", ["e"])], [(f"{P}/c/required", ["e", "d"])]),
    ([(f"{P}/c/properties/d/maxLength", 3)], [(f"{P}/c/properties/e", {})],
     [(f"{P}/c/properties/d/maxLength", 3), (f"{P}/c/properties/e", {})]),
    ([("/anyOf", [])], [("/description", "More.")], [("/anyOf", []), ("/description", "More.")]),
]  # fmt: skip


@pytest.mark.parametrize(("mine", "theirs", "both"), MERGES)
def test_edits_of_different_nodes_are_both_kept(mine, theirs, both):
    merged, conflicts = merge(BASE, edited(*mine), edited(*theirs))
    assert (merged, conflicts) == (edited(*both), [])


CONFLICTS = [
    # mine, theirs, where
    ([(f"{P}/a/maxLength", 9)], [(f"{P}/a/maxLength", 8)], f"{P}/a/maxLength"),
    ([(f"{P}/a/maxLength", ABSENT)], [(f"{P}/a/maxLength", 8)], f"{P}/a/maxLength"),
    ([(f"{P}/a", ABSENT)], [(f"{P}/a/maxLength", 8)], f"{P}/a"),
    ([(f"{P}/a/maxLength", 8)], [(f"{P}/a", ABSENT)], f"{P}/a"),
    ([(f"{P}/e", {"type": "string"})], [(f"{P}/e", {"$ref": "#/$defs/e"})], f"{P}/e"),
    ([(f"{P}/b/type", "integer")], [(f"{P}/b/type", ["integer"])], f"{P}/b/type"),
    ([(f"{P}/b/minimum", 1.0)], [(f"{P}/b/minimum", True)], f"{P}/b/minimum"),
    ([("/anyOf", [{"required": ["b"]}, {"required": ["a"]}])], [("/anyOf", [{}, {}])], "/anyOf"),
    ([("/examples", [{"a": "x"}, {"a": "y"}])], [("/examples", [{"a": "y"}])], "/examples"),
    ([(f"{P}/a/default", {"required": [1]})], [(f"{P}/a/default", {"required": [2]})],
     f"{P}/a/default"),
    ([(f"{P}/a~b", {"x": 1})], [(f"{P}/a~b", {"x": 2})], f"{P}/a~0b"),
]  # fmt: skip


@pytest.mark.parametrize(("mine", "theirs", "where"), CONFLICTS)
def test_edits_of_one_node_are_a_conflict_there(mine, theirs, where):
    merged, conflicts = merge(BASE, edited(*mine), edited(*theirs))
    assert [node.pointer for node in conflicts] == [where]
    assert merged == edited(*theirs)


def test_a_property_named_like_a_keyword_is_none():
    base = {"properties": {"required": {"type": "string"}, "enum": {"type": "string"}}}
    mine, theirs = copy.deepcopy(base), copy.deepcopy(base)
    mine["properties"]["enum"]["maxLength"] = 1  # type: ignore[assignment]
    theirs["properties"]["required"]["maxLength"] = 2  # type: ignore[assignment]
    merged, conflicts = merge(base, mine, theirs)
    assert (merged["properties"]["enum"]["maxLength"], conflicts) == (1, [])
    assert merged["properties"]["required"]["maxLength"] == 2


KEYS = st.sampled_from(["properties", "required", "enum", "type", "items", "a", "b", "minimum"])
SCALARS = st.one_of(st.none(), st.booleans(), st.integers(0, 3), st.sampled_from(["x", "y", 1.0]))
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=12,
)


def normal(value: Any, key: str = "") -> Any:
    """The value with its sets in one order, as far as a merge may reorder them."""
    if isinstance(value, dict):
        return {k: normal(v, k) for k, v in value.items()}
    return sorted(value, key=canonical) if isinstance(value, list) else value


def alike(one: Any, other: Any) -> bool:
    return canonical(normal(one)) == canonical(normal(other))


@given(VALUES, VALUES)
def test_one_side_alone_is_taken_whole(base, edit):
    for mine, theirs in ((edit, base), (base, edit), (edit, edit)):
        merged, conflicts = merge(base, mine, theirs)
        assert alike(merged, edit)
        assert not conflicts


@given(VALUES, VALUES, VALUES)
def test_the_sides_are_equal_before_the_merge(base, mine, theirs):
    one, conflicts = merge(base, mine, theirs)
    other, swapped = merge(base, theirs, mine)
    assert {node.pointer for node in conflicts} == {node.pointer for node in swapped}
    if not conflicts:
        assert alike(one, other)


@given(VALUES, VALUES, VALUES)
def test_deciding_for_one_side_leaves_no_conflict(base, mine, theirs):
    for side in ("mine", "theirs"):
        _, conflicts = merge(base, mine, theirs, lambda node, side=side: getattr(node, side))
        assert conflicts == []


@given(VALUES, VALUES, VALUES)
def test_a_merged_value_is_merged_already(base, mine, theirs):
    merged, conflicts = merge(base, mine, theirs)
    if not conflicts:
        again, none = merge(base, mine, merged)
        assert alike(again, merged)
        assert none == []


# Savers with copies of one file, which save in any order, each having read at any former time.

PLACES = st.sampled_from(["p", "q", "r", "s"])
SAVES = st.lists(st.tuples(PLACES, st.integers(0, 2), st.integers(0, 5)), min_size=1, max_size=12)
PATH = "shop/view_item_shop/v1.json"


@given(SAVES)
def test_no_save_is_lost(saves):
    history = [text({"properties": {"p": {"maxLength": 9}}})]
    contents = {blob_id(history[0]): history[0]}
    for name, length, age in saves:
        read = history[max(0, len(history) - 1 - age)]
        mine = json.loads(read)
        mine["properties"].setdefault(name, {})["maxLength"] = length
        change = Change((Edit(PATH, text(mine), blob_id(read)),))
        now = json.loads(history[-1])
        was = json.loads(read)["properties"].get(name, {}).get("maxLength")
        there = now["properties"].get(name, {}).get("maxLength")
        merged = merge_change(change, {PATH: history[-1]}, contents.get)
        if was != length and there not in (was, length):
            with pytest.raises(EditConflict):
                merged.checked()
            continue
        content = merged.checked().get(PATH, history[-1])
        assert content is not None
        after = json.loads(content)["properties"]
        expected = {key: dict(value) for key, value in now["properties"].items()}
        if was != length:
            expected.setdefault(name, {})["maxLength"] = length
        assert after == expected
        history.append(content)
        contents[blob_id(content)] = content
