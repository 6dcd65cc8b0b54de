"""A schema reduced to what decides a type."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from weir.registry.types.shape import Names, pascal_case, shape, snake_case


def shaped(schema: dict[str, Any], *, unions: bool = True) -> Any:
    whole = {"type": "object", "properties": {"x": schema}}
    names = Names()
    return shape(whole, "Root", names, unions=unions)["properties"]["x"]


def test_objects_are_closed_and_bounds_are_left_to_the_collector() -> None:
    schema = {"type": "object", "required": ["a", "gone"],
              "properties": {"a": {"type": "string", "minLength": 1, "format": "uuid"}, "b": False}}  # fmt: skip
    found = shaped(schema)
    assert found["properties"] == {"a": {"type": "string"}}
    assert found["required"] == ["a"]
    assert found["additionalProperties"] is False


@pytest.mark.parametrize(
    ("schema", "expected"),
    [
        (True, {}), ({}, {}), ({"type": "object"}, {"type": "object"}),
        ({"type": ["integer", "number"]}, {"type": "number"}),
        ({"enum": [1, 2.5]}, {"type": ["integer", "number"]}),
        ({"enum": [{"a": 1}]}, {}), ({"not": {"type": "string"}}, {}),
        ({"additionalProperties": {"type": "string"}},
         {"type": "object", "additionalProperties": {"type": "string"}}),
        ({"items": {"type": "string"}}, {"type": "array", "items": {"type": "string"}}),
        ({"anyOf": [{"type": "string"}, {}]}, {}),
        ({"type": "string", "anyOf": [{"minLength": 1}, {"pattern": "x"}]}, {"type": "string"}),
    ],
)  # fmt: skip
def test_shapes(schema: Any, expected: dict) -> None:
    found = shaped(schema)
    found.pop("title", None)
    assert found == expected


def test_without_unions_a_value_of_several_types_is_any_value() -> None:
    for schema in ({"type": ["string", "integer"]}, {"enum": ["a", 1]},
                   {"oneOf": [{"type": "string"}, {"type": "integer"}]}):  # fmt: skip
        assert shaped(schema, unions=False) == {}
        assert shaped(schema) != {}
    nullable = {"oneOf": [{"type": "string"}, {"type": "null"}]}
    assert shaped(nullable, unions=False)["anyOf"] == [{"type": "string"}, {"type": "null"}]


def test_equal_enums_share_one_name_and_alternatives_of_one_place_too() -> None:
    names = Names()
    word = {"enum": ["a", "b"]}
    choice = {
        "anyOf": [
            {"properties": {"p": word}},
            {"properties": {"p": {"type": "object", "properties": {}}}},
        ]
    }
    found = shape(
        {"type": "object", "properties": {"one": word, "two": {"enum": ["b", "a"]}, "c": choice}},
        "Root", names, unions=True,
    )["properties"]  # fmt: skip
    assert found["one"]["title"] == found["two"]["title"]
    assert names.restore(found["two"]["title"]) == "RootOne"
    assert "anyOf" not in found["c"], "objects of one place become one"
    assert names.restore(found["c"]["title"]) == "RootC"
    assert names.restore(found["c"]["properties"]["p"]["title"]) == "RootCP"
    assert len(found["c"]["properties"]["p"]["anyOf"]) == 2


def test_placeholders_are_restored_in_any_case() -> None:
    names = Names()
    held = [names.give(name) for name in ("PurchaseItemShop", "Second", "Third")]
    text = f"class {held[2]}Class, {held[0][0].lower()}{held[0][1:]}_x, {held[1]}"
    assert names.restore(text) == "class ThirdClass, purchaseItemShop_x, Second"
    assert "purchase_item_shop_x" in names.restore(text, snake=True)


@given(st.text())
def test_every_name_is_a_types_name(name: str) -> None:
    found = pascal_case(name)
    assert found.isidentifier()
    assert found.isascii()
    assert found[0].isupper()
    assert snake_case(found).isidentifier()
