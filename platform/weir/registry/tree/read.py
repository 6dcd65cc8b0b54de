"""JSON Schema of any draft → tree. What no node shows becomes a raw node, exactly as it stood.

Every node is written again as soon as it is read; if that is not its source, it becomes raw. So
the round trip is exact whatever the reader overlooks. What is worth telling is `notes`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from weir.registry.findings import Finding
from weir.registry.tree.dialects import TO_DRAFT_7, upgrade
from weir.registry.tree.nodes import (
    ABOUT,
    AnyNode,
    Named,
    Node,
    RawNode,
    RefNode,
    ScalarNode,
    Tree,
    UnionNode,
)
from weir.registry.tree.notes import notes
from weir.registry.tree.typed import ANY_TYPE, implied_type, read_typed, split
from weir.registry.tree.write import Writer
from weir.registry.vocabulary import dialect_of

_HEAD = ("$schema", "self", "$supersedes", "$supersededBy")
_DEFS = ("$defs", "definitions")


def from_json_schema(schema: Any, dialect: str | None = None) -> tuple[Tree, list[Finding]]:
    """Return the tree of a JSON Schema, and what is worth knowing about it.

    Args:
        schema: the schema as parsed JSON; it is not changed.
        dialect: a key of `vocabulary.DIALECTS`; by default what its `$schema` names.

    Returns:
        The tree; and the findings: unknown and idle keywords, keywords with a wrong value, and
        what is kept as raw JSON.
    """
    given = schema.get("$schema") if isinstance(schema, dict) and dialect is None else dialect
    reader = _Reader(dialect_of(given))
    tree = reader.tree(schema)
    return tree, notes(schema, tree)


class _Reader:
    def __init__(self, dialect: str, *, old_defs: bool = False) -> None:
        self.dialect, self.old_defs = dialect, old_defs or dialect in TO_DRAFT_7

    def tree(self, schema: Any) -> Tree:
        """Return the tree of a whole file."""
        raw = Tree(root=RawNode(schema=schema, dialect=self.dialect), dialect=self.dialect)
        if not isinstance(schema, dict):
            return replace(raw, root=self.node(schema))
        places = [key for key in _DEFS if key in schema]
        self.old_defs = self.old_defs or places == ["definitions"]
        named = schema.get(places[0]) if places else None
        if len(places) > 1 or not isinstance(named, dict | None):
            return raw
        body = {k: v for k, v in schema.items() if k not in (*_HEAD, *places)}
        head = {k: v for k, v in schema.items() if k in _HEAD}
        defs = None if named is None else self._named(named)
        tree = replace(raw, root=self.node(body), defs=defs, head=head, old_defs=self.old_defs)
        return tree if Writer(tree, self.dialect).schema() == schema else raw

    def node(self, schema: Any) -> Node:
        """Return the node of one schema."""
        raw = RawNode(schema=schema, dialect=self.dialect)
        if schema is True:
            return AnyNode(boolean=True)
        if not isinstance(schema, dict):
            return raw
        known, kept = upgrade(schema, self.dialect)
        about = {key: known.pop(key) for key in ABOUT if key in known}
        node = self._shape(known)
        if node is None:
            return raw
        node = replace(node, about=about, kept={**kept, **node.kept})
        exact = Writer(Tree(root=node, dialect=self.dialect, old_defs=self.old_defs), self.dialect)
        return node if exact.node(node) == schema else raw

    def _shape(self, body: Mapping[str, Any]) -> Node | None:
        if "$ref" in body:
            return self._reference(body)
        for keyword in ("anyOf", "oneOf"):
            if isinstance(body.get(keyword), list):
                return self._union(keyword, body)
        declared = body.get("type")
        if isinstance(declared, list):
            return self._types(declared, body)
        if declared is None:
            return self._untyped(body)
        return read_typed(body, declared, self.node)

    def _reference(self, body: Mapping[str, Any]) -> Node | None:
        target = body["$ref"]
        if len(body) > 1 or not isinstance(target, str):
            return None
        if self.old_defs and target.startswith("#/definitions/"):
            target = target.replace("#/definitions/", "#/$defs/", 1)
        return RefNode(target=target)

    def _union(self, keyword: str, body: Mapping[str, Any]) -> Node | None:
        rest = {key: value for key, value in body.items() if key != keyword}
        options = tuple(self.node(option) for option in body[keyword])
        if not rest:
            return UnionNode(keyword=keyword, options=options)
        base = self._shape(rest)
        if base is None or isinstance(base, RefNode):
            return None
        return UnionNode(
            keyword=keyword, options=options, base=replace(base, kept={}), kept=base.kept
        )

    def _types(self, declared: list[Any], body: Mapping[str, Any]) -> Node | None:
        nullable = [one for one in declared if one != "null"]
        if len(declared) == 2 and len(nullable) == 1 and isinstance(nullable[0], str):
            return read_typed(body, nullable[0], self.node, null_first=declared[0] == "null")
        parts = split(declared, body)
        if parts is None:
            return None
        read = [read_typed(part, part["type"], self.node) for part in parts.by_type]
        options = tuple(option for option in read if option is not None)
        if len(options) < len(read):
            return None
        base = ScalarNode(typed=False, constraints=parts.shared) if parts.shared else None
        return UnionNode(keyword="type", options=options, base=base, kept=parts.idle)

    def _untyped(self, body: Mapping[str, Any]) -> Node | None:
        if not body:
            return AnyNode()
        if body.keys() <= set(ANY_TYPE):
            return ScalarNode(typed=False, constraints=dict(body))
        implied = implied_type(body)
        if implied is None:
            return None
        node = read_typed({**body, "type": implied}, implied, self.node)
        return replace(node, typed=False) if node else None

    def _named(self, schemas: Mapping[str, Any]) -> Named:
        return tuple((name, self.node(inner)) for name, inner in schemas.items())
