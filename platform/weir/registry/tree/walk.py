"""Goes through a tree by JSON pointers: visit, find and replace nodes, and count what is raw."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from weir.core.errors import NotFound
from weir.registry.findings import escape
from weir.registry.tree.dialects import TO_2019, knows
from weir.registry.tree.nodes import (
    ArrayNode,
    KeyedNode,
    Named,
    Node,
    RawNode,
    Rest,
    Tree,
    UnionNode,
)
from weir.registry.vocabulary import NEWEST

Change = Callable[[Node, str], Node]


@dataclass(frozen=True)
class Share:
    """How much of some trees the nodes show.

    Args:
        trees: how many.
        without_raw: how many have no raw node.
        known: how many, besides, have no keyword that their draft does not know.
        clean: how many, besides, have no keyword that is idle where it stands.
    """

    trees: int
    without_raw: int
    known: int
    clean: int


def walk(tree: Tree, dialect: str = NEWEST) -> Iterator[tuple[str, Node]]:
    """Yield every node with the JSON pointer of its schema, parents first.

    Nodes that share one schema (the types of a union, the base of alternatives) share a pointer.

    Args:
        tree: what to go through.
        dialect: the draft in which the pointers hold.
    """
    yield from _walk(tree.root, "", dialect)
    place = "definitions" if tree.old_defs and dialect == tree.dialect else "$defs"
    for name, inner in tree.defs or ():
        yield from _walk(inner, f"/{place}/{escape(name)}", dialect)


def at(tree: Tree, pointer: str) -> Node:
    """Return the outermost node at a pointer of the 2020-12 form.

    Raises:
        NotFound: if no schema is there.
    """
    found = next((node for place, node in walk(tree) if place == pointer), None)
    if found is None:
        raise NotFound("node", pointer, remedy="Give the pointer of a schema inside the tree.")
    return found


def replace_at(tree: Tree, pointer: str, new: Node) -> Tree:
    """Return the tree with another node at a pointer.

    Raises:
        NotFound: if no schema is there.
    """
    at(tree, pointer)
    return rebuild(tree, lambda node, place: new if place == pointer else node)


def rebuild(tree: Tree, change: Change) -> Tree:
    """Return the tree with every node replaced by what `change(node, pointer)` returns.

    Children come first, so a change sees their new form. Of the nodes that share a pointer only the
    outermost is asked about.
    """
    defs = None if tree.defs is None else _named(tree.defs, change, "/$defs")
    return replace(tree, root=_rebuild(tree.root, change, ""), defs=defs)


def share(trees: Iterable[Tree]) -> Share:
    """Count the trees that the nodes show, in three grades of strictness."""
    grades = [_grade(tree) for tree in trees]
    return Share(len(grades), *(sum(grade >= least for grade in grades) for least in (1, 2, 3)))


def _grade(tree: Tree) -> int:
    nodes = [node for _, node in walk(tree)]
    if any(isinstance(node, RawNode) for node in nodes):
        return 0
    kept = {key for node in nodes for key in node.kept}
    if not all(knows(tree.dialect, key) for key in kept):
        return 1
    return 2 if kept else 3


def children(node: Node, dialect: str = NEWEST) -> Iterator[tuple[str, Node]]:
    """Yield the nodes right inside one, each with the rest of its pointer."""
    if isinstance(node, UnionNode):
        for index, option in enumerate(node.options):
            yield ("" if node.keyword == "type" else f"/{node.keyword}/{index}"), option
        if node.base is not None:
            yield "", node.base
    elif isinstance(node, ArrayNode):
        yield from _in_array(node, dialect)
    elif isinstance(node, KeyedNode):
        yield from _in_keyed(node)


def _walk(node: Node, place: str, dialect: str) -> Iterator[tuple[str, Node]]:
    yield place, node
    for step, inner in children(node, dialect):
        yield from _walk(inner, place + step, dialect)


def _in_array(node: ArrayNode, dialect: str) -> Iterator[tuple[str, Node]]:
    old = dialect in TO_2019
    for index, one in enumerate(node.prefix or ()):
        yield f"/{'items' if old else 'prefixItems'}/{index}", one
    if isinstance(node.items, Node):
        yield ("/additionalItems" if old and node.prefix is not None else "/items"), node.items


def _in_keyed(node: KeyedNode) -> Iterator[tuple[str, Node]]:
    for name, inner in node.properties or ():
        yield f"/properties/{escape(name)}", inner
    for name, inner in node.patterns or ():
        yield f"/patternProperties/{escape(name)}", inner
    if isinstance(node.rest, Node):
        yield "/additionalProperties", node.rest
    if node.names is not None:
        yield "/propertyNames", node.names


def _rebuild(node: Node, change: Change, place: str) -> Node:
    return change(_inside(node, change, place), place)


def _inside(node: Node, change: Change, place: str) -> Node:
    changed: dict[str, Any] = {}
    if isinstance(node, UnionNode):
        changed["options"] = _options(node, change, place)
        changed["base"] = node.base and _inside(node.base, change, place)
    elif isinstance(node, ArrayNode):
        changed["items"] = _flag(node.items, change, f"{place}/items")
        changed["prefix"] = node.prefix and tuple(
            _rebuild(one, change, f"{place}/prefixItems/{i}") for i, one in enumerate(node.prefix)
        )
    elif isinstance(node, KeyedNode):
        changed["properties"] = _maybe(node.properties, change, f"{place}/properties")
        changed["patterns"] = _maybe(node.patterns, change, f"{place}/patternProperties")
        changed["rest"] = _flag(node.rest, change, f"{place}/additionalProperties")
        changed["names"] = node.names and _rebuild(node.names, change, f"{place}/propertyNames")
    return replace(node, **changed)


def _options(node: UnionNode, change: Change, place: str) -> tuple[Node, ...]:
    if node.keyword == "type":
        return tuple(_inside(option, change, place) for option in node.options)
    return tuple(
        _rebuild(option, change, f"{place}/{node.keyword}/{index}")
        for index, option in enumerate(node.options)
    )


def _maybe(named: Named | None, change: Change, place: str) -> Named | None:
    return None if named is None else _named(named, change, place)


def _named(named: Named, change: Change, place: str) -> Named:
    return tuple((n, _rebuild(inner, change, f"{place}/{escape(n)}")) for n, inner in named)


def _flag(value: Rest, change: Change, place: str) -> Rest:
    return _rebuild(value, change, place) if isinstance(value, Node) else value
