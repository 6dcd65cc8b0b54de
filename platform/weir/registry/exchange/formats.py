"""The formats by name, and which one a file is in. What a format means is its own module."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Protocol

from weir.core.errors import InvalidValue, UsageError
from weir.registry.exchange.avro import read_avro
from weir.registry.exchange.avro_writer import write_avro
from weir.registry.exchange.bigquery import read_bigquery, write_bigquery
from weir.registry.exchange.json_schema import read_iglu, read_schema, write_schema
from weir.registry.exchange.spark import read_spark, write_spark
from weir.registry.findings import Finding
from weir.registry.jsonread import NotJson, check_values
from weir.registry.tree import Tree, from_json_schema
from weir.registry.tree.losses import Loss

AUTO = "auto"


class Read(Protocol):
    """Reads a format's parsed document as JSON Schema of the draft that it names."""

    def __call__(self, source: Any) -> tuple[dict[str, Any], list[Loss]]:
        """Return the JSON Schema, and what it cannot carry by the source's pointers."""


class Write(Protocol):
    """Writes a tree; `name` is the event's, for formats that name their types."""

    def __call__(self, tree: Tree, name: str) -> tuple[Any, list[Loss]]:
        """Return the document, and what it cannot carry by the tree's pointers."""


IMPORTS: Mapping[str, Read] = MappingProxyType(
    {
        "json-schema": read_schema,
        "iglu": read_iglu,
        "spark": read_spark,
        "bigquery": read_bigquery,
        "avro": read_avro,
    }
)
EXPORTS: Mapping[str, Write] = MappingProxyType(
    {
        "json-schema": lambda tree, name: write_schema(tree),  # noqa: ARG005 - the Protocol's own
        "spark": lambda tree, name: write_spark(tree),  # noqa: ARG005
        "bigquery": lambda tree, name: write_bigquery(tree),  # noqa: ARG005
        "avro": write_avro,
    }
)


@dataclass(frozen=True)
class Imported:
    """What an import made.

    Args:
        format: the format it was read in.
        tree: the parameters.
        losses: what the tree cannot carry, by the source's pointers.
        findings: what is worth knowing about the schema.
    """

    format: str
    tree: Tree
    losses: list[Loss]
    findings: list[Finding]


@dataclass(frozen=True)
class Exported:
    """What an export made: the document, and what it cannot carry by the tree's pointers."""

    document: Any
    losses: list[Loss]


def import_schema(source: Any, form: str = AUTO) -> Imported:
    """Read a parsed document.

    Args:
        source: the document, as parsed JSON.
        form: a key of `IMPORTS`, or `auto`.

    Raises:
        InvalidValue: if there is no such format.
        UsageError: if the document is not in it, or nested deeper than `jsonread.MAX_DEPTH`.
    """
    _check(source, "The document")
    form = detect(source) if form == AUTO else form
    if form not in IMPORTS:
        raise InvalidValue("format", form, [AUTO, *IMPORTS])
    schema, losses = IMPORTS[form](source)
    _check(schema, "The JSON Schema that it would become")
    tree, findings = from_json_schema(schema)
    return Imported(form, tree, losses, findings)


def export_schema(tree: Tree, form: str, name: str) -> Exported:
    """Write a tree.

    Args:
        tree: the parameters.
        form: a key of `EXPORTS`.
        name: the event's name.

    Raises:
        InvalidValue: if there is no such format.
        UsageError: if the tree has no table's form.
    """
    if form not in EXPORTS:
        raise InvalidValue("format", form, EXPORTS)
    return Exported(*EXPORTS[form](tree, name))


def detect(source: Any) -> str:
    """Return the format that a document seems to be in.

    >>> detect([{"name": "a", "type": "STRING"}]), detect({"type": "struct", "fields": []})
    ('bigquery', 'spark')
    """
    return next((form for form, seems in _SIGNS.items() if seems(source)), "json-schema")


def _check(value: Any, name: str) -> None:
    try:
        check_values(value)
    except NotJson as error:
        raise UsageError(f"{name} cannot be read: {error}.", error.remedy) from None


_SIGNS: Mapping[str, Callable[[Any], bool]] = {
    "spark": lambda source: _has(source, "type", "struct"),
    "avro": lambda source: _has(source, "type", "record"),
    "bigquery": lambda source: isinstance(source, list) or _is_table(source),
    "iglu": lambda source: isinstance(source, dict) and isinstance(source.get("self"), dict),
}


def _has(source: Any, key: str, value: str) -> bool:
    return isinstance(source, dict) and source.get(key) == value


def _is_table(source: Any) -> bool:
    held = source.get("schema", source) if isinstance(source, dict) else None
    return isinstance(held, dict) and isinstance(held.get("fields"), list)
