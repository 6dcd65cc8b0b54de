"""Keywords that contradict each other, columns that do not fit: one line per kind of finding."""

from __future__ import annotations

from collections.abc import Callable

import jsonschema_rs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from weir.registry import Event, columns
from weir.registry.budget import MAX_COLUMNS, MAX_DEPTH, check_columns, leaves
from weir.registry.contradictions import contradictions
from weir.registry.findings import Findings
from weir.registry.lint import check_schema
from weir.registry.reserved import BASE_COLUMNS


def lint(schema: object) -> list[tuple[str, str]]:
    found = Findings("v1.json")
    check_schema(schema, found)
    return [(error.pointer, str(error)) for error in found.errors]


def of(**keywords: object) -> dict:
    return {"type": "object", "properties": {"a": {"description": "It.", **keywords}}}


TEXT, WHOLE, NUMBER = {"type": "string"}, {"type": "integer"}, {"type": "number"}
OBJECT = {"type": "object", "properties": {"b": WHOLE}}
LIST = {"type": "array", "items": TEXT}
UNIQUE = {"type": "array", "uniqueItems": True}


@pytest.mark.parametrize(
    ("schema", "at", "said"),
    [
        (TEXT | {"minLength": 3, "maxLength": 2}, "minLength", "leaves nothing below `maxLength` 2"),
        (LIST | {"minItems": 3, "maxItems": 2}, "minItems", "leaves nothing"),
        (OBJECT | {"minProperties": 3, "maxProperties": 2}, "minProperties", "leaves nothing"),
        (LIST | {"contains": TEXT, "minContains": 3, "maxContains": 2}, "minContains", "leaves nothing"),
        (NUMBER | {"minimum": 3, "maximum": 2}, "minimum", "leaves nothing"),
        (NUMBER | {"exclusiveMinimum": 2, "exclusiveMaximum": 2}, "exclusiveMinimum", "leaves nothing"),
        (NUMBER | {"minimum": 2, "exclusiveMaximum": 2}, "minimum", "leaves nothing"),
        (WHOLE | {"minimum": 1.2, "maximum": 1.8}, "minimum", "No whole number lies between"),
        (WHOLE | {"exclusiveMinimum": 1, "exclusiveMaximum": 2}, "exclusiveMinimum", "No whole number"),
        (NUMBER | {"minimum": 1, "maximum": 4, "multipleOf": 5}, "minimum", "No multiple of 5"),
        (NUMBER | {"multipleOf": 0}, "multipleOf", "Nothing is a multiple of 0"),
        (NUMBER | {"multipleOf": -1}, "multipleOf", "above 0"),
        (NUMBER | {"exclusiveMinimum": True}, "exclusiveMinimum", "write it instead of `minimum`"),
        (TEXT | {"pattern": "^$", "minLength": 1}, "pattern", "allowed length"),
        (TEXT | {"pattern": "^[a-z]{2,3}$", "maxLength": 1}, "pattern", "allowed length"),
        (TEXT | {"format": "uuid", "maxLength": 32}, "maxLength", "at least 36 characters"),
        (OBJECT | {"required": ["b"], "maxProperties": 0}, "maxProperties", "1 keys are required"),
        (OBJECT | {"additionalProperties": False, "minProperties": 2}, "minProperties", "only 1 keys"),
        ({"type": "object", "additionalProperties": False, "minProperties": 1}, "minProperties", "only 0 keys"),
        (LIST | {"prefixItems": [TEXT], "items": False, "minItems": 2}, "minItems", "only 1 items"),
        (UNIQUE | {"items": {"type": "boolean"}, "minItems": 3}, "minItems", "only 2 different"),
        (UNIQUE | {"items": {"type": "null"}, "minItems": 2}, "minItems", "only 1 different"),
        (UNIQUE | {"items": {"type": ["boolean", "null"]}, "minItems": 4}, "minItems", "only 3 different"),
        (UNIQUE | {"items": TEXT | {"enum": ["x", "y"]}, "minItems": 3}, "minItems", "only 2 different"),
        (UNIQUE | {"items": {"const": 1}, "minItems": 2}, "minItems", "only 1 different"),
        (NUMBER | {"minimum": 10**4000, "maximum": 1}, "minimum", "leaves nothing below `maximum` 1"),
        (OBJECT | {"required": ["c"]}, "required/0", "required but not declared"),
        ({"type": "object", "required": ["c"]}, "required/0", "required but not declared"),
        (TEXT | {"enum": []}, "enum", "allows nothing"),
        (TEXT | {"enum": ["x", "x"]}, "enum/1", "stands twice"),
        (TEXT | {"enum": ["x", 3]}, "enum", "3 can never be valid"),
        (WHOLE | {"enum": [1, 9], "maximum": 5}, "enum", "9 can never be valid"),
        (TEXT | {"const": 3}, "const", "3 can never be valid"),
        (WHOLE | {"default": "x"}, "default", '"x" is not valid'),
        (WHOLE | {"default": 9, "maximum": 5}, "default", "9 is not valid"),
        (TEXT | {"examples": ["x", 3]}, "examples/1", "3 is not valid"),
        (TEXT | {"enum": ["x"], "examples": ["y"]}, "examples/0", '"y" is not valid'),
        (TEXT | {"anyOf": [TEXT, WHOLE]}, "anyOf/1", "it never fits"),
        ({"allOf": [TEXT, WHOLE]}, "allOf", "No value is of all the types"),
        ({"oneOf": [TEXT, TEXT]}, "oneOf/1", "fit two alternatives"),
        ({"oneOf": [WHOLE | {"minimum": 1}, NUMBER]}, "oneOf/1", "fit two alternatives"),
        (TEXT | {"not": {}}, "not", "allows nothing"),
        (WHOLE | {"minItems": 1}, "minItems", "does nothing on integer"),
        (TEXT | {"patternProperties": {"^x": TEXT}}, "patternProperties", "does nothing on string"),
        (OBJECT | {"patternProperties": {"^x": {"mexLength": 1}}}, "patternProperties/^x/mexLength", "max"),
        (OBJECT | {"if": {"propertis": {}}}, "if/propertis", "`properties`"),
        (OBJECT | {"then": {"required": ["b"], "titel": 1}}, "then/titel", "`title`"),
        (LIST | {"prefixItems": [{"typ": "string"}]}, "prefixItems/0/typ", "`type`"),
        (LIST | {"contains": {"tpye": "string"}}, "contains/tpye", "`type`"),
        (LIST | {"items": {"type": "array", "items": TEXT}}, "items", "list of lists"),
        (OBJECT | {"b": WHOLE}, "b", "move it into `properties` of /properties/a"),
        (OBJECT | {"title": 3}, "title", "is not of type"),
    ],
)  # fmt: skip
def test_each_contradiction(schema: dict, at: str, said: str):
    found = lint(of(**schema))
    assert [pointer for pointer, _ in found] == [f"/properties/a/{at}"]
    assert said in found[0][1]


