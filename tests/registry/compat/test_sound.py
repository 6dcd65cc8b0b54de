"""What the comparison passes must hold for every event: tried with a validator on random schemas."""

from __future__ import annotations

from typing import Any

import jsonschema_rs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.registry.conftest import ENVELOPE
from weir.registry import Event
from weir.registry.compat import broken, compare
from weir.registry.compat.values import identity
from weir.registry.compiled import compile_event

NAMES = ("a", "b", "c")
SMALL = st.integers(0, 4)
TWINS = st.sampled_from(["x", "xy", 0, 1, 2, 1.0, None, False, True])
"""Values that Python takes for one another are among them."""


def scalars() -> st.SearchStrategy[dict[str, Any]]:
    texts = st.fixed_dictionaries(
        {"type": st.sampled_from(["string", ["string", "null"]])},
        optional={"minLength": SMALL, "maxLength": SMALL, "pattern": st.sampled_from(["^x", "y"])},
    )
    numbers = st.fixed_dictionaries(
        {"type": st.sampled_from(["integer", "number", ["integer", "null"]])},
        optional={
            "minimum": SMALL, "maximum": SMALL, "exclusiveMaximum": SMALL,
            "multipleOf": st.sampled_from([1, 2, 4]),
        },
    )  # fmt: skip
    listed = st.lists(TWINS, min_size=1, max_size=4, unique_by=identity)
    return st.one_of(
        texts,
        numbers,
        st.fixed_dictionaries({"enum": listed}),
        st.fixed_dictionaries({"const": TWINS}),
        st.just({"type": "boolean"}),
        st.just({}),
    )


EMPTY = {"type": "object", "additionalProperties": False}


