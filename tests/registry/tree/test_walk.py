"""Pointers: every node is found where it is said to be, and can be replaced there."""

from __future__ import annotations

from dataclasses import FrozenInstanceError, replace
from typing import Any

import pytest

from weir.core.errors import NotFound
from weir.registry.tree import (
    AnyNode,
    MapNode,
    Null,
    ObjectNode,
    RawNode,
    RefNode,
    ScalarNode,
    Tree,
    UnionNode,
    at,
    from_json_schema,
    pii_tags,
    replace_at,
    tag_pii,
    to_json_schema,
    walk,
)

SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["who"],
    "properties": {
        "who": {"type": ["string", "null"], "minLength": 1, "description": "Who."},
        "what": {"type": ["integer", "array"], "minimum": 0, "items": {"type": "boolean"}},
        "which": {"oneOf": [{"const": 1}, {"$ref": "#/$defs/other"}], "title": "Which."},
        "counts": {"type": "object", "additionalProperties": {"type": "integer"}},
        "a/b~c": {"type": "array", "prefixItems": [{"type": "string"}], "items": False},
        "odd": {"if": {"type": "string"}, "then": {"minLength": 2}},
        "free": True,
        "home": {"type": "object", "properties": {"city": {"type": "string"}}},
    },
    "$defs": {"other": {"enum": ["x", None]}},
}


@pytest.fixture
def tree() -> Tree:
    return from_json_schema(SCHEMA)[0]


def looked_up(schema: Any, pointer: str) -> Any:
    for token in pointer.split("/")[1:]:
        key = token.replace("~1", "/").replace("~0", "~")
        schema = schema[int(key)] if isinstance(schema, list) else schema[key]
    return schema


def test_every_pointer_leads_to_its_schema(tree):
    pointers = [pointer for pointer, _ in walk(tree)]
    for pointer in pointers:
        assert isinstance(looked_up(SCHEMA, pointer), dict | bool)
    assert "/properties/a~1b~0c/prefixItems/0" in pointers
    assert "/properties/which/oneOf/1" in pointers
    assert "/properties/what/items" in pointers
    assert pointers[-1] == "/$defs/other"


def test_the_kinds(tree):
    kinds = {"who": ScalarNode, "what": UnionNode, "which": UnionNode, "counts": MapNode,
             "odd": RawNode, "free": AnyNode, "home": ObjectNode}  # fmt: skip
    for name, kind in kinds.items():
        assert type(at(tree, f"/properties/{name}")) is kind
    who = at(tree, "/properties/who")
    assert (who.null, who.type, who.constraints) == (Null.LAST, "string", {"minLength": 1})
    assert who.description == "Who."
    assert at(tree, "/properties/which/oneOf/1") == RefNode(target="#/$defs/other")


def test_a_node_is_replaced_where_it_stands(tree):
    new = ScalarNode(type="string", constraints={"format": "date"})
    for pointer, _ in walk(tree):
        changed = to_json_schema(replace_at(tree, pointer, new))
        found = looked_up(changed, pointer)
        assert {k: v for k, v in found.items() if k != "$defs"} == {
            "type": "string",
            "format": "date",
        }
        if pointer.startswith("/properties/"):
            name = pointer.split("/")[2].replace("~1", "/").replace("~0", "~")
            rest = {k: v for k, v in SCHEMA["properties"].items() if k != name}
            assert {k: v for k, v in changed["properties"].items() if k != name} == rest
    assert to_json_schema(tree) == SCHEMA


def test_a_place_without_a_node_is_told(tree):
    for pointer in ("/properties", "/properties/nobody", "who", "/properties/odd/then"):
        with pytest.raises(NotFound, match="no node"):
            replace_at(tree, pointer, AnyNode())


def test_pii_goes_onto_the_nodes_and_off_again(tree):
    actions = {"who": "hash", "home": "drop", "home__city": "mask", "what": "mask"}
    tagged = tag_pii(tree, actions)
    assert at(tagged, "/properties/home/properties/city").pii == "mask"
    assert pii_tags(tagged) == actions
    assert to_json_schema(tagged) == SCHEMA  # the envelope's, not the schema's
    assert pii_tags(tag_pii(tree, {"nobody": "hash"})) == {}


def test_nodes_do_not_change(tree):
    with pytest.raises(FrozenInstanceError):
        tree.root.required = ()
    assert replace(tree.root, required=("what",)) != tree.root


def test_pointers_of_an_older_draft():
    schema = {"items": [{"type": "string"}], "additionalItems": {"type": "null"}, "type": "array",
              "definitions": {"a": {}}}  # fmt: skip
    tree, _ = from_json_schema(schema, "draft-04")
    old = [pointer for pointer, _ in walk(tree, "draft-04")]
    assert old == ["", "/items/0", "/additionalItems", "/definitions/a"]
    assert [pointer for pointer, _ in walk(tree)] == ["", "/prefixItems/0", "/items", "/$defs/a"]
