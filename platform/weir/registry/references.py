"""Resolves `$ref`: to `$defs` of the same file, and to fragments of the registry.

Any other reference is refused: a schema is read without a network. Reading the fragments' files is
`weir.registry.fragments`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import count
from typing import Any, NamedTuple

from weir.registry.findings import Findings, did_you_mean, escape
from weir.registry.fragments import PREFIX, Fragments
from weir.registry.jsonread import NotJson, check_values
from weir.registry.vocabulary import ARRAYS, LIST, MAP, SCHEMA

_LOCAL = "#/$defs/"
_OF_THE_FILE = ("$defs", "$schema", "$id")
MAX_SCHEMAS = 100_000
"""Schemas in one file, what is referred to counted as often as it is: each may refer to two more."""


def resolve(
    schema: Mapping[str, Any], found: Findings, fragments: Fragments | None = None
) -> dict[str, Any]:
    """Return a schema with every `$ref` replaced by what it names.

    Args:
        schema: one file, as parsed.
        found: gets what is wrong with the references.
        fragments: what `fragment:` may name.

    Returns:
        The schema; an empty one if it would be too deep or too large.
    """
    scope = _Scope(_defs(schema, found), fragments or {}, (), found, count())
    body = {key: value for key, value in schema.items() if key != "$defs"}
    try:
        resolved: dict[str, Any] = _schema(body, scope, "")
        check_values(resolved)
    except NotJson as error:
        found.add(error.pointer or "", f"Its references put in place, {error.what}.", error.remedy)
    except RecursionError:
        what = "The references are nested too deeply."
        found.add("", what, "Write it flatter: a column has 15 levels at most.")
    else:
        return resolved
    return {}


def fragments_used(schema: Any) -> set[str]:
    """Return the fragments that a file names itself, as `name/version`.

    >>> fragments_used({"properties": {"to": {"$ref": "fragment:address/1"}}})
    {'address/1'}
    """
    refs = (ref for ref in _references(schema) if ref.startswith(PREFIX))
    return {ref.removeprefix(PREFIX) for ref in refs}


def local_definitions(schema: Any) -> set[str]:
    """Return the names in `$defs` that a file refers to itself.

    >>> local_definitions({"items": {"$ref": "#/$defs/money"}})
    {'money'}
    """
    refs = (ref for ref in _references(schema) if ref.startswith(_LOCAL))
    return {ref.removeprefix(_LOCAL) for ref in refs}


def uses_first(fragments: Fragments) -> list[str]:
    """Return the names of fragments in an order where each comes after those it uses.

    >>> uses_first({"a/1": {"items": {"$ref": "fragment:b/1"}}, "b/1": {}})
    ['b/1', 'a/1']
    """
    order: dict[str, None] = {}
    begun: set[str] = set()

    def visit(name: str) -> None:
        if name in fragments and name not in begun:
            begun.add(name)
            for used in sorted(fragments_used(fragments[name])):
                visit(used)
            order[name] = None

    for name in fragments:
        visit(name)
    return list(order)


class _Scope(NamedTuple):
    """What a `$ref` may name here, and which references led here."""

    defs: Mapping[str, Any]
    fragments: Fragments
    inside: tuple[str, ...]
    found: Findings
    seen: Iterator[int]


def _defs(schema: Mapping[str, Any], found: Findings) -> Mapping[str, Any]:
    defs = schema.get("$defs", {})
    if isinstance(defs, dict):
        return defs
    found.add("/$defs", "`$defs` is no object.", "Give an object name: schema.")
    return {}


def _schema(node: Any, scope: _Scope, at: str) -> Any:
    if not isinstance(node, dict):
        return node
    if next(scope.seen) >= MAX_SCHEMAS:
        raise NotJson(f"it has more than {MAX_SCHEMAS} schemas", remedy="Refer to less.")
    ref = node.get("$ref")
    own = {k: _value(k, v, scope, f"{at}/{escape(k)}") for k, v in node.items() if k != "$ref"}
    if not isinstance(ref, str):
        return own if "$ref" not in node else {**own, "$ref": ref}
    return {**_target(ref, scope, f"{at}/$ref"), **own}


def _value(key: str, value: Any, scope: _Scope, at: str) -> Any:
    if key in MAP and isinstance(value, dict):
        return {name: _schema(one, scope, f"{at}/{escape(name)}") for name, one in value.items()}
    if (key in LIST or key == ARRAYS) and isinstance(value, list):
        return [_schema(one, scope, f"{at}/{index}") for index, one in enumerate(value)]
    return _schema(value, scope, at) if key in SCHEMA or key == ARRAYS else value


def _target(ref: str, scope: _Scope, at: str) -> dict[str, Any]:
    if ref.startswith(PREFIX):
        return _fragment(ref, scope, at)
    name = ref.removeprefix(_LOCAL)
    if not ref.startswith(_LOCAL):
        remedy = f"Copy it into `$defs` ({_LOCAL}NAME), or make it a fragment ({PREFIX}NAME/1)."
        scope.found.add(at, f"`$ref` to `{ref}`, outside `$defs` and the fragments.", remedy)
    elif not isinstance(scope.defs.get(name), dict):
        scope.found.add(at, f"`$defs` has no schema `{name}`.", did_you_mean(name, scope.defs))
    elif not _again(ref, name, scope, at):
        within = scope._replace(inside=(*scope.inside, ref))
        return dict(_schema(scope.defs[name], within, at.removesuffix("/$ref")))
    return {}


def _fragment(ref: str, scope: _Scope, at: str) -> dict[str, Any]:
    name = ref.removeprefix(PREFIX)
    content = scope.fragments.get(name)
    if content is None:
        remedy = did_you_mean(name, scope.fragments)
        scope.found.add(at, f"There is no fragment `{name}`.", remedy)
    elif isinstance(content, dict) and not _again(ref, name, scope, at):
        aside = _Quiet(
            scope.found, at
        )  # what is wrong inside is told once, at the fragment's own file
        inside = (*scope.inside, ref)
        inner = _Scope(_defs(content, aside), scope.fragments, inside, aside, scope.seen)
        body = {key: value for key, value in content.items() if key not in _OF_THE_FILE}
        return dict(_schema(body, inner, ""))
    return {}


def _again(ref: str, name: str, scope: _Scope, at: str) -> bool:
    if ref not in scope.inside:
        return False
    found, place = _outermost(scope.found, at)
    found.add(place, f"`{name}` contains itself.", "A column has a fixed depth: write it out.")
    return True


class _Quiet(Findings):
    """What is found inside a fragment: it belongs to the fragment's own file."""

    def __init__(self, outer: Findings, at: str) -> None:
        super().__init__(outer.path)
        self.outer, self.at = outer, at


def _outermost(found: Findings, at: str) -> tuple[Findings, str]:
    """Return the file that was asked about: a loop is its mistake, wherever the loop closes."""
    return _outermost(found.outer, found.at) if isinstance(found, _Quiet) else (found, at)


def _references(node: Any) -> Iterator[str]:
    left = [node]
    while left:
        one = left.pop()
        if isinstance(one, dict) and isinstance(one.get("$ref"), str):
            yield one["$ref"]
        if isinstance(one, dict | list):
            left += one.values() if isinstance(one, dict) else one
