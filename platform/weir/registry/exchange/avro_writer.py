"""Writes a tree as an Avro record. How the types correspond is told in `avro`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from weir.registry.exchange.avro import (
    AS_JSON,
    CARRIED,
    LOGICAL,
    MAX_PRECISION,
    PRIMITIVES,
    parse_avro,
)
from weir.registry.exchange.scalars import Scalar
from weir.registry.exchange.shape import Shape, whole
from weir.registry.exchange.tables import TableWriter
from weir.registry.findings import escape
from weir.registry.tree import (
    ArrayNode,
    MapNode,
    Node,
    ObjectNode,
    RefNode,
    Tree,
    UnionNode,
)
from weir.registry.tree.losses import Loss

_NAME = re.compile(r"^[A-Za-z_][A-Za-z0-9_]*$")
_FULLNAME = re.compile(r"^[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)*$")
_WRITE: Mapping[str, Any] = {
    **{kind: name for name, kind in PRIMITIVES.items()},
    **{kind: {"type": base, "logicalType": name} for name, (base, kind) in LOGICAL.items()},
}


def write_avro(tree: Tree, name: str) -> tuple[dict[str, Any], list[Loss]]:
    """Return a tree as an Avro record, and what it cannot carry.

    Args:
        tree: what to write.
        name: the record's name if the tree has no title that is an Avro name.

    Raises:
        UsageError: if its top level is no object with properties, or fastavro refuses the result.
    """
    writer = _Writer(tree)
    shape, node = writer.top()
    record = writer.record(shape, node, name)
    parse_avro(record)
    return record, writer.close()


class _Writer(TableWriter):
    def __init__(self, tree: Tree) -> None:
        super().__init__(tree)
        self.names: set[str] = set()
        self.written: dict[str, str] = {}
        """Definition → the Avro name it was written under."""

    def says(self, kind: Scalar) -> bool:
        if kind.kind == "decimal":
            return kind.size[0] <= MAX_PRECISION
        return kind.kind in _WRITE

    def required(self, node: ObjectNode, inside: tuple[str, ...]) -> list[str]:
        """Return the names that Avro says are required: a field without a default, null or not."""
        del inside
        return [name for name, _ in node.properties or () if name in (node.required or ())]

    def unnamed(self) -> list[str]:
        """Return the shared schemas that became no record."""
        return [name for name in self.shaper.defs if name not in self.written]

    def record(self, shape: Shape, node: ObjectNode, hint: str) -> dict[str, Any]:
        """Return the record of an object."""
        extras = self.extras(shape)
        title = extras.get("title")
        named = isinstance(title, str) and _FULLNAME.match(title) and title not in self.names
        if (
            shape.inside
            and shape.at == f"/$defs/{shape.inside[-1]}"
            and _FULLNAME.match(shape.inside[-1])
        ):
            hint = shape.inside[-1]
        full = self._free(str(extras.pop("title")) if named else hint)
        if shape.inside:
            self.written[shape.inside[-1]] = full
        elif not shape.at:  # what equals the root is the root: it contains itself
            same = (name for name, inner in self.shaper.defs.items() if inner == self.tree.root)
            self.written.update(dict.fromkeys(same, full))
        names = self._field_names([key for key, _ in node.properties or ()], shape.at)
        fields = [
            self._field(column, key, inner, shape, full)
            for column, (key, inner) in zip(names, node.properties or (), strict=True)
        ]
        doc = {"doc": extras.pop("description")} if shape.node.description else {}
        if "required" in extras:
            columns = dict(zip((key for key, _ in node.properties or ()), names, strict=True))
            extras["required"] = [columns.get(key, key) for key in extras["required"]]
        more = {CARRIED: extras} if extras else {}
        return {"type": "record", "name": full, **doc, "fields": fields, **more}

    def _field(
        self, column: str, name: str, node: Node, parent: Shape, hint: str
    ) -> dict[str, Any]:
        shape, _ = self.property(name, node, parent)
        shape, doc = _without_description(shape) if not isinstance(node, RefNode) else (shape, {})
        wanted = isinstance(parent.node, ObjectNode) and name in (parent.node.required or ())
        kind = self._maybe_known(node) or self.kind(shape, f"{hint}_{_plain(name)}")
        if not wanted or shape.nullable:
            kind = _or_null(kind)
        default = {} if wanted else {"default": None}
        return {"name": column, **doc, "type": kind, **default}

    def _maybe_known(self, node: Node) -> str | None:
        """Return the name of a definition that was written already."""
        if isinstance(node, UnionNode) and not node.about:
            named = [self._maybe_known(one) for one in node.options if isinstance(one, RefNode)]
            return named[0] if len(named) == 1 and len(node.options) == 2 else None
        if isinstance(node, RefNode) and not node.about:
            return self.written.get(node.target.removeprefix("#/$defs/"))
        return None

    def kind(self, shape: Shape, hint: str) -> Any:
        """Return the Avro type of a shape."""
        node = shape.node
        if isinstance(node, UnionNode):
            return self._union(node, shape, hint)
        if shape.is_json:
            return {"type": "string", AS_JSON: True, CARRIED: whole(shape)}
        if isinstance(node, ObjectNode):
            return self.record(shape, node, hint)
        extras = self.extras(shape)
        more = {CARRIED: extras} if extras else {}
        if isinstance(node, ArrayNode) and isinstance(node.items, Node):
            items = self._inner(node.items, f"{shape.at}/items", shape, f"{hint}_item")
            return {"type": "array", "items": items, **more}
        if isinstance(node, MapNode) and isinstance(node.rest, Node):
            values = self._inner(
                node.rest, f"{shape.at}/additionalProperties", shape, f"{hint}_value"
            )
            return {"type": "map", "values": values, **more}
        kind = _scalar(shape.scalar)
        return ({"type": kind} if isinstance(kind, str) else kind) | more if more else kind

    def _inner(self, node: Node, at: str, parent: Shape, hint: str) -> Any:
        shape = self.shaper.shape(node, at, parent.inside)
        kind = self._maybe_known(node) or self.kind(shape, hint)
        return _or_null(kind) if shape.nullable else kind

    def _union(self, node: UnionNode, shape: Shape, hint: str) -> Any:
        before = len(self.losses), set(self.names), dict(self.written), self.absent
        options = [
            self.kind(
                self.shaper.shape(one, f"{shape.at}/{node.keyword}/{i}", shape.inside),
                f"{hint}_{i}",
            )
            for i, one in enumerate(node.options)
        ]
        plain = node.keyword != "oneOf" and node.base is None and not (node.kept or node.about)
        if plain and _distinct(options):
            return options
        del self.losses[before[0] :]  # it is carried whole instead
        self.names, self.written, self.absent = before[1:]
        return {"type": "string", AS_JSON: True, CARRIED: whole(shape)}

    def _free(self, name: str) -> str:
        free = name
        while free in self.names:
            free = f"{free}_"
        self.names.add(free)
        return free

    def _field_names(self, names: list[str], at: str) -> list[str]:
        taken: dict[str, None] = {}
        for name in names:
            column = _plain(name)
            while column in taken:
                column = f"{column}_"
            taken[column] = None
            if column != name:
                what = f"The field of `{name}` is called `{column}`."
                remedy = "Avro's names are letters, digits and `_`."
                self.losses.append(Loss(f"{at}/properties/{escape(name)}", what, remedy))
        return list(taken)


def _without_description(shape: Shape) -> tuple[Shape, dict[str, Any]]:
    """Take the description off a property: it is the field's `doc`."""
    about = dict(shape.node.about)
    said = about.pop("description", None)
    if not isinstance(said, str):
        return shape, {}
    return replace(shape, node=replace(shape.node, about=about)), {"doc": said}


def _scalar(kind: Scalar) -> Any:
    if kind.kind == "decimal":
        precision, scale = kind.size
        if precision > MAX_PRECISION:
            return "double"
        sizes = {"precision": precision, "scale": scale}
        return {"type": "bytes", "logicalType": "decimal", **sizes}
    return _WRITE.get(kind.kind, "string")


def _or_null(kind: Any) -> list[Any]:
    options = kind if isinstance(kind, list) else [kind]
    return ["null", *(one for one in options if one != "null")]


def _distinct(options: Iterable[Any]) -> bool:
    kinds = [
        one if isinstance(one, str) else one["type"] if isinstance(one, dict) else ""
        for one in options
    ]
    named = [
        one["name"] if isinstance(one, dict) and "name" in one else kind
        for one, kind in zip(options, kinds, strict=True)
    ]
    return "" not in kinds and len(set(named)) == len(named)


def _plain(name: str) -> str:
    plain = re.sub(r"[^A-Za-z0-9_]", "_", name)
    return plain if _NAME.match(plain) else f"_{plain}"
