"""Every null that 1,087 published schemas allow and an export does not: listed, with its place."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from weir.core.errors import UsageError
from weir.registry.exchange import export_schema, import_schema
from weir.registry.tree import Tree, from_json_schema, to_json_schema

TABLES = ("spark", "bigquery", "avro")
_LOCAL = "#/$defs/"


@pytest.fixture(scope="module")
def every(iglu, wikimedia_versions) -> dict[str, Tree]:
    found = {name: from_json_schema(one)[0] for name, one in (iglu | wikimedia_versions).items()}
    assert len(found) == 1087
    return found


@pytest.mark.parametrize("form", TABLES)
def test_no_null_is_lost_in_silence(every, form):
    exported = 0
    for name, tree in every.items():
        try:
            made = export_schema(tree, form, "Event")
        except UsageError:
            continue  # no table
        exported += 1
        lost = [loss.pointer for loss in made.losses]
        source, back = to_json_schema(tree), to_json_schema(import_schema(made.document).tree)
        for at, ours, theirs in _pairs(source, back, source, back, ""):
            if _null(ours) and not _null(theirs):
                places = (f"{at}/type", f"{at}/anyOf/", f"{at}/oneOf/")
                listed = at in lost or any(one.startswith(places) for one in lost)
                assert listed, (name, at, ours, theirs)
    assert exported == 1037


@pytest.mark.parametrize("form", TABLES)
@pytest.mark.parametrize(
    ("root", "pointer"),
    [
        ({"type": ["object", "null"], "properties": {"a": {"type": "string"}}}, "/type"),
        ({"anyOf": [{"type": "null"}, {"type": "object", "properties": {"a": {}}}]}, "/anyOf/0"),
        ({"$ref": "#/$defs/o", "$defs": {"o": {"type": ["null", "object"], "properties": {"a": {}}}}},
         "/$defs/o/type"),
    ],
)  # fmt: skip
def test_a_root_that_may_be_null(form, root, pointer):
    losses = export_schema(from_json_schema(root)[0], form, "E").losses
    assert "null is allowed" in {loss.pointer: loss.what for loss in losses}[pointer]


def test_a_repeated_field_is_never_null():
    several = {"type": ["array", "null"], "items": {"type": ["string", "null"]}}
    tree, _ = from_json_schema({"type": "object", "properties": {"a": several}})
    lost = {loss.pointer for loss in export_schema(tree, "bigquery", "E").losses}
    assert lost == {"/properties/a/type", "/properties/a/items/type"}


@pytest.mark.parametrize("form", TABLES)
def test_one_of_several_types_is_json(form):
    """A list of values says several types, null among them; a limit alone says none."""
    for own in ({"enum": ["a", None]}, {"minLength": 1}):
        tree, _ = from_json_schema({"type": "object", "properties": {"a": own}})
        made = export_schema(tree, form, "E")
        back = to_json_schema(import_schema(made.document).tree)["properties"]["a"]
        assert back == (own if form != "bigquery" else {})


def test_sparks_items_of_any_type_are_told():
    tree, _ = from_json_schema(
        {"type": "object", "properties": {"a": {"type": "array", "items": {}}}}
    )
    assert "/properties/a/items" in {
        loss.pointer for loss in export_schema(tree, "spark", "E").losses
    }


def _pairs(
    ours: Any, theirs: Any, our_file: Any, their_file: Any, at: str
) -> Iterator[tuple[str, dict[str, Any], dict[str, Any]]]:
    """Go through two schemas side by side; the pointers are those of the first."""
    at, ours = _followed(ours, our_file, at)
    _, theirs = _followed(theirs, their_file, "")
    if not isinstance(ours, dict) or not isinstance(theirs, dict) or at.count("/") > 30:
        return
    yield at, ours, theirs
    for name in (ours.get("properties") or {}).keys() & theirs.get("properties", {}).keys():
        inner = ours["properties"][name], theirs["properties"][name]
        place = f"{at}/properties/{name.replace('~', '~0').replace('/', '~1')}"
        yield from _pairs(*inner, our_file, their_file, place)
    for key in ("items", "additionalProperties"):
        if key in ours and key in theirs:
            yield from _pairs(ours[key], theirs[key], our_file, their_file, f"{at}/{key}")


def _followed(schema: Any, file: Any, at: str) -> tuple[str, Any]:
    ref = schema.get("$ref", "") if isinstance(schema, dict) else ""
    if not ref.startswith(_LOCAL):
        return at, schema
    return _followed(file["$defs"][ref.removeprefix(_LOCAL)], file, ref[1:])


def _null(schema: dict[str, Any]) -> bool:
    if "type" in schema:
        return "null" in ([schema["type"]] if isinstance(schema["type"], str) else schema["type"])
    options = [one for key in ("anyOf", "oneOf") for one in schema.get(key, ())]
    listed = schema.get("enum", [schema["const"]] if "const" in schema else [None])
    return any(_null(one) for one in options) if options else None in listed
