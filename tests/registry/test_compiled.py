"""Validating parameters."""

from __future__ import annotations

import functools
import gzip
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from weir.registry import CompiledEvent, Event, Registry, compile_event, load

VALID = {"repository": "example/website", "is_bot": False}
TEXT = {"type": "string"}


def found(event: Event, params: dict, version: int = 1) -> list[tuple[str, str, bool]]:
    violations = compile_event(event).violations(version, params)
    return [(v.pointer, v.rule, v.flag) for v in violations]


def test_valid(registry: Registry):
    assert found(registry.get("push_commit_git"), VALID) == []
    assert found(registry.get("purchase_item_shop"), {"quantity": 1, "price": 0}) == []


def test_each_violation_says_how_to_mend_it(registry: Registry):
    compiled = compile_event(registry.get("purchase_item_shop"))
    missing, wrong, near = compiled.violations(1, {"quantity": "two", "prise": 2})
    assert (missing.pointer, missing.rule, missing.found) == ("/price", "required", "nothing")
    assert missing.expected == "number >= 0 and <= 1000000000"
    assert missing.remedy == 'Send `price`; it is required, for example `"price": 25.99`.'
    assert (wrong.expected, wrong.found) == ("integer >= 1 and <= 1000000", '"two" (string)')
    assert wrong.remedy == (
        'Send `quantity` as integer >= 1 and <= 1000000, for example `"quantity": 2`.'
    )
    assert (near.rule, near.flag, near.remedy) == ("undeclared", True, "Did you mean `price`?")


def test_undeclared_keys_at_every_depth(registry: Registry):
    params = VALID | {
        "x/y": 1,
        "files": {"added": 1, "ad~ded": 2},
        "top_dirs": [{"dir": "a", "files": 1}, {"dir": "b", "files": 1, "z": None}],
        "exts": {".anything": 1},
    }
    assert found(registry.get("push_commit_git"), params) == [
        ("/x~1y", "undeclared", True),
        ("/files/ad~0ded", "undeclared", True),
        ("/top_dirs/1/z", "undeclared", True),
    ]


def test_closed_objects_quarantine(make_event):
    event = make_event({"a": TEXT}, additionalProperties=False)
    assert found(event, {"b": 1}) == [("/b", "undeclared", False)]
    inner = {"type": "object", "properties": {"x": TEXT}, "additionalProperties": False}
    assert found(make_event({"a": inner}), {"a": {"b": 1}, "c": 1}) == [
        ("/a/b", "undeclared", False),
        ("/c", "undeclared", True),
    ]


def test_free_objects_and_alternatives_declare_nothing(make_event):
    event = make_event({"free": {"type": "object"}, "either": {"anyOf": [{"type": "object"}]}})
    assert found(event, {"free": {"x": 1}, "either": {"y": {"z": 1}}}) == []


@pytest.mark.parametrize("number", [2**63, -(2**63) - 1, 2**70, 1e30])
def test_integers_fit_64_bits(make_event, number):
    event = make_event({"a": {"type": ["integer", "null"]}})
    assert [rule for _, rule, _ in found(event, {"a": number})] in (["maximum"], ["minimum"])
    assert found(event, {"a": 2**63 - 1}) == found(event, {"a": None}) == []


def test_null_only_where_declared(make_event):
    event = make_event({"a": TEXT, "b": {"type": ["string", "null"]}})
    assert found(event, {"a": None, "b": None}) == [("/a", "type", False)]


def test_formats_are_checked(make_event):
    event = make_event({"a": {"type": "string", "format": "date"}})
    assert found(event, {"a": "2026-02-30"}) == [("/a", "format", False)]


def test_findings_are_few_and_short(make_event):
    compiled = compile_event(make_event({"a": {"type": "integer"}}))
    assert len(compiled.violations(1, {f"k{i}": 1 for i in range(99)})) == 20
    (long,) = compiled.violations(1, {"a": "x" * 999})
    assert len(long.found) == 100


def test_versions_are_checked_apart(make_event):
    event = make_event({"a": TEXT}, {"a": {"type": "integer"}})
    assert found(event, {"a": "x"}, 1) == []
    assert found(event, {"a": "x"}, 2) == [("/a", "type", False)]


