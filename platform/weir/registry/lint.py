"""Lints the schema of one version: only what is checked and typed may be written.

Everything wrong is found in one pass. Whether a new version is compatible is not judged here.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeGuard

import jsonschema_rs

from weir.core.errors import NameRejected
from weir.core.names import check_parameter
from weir.registry.findings import Findings, did_you_mean, escape, show
from weir.registry.keywords import (
    APPLIES,
    BOUNDS,
    COMPOSITION,
    FORMATS,
    KEYWORDS,
    TOP_ONLY,
    TYPES,
    core_type,
    types_of,
    unknown_keyword,
)
from weir.registry.model import Schema
from weir.registry.references import resolve
from weir.registry.reserved import TAKEN


def check_schema(content: object, found: Findings) -> Schema:
    """Return the resolved schema of a parsed version file; what is wrong goes to `found`.

    Wrong schemas come back empty.
    """
    if not isinstance(content, dict) or content.get("type") != "object":
        what = "The parameters are no object at the top level."
        found.add("/type", what, 'Begin with {"type": "object", "properties": {…}}.')
        return {}
    before = len(found.errors)
    schema = resolve(content, found)
    _check_top(schema, found)
    _Lint(found).check({k: v for k, v in schema.items() if k not in TOP_ONLY}, "")
    if len(found.errors) == before:
        _compile(schema, found)
    return schema if len(found.errors) == before else {}


def _check_top(schema: Schema, found: Findings) -> None:
    for key in COMPOSITION:
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


def _compile(schema: Schema, found: Findings) -> None:
    """Let the validator itself have the last word, for example on regular expressions."""
    try:
        jsonschema_rs.meta.validate(dict(schema))
        check = jsonschema_rs.Draft202012Validator(
            dict(schema), validate_formats=True, offline=True
        )
    except (jsonschema_rs.ValidationError, ValueError) as error:
        pointer = "".join(f"/{escape(token)}" for token in getattr(error, "instance_path", ()))
        what = getattr(error, "message", str(error))
        found.add(pointer, f"{what}.", "Correct it after JSON Schema 2020-12.")
        return
    for index, example in enumerate(schema.get("examples", ())):
        for wrong in check.iter_errors(example):
            what = f"The example is not valid: {wrong.message}."
            found.add(f"/examples/{index}", what, "Correct the example, or the schema.")


class _Lint:
    def __init__(self, found: Findings) -> None:
        self.found = found

    def check(self, schema: object, at: str) -> None:
        """Check one schema and all inside it."""
        if not isinstance(schema, dict):
            remedy = 'Write it out, e.g. {"type": "string"}.'
            self.found.add(at, "A schema is an object here.", remedy)
            return
        if self._types(schema, at):
            self._keywords(schema, at)
            self._bounds(schema, at)
            self._options(schema, at)
        self._object(schema, at)
        self._array(schema, at)
        self._alternatives(schema, at)

    def _types(self, schema: Mapping[str, Any], at: str) -> bool:
        declared = schema.get("type", [])
        given = declared if isinstance(declared, list) else [declared]
        wrong = [t for t in given if t not in TYPES]
        for one in wrong:
            what = f"There is no type `{one}`."
            self.found.add(f"{at}/type", what, did_you_mean(str(one), TYPES))
        return not wrong

    def _keywords(self, schema: Mapping[str, Any], at: str) -> None:
        types = types_of(schema)
        for key in schema:
            place = f"{at}/{escape(key)}"
            if key not in KEYWORDS:
                wrong = unknown_keyword(key, schema[key], at, KEYWORDS)
                self.found.add(wrong.pointer, wrong.what, wrong.remedy)
            elif key in APPLIES and not set(types) & set(APPLIES[key]):
                wanted = " or ".join(APPLIES[key])
                what = f"`{key}` does nothing on {' or '.join(types) or 'a value without a type'}."
                self.found.add(place, what, f"Remove it, or make the type {wanted}.")

    def _bounds(self, schema: Mapping[str, Any], at: str) -> None:
        for low, high in BOUNDS:
            least, most = schema.get(low), schema.get(high)
            if not (_is_number(least) and _is_number(most)):
                continue
            strict = "exclusive" in low or "exclusive" in high
            if least > most or (strict and least == most):
                what = f"`{low}` {least} leaves nothing below `{high}` {most}."
                self.found.add(f"{at}/{low}", what, "Exchange or correct the bounds.")

    def _options(self, schema: Mapping[str, Any], at: str) -> None:
        name = schema.get("format")
        if isinstance(name, str) and name not in FORMATS:
            what = f"There is no format `{name}`."
            self.found.add(f"{at}/format", what, did_you_mean(name, FORMATS))
        if "type" not in schema:
            return
        fits = jsonschema_rs.Draft202012Validator({"type": list(types_of(schema))}).is_valid
        options = schema.get("enum", ())
        for value in options if isinstance(options, list) else ():
            if not fits(value):
                what = f"{show(value)} can never be valid: its type is another."
                self.found.add(f"{at}/enum", what, "Write it in the declared type, or remove it.")

    def _object(self, schema: Mapping[str, Any], at: str) -> None:
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
        required, known = schema.get("required"), schema.get("properties")
        if not isinstance(required, list) or known is None:
            return
        for index, name in enumerate(required):
            if name not in known:
                what = f"`{name}` is required but not declared."
                remedy = f"Declare it, or correct it. {did_you_mean(str(name), known)}"
                self.found.add(f"{at}/required/{index}", what, remedy)

    def _array(self, schema: Mapping[str, Any], at: str) -> None:
        if "items" not in schema:
            return
        items = schema["items"]
        if isinstance(items, dict) and core_type(items) == "array":
            what = "A list of lists has no column type."
            self.found.add(f"{at}/items", what, "Make the inner list a field of an object.")
        self.check(items, f"{at}/items")

    def _alternatives(self, schema: Mapping[str, Any], at: str) -> None:
        for key in COMPOSITION:
            inner = schema.get(key, [])
            if isinstance(inner, list):
                for index, one in enumerate(inner):
                    self.check(one, f"{at}/{key}/{index}")
            else:
                self.check(inner, f"{at}/{key}")


def _is_number(value: object) -> TypeGuard[float]:
    return isinstance(value, int | float) and not isinstance(value, bool)
