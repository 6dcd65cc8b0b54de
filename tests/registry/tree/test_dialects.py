"""What differs between drafts, one by one, and what must not begin to act in another draft."""

from __future__ import annotations

from typing import Any

import pytest

from weir.registry.tree import RawNode, from_json_schema, to_json_schema
from weir.registry.tree.write import Writer

PAIRS = [
    ("draft-04", {"id": "x:y"}, {"$id": "x:y"}),
    ("draft-04", {"type": "number", "minimum": 1, "exclusiveMinimum": True},
     {"type": "number", "exclusiveMinimum": 1}),
    ("draft-06", {"type": "array", "items": [{}, {"type": "null"}], "additionalItems": False},
     {"type": "array", "prefixItems": [{}, {"type": "null"}], "items": False}),
    ("draft-07", {"type": "object", "dependencies": {"a": ["b"]}},
     {"type": "object", "dependentRequired": {"a": ["b"]}}),
    ("draft-07", {"definitions": {"a": {}}, "$ref": "#/definitions/a"},
     {"$defs": {"a": {}}, "$ref": "#/$defs/a"}),
    ("2019-09", {"type": "array", "items": [{}]}, {"type": "array", "prefixItems": [{}]}),
]  # fmt: skip


@pytest.mark.parametrize(("draft", "old", "new"), PAIRS)
def test_one_thing_in_two_drafts(draft, old, new):
    tree, found = from_json_schema(old, draft)
    assert not found
    translated = to_json_schema(tree)
    assert translated.pop("$schema") == "https://json-schema.org/draft/2020-12/schema"
    assert translated == new
    back = to_json_schema(from_json_schema(new)[0], draft)
    assert {key: value for key, value in back.items() if key != "$schema"} == old


def test_iglu_names_itself_in_an_address():
    own = {"vendor": "com.acme", "name": "click", "format": "jsonschema", "version": "1-0-2"}
    schema = {"$schema": "http://iglucentral.com/schemas/com.snowplowanalytics.self-desc/schema/jsonschema/1-0-0#",
              "self": own, "type": "object"}  # fmt: skip
    written = to_json_schema(from_json_schema(schema)[0])
    assert written["$id"] == "iglu:com.acme/click/jsonschema/1-0-2"
    assert to_json_schema(from_json_schema(written)[0], "iglu") == schema


WAKES = [
    ("draft-04", {"type": "string", "const": "a"}, "/const"),
    ("draft-04", {"type": "number", "exclusiveMinimum": False}, "/exclusiveMinimum"),
    ("draft-07", {"$ref": "#/definitions/a", "minLength": 2, "definitions": {"a": {}}}, "/minLength"),
    ("draft-06", {"type": "string", "if": {"minLength": 2}}, "/if"),
]  # fmt: skip


@pytest.mark.parametrize(("draft", "schema", "place"), WAKES)
def test_what_did_nothing_does_not_begin_to_act(draft, schema, place):
    """It is kept for its own draft, told when it is read, and a listed loss in 2020-12."""
    tree, found = from_json_schema(schema, draft)
    assert place in {note.pointer for note in found}
    assert to_json_schema(tree, draft) == schema
    writer = Writer(tree, "2020-12")
    assert place[1:] not in writer.schema()
    assert [loss.pointer for loss in writer.losses] == [place]


RAW = [
    {"allOf": [{"type": "string"}]}, {"not": {}}, {"if": {}, "then": {}}, {"contains": {}},
    {"unevaluatedProperties": False}, {"$dynamicRef": "#a"}, False, {"type": ["strin"]},
    {"minLength": 1, "minimum": 1}, {"properties": []},
    {"type": "object", "$ref": "#/$defs/a"}, {"$defs": {}, "definitions": {}}, {"type": {}},
]  # fmt: skip


@pytest.mark.parametrize("schema", RAW)
def test_what_no_node_shows_is_raw_and_told(schema: Any):
    tree, found = from_json_schema(schema)
    assert isinstance(tree.root, RawNode)
    assert "raw" in {note.rule for note in found if note.pointer == ""}
    assert to_json_schema(tree) == schema


def test_a_raw_node_is_translated_inside():
    schema = {"allOf": [{"minimum": 1, "exclusiveMinimum": True, "items": [{"const": 1}]}]}
    writer = Writer(from_json_schema(schema, "draft-04")[0], "2020-12")
    assert writer.schema()["allOf"] == [{"exclusiveMinimum": 1, "prefixItems": [{}]}]
    assert [loss.pointer for loss in writer.losses] == ["/allOf/0/items/0/const"]


def test_wrong_values_are_told_without_a_network():
    schema = {"$schema": "http://127.0.0.1:9/schema", "type": "strin", "minLength": "1"}
    found = from_json_schema(schema)[1]
    assert {(note.pointer, note.rule) for note in found} >= {
        ("/type", "wrong_value"), ("/minLength", "wrong_value"),
    }  # fmt: skip
