"""Walks over the parameters that a schema declares, at every depth. Pure; judges nothing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from weir.registry.findings import escape
from weir.registry.keywords import COMPOSITION, core_type, is_composed
from weir.registry.model import Schema


class Declared(NamedTuple):
    """One declared parameter.

    Args:
        path: the names that lead to it; the items of a list and the values of a map add none.
        pointer: where its schema is, as a JSON pointer.
        schema: its schema.
        column: the name of the log's column that holds it.
    """

    path: tuple[str, ...]
    pointer: str
    schema: Schema
    column: str

    @property
    def name(self) -> str:
        """Its own name."""
        return self.path[-1]

    @property
    def dotted(self) -> str:
        """The path as people write it."""
        return ".".join(self.path)

    @property
    def parent(self) -> str:
        """Pointer to the object that declares it."""
        return self.pointer.rsplit("/properties/", 1)[0]


def declared(schema: Schema) -> Iterator[Declared]:
    """Yield every declared parameter, parents before what is in them.

    >>> one = {"properties": {"a": {"type": "array", "items": {"properties": {"b": {}}}}}}
    >>> [(each.dotted, each.pointer, each.column) for each in declared(one)]
    [('a', '/properties/a', 'a'), ('a.b', '/properties/a/items/properties/b', 'a')]
    """
    yield from _walk(schema, "", (), None)


def _walk(node: Any, at: str, path: tuple[str, ...], column: str | None) -> Iterator[Declared]:
    """Walk one schema; `column` is set below a list, a map or alternatives: they stay one column."""
    if not isinstance(node, dict):
        return
    inside = column if column or not is_composed(node) else "__".join(path)
    properties = node.get("properties")
    for name, inner in properties.items() if isinstance(properties, dict) else ():
        below, place = (*path, name), f"{at}/properties/{escape(name)}"
        if isinstance(inner, dict):
            yield Declared(below, place, inner, inside or "__".join(below))
            yield from _walk(inner, place, below, inside)
    whole = inside or "__".join(path)
    for key in ("items", "additionalProperties"):
        yield from _walk(node.get(key), f"{at}/{key}", path, whole)
    for key in COMPOSITION:
        options = node.get(key)
        for index, inner in enumerate(options if isinstance(options, list) else ()):
            yield from _walk(inner, f"{at}/{key}/{index}", path, whole)


def kind_of(schema: Schema) -> str | None:
    """Return a parameter's type in a word, the items of a list included; None if it has no one type.

    >>> kind_of({"type": "array", "items": {"type": ["string", "null"]}})
    'array of string'
    """
    kind = core_type(schema)
    items = schema.get("items")
    if kind == "array" and isinstance(items, dict):
        return f"array of {core_type(items) or 'any'}"
    return kind
