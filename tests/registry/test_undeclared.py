"""Which schemas let no undeclared key pass without a finding."""

from __future__ import annotations

import pytest

from weir.registry.undeclared import tells_all


@pytest.mark.parametrize(
    ("node", "told"),
    [
        ({"type": "object", "properties": {"x": {"type": "integer"}}}, True),
        ({"type": "object"}, True),
        ({"type": "object", "additionalProperties": {"type": "integer"}}, True),
        ({"anyOf": [{"type": "object", "properties": {"x": {}}}]}, True),
        ({"type": "array", "items": {"type": "object", "properties": {"x": {}}}}, True),
        ({"properties": {"x": {}}, "additionalProperties": {"type": "integer"}}, False),
        ({"type": "array", "contains": {"type": "object", "properties": {"x": {}}}}, False),
    ],
)
def test_where_every_undeclared_key_is_a_finding(node: dict, told: bool) -> None:
    assert tells_all({"type": "object", "properties": {"a": node}}) is told
    nested = {"type": "object", "properties": {"b": {"type": "array", "items": node}}}
    assert tells_all(nested) is told


def test_alternatives_at_the_top_leave_keys_without_a_finding() -> None:
    assert not tells_all({"properties": {"a": {}}, "anyOf": [{"required": ["a"]}]})