@pytest.mark.parametrize(
    ("schema", "value", "expected"),
    [
        ({"type": "integer", "minimum": 1}, 0, "integer >= 1"),
        ({"type": "integer", "minimum": 1, "maximum": 5}, 9, "integer >= 1 and <= 5"),
        ({"type": "integer"}, 2**63, "integer of at most 64 bits"),
        ({"type": "number", "exclusiveMaximum": 2}, 2, "number < 2"),
        ({"type": "number", "exclusiveMinimum": 2}, 2, "number > 2"),
        ({"type": "integer", "multipleOf": 2}, 3, "integer that is a multiple of 2"),
        ({"type": "string", "minLength": 1}, "", "string of at least 1 character"),
        ({"type": "string", "maxLength": 1}, "ab", "string of at most 1 character"),
        ({"type": "string", "minLength": 2, "maxLength": 3}, "a", "string of 2 to 3 characters"),
        ({"type": "string", "minLength": 2, "maxLength": 2}, "a", "string of 2 characters"),
        ({"type": "string", "enum": ["x", "y"]}, "z", 'one of "x", "y"'),
        ({"enum": list(range(30))}, 30, "one of " + ", ".join(map(str, range(20))) + " and 10 more"),
        ({"const": "x"}, "z", '"x"'),
        ({"type": "string", "pattern": "^a"}, "z", "string that matches ^a"),
        ({"type": "string", "format": "date"}, "z", "string in the format date, such as 2026-11-20"),
        ({"type": "array", "uniqueItems": True}, [1, 1], "array without repeated items"),
        ({"type": "array", "maxItems": 1}, [1, 1], "array of at most 1 item"),
        ({"type": "object", "minProperties": 1}, {}, "object of at least 1 key"),
        ({"type": ["string", "null"]}, 1, "string, or null"),
        ({"type": ["string", "integer"]}, 1.5, "string or integer"),
        ({"type": ["integer", "null"], "minimum": 3}, "x", "integer >= 3, or null"),
        ({"anyOf": [{"type": "string", "maxLength": 2}, {"type": "integer"}]}, 1.5,
         "string of at most 2 characters or integer"),
        ({"not": {"type": "string"}}, "x", "anything but string"),
    ],
)  # fmt: skip
def test_expectations_are_exact(make_event, schema, value, expected):
    (violation,) = compile_event(make_event({"a": schema})).violations(1, {"a": value})
    assert violation.expected == expected


@pytest.mark.parametrize(
    ("schema", "value", "found", "remedy"),
    [
        ({"type": "integer"}, "3", '"3" (string)', 'Numbers are sent without quotes: `"a": 3`.'),
        ({"type": "number"}, "-2.5", '"-2.5" (string)',
         'Numbers are sent without quotes: `"a": -2.5`.'),
        ({"type": "integer"}, "2.5", '"2.5" (string)', 'Send `a` as integer, for example `"a": 1`.'),
        ({"type": "integer"}, "007", '"007" (string)', 'Send `a` as integer, for example `"a": 1`.'),
        ({"type": "integer"}, 3.7, "3.7 (number)", 'Send a whole number: `"a": 4`.'),
        ({"type": "integer"}, True, "true (boolean)",
         'Send a number; true and false are none: `"a": 1`.'),
        ({"type": "integer", "minimum": 5}, None, "null",
         'Send `a` as integer >= 5, for example `"a": 5`.'
         " It may not be null: leave it out if there is none."),
        ({"type": "string"}, 17, "17 (integer)", 'Put it in quotes: `"a": "17"`.'),
        ({"type": "string"}, ["x"], '["x"] (array)', 'Send `a` as string, for example `"a": "a"`.'),
        ({"type": "boolean"}, "True", '"True" (string)', 'Send it without quotes: `"a": true`.'),
        ({"type": "boolean"}, 1, "1 (integer)", 'Send `a` as boolean, for example `"a": true`.'),
        ({"type": "array"}, {"x": 1}, '{"x":1} (object)', 'Put it in a list: `"a": [{"x":1}]`.'),
        ({"type": "object"}, '{"x": 1}', '"{\\"x\\": 1}" (string)',
         'Send the value itself, not its text: `"a": {"x": 1}…`.'),
        ({"enum": ["ios", "android"]}, "iOS", '"iOS" (string)', 'Did you mean `"ios"`?'),
        ({"enum": ["ios", "android"]}, 7, "7 (integer)",
         'Send `a` as one of "ios", "android", for example `"a": "ios"`.'),
        ({"type": "string", "format": "date-time"}, "now", '"now" (string)',
         "Send `a` as string in the format date-time, such as 2026-11-20T21:00:00Z."),
        ({"type": "string", "pattern": "^a", "examples": ["abc"]}, "x", '"x" (string)',
         'Send `a` as string that matches ^a, for example `"a": "abc"`.'),
        ({"type": "string", "maxLength": 5}, "x" * 200,
         '"' + "x" * 71 + "… (string of 200 characters)",
         'Send `a` as string of at most 5 characters, for example `"a": "a"`.'),
        ({"type": "integer"}, 2**63, "9223372036854775808 (integer)",
         "Send a smaller `a`, or declare it as a string and send it as text."),
    ],
)  # fmt: skip
def test_remedies_are_specific(make_event, schema, value, found, remedy):
    (violation,) = compile_event(make_event({"a": schema})).violations(1, {"a": value})
    assert (violation.found, violation.remedy) == (found, remedy)


