"""An event's parameters as a tree that a page can show."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pydantic import BaseModel, Field

from weir.registry.model import Event, Schema
from weir.registry.tree import from_json_schema
from weir.registry.tree.nodes import (
    AnyNode,
    ArrayNode,
    KeyedNode,
    Node,
    Null,
    RawNode,
    RefNode,
    ScalarNode,
    UnionNode,
)  # fmt: skip
from weir.registry.tree.pii import tag_pii


class Parameter(BaseModel):
    """One node of the tree.

    `children` are an object's keys, an array's items (named `[]`), a map's values (`*`), and the options
    of a union (`|`).
    """

    name: str
    kind: str = Field(description="object, array, map, union, scalar, reference, any or raw.")
    type: str | None = Field(None, description="JSON type of a scalar; target of a reference.")
    required: bool = False
    nullable: bool = False
    description: str = ""
    pii: str | None = None
    constraints: dict[str, Any] = {}
    schema_text: Any = Field(None, description="JSON Schema of what the tree cannot show.")
    children: list[Parameter] = []


def parameters(event: Event, schema: Schema) -> list[Parameter]:
    """Return the top parameters of a version."""
    tree, _ = from_json_schema(schema)
    root = tag_pii(tree, event.pii).root
    return list(_keys(root)) if isinstance(root, KeyedNode) else [_parameter("", root)]


def _parameter(name: str, node: Node, *, required: bool = False) -> Parameter:
    constraints = getattr(node, "constraints", {})
    return Parameter(
        name=name,
        kind=node.kind,
        type=_type(node),
        required=required,
        nullable=getattr(node, "null", Null.NO) is not Null.NO,
        description=node.description,
        pii=node.pii,
        constraints=dict(constraints),
        schema_text=node.schema if isinstance(node, RawNode) else None,
        children=list(_children(node)),
    )


def _type(node: Node) -> str | None:
    if isinstance(node, ScalarNode):
        return node.type
    if isinstance(node, RefNode):
        return node.target
    return "any" if isinstance(node, AnyNode) else None


def _children(node: Node) -> Iterator[Parameter]:
    if isinstance(node, KeyedNode):
        yield from _keys(node)
    elif isinstance(node, ArrayNode):
        yield from (_parameter(f"[{i}]", one) for i, one in enumerate(node.prefix or ()))
        if isinstance(node.items, Node):
            yield _parameter("[]", node.items)
    elif isinstance(node, UnionNode):
        yield from (_parameter("|", option) for option in node.options)


def _keys(node: KeyedNode) -> Iterator[Parameter]:
    required = set(node.required or ())
    for key, inner in node.properties or ():
        yield _parameter(key, inner, required=key in required)
    for pattern, inner in node.patterns or ():
        yield _parameter(f"/{pattern}/", inner)
    if isinstance(node.rest, Node):
        yield _parameter("*", node.rest)