@pytest.mark.parametrize(
    "schema",
    [
        WHOLE | {"minimum": 1, "maximum": 1},
        WHOLE | {"minimum": 4, "maximum": 6, "multipleOf": 5},
        NUMBER | {"minimum": 1.2, "maximum": 1.8},
        NUMBER | {"minimum": 0.1, "maximum": 0.3, "multipleOf": 0.1},
        TEXT | {"pattern": "^[a-z]{2,3}$", "minLength": 3, "maxLength": 3},
        TEXT | {"format": "uuid", "maxLength": 36},
        OBJECT | {"anyOf": [{"required": ["b"]}, {"maxProperties": 3}]},
        OBJECT | {"if": {"required": ["b"]}, "then": {"minProperties": 1}, "else": False},
        OBJECT | {"patternProperties": {"^x_": TEXT}, "propertyNames": {"maxLength": 20}},
        OBJECT | {"dependentRequired": {"b": ["b"]}, "unevaluatedProperties": False},
        LIST | {"prefixItems": [TEXT], "items": False},
        LIST | {"prefixItems": [TEXT], "items": False, "minItems": 1},
        LIST | {"items": {"type": "boolean"}, "minItems": 3},
        UNIQUE | {"items": {"type": "boolean"}, "minItems": 2},
        UNIQUE | {"items": {"type": ["boolean", "string"]}, "minItems": 3},
        UNIQUE | {"prefixItems": [TEXT], "items": {"type": "null"}, "minItems": 2},
        WHOLE | {"minimum": -(10**4000), "maximum": 10**4000},
        {"type": ["integer", "null"], "enum": [1, None], "default": None},
        {"oneOf": [TEXT | {"maxLength": 3}, WHOLE]},
        {"allOf": [NUMBER, WHOLE]},
    ],
)
def test_what_is_no_contradiction(schema: dict):
    assert lint(of(**schema)) == []


