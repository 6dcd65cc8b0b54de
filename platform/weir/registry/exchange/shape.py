"""What a node is in a typed table: a scalar, list, struct or map; or JSON, if it has no one type.

References are followed and null is told apart, so that an export sees plain shapes only.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from weir.registry.exchange.scalars import Scalar, scalar_of
from weir.registry.findings import escape
from weir.registry.tree import (
    AnyNode,
    ArrayNode,
    MapNode,
    Node,
    Null,
    ObjectNode,
    RefNode,
    ScalarNode,
    UnionNode,
    write_node,
)
from weir.registry.tree.losses import Loss

_LOCAL = "#/$defs/"


@dataclass(frozen=True)
class Shape:
    """A node without references, and whether null is allowed.

    Args:
        node: the node; its `null` says nothing any more.
        nullable: whether null is a value.
        at: the pointer of its schema.
        inside: the definitions that led here.
        null_at: the pointer of what allows null; empty if it is no value.
        said_at: the pointers of keywords that stand elsewhere, beside a reference to the schema.
    """

    node: Node
    nullable: bool
    at: str
    inside: tuple[str, ...] = ()
    null_at: str = ""
    said_at: Mapping[str, str] = field(default_factory=dict)

    def place(self, keyword: str) -> str:
        """Return the pointer of one of its keywords."""
        return f"{self.said_at.get(keyword, self.at)}/{escape(keyword)}"

    @property
    def is_json(self) -> bool:
        """Whether no single type describes it."""
        if isinstance(self.node, ArrayNode):
            return not isinstance(self.node.items, Node) or not self.node.typed
        if isinstance(self.node, ObjectNode):
            return not self.node.properties or not self.node.typed
        if isinstance(self.node, MapNode):
            return not isinstance(self.node.rest, Node) or not self.node.typed
        if isinstance(self.node, ScalarNode):
            implied = self.node.type is not None and not self.node.typed
            return implied or scalar_of(self.node).kind == "json"
        return True

    @property
    def scalar(self) -> Scalar:
        """What it is as a scalar; `json` if it is none."""
        if self.is_json or not isinstance(self.node, ScalarNode):
            return Scalar("json")
        return scalar_of(self.node)

    def keywords(self) -> dict[str, Any]:
        """Return its own keywords in their 2020-12 form."""
        written = write_node(self.node)
        return written if isinstance(written, dict) else {}


def whole(shape: Shape) -> dict[str, Any]:
    """Return a shape as JSON Schema, null included."""
    node = shape.node
    if isinstance(node, ScalarNode | ArrayNode | ObjectNode | MapNode) and shape.nullable:
        node = replace(node, null=Null.LAST)
    written = write_node(node)
    return written if isinstance(written, dict) else {}


class Shaper:
    """Finds the shapes of one tree's nodes.

    Args:
        defs: the schemas that the file's own references name.
        losses: gets what a reference to somewhere else loses.
    """

    def __init__(self, defs: Mapping[str, Node], losses: list[Loss]) -> None:
        self.defs, self.losses = defs, losses

    def shape(self, node: Node, at: str, inside: tuple[str, ...] = ()) -> Shape:
        """Return the shape of a node at a pointer."""
        if isinstance(node, RefNode):
            return self._followed(node, at, inside)
        if isinstance(node, UnionNode):
            return self._alternative(node, at, inside)
        if isinstance(node, ScalarNode | ArrayNode | ObjectNode | MapNode):
            nullable = node.null is not Null.NO
            place = f"{at}/type" if nullable else ""
            return Shape(replace(node, null=Null.NO), nullable, at, inside, place)
        return Shape(node, nullable=False, at=at, inside=inside)  # null is one of its JSON values

    def _followed(self, node: RefNode, at: str, inside: tuple[str, ...]) -> Shape:
        name = node.target.removeprefix(_LOCAL)
        if not node.target.startswith(_LOCAL) or name not in self.defs:
            what = f"What `{node.target}` names is not in this schema."
            self.losses.append(Loss(f"{at}/$ref", what, "Write it out, or put it into `$defs`."))
            return Shape(AnyNode(about=node.about), nullable=False, at=at)
        if name in inside:
            what = f"`{name}` contains itself; a table has a fixed depth."
            self.losses.append(Loss(f"{at}/$ref", what, "It is JSON from here on."))
            return Shape(AnyNode(about=node.about), nullable=False, at=at)
        target = self.defs[name]
        named = replace(target, about={**target.about, **node.about})
        shape = self.shape(named, f"{_LOCAL[1:]}{name}", (*inside, name))
        return replace(shape, said_at={**shape.said_at, **dict.fromkeys(node.about, at)})

    def _alternative(self, node: UnionNode, at: str, inside: tuple[str, ...]) -> Shape:
        nulls = [i for i, one in enumerate(node.options) if _is_null(one)]
        where = (
            "/type" if node.keyword == "type" else f"/{node.keyword}/{nulls[0]}" if nulls else ""
        )
        null_at = f"{at}{where}" if nulls else ""
        others = [(i, one) for i, one in enumerate(node.options) if not _is_null(one)]
        simple = len(others) == 1 and node.base is None and not node.kept
        if not simple:
            return Shape(node, bool(nulls), at, inside, null_at)
        index, only = others[0]
        place = at if node.keyword == "type" else f"{at}/{node.keyword}/{index}"
        inner = self.shape(only, place, inside)
        about = {**inner.node.about, **node.about}
        return replace(
            inner,
            node=replace(inner.node, about=about),
            nullable=bool(nulls) or inner.nullable,
            null_at=null_at or inner.null_at,
            said_at={**inner.said_at, **dict.fromkeys(node.about, at)},
        )


def _is_null(node: Node) -> bool:
    return isinstance(node, ScalarNode) and node.type == "null" and not node.constraints