def test_a_required_null_is_not_to_be_left_out(make_event):
    event = make_event({"a": {"type": "integer"}}, required=["a"])
    (violation,) = compile_event(event).violations(1, {"a": None})
    assert violation.remedy.endswith("It may not be null.")


def test_places_inside_are_named_and_shown_by_the_authors_example(make_event):
    inner = {"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n", "m"]}
    event = make_event(
        {"list": {"type": "array", "items": inner}}, examples=[{"list": [{"n": 42, "m": "x"}]}]
    )
    missing, wrong = compile_event(event).violations(1, {"list": [{"n": []}]})
    assert wrong.pointer == "/list/0/n"
    assert wrong.remedy == 'Send `list.0.n` as integer, for example `"n": 42`.'
    assert missing.pointer == "/list/0/m"
    assert missing.remedy == 'Send `m`; it is required, for example `"m": "x"`.'


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["added", "dir", "files", "z"]), inner, max_size=3)
    ),
    max_leaves=8,
)
PARAMS = st.dictionaries(
    st.sampled_from(["repository", "is_bot", "files", "top_dirs", "exts", "zz"]), JSON
)


@given(PARAMS)
def test_never_raises_and_every_pointer_leads_somewhere(params):
    compiled = _push_commit()
    for violation in compiled.violations(1, params):
        node = params
        *path, last = violation.pointer.split("/")[1:]
        for step in path:
            node = node[int(step) if isinstance(node, list) else step]
        present = last in node if isinstance(node, dict) else int(last) < len(node)
        assert present == (violation.rule != "required")
        assert violation.remedy


@functools.cache
def _push_commit() -> CompiledEvent:
    events = Path(__file__).parents[2] / "assets" / "events"
    return compile_event(load(events).get("push_commit_git"))


def test_examples_of_the_schemas_are_valid(registry: Registry):
    for event in registry.events.values():
        for version, schema in event.versions.items():
            assert schema["examples"]
            for example in schema["examples"]:
                assert found(event, example, version) == []


def test_every_row_of_the_example_data_is_valid(registry: Registry, shared: Path):
    names = {
        "commit": "push_commit_git",
        "merge": "merge_branch_git",
        "release": "publish_release_git",
        "revert": "revert_commit_git",
    }
    compiled = {kind: compile_event(registry.get(name)) for kind, name in names.items()}
    with gzip.open(shared / "data/git_activity/events.ndjson.gz") as lines:
        for row in map(json.loads, lines):
            params = {"repository": row["service"], "is_bot": row["is_bot"], **row["params"]}
            assert compiled[row["event_type"]].violations(1, params) == []


def test_an_object_with_alternatives_can_be_closed(make_event):
    inner = {"type": "object", "properties": {"b": {"type": "integer"}, "c": {"type": "integer"}}}
    either = {"anyOf": [{"required": ["b"]}, {"required": ["c"]}]}
    closed = compile_event(make_event({"a": {**inner, **either, "additionalProperties": False}}))
    assert closed.violations(1, {"a": {"b": 1}}) == []
    assert [v.rule for v in closed.violations(1, {"a": {"b": 1, "d": 1}})] == [
        "additionalProperties"
    ]
    opened = compile_event(make_event({"a": {**inner, **either}}))
    assert opened.violations(1, {"a": {"c": 1, "d": 1}}) == []
    assert [v.rule for v in opened.violations(1, {"a": {}})] == ["anyOf"]
