"""Which columns an event's parameters become."""

from __future__ import annotations

import pytest

from weir.registry import Registry, columns

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
        "a": "DOUBLE", "o__x": "BIGINT", "o__v2": "VARCHAR", "s": "VARCHAR", "new__x": "BIGINT",
        "gone": "VARCHAR",
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


def test_a_column_says_which_versions_feed_it(make_event):
    event = make_event(
        {"a": {"type": "integer", "description": "Count."}},
        {"a": {"type": "string", "description": "Word."}},
        {"a": {"type": "string"}, "b": {"type": "integer"}},
        {"a": {"type": "boolean"}},
    )
    assert {c.name: (c.description, c.since, c.until) for c in columns(event)} == {
        "a": ("Count. Up to version 1.", 0, 1),
        "a__v2": ("Word. Versions 2 to 3.", 2, 3),
        "a__v4": ("The parameter `a`. From version 4 on.", 4, None),
        "b": ("The parameter `b`.", 0, None),
    }