def objects(inner: st.SearchStrategy[dict[str, Any]]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries(
        {"type": st.just("object")},
        optional={
            "properties": st.dictionaries(st.sampled_from(NAMES), inner),
            "required": st.lists(st.sampled_from(NAMES), unique=True),
            "additionalProperties": st.one_of(st.booleans(), scalars()),
            "minProperties": st.integers(0, 2), "maxProperties": st.integers(0, 3),
        },
    )  # fmt: skip


def arrays(inner: st.SearchStrategy[dict[str, Any]]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries(
        {"type": st.just("array")},
        optional={"items": inner, "minItems": st.integers(0, 2), "maxItems": st.integers(1, 3)},
    )


def inside(inner: st.SearchStrategy[dict[str, Any]]) -> st.SearchStrategy[dict[str, Any]]:
    options = st.lists(inner, min_size=1, max_size=3)
    options = st.one_of(options, options.map(lambda several: [*several, EMPTY]))
    mixed = st.sampled_from(["anyOf", "oneOf", "allOf"]).flatmap(
        lambda keyword: options.map(lambda several: {keyword: several})
    )
    return st.one_of(objects(inner), arrays(inner), mixed, inner.map(lambda one: {"not": one}))


SCHEMAS = st.recursive(scalars(), inside, max_leaves=6)
PLAIN = st.recursive(
    scalars(), lambda inner: st.one_of(objects(inner), arrays(inner)), max_leaves=4
)
VALUES = st.recursive(
    st.one_of(st.sampled_from(["", "x", "xy", "yyyyy", None, False, True]), SMALL, st.just(1.5)),
    lambda inner: st.one_of(
        st.dictionaries(st.sampled_from((*NAMES, "d")), inner, max_size=3),
        st.lists(inner, max_size=3),
    ),
    max_leaves=5,
)
PARAMS = st.dictionaries(st.sampled_from(("p", "q")), VALUES)
"""Of an event, whose `p` is what changes."""


@st.composite
def changed(draw: st.DrawFn) -> tuple[Any, Any]:
    """Two schemas that have most in common, as versions do."""
    if draw(st.booleans()):
        return draw(st.one_of(TWINNED, CLOSED, OPTIONS, CHANGED))
    old = draw(SCHEMAS)
    return old, draw(st.one_of(SCHEMAS, st.just(old).flatmap(mutated)))


def mutated(schema: Any) -> st.SearchStrategy[Any]:
    """Change one place of a schema."""
    if not isinstance(schema, dict) or not schema:
        return SCHEMAS
    changed = st.sampled_from(sorted(schema)).flatmap(
        lambda key: st.one_of(
            st.just({k: v for k, v in schema.items() if k != key}),
            _inner(key, schema[key]).map(lambda new: {**schema, key: new}),
        )
    )
    return st.one_of(changed, _object(schema)) if schema.get("type") == "object" else changed


def opened(schema: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in schema.items() if key != "additionalProperties"}


def _object(schema: dict[str, Any]) -> st.SearchStrategy[Any]:
    """Do to an object what is done to events: close it, open it, declare a key, require it."""
    declared, required = schema.get("properties", {}), schema.get("required", [])
    free = opened(schema)
    more = st.tuples(st.sampled_from(NAMES), scalars()).map(
        lambda one: {**declared, one[0]: {**one[1], "default": "x"}}
    )
    return st.one_of(
        st.just(free),
        st.just({**free, "additionalProperties": False}),
        more.map(lambda properties: {**schema, "properties": properties}),
        more.map(lambda properties: {**free, "properties": properties}),
        more.map(
            lambda properties: {
                **schema, "properties": properties,
                "required": sorted({*required, *(properties.keys() - declared.keys())}),
            }
        ),
    )  # fmt: skip


def _inner(key: str, value: Any) -> st.SearchStrategy[Any]:
    if key == "properties":
        return st.sampled_from(sorted(value) or [""]).flatmap(
            lambda name: mutated(value.get(name)).map(lambda new: {**value, name or "a": new})
        )
    if key == "const":
        return TWINS
    if key == "enum":
        return st.tuples(st.sampled_from(range(len(value))), TWINS).map(
            lambda one: [one[1], *value[: one[0]], *value[one[0] + 1 :]]
        )
    if isinstance(value, dict):
        return mutated(value)
    if isinstance(value, list) and value and isinstance(value[0], dict):
        return mutated(value[0]).map(lambda new: [new, *value[1:]])
    return st.integers(0, 4) if type(value) is int else st.just(value)


def _twin(value: Any) -> Any:
    return int(value) if isinstance(value, bool) else bool(value)


Pairs = st.SearchStrategy[tuple[Any, Any]]
BITS = st.sampled_from([0, 1, False, True])
TWINNED: Pairs = st.one_of(
    BITS.map(lambda one: ({"const": one}, {"const": _twin(one)})),
    BITS.map(lambda one: ({"enum": ["x", one]}, {"enum": ["x", _twin(one)]})),
)
"""A value, and the one that Python takes for it."""
CLOSED: Pairs = objects(scalars()).map(lambda one: (opened(one), {**opened(one), **EMPTY}))
OPTIONS: Pairs = st.tuples(st.one_of(TWINNED, CLOSED), st.sampled_from(["anyOf", "oneOf"])).map(
    lambda one: tuple({one[1]: [schema, {"type": "string"}]} for schema in one[0])
)
CHANGED: Pairs = objects(scalars()).flatmap(
    lambda one: _object(one).map(lambda other: (one, other))
)


@st.composite
def changed_events(draw: st.DrawFn) -> tuple[Any, Any]:
    """Parameters of two versions, without alternatives: what lenient forgives inside is not tried."""
    declared = {"p": draw(PLAIN), "q": draw(PLAIN)}
    after = draw(mutated(declared["p"]))
    if draw(st.booleans()):
        declared["p"], after = draw(st.one_of(TWINNED, CLOSED, OPTIONS, CHANGED))
    old = {"type": "object", "properties": declared}
    new = {**old, "properties": {**declared, "p": after}}
    return old, draw(st.one_of(st.just(new), mutated(new)))


def valid(schema: Any) -> bool:
    try:
        jsonschema_rs.Draft202012Validator(schema)
    except (ValueError, jsonschema_rs.ValidationError):
        return False
    return True


@pytest.mark.parametrize("direction", ["backward", "forward"])
@settings(max_examples=400, deadline=None)
@given(versions=changed(), values=st.lists(VALUES, min_size=5, max_size=12))
def test_what_is_passed_breaks_nobody(
    direction: str, versions: tuple[Any, Any], values: list[Any]
) -> None:
    old, new = versions
    if not (valid(old) and valid(new)):
        return
    found = list(compare(old, new, "strict"))
    if any(getattr(one, direction) for one in found):
        return
    before, after = (jsonschema_rs.Draft202012Validator(one) for one in (old, new))
    sent, judge = (before, after) if direction == "backward" else (after, before)
    for value in values:
        if sent.is_valid(value):
            assert judge.is_valid(value), value


def forgiven(old: Any, new: Any) -> bool:
    """Tell whether lenient passes a key that was declared in an object that was free."""
    if not isinstance(old, dict) or not isinstance(new, dict):
        return False
    freed = old.get("properties") is None and old.get("additionalProperties", True) is True
    below = ((old.get(key), new.get(key)) for key in ("items", "additionalProperties"))
    before, after = old.get("properties") or {}, new.get("properties") or {}
    inside = ((before[name], after[name]) for name in before.keys() & after.keys())
    return bool(freed and after) or any(forgiven(*pair) for pair in (*below, *inside))


@settings(max_examples=400, deadline=None)
@given(versions=changed_events(), values=st.lists(PARAMS, min_size=5, max_size=12))
def test_the_collector_takes_what_mode_backward_passes(
    versions: tuple[Any, Any], values: list[Any]
) -> None:
    old, new = versions
    if not (valid(old) and valid(new)) or forgiven(old, new):
        return
    if broken(compare(old, new), "backward"):
        return
    event = compile_event(Event(**ENVELOPE, service="home", versions={1: old, 2: new}))
    for value in values:
        if not event.violations(1, value):
            assert all(one.flag for one in event.violations(2, value)), value


@settings(max_examples=100, deadline=None)
@given(SCHEMAS)
def test_a_schema_equals_itself(schema: Any) -> None:
    assert list(compare(schema, schema)) == []
