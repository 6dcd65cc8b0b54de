"""Puts the envelope's PII actions on the nodes they speak of, and takes them off again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from weir.registry.findings import escape
from weir.registry.tree.nodes import Node, ObjectNode, Tree
from weir.registry.tree.walk import rebuild


def tag_pii(tree: Tree, actions: Mapping[str, str]) -> Tree:
    """Return the tree with `pii` on the node of every named column.

    Args:
        tree: the tree of an event's parameters.
        actions: action by column, as in the envelope; a nested parameter is `parent__child`.
    """
    places = dict(_columns(tree.root, "", ""))
    wanted = {places[name]: action for name, action in actions.items() if name in places}

    def tag(node: Node, place: str) -> Node:
        return replace(node, pii=wanted[place]) if place in wanted else node

    return rebuild(tree, tag)


def pii_tags(tree: Tree) -> dict[str, str]:
    """Return the actions on a tree's nodes by column, as the envelope has them."""
    found: dict[str, str] = {}
    for name, node in _nodes(tree.root, ""):
        if node.pii:
            found[name] = node.pii
    return found


def _columns(node: Node, name: str, place: str) -> Iterator[tuple[str, str]]:
    for key, inner in node.properties or () if isinstance(node, ObjectNode) else ():
        column, where = _join(name, key), f"{place}/properties/{escape(key)}"
        yield column, where
        yield from _columns(inner, column, where)


def _nodes(node: Node, name: str) -> Iterator[tuple[str, Node]]:
    for key, inner in node.properties or () if isinstance(node, ObjectNode) else ():
        column = _join(name, key)
        yield column, inner
        yield from _nodes(inner, column)


def _join(name: str, key: str) -> str:
    return f"{name}__{key}" if name else key
