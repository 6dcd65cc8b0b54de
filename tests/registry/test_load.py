"""Reading the event files, and telling all that is wrong with them at once."""

from __future__ import annotations

from datetime import date

import pytest

from weir.core.errors import NotFound
from weir.registry import Registry, load
from weir.registry.load import examine

PARAMS = {"type": "object", "properties": {"item_id": {"type": "integer", "description": "It."}}}


def test_examples_are_what_the_facts_read(registry: Registry):
    tiers = {name: event.tier for name, event in registry.events.items()}
    assert tiers == {
        "purchase_item_shop": "normal",
        "push_commit_git": "bulk",
        "merge_branch_git": "normal",
        "publish_release_git": "critical",
        "revert_commit_git": "normal",
    }
    assert {event.sampling_floor for event in registry.events.values()} == {100}
    assert registry.get("push_commit_git").first_event_date == date(2000, 1, 1)
    assert registry.get("purchase_item_shop").first_event_date is None


def test_defaults(files):
    event = files.event().load().get("click_item_home")
    assert (event.compatibility, event.policy, event.sampling_floor) == (
        "backward",
        "quarantine",
        0,
    )
    assert (event.replacement, event.first_event_date, event.newest) == (None, None, 1)
    assert (event.service, event.folder) == ("home", "home/click_item_home")


def test_no_events_need_no_dictionary(tmp_path):
    assert load(tmp_path / "assets" / "events").events == {}


def test_unknown_event_is_not_found(registry: Registry):
    with pytest.raises(NotFound, match="There is no event `click_item`"):
        registry.get("click_item")


def test_newest_version_counts_as_a_number(files):
    event = files.event(*[PARAMS] * 11).load().get("click_item_home")
    assert (event.newest, list(event.versions)) == (11, list(range(1, 12)))


@pytest.mark.parametrize(
    ("changes", "pointer", "said"),
    [
        ({"tier": "bulky"}, "/tier", "critical, normal, bulk"),
        ({"sampling": 0}, "/sampling", "above 0"),
        ({"sampling": True}, "/sampling", "above 0"),
        ({"sampling_floor": -1}, "/sampling_floor", "from 0"),
        ({"first_event_date": "2026-13-01"}, "/first_event_date", "a date"),
        ({"first_event_date": 2026}, "/first_event_date", "a date"),
        ({"owner": ...}, "", "`owner` is missing"),
        ({"description": " "}, "/description", "a sentence"),
        ({"polcy": "flag"}, "/polcy", "Did you mean `policy`?"),
        ({"pii": {"item_id": "hide"}}, "/pii", "hash|mask|drop"),
        ({"pii": {"item": "hash"}}, "/pii/item", "Did you mean `item_id`?"),
        ({"replacement": "click_item_home"}, "/replacement", "no other event"),
        ({"name": "clik_item_home"}, "/name", "The nearest is `click`"),
        ({"name": "click_item"}, "/name", "three lower-case tokens"),
        ({"tier": []}, "/tier", "critical, normal, bulk"),
    ],
)
def test_wrong_envelope(files, changes, pointer, said):
    (error,) = files.event(**changes).errors()
    assert error.pointer == pointer
    assert said in str(error)
    assert error.path.startswith("assets/events/")
    assert error.remedy


def test_folder_must_agree_with_the_name(files):
    files.event()
    (files.root / "home").rename(files.root / "shop")
    (error,) = files.errors()
    assert "Move it to home/click_item_home/" in error.remedy


def test_everything_is_told_at_once(files):
    bad = {"type": "object", "properties": {"A": {"type": "strin", "description": "?"}}}
    files.event(bad, bad, tier="x", owner=3)
    files.write("home/click_item_home/V3.json", {})
    pointers = {(error.path.rpartition("/")[2], error.pointer) for error in files.errors()}
    assert pointers == {
        ("event.json", "/tier"),
        ("event.json", "/owner"),
        ("v1.json", "/properties/A"),
        ("v1.json", "/properties/A/type"),
        ("v2.json", "/properties/A"),
        ("v2.json", "/properties/A/type"),
        ("V3.json", ""),
    }


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "No valid JSON"),
        ('{"type": "object", "type": "object"}', "stands twice"),
        ('{"type": "object", "maximum": NaN}', "NaN"),
        ("[]", "no object at the top level"),
        ("null", "no object at the top level"),
        ('{"type": "object", "maximum": 1e400}', "v1.json#/maximum: No valid JSON: 1e400 is no"),
        ('{"type": "object", "maximum": 1' + "0" * 4000 + "}", "`maximum` does nothing on object"),
        ('{"type": "object", "enum": ["\\ud800"]}', "half of a surrogate pair"),
        ('{"a":' * 300 + "1" + "}" * 300, "deeper than 100 levels"),
        ('{"a":' * 100_000 + "1" + "}" * 100_000, "deeper than 100 levels"),
    ],
)
def test_unreadable_version(files, text, said):
    files.event()
    files.write("home/click_item_home/v1.json", text)
    assert said in str(files.errors()[0])


def test_a_byte_order_mark_is_read_over(files):
    files.event()
    path = files.root / "home/click_item_home/v1.json"
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    assert list(files.load().events) == ["click_item_home"]
    path.write_bytes(path.read_text(encoding="utf-8-sig").encode("utf-16"))
    assert "Write the text in UTF-8." in str(files.errors()[0])


def test_a_folder_in_the_place_of_a_file_is_told(files):
    files.event()
    (files.root / "home/click_item_home/v2.json").mkdir()
    assert "v2.json: It cannot be read: Is a directory." in str(files.errors()[0])


def test_a_schema_of_as_many_levels_as_are_allowed_loads(files):
    inner = {"type": "string"}
    for _ in range(95):
        inner = {"type": "array", "not": inner}
    named = {"description": "It.", **inner}
    files.event({"type": "object", "properties": {"a": named}})
    assert list(files.load().events) == ["click_item_home"]


@pytest.mark.parametrize(
    ("path", "content"),
    [
        ("home/click_item_home/v1.json", "{"),
        ("home/click_item_home/v1.json", {"type": "object", "mexProperties": 1}),
        ("home/click_item_home/V1.json", {}),
        ("fragments/money/v1.json", {"type": "nmber"}),
        ("fragments/price/v1.json", {"$ref": "fragment:none/1"}),
    ],
)
def test_an_event_whose_version_is_wrong_is_called_broken(files, path, content):
    files.write("fragments/money/v1.json", {"type": "number", "description": "Money."})
    files.write("fragments/price/v1.json", {"$ref": "fragment:money/1"})
    price = {"type": "object", "properties": {"price": {"$ref": "fragment:price/1"}}}
    files.event(PARAMS, price).event(name="view_item_home")
    assert examine(files.root)[0].broken == frozenset()
    files.write(path, content)
    registry, errors = examine(files.root)
    assert registry.broken == {"click_item_home"}
    assert registry.events.keys() == {"click_item_home", "view_item_home"}
    assert errors


def test_missing_files(files):
    files.event()
    (files.root / "dictionary.json").unlink()
    (files.root / "home/click_item_home/v1.json").unlink()
    said = " ".join(map(str, files.errors()))
    assert "dictionary.json: The file is missing" in said
    assert "has no version" in said


def test_wrong_dictionary(files):
    files.event()
    files.write("dictionary.json", {"action": {"click": ""}, "object": [], "servce": {}})
    pointers = {error.pointer for error in files.errors()}
    assert {"/action/click", "/object", "/servce", "/service"} <= pointers
