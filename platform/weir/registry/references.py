"""Resolves `$ref` inside one file. Outside references are refused: a schema is read without a network."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from weir.registry.findings import Findings, did_you_mean, escape

_LOCAL = "#/$defs/"


def resolve(schema: Mapping[str, Any], found: Findings) -> dict[str, Any]:
    """Return a schema with every `$ref` to its own `$defs` replaced by what it names."""
    defs = schema.get("$defs", {})
    if not isinstance(defs, dict):
        found.add("/$defs", "`$defs` is no object.", "Give an object name: schema.")
        defs = {}
    body = {key: value for key, value in schema.items() if key != "$defs"}
    resolved: dict[str, Any] = _resolve(body, defs, (), "", found)
    return resolved


def _resolve(
    node: Any, defs: Mapping[str, Any], inside: tuple[str, ...], at: str, found: Findings
) -> Any:
    if isinstance(node, list):
        return [_resolve(n, defs, inside, f"{at}/{i}", found) for i, n in enumerate(node)]
    if not isinstance(node, dict):
        return node
    if isinstance(node.get("$ref"), str):
        rest = {k: v for k, v in node.items() if k != "$ref"}
        target, name = _target(node["$ref"], defs, inside, f"{at}/$ref", found)
        if name is None:
            return rest
        return _resolve({**target, **rest}, defs, (*inside, name), at, found)
    return {k: _resolve(v, defs, inside, f"{at}/{escape(k)}", found) for k, v in node.items()}


def _target(
    ref: str, defs: Mapping[str, Any], inside: tuple[str, ...], at: str, found: Findings
) -> tuple[dict[str, Any], str | None]:
    name = ref.removeprefix(_LOCAL)
    if not ref.startswith(_LOCAL):
        found.add(
            at, f"`$ref` to `{ref}`, outside `$defs`.", f"Copy it into `$defs`: {_LOCAL}NAME."
        )
    elif name not in defs or not isinstance(defs[name], dict):
        found.add(at, f"`$defs` has no schema `{name}`.", did_you_mean(name, defs))
    elif name in inside:
        found.add(at, f"`{name}` contains itself.", "A column has a fixed depth: write it out.")
    else:
        return defs[name], name
    return {}, None
