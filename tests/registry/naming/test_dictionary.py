"""The dictionary's file: what may stand in it, and what is said about what may not."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from weir.core.errors import RegistryError, UsageError
from weir.registry.dictionary import Dictionary, Term, all_terms, check_dictionary
from weir.registry.findings import Findings
from weir.registry.naming.adding import add_term

GOOD = {
    "owners": {"service": ["data@example.com"]},
    "action": {"click": {"meaning": "Press.", "synonyms": ["tap", "press on"]}, "view": "See."},
    "object": {"item": "A thing."},
    "service": {"home": {"meaning": "The first page."}},
    "parameter": {"item_id": {"meaning": "Which one.", "synonyms": ["productId", "sku"]}},
}


def check(content: object) -> tuple[Dictionary, list[RegistryError]]:
    found = Findings("dictionary.json")
    return check_dictionary(content, found), found.errors


def test_what_is_read():
    dictionary, errors = check(GOOD)
    assert errors == []
    assert dictionary.of("action")["click"] == Term("click", "Press.", ("tap", "press on"))
    assert dictionary.of("action")["view"] == Term("view", "See.")
    assert dictionary.owners == {"service": ("data@example.com",)}
    assert [(section, term.name) for section, term in all_terms(dictionary)] == [
        ("action", "click"),
        ("action", "view"),
        ("object", "item"),
        ("service", "home"),
        ("parameter", "item_id"),
    ]


@pytest.mark.parametrize("word", ["press on", "press_on", "PressOn", "press-on"])
def test_a_synonym_is_known_however_it_is_written(word: str):
    dictionary, _ = check(GOOD)
    assert dictionary.synonym("action", word) == "click"
    assert dictionary.synonym("object", word) is None


def test_only_the_three_slots_are_needed():
    assert check({"action": {}, "object": {}, "service": {}})[1] == []


@pytest.mark.parametrize(
    ("changes", "pointer", "said"),
    [
        ({"acton": {}}, "/acton", "Did you mean `action`?"),
        ({"action": []}, "/action", "has no terms"),
        ({"object": {"item": ""}}, "/object/item", "has no meaning"),
        ({"object": {"item": {"synonyms": ["x"]}}}, "/object/item", "has no meaning"),
        ({"object": {"item": 3}}, "/object/item", "has no meaning"),
        ({"object": {"Item": "A."}}, "/object/Item", "`Item` is no term"),
        ({"object": {"item_x": "A."}}, "/object/item_x", "`item_x` is no term"),
        ({"parameter": {"itemId": "A."}}, "/parameter/itemId", "Write it like `item_id`"),
        (
            {"object": {"item": {"meaning": "A.", "synonym": []}}},
            "/object/item/synonym",
            "Did you mean `synonyms`?",
        ),
        (
            {"object": {"item": {"meaning": "A.", "synonyms": "x"}}},
            "/object/item/synonyms",
            "no list of words",
        ),
        (
            {"object": {"item": {"meaning": "A.", "synonyms": ["-"]}}},
            "/object/item/synonyms",
            "no list of words",
        ),
        (
            {"action": {"click": {"meaning": "A.", "synonyms": ["view"]}, "view": "B."}},
            "/action/click/synonyms/0",
            "leads to `view` already",
        ),
        (
            {
                "action": {
                    "click": {"meaning": "A.", "synonyms": ["Tap"]},
                    "view": {"meaning": "B.", "synonyms": ["tap"]},
                }
            },
            "/action/view/synonyms/0",
            "leads to `click` already",
        ),
        ({"owners": []}, "/owners", "no object"),
        (
            {"parameter": {"email": {"meaning": "A.", "personal": "yes"}}},
            "/parameter/email/personal",
            "neither true nor false",
        ),
        (
            {"object": {"item": {"meaning": "A.", "personal": True}}},
            "/object/item/personal",
            "A term has no `personal`",
        ),
        ({"owners": {"servce": []}}, "/owners/servce", "Did you mean `service`?"),
        ({"owners": {"service": "me"}}, "/owners/service", "no list"),
    ],
)
def test_each_mistake(changes: dict, pointer: str, said: str):
    _, errors = check({**GOOD, **changes})
    assert [error.pointer for error in errors] == [pointer]
    assert said in str(errors[0])


def test_what_was_added_is_told_for_its_owners():
    older, _ = check({**GOOD, "object": {}})
    newer, _ = check(GOOD)
    assert newer.added(older) == [("object", "item")]
    assert older.added(newer) == []


def test_adding_keeps_everything_else(tmp_path: Path):
    path = tmp_path / "dictionary.json"
    path.write_text(json.dumps(GOOD))
    add_term(tmp_path, "object", "basket", "What was chosen.", ["cart", "장바구니"])
    written = json.loads(path.read_text())
    assert written.pop("object") == {
        "basket": {"meaning": "What was chosen.", "synonyms": ["cart", "장바구니"]},
        "item": "A thing.",
    }
    assert written == {key: value for key, value in GOOD.items() if key != "object"}
    assert "장바구니" in path.read_text()
    assert [p.name for p in tmp_path.iterdir()] == ["dictionary.json"]


def test_a_broken_file_is_not_written_over(tmp_path: Path):
    path = tmp_path / "dictionary.json"
    path.write_text(json.dumps({**GOOD, "object": []}))
    with pytest.raises(RegistryError, match="has no terms"):
        add_term(tmp_path, "action", "open", "Go in.")
    assert json.loads(path.read_text())["object"] == []


@pytest.mark.parametrize("by", [None, "", "other@example.com"])
def test_only_owners_add_to_a_slot_that_has_some(tmp_path: Path, by: str | None):
    (tmp_path / "dictionary.json").write_text(json.dumps(GOOD))
    with pytest.raises(UsageError, match=r"data@example\.com"):
        add_term(tmp_path, "service", "shop", "The shop.", by=by)
    add_term(tmp_path, "service", "shop", "The shop.", by="data@example.com")
