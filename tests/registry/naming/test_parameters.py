"""Parameters' names: the dictionary's term, near-duplicates, and how other events do it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from weir.registry import Event, Registry
from weir.registry.dictionary import Dictionary, Term
from weir.registry.findings import Severity
from weir.registry.naming.parameters import suggest_parameter
from weir.registry.review import review, review_version

DICTIONARY = Dictionary(
    {
        "parameter": {
            "item_id": Term("item_id", "Which item.", ("productId", "sku")),
            "state": Term("state", "How it is.", ("condition",)),
            "stage": Term("stage", "How far it is."),
        }
    }
)


@pytest.mark.parametrize(
    ("name", "siblings", "meant", "rules"),
    [
        ("item_id", [], "item_id", []),
        ("referrer", ["page"], "referrer", []),
        ("product_id", [], "item_id", ["synonym"]),
        ("productId", [], "item_id", ["form", "synonym"]),
        ("sku", ["item_id"], "item_id", ["synonym", "near_duplicate"]),
        ("itemId", [], "item_id", ["form"]),
        ("item-id", [], "item_id", ["form"]),
        ("Page Title", [], "page_title", ["form"]),
        ("상품", [], None, ["form"]),
        ("1st", [], None, ["form"]),
        ("userId", [], None, ["form"]),
        ("event_x", [], None, ["form"]),
        ("referrers", ["referrer"], "referrer", ["near_duplicate"]),
        ("referer", ["referrer"], "referrer", ["near_duplicate"]),
        ("title_page", ["page_title"], "page_title", ["near_duplicate"]),
        ("pagetitle", ["page_title"], "page_title", ["near_duplicate"]),
        ("line_2", ["line_1"], "line_2", []),
        ("lat", ["lan"], "lat", []),
        ("stage", ["state"], "stage", []),  # both are in the dictionary
        ("min_price", ["max_price"], "min_price", []),
    ],
)
def test_each_finding(name: str, siblings: list[str], meant: str | None, rules: list[str]):
    said = suggest_parameter(name, DICTIONARY, siblings)
    assert (said.name, [finding.rule for finding in said.findings]) == (meant, rules)


WORDS = st.sampled_from(
    ["item", "items", "id", "Id", "product", "sku", "page", "pages", "1", "상품", ""]
)
NAMES = st.one_of(st.text(max_size=20), st.builds("_".join, st.lists(WORDS, max_size=4)))


@given(
    NAMES, st.lists(NAMES.filter(lambda name: name.isidentifier() and name.islower()), max_size=4)
)
def test_a_suggested_name_has_no_findings(name: str, siblings: list[str]):
    said = suggest_parameter(name, DICTIONARY, siblings)
    if said.name is not None:
        assert suggest_parameter(said.name, DICTIONARY, siblings).findings == ()
    else:
        assert said.findings


def of(make_event, **events: dict) -> Registry:
    made = {name: replace(make_event(properties), name=name) for name, properties in events.items()}
    return Registry(made, DICTIONARY)


def notes(found: Registry) -> list[tuple[str, str, str]]:
    return [(note.path, note.pointer, note.rule) for note in review(found, "events")]


TEXT, WHOLE = {"type": "string"}, {"type": "integer"}


def test_one_event(make_event):
    inner = {"type": "object", "properties": {"page_title": TEXT, "title_page": TEXT}}
    found = of(
        make_event,
        click_item_home={
            "sku": TEXT,
            "referrer": TEXT,
            "referer": TEXT,
            "state": WHOLE,
            "stage": WHOLE,
            "pages": {"type": "array", "items": inner},
        },
    )
    path = "events/home/click_item_home/v1.json"
    assert notes(found) == [
        (path, "/properties/pages/items/properties/title_page", "near_duplicate"),
        (path, "/properties/referer", "near_duplicate"),
        (path, "/properties/sku", "synonym"),
    ]
    said = review(found)[1]
    assert said.what == "`referer` reads like `referrer` of this event."
    assert said.severity is Severity.WARNING


def test_another_type_in_another_event(make_event):
    found = of(
        make_event,
        click_item_home={"visits": WHOLE, "tags": {"type": "array", "items": TEXT}},
        view_item_home={"visits": WHOLE, "tags": {"type": "array", "items": WHOLE}},
        open_item_home={"visits": {"type": ["string", "null"]}},
    )
    assert [note.rule for note in review(found)] == ["other_type"] * 2
    assert all(note.severity is Severity.HINT for note in review(found))
    texts = [note.what for note in review(found)]
    assert "`visits` is string here and integer in `click_item_home`, `view_item_home`." in texts
    assert any(text.startswith("`tags` is array of ") for text in texts)


def test_another_spelling_in_another_event(make_event):
    found = of(
        make_event,
        click_item_home={"page_title": TEXT},
        view_item_home={"page_title": TEXT},
        open_item_home={"pagetitle": TEXT},
        close_item_home={"title_page": TEXT},
    )
    assert notes(found) == [
        ("events/home/close_item_home/v1.json", "/properties/title_page", "other_spelling"),
        ("events/home/open_item_home/v1.json", "/properties/pagetitle", "other_spelling"),
    ]
    assert {note.suggestion for note in review(found)} == {"page_title"}


def test_events_that_read_alike(make_event):
    found = of(make_event, click_item_home={}, item_click_home={}, view_page_shop={})
    (note,) = review(found, "events")
    assert (note.path, note.pointer) == ("events/home/click_item_home/event.json", "/name")
    assert "`click_item_home` reads like `item_click_home`" in note.what


def test_terms_that_are_one_word():
    terms = {"item": Term("item", "A."), "items": Term("items", "B.")}
    (note,) = review(Registry({}, Dictionary({"object": terms})), "events")
    assert (note.path, note.pointer) == ("events/dictionary.json", "/object/items")


def test_what_is_archived_is_let_be(make_event):
    found = of(make_event, click_item_home={"sku": TEXT})
    event: Event = found.get("click_item_home")
    assert notes(found)
    assert notes(Registry({event.name: replace(event, status="archived")}, DICTIONARY)) == []


def test_the_example_project_has_no_notes(registry: Registry):
    assert review(registry) == []


def test_a_draft_is_judged_in_the_place_of_the_version_before_it(make_event):
    found = of(make_event, click_item_home={"sku": TEXT, "email": TEXT})
    event: Event = found.get("click_item_home")
    draft = {"type": "object", "properties": {"email": TEXT, "sku_id": TEXT, "phone": TEXT}}
    drafted = replace(event, drafts={2: draft})
    path = "events/home/click_item_home"
    assert notes(Registry({event.name: drafted}, DICTIONARY)) == [
        (f"{path}/v1.json", "/properties/email", "personal"),
        (f"{path}/v2.json", "/properties/phone", "personal"),
    ]
    (first, second) = review_version(found, drafted, 2, "events")
    assert (first.pointer, second.pointer) == ("/properties/email", "/properties/phone")
    assert first.path == second.path == f"{path}/v2.json"
