"""What a changed schema can become: a file may be mended in place only if its hash stays."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from weir.registry import Event
from weir.registry.compat import propose
from weir.registry.meaning import meaning_hash

Make = Callable[..., Event]
NUMBER = {"type": "number", "description": "It."}


@pytest.mark.parametrize(
    ("old", "new", "kind", "rule"),
    [
        (NUMBER, NUMBER, "same", None),
        (NUMBER, {**NUMBER, "title": "It"}, "patch", "annotation_changed"),
        (NUMBER, {**NUMBER, "examples": [1]}, "patch", "annotation_changed"),
        ({"anyOf": [NUMBER]}, {"anyOf": [{"type": "number"}]}, "patch", "alternatives_changed"),
        ({"type": ["null", "string"]}, {"type": ["string", "null"]}, "same", None),
        ({"const": 1}, {"const": 1.0}, "same", None),
        (NUMBER, {**NUMBER, "default": 1}, "minor", "default_changed"),
        ({"default": 1}, {"default": 2}, "minor", "default_changed"),
        ({"default": None}, {}, "minor", "default_changed"),
        (NUMBER, {**NUMBER, "type": ["number"]}, "minor", "written_otherwise"),
        ({"enum": ["a", "b"]}, {"enum": ["b", "a"]}, "minor", "written_otherwise"),
        ({}, {"additionalProperties": True}, "minor", "written_otherwise"),
        (NUMBER, {"type": ["number"], "title": "It"}, "minor", "written_otherwise"),
        ({"const": {"type": ["b", "a"]}}, {"const": {"type": ["a", "b"]}}, "major", "enum_narrowed"),
        ({"enum": [1]}, {"enum": [True]}, "major", "enum_narrowed"),
    ],
)  # fmt: skip
def test_only_words_stay_in_the_file(
    make_event: Make, old: Any, new: Any, kind: str, rule: str | None
) -> None:
    event, other = make_event({"p": old}), make_event({"p": new})
    found = propose(event, other.versions[1])
    rules = {one.rule for step in found.transitions for one in step.differences}
    assert found.kind == kind
    assert rules == set() if rule is None else rule in rules
    in_place = kind in ("same", "patch")
    assert found.version == (1 if in_place else 2)
    if in_place:
        assert meaning_hash(event.versions[1]) == meaning_hash(other.versions[1])


def test_the_place_that_is_written_otherwise_is_told(make_event: Make) -> None:
    event, other = make_event({"p": NUMBER}), make_event({"p": {**NUMBER, "type": ["number"]}})
    (one,) = propose(event, other.versions[1]).transitions[0].differences
    assert (one.pointer, one.hurts) == ("/properties/p/type", False)


def test_words_are_those_of_the_newest_version(make_event: Make) -> None:
    """A transitive mode looks at all versions; what stays in a file is asked of its own."""
    event = make_event({"p": {"type": "string"}}, {"p": NUMBER})
    event = replace(event, compatibility="backward_transitive")
    assert propose(event, event.versions[2]).kind == "same"
    assert propose(event, make_event({"p": {"type": "number"}}).versions[1]).kind == "patch"


def test_a_draft_that_breaks_is_not_passed_as_it_is(make_event: Make) -> None:
    event = make_event({"p": {"type": "string"}}, {"p": NUMBER})
    event = replace(
        event, versions={1: event.versions[1]}, drafts={2: event.versions[2]}, compatibility="full"
    )
    assert (propose(event, event.drafts[2]).kind, propose(event, event.drafts[2]).version) == (
        "major", 2,
    )  # fmt: skip
