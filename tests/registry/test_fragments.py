"""Fragments: reused by events, linted at their own file, never fetched, never circular."""

from __future__ import annotations

from typing import Any

import pytest

from weir.registry import columns
from weir.registry.findings import Findings
from weir.registry.references import fragments_used, resolve

ADDRESS = {
    "type": "object",
    "description": "Where it goes.",
    "properties": {
        "city": {"type": "string", "description": "City."},
        "country": {"$ref": "fragment:country/1", "description": "Where the city is."},
    },
}
COUNTRY = {"type": "string", "pattern": "^[A-Z]{2}$", "description": "ISO 3166-1 alpha-2."}


def using(ref: str, **more: Any) -> dict[str, Any]:
    return {"type": "object", "properties": {"ship_to": {"$ref": ref, **more}}}


@pytest.fixture
def fragments(files):
    files.write("fragments/address/v1.json", ADDRESS)
    files.write("fragments/country/v1.json", COUNTRY)
    return files


def test_a_fragment_becomes_part_of_the_event(fragments):
    event = fragments.event(using("fragment:address/1")).load().get("click_item_home")
    assert [c.name for c in columns(event)] == ["ship_to__city", "ship_to__country"]
    country = event.versions[1]["properties"]["ship_to"]["properties"]["country"]
    assert country == {**COUNTRY, "description": "Where the city is."}


def test_the_events_own_words_win(fragments):
    event = fragments.event(using("fragment:address/1", description="To whom.")).load()
    assert (
        event.get("click_item_home").versions[1]["properties"]["ship_to"]["description"]
        == "To whom."
    )


def test_fragments_are_no_service(fragments):
    assert list(fragments.event().load().events) == ["click_item_home"]


@pytest.mark.parametrize(
    ("ref", "what", "remedy"),
    [
        ("fragment:adress/1", "There is no fragment `adress/1`.", "Did you mean `address/1`?"),
        ("fragment:address/2", "There is no fragment `address/2`.", "Did you mean `address/1`?"),
        ("https://example.com/a.json", "outside `$defs` and the fragments", "fragment:NAME/1"),
        ("#/definitions/a", "outside `$defs` and the fragments", "#/$defs/NAME"),
        ("fragment:../../etc/passwd", "There is no fragment", "Known: address/1, country/1."),
    ],
)
def test_a_wrong_reference_is_told_where_it_stands(fragments, ref, what, remedy):
    error = fragments.event(using(ref, description="It.")).errors()[0]
    assert (error.path, error.pointer) == (
        "assets/events/home/click_item_home/v1.json",
        "/properties/ship_to/$ref",
    )
    assert what in error.what
    assert remedy in error.remedy


def test_a_mistake_in_a_fragment_is_told_once_at_its_own_file(fragments):
    fragments.write("fragments/country/v1.json", {**COUNTRY, "mexLength": 2})
    errors = fragments.event(using("fragment:address/1"), using("fragment:country/1")).errors()
    assert [(e.path, e.pointer, e.remedy) for e in errors] == [
        ("assets/events/fragments/country/v1.json", "/mexLength", "Did you mean `maxLength`?")
    ]


def test_fragments_that_contain_each_other_are_refused(fragments):
    back = {**COUNTRY, "type": "object", "properties": {"a": {"$ref": "fragment:address/1"}}}
    del back["pattern"]
    fragments.write("fragments/country/v1.json", back)
    errors = fragments.event(using("fragment:address/1")).errors()
    assert [(error.path.split("/")[-2], error.pointer) for error in errors] == [
        ("country", "/properties/a/$ref")
    ]
    assert "`address/1` contains itself." in errors[0].what


def test_a_misnamed_file_is_told(fragments):
    fragments.write("fragments/Address/v1.json", ADDRESS)
    fragments.write("fragments/address/1.json", ADDRESS)
    errors = fragments.event().errors()
    assert [error.path.rpartition("fragments/")[2] for error in errors] == [
        "Address/v1.json",
        "address/1.json",
    ]


@pytest.mark.parametrize("content", ["[]", "true", '{"type": "strin"}', "{"])
def test_a_fragment_is_a_schema(fragments, content):
    fragments.write("fragments/address/v2.json", content)
    assert fragments.event().errors()[0].path == "assets/events/fragments/address/v2.json"


def test_a_fragment_has_its_own_definitions():
    fragment = {"$ref": "#/$defs/code", "$defs": {"code": {"type": "string"}}}
    event = {"properties": {"a": {"$ref": "fragment:x/1"}, "b": {"$ref": "#/$defs/code"}},
             "$defs": {"code": {"type": "integer"}}}  # fmt: skip
    found = Findings("f")
    resolved = resolve(event, found, {"x/1": fragment})
    assert resolved == {"properties": {"a": {"type": "string"}, "b": {"type": "integer"}}}
    assert not found.errors


def test_data_that_looks_like_a_reference_is_data():
    found = Findings("f")
    schema = {"examples": [{"$ref": "x"}], "properties": {"default": {"const": {"$ref": "y"}}}}
    assert resolve(schema, found) == schema
    assert not found.errors


def test_a_loop_inside_one_file_is_refused():
    found = Findings("f")
    resolve({"$ref": "#/$defs/a", "$defs": {"a": {"items": {"$ref": "#/$defs/a"}}}}, found)
    assert [e.pointer for e in found.errors] == ["/items/$ref"]
    assert "`a` contains itself." in found.errors[0].what


def test_the_schema_address_is_refused_and_not_fetched(files):
    schema = {**using("#/$defs/a"), "$schema": "http://127.0.0.1:9/x", "$defs": {"a": COUNTRY}}
    (error,) = files.event(schema).errors()
    assert error.pointer == "/$schema"
    assert "JSON Schema 2020-12" in error.what


def test_a_chain_of_references_has_an_end(files):
    chain = {
        f"d{n}": {"type": "object", "properties": {"x": {"$ref": f"#/$defs/d{n + 1}"}}}
        for n in range(400)
    }
    errors = files.event({**using("#/$defs/d0"), "$defs": chain | {"d400": COUNTRY}}).errors()
    assert "nested" in errors[0].what


def test_references_that_multiply_have_an_end(files):
    doubling = {
        f"d{n}": {
            "type": "object",
            "properties": {name: {"$ref": f"#/$defs/d{n + 1}"} for name in ("x", "y")},
        }
        for n in range(30)
    }
    errors = files.event({**using("#/$defs/d0"), "$defs": doubling | {"d30": COUNTRY}}).errors()
    assert "more than 100000 schemas" in errors[0].what


def test_who_uses_a_fragment():
    assert fragments_used({"a": [using("fragment:address/1")], "$ref": "#/$defs/x"}) == {
        "address/1"
    }
