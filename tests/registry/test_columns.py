"""Which columns an event's parameters become."""

from __future__ import annotations

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from weir.registry import Registry, columns
from weir.registry.columns import _flatten, merge

OBJECT = {"type": "object", "properties": {"x": {"type": "integer"}}}


def types(event) -> dict[str, str]:
    return {column.name: column.duckdb for column in columns(event)}


def test_git_columns(registry: Registry):
    found = columns(registry.get("push_commit_git"))
    assert {column.name: (column.duckdb, column.bigquery) for column in found} == {
        "repository": ("VARCHAR", "STRING"),
        "is_bot": ("BOOLEAN", "BOOL"),
        "parents": ("BIGINT", "INT64"),
        "files__added": ("BIGINT", "INT64"),
        "files__modified": ("BIGINT", "INT64"),
        "files__deleted": ("BIGINT", "INT64"),
        "subject_len": ("BIGINT", "INT64"),
        "top_dirs": (
            'STRUCT("dir" VARCHAR, "files" BIGINT)[]',
            "ARRAY<STRUCT<`dir` STRING, `files` INT64>>",
        ),
        "exts": ("MAP(VARCHAR, BIGINT)", "JSON"),
    }
    assert all(column.description for column in found)


@pytest.mark.parametrize(
    ("schema", "expected"),
    [
        ({"type": ["string", "null"]}, {"a": "VARCHAR"}),
        ({"type": ["string", "integer"]}, {"a": "JSON"}),
        ({}, {"a": "JSON"}),
        ({"enum": ["x"]}, {"a": "JSON"}),
        ({"type": "string", "anyOf": [{}]}, {"a": "JSON"}),
        ({"type": "object"}, {"a": "JSON"}),
        ({"type": "object", "properties": {}}, {"a": "JSON"}),
        (OBJECT, {"a__x": "BIGINT"}),
        ({"type": "object", "properties": {"b": OBJECT}}, {"a__b__x": "BIGINT"}),
        ({"type": "array"}, {"a": "JSON"}),
        ({"type": "array", "items": {"type": "number"}}, {"a": "DOUBLE[]"}),
        ({"type": "array", "items": OBJECT}, {"a": 'STRUCT("x" BIGINT)[]'}),
        ({"type": "object", "additionalProperties": OBJECT}, {"a": "JSON"}),
        (
            {"type": "object", "additionalProperties": {"type": "boolean"}},
            {"a": "MAP(VARCHAR, BOOLEAN)"},
        ),
    ],
)
def test_types(make_event, schema, expected):
    assert types(make_event({"a": schema})) == expected


def test_versions_are_united(make_event):
    event = make_event(
        {
            "a": {"type": "integer"},
            "gone": {"type": "string"},
            "o": OBJECT,
            "s": {"type": "string"},
        },
        {"a": {"type": "number"}, "o": {"type": "string"}, "s": {"type": "string"}, "new": OBJECT},
    )
    assert types(event) == {
        "a": "DOUBLE", "o": "JSON", "s": "VARCHAR", "new__x": "BIGINT", "gone": "VARCHAR",
    }  # fmt: skip


def test_a_version_without_parameters_changes_nothing(make_event):
    assert types(make_event({"a": {"type": "integer"}}, {})) == {"a": "BIGINT"}
    assert types(make_event({})) == {}


def test_the_newest_description_wins(make_event):
    event = make_event(
        {"a": {"type": "integer", "description": "Old."}, "b": {"type": "integer"}},
        {"a": {"type": "integer", "description": "New."}},
    )
    assert [c.description for c in columns(event)] == ["New.", "The parameter `b`."]


STRUCTURES = st.recursive(
    st.sampled_from(["BIGINT", "DOUBLE", "VARCHAR", "JSON"]),
    lambda inner: (
        inner.filter(lambda x: x != "JSON").map(lambda x: [x])
        | st.dictionaries(st.sampled_from("abc"), inner, min_size=1)
    ),
    max_leaves=6,
)


@given(STRUCTURES, STRUCTURES)
def test_merge_is_symmetric_and_idempotent(one, other):
    both = merge(one, other)
    assert both == merge(other, one)
    assert merge(both, one) == both
    assert merge(one, one) == one


@given(st.dictionaries(st.sampled_from("abcd"), STRUCTURES, min_size=1))
def test_duckdb_knows_every_type(tree):
    with duckdb.connect() as connection:
        for column in _flatten(tree, [], ()):
            connection.execute(f"select cast(null as {column.duckdb})")
