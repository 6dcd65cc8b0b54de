"""Wikimedia's examples through the import: all are valid, and a copy with one mistake is told where.

An example is broken in exactly one place, in a way that its schema forbids there; the validator of
the registry must then name that place and no other.
"""

from __future__ import annotations

import copy
import re
from collections import Counter
from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from weir.registry import CompiledEvent, Event, compile_event
from weir.registry.findings import escape
from weir.registry.tree import to_json_schema

WRONG: dict[str, Any] = {
    "string": 7, "integer": 1.5, "number": "7", "boolean": "true", "object": "text", "array": {},
}  # fmt: skip
"""A value of another type, by type; each stands for one type only."""
TEXT = st.text(max_size=9)
OF_TYPE: dict[str, st.SearchStrategy[Any]] = {
    "string": TEXT, "integer": st.integers(-9, 9), "number": st.floats(0.1, 0.9),
    "boolean": st.booleans(), "object": st.dictionaries(TEXT, TEXT, max_size=2),
    "array": st.lists(TEXT, max_size=2), "null": st.none(),
}  # fmt: skip
ALIKE = {kind: {kind, "integer"} if kind == "number" else {kind} for kind in OF_TYPE}
FORMATS = ("date-time", "date", "uri", "uuid", "ipv4", "ipv6", "email")


class Case(NamedTuple):
    schema: dict[str, Any]
    compiled: CompiledEvent
    examples: list[Any]


class Mutation(NamedTuple):
    """One mistake: where it is told, and the value to put there (`...` to take it away)."""

    pointer: str
    rule: str
    path: tuple[str | int, ...]
    value: Any


@pytest.fixture(scope="session")
def cases(wikimedia) -> list[Case]:
    found = []
    for schema, tree, _ in wikimedia.values():
        examples = schema.get("examples")
        if examples:
            translated = to_json_schema(tree)
            found.append(Case(translated, _compiled(translated), examples))
    return found


def _compiled(schema: dict[str, Any]) -> CompiledEvent:
    event = Event(
        "view_page_wiki", "wiki", "It.", "a@example.com", "wiki", "bulk", "active", 1.0, {1: schema}
    )
    return compile_event(event)


def test_all_461_examples_are_valid(cases):
    found = [
        (case.schema.get("$id"), violation)
        for case in cases
        for example in case.examples
        for violation in case.compiled.violations(1, example)
        if not violation.flag
    ]
    assert found == []
    assert sum(len(case.examples) for case in cases) == 461
    assert len(cases) == 423


def mutations(
    schema: Any, value: Any, at: str = "", path: tuple[str | int, ...] = ()
) -> Iterator[Mutation]:
    """Everything that can be wrong in one place of an example."""
    types = schema.get("type", [])
    types = [types] if isinstance(types, str) else types
    if path and types:
        yield Mutation(at, "type", path, WRONG["integer" if "integer" in types else types[0]])
    yield from _values(schema, value, at, path)
    if isinstance(value, dict):
        yield from _keys(schema, value, at, path)
    elif isinstance(value, list) and isinstance(schema.get("items"), dict):
        for index, item in enumerate(value):
            yield from mutations(schema["items"], item, f"{at}/{index}", (*path, index))


def _values(schema: Any, value: Any, at: str, path: tuple[str | int, ...]) -> Iterator[Mutation]:
    if isinstance(value, str):
        for rule, wrong in _texts(schema):
            yield Mutation(at, rule, path, wrong)
    elif isinstance(value, int) and not isinstance(value, bool):
        if "minimum" in schema:
            yield Mutation(at, "minimum", path, schema["minimum"] - 1)
        if "maximum" in schema:
            yield Mutation(at, "maximum", path, schema["maximum"] + 1)


def _texts(schema: Any) -> Iterator[tuple[str, str]]:
    if "enum" in schema:
        yield "enum", "none of these"
    if schema.get("minLength", 0) > 0:
        yield "minLength", ""
    if "maxLength" in schema:
        yield "maxLength", "x" * (schema["maxLength"] + 1)
    if schema.get("format") in FORMATS:
        yield "format", "no such thing"
    if "pattern" in schema and not re.search(schema["pattern"], "\n"):
        yield "pattern", "\n"


def _keys(
    schema: Any, value: dict[str, Any], at: str, path: tuple[str | int, ...]
) -> Iterator[Mutation]:
    for name in schema.get("required", ()):
        if name in value:
            yield Mutation(f"{at}/{escape(name)}", "required", (*path, name), ...)
    declared, rest = schema.get("properties", {}), schema.get("additionalProperties")
    for name, inner in value.items():
        known = declared.get(name, rest if isinstance(rest, dict) else None)
        if known is not None:
            yield from mutations(known, inner, f"{at}/{escape(name)}", (*path, name))
    if rest is False:
        yield Mutation(f"{at}/no~1such~0key", "undeclared", (*path, "no/such~key"), 1)


def mutated(example: Any, mutation: Mutation) -> Any:
    whole = copy.deepcopy(example)
    holder = whole
    for step in mutation.path[:-1]:
        holder = holder[step]
    if mutation.value is ...:
        del holder[mutation.path[-1]]
    else:
        holder[mutation.path[-1]] = mutation.value
    return whole


def check(case: Case, example: Any, mutation: Mutation) -> None:
    before = {(v.pointer, v.rule) for v in case.compiled.violations(1, example)}
    found = case.compiled.violations(1, mutated(example, mutation))
    places = {v.pointer for v in found if (v.pointer, v.rule) not in before}
    assert places == {mutation.pointer}, (mutation, found)
    assert mutation.rule in {v.rule for v in found if v.pointer == mutation.pointer}
    assert all(v.remedy and v.expected for v in found)


@settings(max_examples=400, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_a_mutated_copy_is_rejected_at_the_right_place(cases, data):
    case = data.draw(st.sampled_from(cases))
    example = data.draw(st.sampled_from(case.examples))
    mutation = data.draw(st.sampled_from(list(mutations(case.schema, example))))
    if mutation.rule == "type":
        expected = next(kind for kind, wrong in WRONG.items() if wrong == mutation.value)
        others = [values for kind, values in OF_TYPE.items() if kind not in ALIKE[expected]]
        mutation = mutation._replace(value=data.draw(st.one_of(*others)))
    check(case, example, mutation)


def test_every_place_of_every_example(cases):
    kinds: Counter[str] = Counter()
    for case in cases:
        for example in case.examples:
            for mutation in mutations(case.schema, example):
                check(case, example, mutation)
                kinds[mutation.rule] += 1
    assert kinds.keys() >= {"type", "required", "enum", "pattern", "minLength", "maxLength", "format",
                            "minimum", "maximum", "undeclared"}  # fmt: skip
    assert kinds.total() > 19_000
