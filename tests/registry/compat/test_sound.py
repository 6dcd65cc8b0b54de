"""What the comparison passes must hold for every event: tried with a validator on random schemas."""

from __future__ import annotations

from typing import Any

import jsonschema_rs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from weir.registry.compat import compare

NAMES = ("a", "b", "c")
SMALL = st.integers(0, 4)


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
    listed = st.lists(st.sampled_from(["x", "xy", 1, 2, None, True]), min_size=1, unique_by=repr)
    return st.one_of(
        texts,
        numbers,
        st.fixed_dictionaries({"enum": listed}),
        st.fixed_dictionaries({"const": st.sampled_from(["x", 1])}),
        st.just({"type": "boolean"}),
        st.just({}),
    )


def inside(inner: st.SearchStrategy[dict[str, Any]]) -> st.SearchStrategy[dict[str, Any]]:
    objects = st.fixed_dictionaries(
        {"type": st.just("object"), "properties": st.dictionaries(st.sampled_from(NAMES), inner)},
        optional={
            "required": st.lists(st.sampled_from(NAMES), unique=True),
            "additionalProperties": st.one_of(st.booleans(), scalars()),
            "minProperties": st.integers(0, 2), "maxProperties": st.integers(1, 3),
        },
    )  # fmt: skip
    arrays = st.fixed_dictionaries(
        {"type": st.just("array")},
        optional={"items": inner, "minItems": st.integers(0, 2), "maxItems": st.integers(1, 3)},
    )
    options = st.lists(inner, min_size=1, max_size=3)
    mixed = st.sampled_from(["anyOf", "oneOf", "allOf"]).flatmap(
        lambda keyword: options.map(lambda several: {keyword: several})
    )
    return st.one_of(objects, arrays, mixed, inner.map(lambda one: {"not": one}))


SCHEMAS = st.recursive(scalars(), inside, max_leaves=6)
VALUES = st.recursive(
    st.one_of(st.sampled_from(["", "x", "xy", "yyyyy", None, True]), SMALL, st.just(1.5)),
    lambda inner: st.one_of(
        st.dictionaries(st.sampled_from((*NAMES, "d")), inner, max_size=3),
        st.lists(inner, max_size=3),
    ),
    max_leaves=5,
)


@st.composite
def changed(draw: st.DrawFn) -> tuple[Any, Any]:
    """Two schemas that have most in common, as versions do."""
    old = draw(SCHEMAS)
    return old, draw(st.one_of(SCHEMAS, st.just(old).flatmap(mutated)))


def mutated(schema: Any) -> st.SearchStrategy[Any]:
    """Change one place of a schema."""
    if not isinstance(schema, dict) or not schema:
        return SCHEMAS
    return st.sampled_from(sorted(schema)).flatmap(
        lambda key: st.one_of(
            st.just({k: v for k, v in schema.items() if k != key}),
            _inner(schema[key]).map(lambda new: {**schema, key: new}),
        )
    )


def _inner(value: Any) -> st.SearchStrategy[Any]:
    if isinstance(value, dict):
        return mutated(value)
    if isinstance(value, list) and value and isinstance(value[0], dict):
        return mutated(value[0]).map(lambda new: [new, *value[1:]])
    if type(value) is int:
        return st.integers(1, 4)
    return st.just(value)


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


@settings(max_examples=100, deadline=None)
@given(SCHEMAS)
def test_a_schema_equals_itself(schema: Any) -> None:
    assert list(compare(schema, schema)) == []