NUMBERS = st.sampled_from([-3, 0, 1, 1.5, 2, 2.5, 7])
BOUNDED = st.fixed_dictionaries(
    {"type": st.sampled_from(["integer", "number"])},
    optional={
        "minimum": NUMBERS,
        "maximum": NUMBERS,
        "exclusiveMinimum": NUMBERS,
        "exclusiveMaximum": NUMBERS,
        "multipleOf": st.sampled_from([0.5, 1, 2, 5]),
    },
)


@given(BOUNDED)
def test_a_schema_is_called_empty_only_if_no_number_fits(schema: dict):
    judge = jsonschema_rs.Draft202012Validator(schema)
    fits = any(judge.is_valid(value / 4) for value in range(-80, 81))
    assert not (fits and list(contradictions(schema)))
    if not fits and len(schema) == 3 and "multipleOf" not in schema:
        assert list(contradictions(schema))


@pytest.mark.parametrize(
    ("properties", "pointer", "said"),
    [
        (
            {"itemId": WHOLE, "item_id": WHOLE},
            "/properties/item_id",
            "become one column, `item_id`",
        ),
        ({"ITEM": WHOLE, "item": WHOLE}, "/properties/item", "become one column, `item`"),
        ({"itemID": WHOLE, "itemid": WHOLE}, "/properties/itemid", "become one column, `itemid`"),
        ({"a__b": WHOLE, "a": OBJECT}, "/properties/a/properties/b", "`a.b` and `a__b` become one"),
        ({"landingDay": WHOLE}, "/properties/landingDay", "which every event has"),
        ({"receivedAt": WHOLE}, "/properties/receivedAt", "becomes the column `received_at`"),
        (
            {"a": {"type": "array", "items": {"properties": {"x-y": TEXT, "x_y": TEXT}}}},
            "/properties/a/items/properties/x_y",
            "become one column, `x_y`",
        ),
    ],
)
def test_collisions(properties: dict, pointer: str, said: str):
    described = {name: {"description": "It.", **schema} for name, schema in properties.items()}
    found = lint({"type": "object", "properties": described})
    assert any(place == pointer and said in text for place, text in found)


@pytest.mark.parametrize("name", ["a.b", "a b", "a-b", "1a", "상품", "a$", "A"])
def test_illegal_characters(name: str):
    found = lint({"type": "object", "properties": {name: {**TEXT, "description": "It."}}})
    assert "snake_case" in found[0][1]


def fits(event: Event) -> list[str]:
    found = Findings("v1.json")
    check_columns(columns(event), found)
    return [f"{error.pointer} {error}" for error in found.errors]


def nested(levels: int, leaf: dict) -> dict:
    return leaf if not levels else {"type": "object", "properties": {"n": nested(levels - 1, leaf)}}


def test_the_column_budget_counts_fields_inside_lists(make_event: Callable[..., Event]):
    room = MAX_COLUMNS - len(BASE_COLUMNS) - 1
    rows = {"type": "object", "properties": {f"p{i}": WHOLE for i in range(room - 1)}}
    full = {"rows": {"type": "array", "items": rows}, "one": WHOLE}
    event = make_event(full)
    assert sum(leaves(column.structure) for column in columns(event)) == room
    assert fits(event) == []
    (said,) = fits(make_event({"more": WHOLE}, full))  # what an older version declared stays
    assert "has 10001 columns, nested fields counted; 10000 are allowed" in said


def test_names_and_depth_have_an_end(make_event: Callable[..., Event]):
    long = "x" * 100
    two = {"type": "object", "properties": {long: WHOLE}}
    assert fits(make_event({long: two})) == []
    (said,) = fits(make_event({long: {"type": "object", "properties": {long: two}}}))
    assert "300 are allowed" in said
    assert fits(make_event({"a": {"type": "array", "items": nested(MAX_DEPTH, WHOLE)}})) == []
    (said,) = fits(make_event({"a": {"type": "array", "items": nested(MAX_DEPTH + 1, WHOLE)}}))
    assert "16 levels of records; 15 are allowed" in said


def test_a_field_is_not_named_like_a_changed_column(make_event: Callable[..., Event]):
    inner = {"type": "object", "properties": {"v2": WHOLE}}
    (said,) = fits(make_event({"a": inner}))
    assert said.startswith("/properties/a/properties/v2 ")
    assert fits(make_event({"v2": WHOLE, "b": {"type": "array", "items": inner}})) == []
