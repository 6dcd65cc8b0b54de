"""Lints the schema of one version: only what is checked and typed may be written.

Everything wrong is found in one pass. Whether a new version is compatible is not judged here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import jsonschema_rs

from weir.core.errors import NameRejected
from weir.core.names import check_parameter
from weir.registry.budget import check_collisions
from weir.registry.contradictions import contradictions
from weir.registry.findings import Findings, did_you_mean, escape, show
from weir.registry.fragments import Fragments
from weir.registry.keywords import (
    APPLIES,
    COMPOSITION,
    FORMATS,
    KEYWORDS,
    SHAPING,
    TOP_ONLY,
    TYPES,
    core_type,
    is_composed,
    is_map,
    types_of,
    unknown_keyword,
    unknown_keywords,
)
from weir.registry.model import Schema
from weir.registry.references import local_definitions, resolve
from weir.registry.reserved import TAKEN
from weir.registry.vocabulary import LIST, NEWEST

_NEWEST = "https://json-schema.org/draft/2020-12/schema"


def check_schema(content: object, found: Findings, fragments: Fragments | None = None) -> Schema:
    """Return the resolved schema of a parsed version file; what is wrong goes to `found`.

    Wrong schemas come back empty. `fragments` are what its references may name.
    """
    if not isinstance(content, dict) or content.get("type") != "object":
        what = "The parameters are no object at the top level."
        found.add("/type", what, 'Begin with {"type": "object", "properties": {…}}.')
        return {}
    before = len(found.errors)
    schema = resolve(content, found, fragments)
    _check_dialect(content, found)
    _check_top(schema, found)
    _check_defs(content, found)
    _Lint(found).check({k: v for k, v in schema.items() if k not in TOP_ONLY}, "")
    check_collisions(schema, found)
    _compile(schema, found, before)
    return schema if len(found.errors) == before else {}


def check_fragment(content: object, found: Findings, fragments: Fragments) -> None:
    """Check the schema of a parsed fragment file; what is wrong goes to `found`."""
    before = len(found.errors)
    schema: Any = resolve(content, found, fragments) if isinstance(content, dict) else content
    if isinstance(schema, dict):
        _check_dialect(content, found)
        schema = {key: value for key, value in schema.items() if key not in TOP_ONLY}
    _Lint(found).check(schema, "")
    if isinstance(schema, dict):
        _compile(schema, found, before)


def _check_dialect(content: Any, found: Findings) -> None:
    given = content.get("$schema", _NEWEST)
    if given != _NEWEST:
        what = f"`$schema` is {show(given)}; an event file is written in JSON Schema 2020-12."
        remedy = f"Write {show(_NEWEST)}, or import the other dialect: `weir events import`."
        found.add("/$schema", what, remedy)


def _check_top(schema: Schema, found: Findings) -> None:
    for key in SHAPING:
        if key in schema:
            remedy = "Declare every parameter; leave out of `required` what may be absent."
            found.add(f"/{key}", f"`{key}` at the top level.", remedy)
    if isinstance(schema.get("additionalProperties"), dict):
        what = "The parameters are a map at the top level."
        found.add("/additionalProperties", what, "Declare the parameters, or nest the map in one.")
    properties = schema.get("properties", {})
    for name, inner in properties.items() if isinstance(properties, dict) else ():
        place = f"/properties/{escape(name)}"
        if name in TAKEN:
            what = f"`{name}` is already a column of every event."
            found.add(place, what, "Rename it, or send it beside `params`, in the event itself.")
        if isinstance(inner, dict) and not inner.get("description"):
            what = f"The parameter `{name}` has no description."
            found.add(place, what, "Add `description`: it becomes the column's.")


def _check_defs(content: Mapping[str, Any], found: Findings) -> None:
    """Check the definitions that nothing refers to; the others are checked where they are used."""
    defs = content.get("$defs")
    used = local_definitions(content)
    for name, inner in defs.items() if isinstance(defs, dict) else ():
        if name not in used:
            for wrong in unknown_keywords(inner, NEWEST):
                found.add(f"/$defs/{escape(name)}{wrong.pointer}", wrong.what, wrong.remedy)


def _compile(schema: Schema, found: Findings, before: int) -> None:
    """Let the validator itself have the last word, for example on regular expressions.

    Args:
        schema: the schema.
        found: gets what is wrong, but for places of which something is told already.
        before: how many errors there were before this schema's.
    """
    # a `$schema` of its own would be fetched from the network
    plain = {key: value for key, value in schema.items() if key != "$schema"}
    told = [error.pointer for error in found.errors[before:]]
    for error in _META.iter_errors(plain):
        place = _pointer(error)
        if not any(f"{one}/".startswith(f"{place}/") for one in told):
            found.add(place, f"{error.message}.", _AFTER)
    if len(found.errors) > before:
        return
    try:
        jsonschema_rs.Draft202012Validator(plain, validate_formats=True, offline=True)
    except (jsonschema_rs.ValidationError, ValueError) as error:
        found.add(_pointer(error), f"{getattr(error, 'message', error)}.", _AFTER)


_META = jsonschema_rs.Draft202012Validator({"$ref": _NEWEST}, validate_formats=True, offline=True)
_AFTER = "Correct it after JSON Schema 2020-12."


def _pointer(error: Exception) -> str:
    return "".join(f"/{escape(token)}" for token in getattr(error, "instance_path", ()))


class _Lint:
    def __init__(self, found: Findings) -> None:
        self.found = found

    def check(self, schema: object, at: str, outer: tuple[str, ...] = ()) -> None:
        """Check one schema and all inside it.

        Args:
            schema: the schema.
            at: where it is.
            outer: the types of the value that an alternative describes; empty for a value's own.
        """
        if not isinstance(schema, dict):
            remedy = 'Write it out, e.g. {"type": "string"}.'
            self.found.add(at, "A schema is an object here.", remedy)
            return
        types = types_of(schema) or outer
        if self._types(schema, at):
            self._keywords(schema, at, types)
            self._format(schema, at)
            for wrong in contradictions(schema):
                self.found.add(f"{at}{wrong.at}", wrong.what, wrong.remedy)
        self._object(schema, at, alternative=bool(outer))
        self._array(schema, at)
        self._inside(schema, at, types)

    def _types(self, schema: Mapping[str, Any], at: str) -> bool:
        declared = schema.get("type", [])
        given = declared if isinstance(declared, list) else [declared]
        wrong = [t for t in given if t not in TYPES]
        for one in wrong:
            what = f"There is no type `{one}`."
            self.found.add(f"{at}/type", what, did_you_mean(str(one), TYPES))
        return not wrong

    def _keywords(self, schema: Mapping[str, Any], at: str, types: tuple[str, ...]) -> None:
        for key in schema:
            place = f"{at}/{escape(key)}"
            if key not in KEYWORDS:
                wrong = unknown_keyword(key, schema[key], at, KEYWORDS)
                self.found.add(wrong.pointer, wrong.what, wrong.remedy)
            elif key in APPLIES and not set(types) & set(APPLIES[key]):
                wanted = " or ".join(APPLIES[key])
                what = f"`{key}` does nothing on {' or '.join(types) or 'a value without a type'}."
                self.found.add(place, what, f"Remove it, or make the type {wanted}.")

    def _format(self, schema: Mapping[str, Any], at: str) -> None:
        name = schema.get("format")
        if isinstance(name, str) and name not in FORMATS:
            what = f"There is no format `{name}`."
            self.found.add(f"{at}/format", what, did_you_mean(name, FORMATS))

    def _object(self, schema: Mapping[str, Any], at: str, *, alternative: bool) -> None:
        properties = schema.get("properties", {})
        if not isinstance(properties, dict):
            what = "`properties` is no object."
            self.found.add(f"{at}/properties", what, "Give an object name: schema.")
            return
        for name, inner in properties.items():
            place = f"{at}/properties/{escape(name)}"
            self._name(name, place)
            self.check(inner, place)
        self._map(schema, at)
        if not alternative:  # what it requires is declared beside it
            self._required(schema, at)

    def _name(self, name: str, at: str) -> None:
        try:
            check_parameter(name)
        except NameRejected as error:
            self.found.add(at, error.what, error.remedy)

    def _map(self, schema: Mapping[str, Any], at: str) -> None:
        place, extra = f"{at}/additionalProperties", schema.get("additionalProperties")
        if isinstance(extra, dict):
            if schema.get("properties"):
                what = "An object has either declared keys or one schema for all of them."
                remedy = "Keep `properties`, or nest the free keys in an object of their own."
                self.found.add(place, what, remedy)
            self.check(extra, place)

    def _required(self, schema: Mapping[str, Any], at: str) -> None:
        required, known = schema.get("required"), schema.get("properties", {})
        if not isinstance(required, list) or is_map(schema) or is_composed(schema):
            return
        for index, name in enumerate(required):
            if not isinstance(name, str) or name not in known:
                what = f"`{name}` is required but not declared."
                remedy = f"Declare it, or correct it. {did_you_mean(str(name), known)}"
                self.found.add(f"{at}/required/{index}", what, remedy)

    def _array(self, schema: Mapping[str, Any], at: str) -> None:
        items = schema.get("items")
        if isinstance(items, dict) and core_type(items) == "array":
            what = "A list of lists has no column type."
            self.found.add(f"{at}/items", what, "Make the inner list a field of an object.")
        if "items" in schema and not (isinstance(items, bool) and "prefixItems" in schema):
            self.check(items, f"{at}/items")

    def _inside(self, schema: Mapping[str, Any], at: str, types: tuple[str, ...]) -> None:
        for place, inner, same in _nested(schema, types):
            self.check(inner, f"{at}/{place}", same)


def _nested(
    schema: Mapping[str, Any], types: tuple[str, ...]
) -> Iterator[tuple[str, object, tuple[str, ...]]]:
    """Yield (place, schema, types) of what stands in the other keywords.

    The types are given where a schema describes the same value, which has its type already.
    """
    for key in LIST:
        inner = schema.get(key)
        for index, one in enumerate(inner if isinstance(inner, list) else ()):
            yield f"{key}/{index}", one, types if key in COMPOSITION else ()
    for key in ("patternProperties", "dependentSchemas"):
        inner = schema.get(key)
        for name, one in inner.items() if isinstance(inner, dict) else ():
            yield f"{key}/{escape(name)}", one, types if key == "dependentSchemas" else ()
    for key, given in _SINGLE.items():
        if key in schema and not isinstance(schema[key], bool):
            yield key, schema[key], types if given is None else given


_SINGLE: Mapping[str, tuple[str, ...] | None] = {
    **dict.fromkeys(("not", "if", "then", "else")),
    **dict.fromkeys(("contains", "unevaluatedItems", "unevaluatedProperties"), ()),
    "propertyNames": ("string",),
}
"""Keyword with one schema → the types of what it describes; None for the same value."""
