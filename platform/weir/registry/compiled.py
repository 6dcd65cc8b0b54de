"""Validates parameters against a compiled schema, and says how to mend what is wrong.

The valid path is one call into Rust; everything else here runs only for events with a finding.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import chain, islice
from typing import Any

import jsonschema_rs

from weir.registry.choices import Error, no_option, wrong_key
from weir.registry.describe import INT64
from weir.registry.keywords import is_composed, types_of
from weir.registry.model import Event, Schema
from weir.registry.remedies import Broken, Violation, at, broken, missing, sample_of
from weir.registry.undeclared import undeclared

MAX_VIOLATIONS = 20


@dataclass(frozen=True, slots=True)
class _Version:
    """The schema as declared, with int64 bounds; and the same, closed to undeclared keys."""

    schema: Schema
    bounded: Schema
    declared: jsonschema_rs.Draft202012Validator
    closed: jsonschema_rs.Draft202012Validator


class CompiledEvent:
    """The validators of an event's versions."""

    def __init__(self, event: Event) -> None:
        self._versions = {number: _version(schema) for number, schema in event.versions.items()}

    def violations(
        self, version: int, params: Mapping[str, Any], limit: int = MAX_VIOLATIONS
    ) -> list[Violation]:
        """Return what is wrong with the parameters, so many findings at most; empty if nothing is.

        Raises:
            KeyError: if the version was never declared.
        """
        known = self._versions[version]
        if known.closed.is_valid(params):
            return []
        found = chain(_broken(known, params), undeclared(known.schema, params))
        return list(islice(found, limit))


def compile_event(event: Event) -> CompiledEvent:
    """Compile the schemas of an event. Costs milliseconds: do it once."""
    return CompiledEvent(event)


def _version(schema: Schema) -> _Version:
    declared = bounded(schema, closed=False)
    closed = _validator(bounded(schema, closed=True))
    return _Version(schema, declared, _validator(declared), closed)


def _validator(schema: dict[str, Any]) -> jsonschema_rs.Draft202012Validator:
    return jsonschema_rs.Draft202012Validator(schema, validate_formats=True, offline=True)


def _broken(known: _Version, params: Mapping[str, Any]) -> Iterator[Violation]:
    return (_violation(known, error) for error in known.declared.iter_errors(params))


def _violation(known: _Version, error: jsonschema_rs.ValidationError) -> Violation:
    path, kind = tuple(error.instance_path), error.kind
    node = at(known.bounded, error.schema_path[:-1])
    around = at(known.bounded, error.schema_path[:-3])
    required = bool(path) and isinstance(around, dict) and path[-1] in around.get("required", ())
    sample = sample_of(known.schema, path)
    found = Broken(path, kind.name, node, error.instance, sample, required)
    if kind.name == "required":
        return missing(found, str(kind.as_dict()["property"]))
    if kind.name == "propertyNames":
        return wrong_key(found, str(kind.as_dict()["error"].instance))
    if kind.name in ("oneOf", "anyOf"):
        return no_option(found, _in_options(known, len(path), kind.as_dict()["context"]))
    return broken(found)


def _in_options(
    known: _Version, depth: int, options: list[list[jsonschema_rs.ValidationError]]
) -> list[list[Error]]:
    return [
        [Error(_is_own(error, depth), _violation(known, error)) for error in errors]
        for errors in options
    ]


def _is_own(error: jsonschema_rs.ValidationError, depth: int) -> bool:
    """Tell whether an error is about a value itself, or the key that tells its options apart."""
    return len(error.instance_path) == depth or error.kind.name in ("const", "enum")


def bounded(node: Any, *, closed: bool) -> Any:
    """Return a schema whose integers fit 64 bits, with declared objects closed or opened.

    Undeclared keys are this package's finding, not the schema's: so `additionalProperties: false`
    is taken out of the open form, and put on every declared object of the closed one.
    """
    if isinstance(node, list):
        return [bounded(inner, closed=closed) for inner in node]
    if not isinstance(node, dict):
        return node
    result = {key: _inner(key, value, closed=closed) for key, value in node.items()}
    if "integer" in types_of(node):
        low, high = INT64
        result["minimum"] = max(node.get("minimum", low), low)
        result["maximum"] = min(node.get("maximum", high), high)
    if _is_plain(node):
        result.pop("additionalProperties", None)
        if closed:
            result["additionalProperties"] = False
    return result


def _is_plain(node: Mapping[str, Any]) -> bool:
    """Tell whether an object's keys are all declared in it; where alternatives decide, they judge."""
    free = isinstance(node.get("additionalProperties"), dict)
    return node.get("properties") is not None and not free and not is_composed(node)


def _inner(key: str, value: Any, *, closed: bool) -> Any:
    if key == "properties":
        return {name: bounded(inner, closed=closed) for name, inner in value.items()}
    if key in ("items", "additionalProperties"):
        return bounded(value, closed=closed)
    return value  # alternatives stay as written: closing a branch would change which one matches
