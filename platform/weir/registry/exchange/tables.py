"""What the exports to typed tables share: which keywords a type says, and which are lost."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from weir.core.errors import UsageError
from weir.registry.exchange.scalars import Scalar, scalar_of
from weir.registry.exchange.shape import Shape, Shaper
from weir.registry.findings import escape
from weir.registry.tree import ArrayNode, MapNode, Node, ObjectNode, ScalarNode, Tree
from weir.registry.tree.losses import Loss


class TableWriter:
    """Writes the shapes of one tree, and lists what is lost.

    Args:
        tree: what to write.
    """

    def __init__(self, tree: Tree) -> None:
        self.losses: list[Loss] = []
        self.tree, self.shaper = tree, Shaper(dict(tree.defs or ()), self.losses)
        self.absent = 0

    def says(self, kind: Scalar) -> bool:
        """Tell whether the format has a type of that kind, which says the kind's keywords."""
        raise NotImplementedError

    def top(self) -> tuple[Shape, ObjectNode]:
        """Return the top level's shape and node.

        Raises:
            UsageError: if it is no object with properties.
        """
        shape = self.shaper.shape(self.tree.root, "")
        if not isinstance(shape.node, ObjectNode) or shape.is_json:
            what = "The top level is no object with properties, so it is no table."
            raise UsageError(what, "Nest it in a property, or export it as json-schema.")
        if shape.nullable:
            self.lose_null(shape, "A row of a table is there, or it is not.")
        return shape, shape.node

    def extras(self, shape: Shape) -> dict[str, Any]:
        """Return the keywords of a shape that its type does not say."""
        node, said = shape.node, {"type"}
        if isinstance(node, ScalarNode):
            kind = scalar_of(node)
            said |= kind.used if self.says(kind) else set()
        elif isinstance(node, ArrayNode):
            said.add("items")
        elif isinstance(node, MapNode):
            said.add("additionalProperties")
        elif isinstance(node, ObjectNode):
            exact = set(node.required or ()) == set(self.required(node, shape.inside))
            said |= {"properties", *(("required",) if exact and node.required else ())}
        return {key: value for key, value in shape.keywords().items() if key not in said}

    def required(self, node: ObjectNode, inside: tuple[str, ...]) -> list[str]:
        """Return the names that a table says are required: declared, and never null."""
        quiet, wanted = Shaper(self.shaper.defs, []), node.required or ()
        return [
            name
            for name, inner in node.properties or ()
            if name in wanted and not quiet.shape(inner, "", inside).nullable
        ]

    def property(self, name: str, node: Node, parent: Shape) -> tuple[Shape, bool]:
        """Return a property's shape, and whether the table says that it is required."""
        at = f"{parent.at}/properties/{escape(name)}"
        shape = self.shaper.shape(node, at, parent.inside)
        wanted = isinstance(parent.node, ObjectNode) and name in (parent.node.required or ())
        self.absent += not wanted and not shape.nullable
        return shape, wanted and not shape.nullable

    def lose(self, keywords: Iterable[str], shape: Shape, why: str) -> None:
        """List keywords of a shape as lost."""
        for key in keywords:
            self.losses.append(Loss(shape.place(key), f"`{key}` cannot be carried.", why))

    def lose_null(self, shape: Shape, why: str) -> None:
        """List that null is no value any more."""
        self.losses.append(Loss(shape.null_at, "That null is allowed cannot be carried.", why))

    def unnamed(self) -> list[str]:
        """Return the shared schemas whose names are lost: all, unless the format can name types."""
        return list(self.shaper.defs)

    def close(self) -> list[Loss]:
        """Return all losses, those of the whole file among them, by pointer."""
        if self.absent:
            what = (
                f"{self.absent} properties may be absent but not null: a table has NULL for both."
            )
            self.losses.append(Loss("", what, "Read back, they allow null."))
        for name in self.unnamed():
            what = f"The name `{name}` of a shared schema cannot be carried."
            self.losses.append(
                Loss(f"/$defs/{escape(name)}", what, "It is written out at each place.")
            )
        for key in self.tree.head.keys() - {"$schema"}:
            self.losses.append(
                Loss(f"/{escape(key)}", f"`{key}` cannot be carried.", "It names the file.")
            )
        return sorted(set(self.losses), key=lambda loss: (loss.pointer, loss.what))


def nullable(schema: dict[str, Any]) -> dict[str, Any]:
    """Return a schema that allows null too.

    >>> nullable({"type": "string"})
    {'type': ['string', 'null']}
    """
    kind = schema.get("type")
    if not isinstance(kind, str) or kind == "null":
        return schema
    return {**schema, "type": [kind, "null"]}


def check_unique(fields: Sequence[Mapping[str, Any]], at: str) -> None:
    """Check that no two fields of a record share a name.

    Raises:
        UsageError: naming both: nobody could tell which of them is meant.
    """
    first: dict[str, int] = {}
    for index, field in enumerate(fields):
        before = first.setdefault(field["name"], index)
        if before != index:
            what = f"`{at}/{before}` and `{at}/{index}` are both called `{field['name']}`."
            raise UsageError(what, "Rename or remove one: nobody could tell which is meant.")


def bounded(value: int, most: int, name: str, at: str) -> int:
    """Return a number of digits that a format allows.

    Raises:
        UsageError: if it is less than 1 or beyond the limit.
    """
    if 1 <= value <= most:
        return value
    raise UsageError(f"The {name} {value} at `{at}` cannot be.", f"It is between 1 and {most}.")


def surplus(given: Mapping[str, Any], known: Iterable[str], at: str, why: str) -> Iterable[Loss]:
    """Yield the loss of each key that is not among the known ones."""
    for key in sorted(given.keys() - set(known)):
        yield Loss(f"{at}/{escape(key)}", f"`{key}` cannot be carried.", why)
