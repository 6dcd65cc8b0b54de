"""Single differences: what is told of them, and that mode backward forbids what the collector refuses."""

from __future__ import annotations

from typing import Any

import pytest

from weir.registry.compat import Difference, broken, compare

FREE = {"type": "object"}
EMPTY = {"type": "object", "additionalProperties": False}
DECLARED = {"type": "object", "properties": {"a": {"type": "string"}}}
COUNTS = {"type": "object", "additionalProperties": {"type": "integer"}}
OPTIONS = {"anyOf": [{"required": ["a"]}, {"properties": {"b": {"type": "integer"}}}]}


def inside(schema: Any) -> dict[str, Any]:
    return {"type": "object", "properties": {"p": schema}}


def closed(schema: dict[str, Any]) -> dict[str, Any]:
    return {**schema, "additionalProperties": False}


def told(old: Any, new: Any) -> dict[str, Difference]:
    found = list(compare(inside(old), inside(new)))
    assert all(one.remedy for one in found if one.hurts)
    return {one.rule: one for one in found}


def test_a_default_does_not_fill_in_what_is_required() -> None:
    filled = {**DECLARED, "required": ["b"]}
    filled["properties"] = {**DECLARED["properties"], "b": {"type": "string", "default": "x"}}
    one = told(DECLARED, filled)["required_added"]
    assert one.backward
    assert "default" not in one.remedy


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ({"enum": [1]}, {"enum": [True]}),
        ({"enum": ["x", 0]}, {"enum": ["x", False]}),
        ({"const": 0}, {"const": False}),
        ({"const": [0]}, {"const": [False]}),
        ({"const": {"a": 1}}, {"const": {"a": True}}),
        ({"anyOf": [{"const": 1}]}, {"anyOf": [{"const": True}]}),
        ({"oneOf": [{"enum": [0]}]}, {"oneOf": [{"enum": [False]}]}),
        ({"not": {"const": 1}}, {"not": {"const": True}}),
        ({"type": "array", "items": {"const": 1}}, {"type": "array", "items": {"const": True}}),
    ],
)
def test_true_is_not_1(old: Any, new: Any) -> None:
    assert broken(compare(inside(old), inside(new)), "backward")


@pytest.mark.parametrize("keyword", ["default", "examples"])
def test_true_is_not_1_in_words_either(keyword: str) -> None:
    assert f"{'default' if keyword == 'default' else 'annotation'}_changed" in told(
        {keyword: [1]}, {keyword: [True]}
    )


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ({"enum": [1, 2]}, {"enum": [2.0, 1.0]}),
        ({"const": 1}, {"const": 1.0}),
        ({"const": 2}, {"enum": [2.0]}),
        ({"default": {"a": [1]}}, {"default": {"a": [1.0]}}),
        ({"type": "integer", "minimum": 1}, {"type": "integer", "minimum": 1.0}),
    ],
)
def test_1_is_1_0(old: Any, new: Any) -> None:
    assert told(old, new) == {}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (FREE, EMPTY),
        ({"type": ["object", "null"]}, {**EMPTY, "type": ["object", "null"]}),
        ({**DECLARED, **OPTIONS}, closed({**DECLARED, **OPTIONS})),
    ],
)
def test_closing_what_nobody_flags_refuses_old_events(old: Any, new: Any) -> None:
    one = told(old, new)["openness_changed"]
    assert (one.backward, one.forward) == (True, False)
    assert "Leave `additionalProperties: false` away" in one.remedy
    back = told(new, old)["openness_changed"]
    assert (back.backward, back.forward) == (False, True)
    assert "Keep `additionalProperties: false`" in back.remedy


def test_closing_what_declares_its_keys_hurts_nobody_and_says_so() -> None:
    for old, new in ((DECLARED, closed(DECLARED)), (closed(DECLARED), DECLARED)):
        one = told(old, new)["openness_changed"]
        assert not one.hurts
        assert not one.remedy
        assert "may carry" not in one.reason


def test_closing_what_holds_nothing_hurts_nobody() -> None:
    none = {**FREE, "maxProperties": 0}
    assert not told(none, closed(none))["openness_changed"].hurts


@pytest.mark.parametrize("keyword", ["anyOf", "oneOf", "allOf"])
def test_an_option_is_judged_as_it_is_written(keyword: str) -> None:
    """Nobody flags a key inside alternatives: closing one refuses, declared keys or none."""
    for open_one in (FREE, DECLARED):
        one = told({keyword: [open_one]}, {keyword: [closed(open_one)]})["alternatives_changed"]
        assert one.backward


def test_an_option_that_is_free_collides_with_a_new_one() -> None:
    new = {"type": "object", "properties": {"a": {"type": "string"}}, "required": ["a"]}
    one = told({"oneOf": [FREE]}, {"oneOf": [FREE, new]})["alternatives_changed"]
    assert one.backward


@pytest.mark.parametrize(("kind", "hurts"), [("string", True), ("integer", False)])
def test_a_property_of_a_map_must_take_what_the_map_took(kind: str, hurts: bool) -> None:
    prop = {"a": {"type": kind}}
    kept = told(COUNTS, {**COUNTS, "properties": prop})
    (one,) = kept.values()
    assert (one.backward, one.forward, one.columns) == (hurts, hurts, True)
    declared = told(COUNTS, {"type": "object", "properties": prop})
    assert any(each.backward for each in declared.values()) == hurts
    assert declared["openness_changed"].columns


@pytest.mark.parametrize(("kind", "hurts"), [("string", True), ("integer", False)])
def test_a_property_gone_into_a_map_must_fit_the_map(kind: str, hurts: bool) -> None:
    old = {**COUNTS, "properties": {"a": {"type": kind}, "b": {"type": "integer"}}}
    new = {**COUNTS, "properties": {"b": {"type": "integer"}}}
    one = told(old, new)["property_removed"]
    assert (one.backward, one.forward, one.columns) == (hurts, hurts, True)


def test_a_property_that_an_option_took_must_not_take_less() -> None:
    old = {**DECLARED, **OPTIONS}
    new = {**old, "properties": {**DECLARED["properties"], "b": {"type": "string"}}}
    assert told(old, new)["property_added_to_open"].backward
    other = {**old, "properties": {**DECLARED["properties"], "c": {"type": "string"}}}
    assert not told(old, other)["property_added"].hurts
