"""Schemas that nobody would write, and instances against both sides of a translation."""

from __future__ import annotations

import json
from typing import Any

import jsonschema_rs
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from weir.core.canonical import canonical_json
from weir.registry.tree import from_json_schema, to_json_schema, walk
from weir.registry.tree.dialects import URIS
from weir.registry.tree.nodes import RawNode
from weir.registry.tree.walk import rebuild
from weir.registry.tree.write import Writer
from weir.registry.vocabulary import DIALECTS

DRAFTS = ("draft-04", "draft-06", "draft-07", "2019-09", "2020-12")
TYPES = ("string", "integer", "number", "boolean", "object", "array", "null")
NAMES = st.sampled_from(("a", "b", "a/b", "c~d", "$ref", "type"))
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-9, 9)
    | st.sampled_from(("", "a", "aaa", "2020-01-01")),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3),
    max_leaves=5,
)
COUNT = st.integers(0, 4)
LEAF: dict[str, st.SearchStrategy[Any]] = {
    "type": st.sampled_from(TYPES) | st.lists(st.sampled_from(TYPES), min_size=1, unique=True),
    "minLength": COUNT, "maxLength": COUNT, "minItems": COUNT, "maxItems": COUNT,
    "minProperties": COUNT, "maxProperties": COUNT, "minimum": COUNT, "maximum": COUNT,
    "pattern": st.sampled_from(("^a", "a$", "^$")), "multipleOf": st.integers(1, 3),
    "uniqueItems": st.booleans(), "enum": st.lists(JSON, min_size=1, max_size=3, unique_by=repr),
    "title": st.just("t"), "description": st.just("d"), "default": JSON,
    "required": st.lists(NAMES, min_size=1, unique=True),
    "format": st.sampled_from(("date", "ipv4")),
}  # fmt: skip


def by_draft(draft: str) -> dict[str, st.SearchStrategy[Any]]:
    """The keywords whose form is the draft's own."""
    if draft == "draft-04":
        return LEAF | {"exclusiveMinimum": st.booleans(), "exclusiveMaximum": st.booleans(), "id": st.just("x:y")}  # fmt: skip
    numbers = {"exclusiveMinimum": COUNT, "exclusiveMaximum": COUNT, "const": JSON}
    return LEAF | numbers


def schemas(draft: str, *, wild: bool) -> st.SearchStrategy[Any]:
    leaves = by_draft(draft)
    if wild:
        leaves = {key: value | JSON for key, value in leaves.items()}
        leaves |= dict.fromkeys(("mexLength", "const", "$ref", "then", "id", "$id"), JSON)
    flat = st.fixed_dictionaries({}, optional=leaves)

    def nest(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
        named = st.dictionaries(NAMES, inner, max_size=3)
        several = st.lists(inner, min_size=1, max_size=2)
        flag = st.booleans() | inner
        holders = {
            "properties": named, "additionalProperties": flag, "items": inner,
            "patternProperties": st.dictionaries(st.sampled_from(("^a", "b")), inner, max_size=2),
            "anyOf": several, "oneOf": several, "allOf": several, "not": inner,
        }  # fmt: skip
        if draft != "2020-12":
            holders |= {"items": inner | several, "additionalItems": flag}
        if draft in ("draft-04", "draft-06", "draft-07"):
            holders["dependencies"] = st.dictionaries(
                NAMES, inner | st.lists(NAMES, min_size=1, unique=True), max_size=2
            )
        else:
            holders["dependentRequired"] = st.dictionaries(
                NAMES, st.lists(NAMES, unique=True), max_size=2
            )
        if draft == "2020-12":
            holders["prefixItems"] = several
        if draft != "draft-04":
            holders |= {"propertyNames": inner, "contains": inner}
        own = st.fixed_dictionaries({}, optional=holders)
        return st.builds(lambda a, b: a | b, flat, own)

    return st.recursive(flat, nest, max_leaves=6)


@st.composite
def drafted(draw: st.DrawFn, *, wild: bool) -> tuple[str, Any]:
    draft = draw(st.sampled_from(DRAFTS))
    return draft, draw(schemas(draft, wild=wild))


QUICK = settings(max_examples=80, deadline=None, suppress_health_check=list(HealthCheck))


@QUICK
@given(drafted(wild=True))
def test_anything_comes_back_as_it_was(given_schema):
    draft, schema = given_schema
    before = json.dumps(schema)
    tree, found = from_json_schema(schema, draft)
    assert canonical_json(to_json_schema(tree, draft)) == canonical_json(schema)
    assert json.dumps(schema) == before
    told = {note.pointer for note in found}
    for place, node in walk(tree, draft):
        if isinstance(node, RawNode):
            assert place in told, "a raw node without a note"
        for key in node.kept:
            assert f"{place}/{key.replace('~', '~0').replace('/', '~1')}" in told


@QUICK
@given(drafted(wild=False), st.lists(JSON, min_size=1, max_size=8))
def test_the_translation_judges_alike(given_schema, instances):
    """The same verdicts in the source's draft and in 2020-12, by the validator itself."""
    draft, schema = given_schema
    ours = Writer(from_json_schema(schema, draft)[0], "2020-12")
    written = ours.schema()
    assume(not ours.losses)
    try:
        old = _validator(schema, draft)
    except jsonschema_rs.ValidationError:  # draft-04: `exclusiveMaximum` without `maximum`
        assume(False)
    new = _validator(written, "2020-12")
    for instance in instances:
        assert old.is_valid(instance) == new.is_valid(instance), (instance, written)


def _validator(schema: Any, draft: str) -> Any:
    whole = {**schema, "$schema": URIS[draft]}
    whole.pop("id", None)
    return jsonschema_rs.validator_for(whole, offline=True, validate_formats=True)


@QUICK
@given(drafted(wild=True))
def test_every_keyword_is_in_the_result_or_in_the_losses(given_schema):
    """Top level, where the keywords can be counted without knowing how the writer works."""
    draft, schema = given_schema
    for target in DIALECTS:
        writer = Writer(from_json_schema(schema, draft)[0], target)
        written = writer.schema()
        lost = {loss.pointer for loss in writer.losses}
        for key in schema:
            words = {key, *_RENAMED.get(key, ())}
            assert words & written.keys() or {f"/{word}" for word in words} & lost, (key, target)


_RENAMED = {
    "id": ("$id",), "$id": ("id",), "const": ("enum",), "items": ("prefixItems",),
    "prefixItems": ("items",), "additionalItems": ("items",), "definitions": ("$defs",),
    "dependencies": ("dependentRequired", "dependentSchemas"),
    "dependentRequired": ("dependencies",), "dependentSchemas": ("dependencies",),
    "exclusiveMinimum": ("minimum",), "exclusiveMaximum": ("maximum",),
    "minimum": ("exclusiveMinimum",), "maximum": ("exclusiveMaximum",),
}  # fmt: skip


@QUICK
@given(drafted(wild=False))
def test_rebuilding_without_a_change_changes_nothing(given_schema):
    draft, schema = given_schema
    tree, _ = from_json_schema(schema, draft)
    assert rebuild(tree, lambda node, _: node) == tree
