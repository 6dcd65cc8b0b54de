"""The closed form of a version's schema."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from weir.registry.findings import Findings
from weir.registry.keywords import KEYWORDS, TOP_ONLY
from weir.registry.lint import check_schema

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from([*KEYWORDS, *TOP_ONLY, "$ref", "x"]), inner, max_size=4)
    ),
    max_leaves=12,
)


def lint(schema: object) -> list[tuple[str, str]]:
    found = Findings("v1.json")
    check_schema(schema, found)
    return [(error.pointer, str(error)) for error in found.errors]


def of(**keywords: object) -> dict:
    return {"type": "object", "properties": {"a": {"description": "It.", **keywords}}}


@pytest.mark.parametrize(
    ("schema", "pointer", "said"),
    [
        (of(type="string", mexLength=3), "/properties/a/mexLength", "Did you mean `maxLength`?"),
        (of(type="strng"), "/properties/a/type", "Did you mean `string`?"),
        (of(type="integer", maxLength=3), "/properties/a/maxLength", "does nothing on integer"),
        (of(minimum=3), "/properties/a/minimum", "without a type"),
        (of(type="integer", minimum=3, maximum=2), "/properties/a/minimum", "leaves nothing"),
        (of(type="number", exclusiveMinimum=2, maximum=2), "/properties/a/exclusiveMinimum", "2"),
        (of(type="string", format="datetime"), "/properties/a/format", "`date-time`"),
        (of(type="string", pattern="("), "/properties/a/pattern", "regex"),
        (of(type="string", enum=["x", 3]), "/properties/a/enum", "3 can never be valid"),
        (of(type="string", minLength=-1), "/properties/a/minLength", "minimum"),
        (of(type="array", items={"type": "array"}), "/properties/a/items", "list of lists"),
        (of(type="array", items=True), "/properties/a/items", "A schema is an object"),
        (of(**{"$ref": "https://example.com/x.json"}), "/properties/a/$ref", "outside"),
        (of(**{"$ref": "#/$defs/x"}), "/properties/a/$ref", "no schema `x`"),
        (of(anyOf=[{"tipe": "string"}]), "/properties/a/anyOf/0/tipe", "`type`"),
        ({"type": "object", "anyOf": []}, "/anyOf", "top level"),
        ({"type": "array"}, "/type", "no object at the top"),
        (
            {"type": "object", "additionalProperties": {"type": "string"}},
            "/additionalProperties",
            "",
        ),
        (
            {"type": "object", "properties": {"a": {"type": "string"}}},
            "/properties/a",
            "description",
        ),
        ({**of(type="string"), "required": ["b"]}, "/required/0", "not declared"),
        ({**of(type="string"), "examples": [{"a": 1}]}, "/examples/0", "not valid"),
    ],
)
def test_each_mistake_is_named(schema, pointer, said):
    found = lint(schema)
    assert [place for place, _ in found] == [pointer]
    assert said in found[0][1]


@pytest.mark.parametrize("name", ["itemID", "user_id", "event_x", "_x", "a__b", "1a", "x y", ""])
def test_names_are_checked_at_every_depth(name):
    leaf = {name: {"type": "string", "description": "It."}}
    top = lint({"type": "object", "properties": leaf})
    nested = lint(of(type="object", properties=leaf))
    items = lint(of(type="array", items={"type": "object", "properties": leaf}))
    assert len(top) == len(nested) == len(items) == 1


@pytest.mark.parametrize(
    ("name", "remedy"),
    [("", "like `item_price`"), ("1", "like `item_price`"), ("__", "Choose"),
     ("eventName", "like"), ("itemID", "Try `item_id`"), ("a" * 200, "like")],
)  # fmt: skip
def test_no_name_is_suggested_that_is_refused_itself(name: str, remedy: str):
    ((_, said),) = lint({"type": "object", "properties": {name: {"description": "It."}}})
    assert remedy in said
    assert len(said) < 500


@pytest.mark.parametrize(
    "address", ["http://json-schema.org/draft-07/schema#", "https://example.com/x", "", 3, None]
)
def test_only_one_dialect_is_written(address: object):
    ((pointer, said),) = lint({**of(type="string"), "$schema": address})
    assert pointer == "/$schema"
    assert "https://json-schema.org/draft/2020-12/schema" in said
    assert (
        lint({**of(type="string"), "$schema": "https://json-schema.org/draft/2020-12/schema"}) == []
    )


def test_what_the_validator_refuses_is_told_with_the_rest():
    wrong = {"a": {"type": "string", "pattern": "(", "description": "It."}}
    other = {"b": {"type": "strng", "description": "It."}, "c": {"type": "string", "minLength": -1}}
    found = lint({"type": "object", "properties": wrong | other})
    assert {pointer for pointer, _ in found} == {
        "/properties/a/pattern",
        "/properties/b/type",
        "/properties/c",
        "/properties/c/minLength",
    }


@pytest.mark.parametrize("name", ["version", "platform", "landing_day", "received_at"])
def test_columns_of_every_event_are_taken(name):
    leaf = {name: {"type": "string", "description": "It."}}
    assert "already a column" in lint({"type": "object", "properties": leaf})[0][1]
    assert lint(of(type="object", properties=leaf)) == []


def test_a_map_has_no_declared_keys():
    inner = {"b": {"type": "string"}}
    found = lint(of(type="object", properties=inner, additionalProperties={"type": "string"}))
    assert "either declared keys or one schema" in found[0][1]


def test_references_are_put_in_place():
    defs = {"money": {"type": "number", "minimum": 0, "description": "Dollars."}}
    found = Findings("v1.json")
    schema = check_schema(
        {"type": "object", "$defs": defs, "properties": {"a": {"$ref": "#/$defs/money"}}}, found
    )
    assert found.errors == []
    assert schema["properties"]["a"] == defs["money"]


def test_definitions_that_nothing_uses_are_checked_too():
    wrong = {"type": "object", "properties": {"b": {"type": "string", "mexLength": 3}}}
    found = lint({**of(type="string"), "$defs": {"a/b": wrong}})
    assert [place for place, _ in found] == ["/$defs/a~1b/properties/b/mexLength"]
    used = {"type": "object", "properties": {"c": {"$ref": "#/$defs/d", "description": "It."}}}
    found = lint({**used, "$defs": {"d": wrong}})
    assert [place for place, _ in found] == ["/properties/c/properties/b/mexLength"]


def test_endless_references_are_refused():
    node = {"type": "object", "properties": {"next": {"$ref": "#/$defs/node"}}}
    schema = {"type": "object", "$defs": {"node": node}, "properties": {"a": node}}
    assert "contains itself" in lint(schema)[0][1]


@given(JSON, JSON)
def test_lint_never_raises(content, node):
    lint(content)
    lint({"type": "object", "properties": {"a": node}})
    if isinstance(node, dict):
        lint({**node, "type": "object"})
