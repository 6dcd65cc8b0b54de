"""Tree → JSON Schema: in 2020-12, or exactly as it was in the draft it was read from."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from weir.registry.findings import escape
from weir.registry.tree.dialects import (
    TO_DRAFT_7,
    URIS,
    carried,
    downgrade,
    lost_keywords,
    translate,
)
from weir.registry.tree.losses import Loss
from weir.registry.tree.nodes import (
    AnyNode,
    ArrayNode,
    KeyedNode,
    Named,
    Node,
    Null,
    RawNode,
    RefNode,
    Rest,
    ScalarNode,
    Tree,
    UnionNode,
)
from weir.registry.vocabulary import NEWEST

_IGLU = re.compile(r"^iglu:([^/]+)/([^/]+)/([^/]+)/([0-9]+-[0-9]+-[0-9]+)$")
_SELF = ("vendor", "name", "format", "version")
_MOVED = re.compile(
    r"/(items/[0-9]|additionalItems|prefixItems|definitions|\$defs|dependenc|dependent)"
)


def to_json_schema(tree: Tree, dialect: str = NEWEST) -> Any:
    """Return a tree as JSON Schema.

    Args:
        tree: what to write.
        dialect: the draft to write, a key of `vocabulary.DIALECTS`. In `tree.dialect` the result
            equals what was read; what another draft cannot say, `Writer.losses` lists.
    """
    return Writer(tree, dialect).schema()


def write_node(node: Node, dialect: str = NEWEST) -> Any:
    """Return one node, with all inside it, as JSON Schema."""
    return Writer(Tree(root=node), dialect).node(node)


class Writer:
    """Writes one tree.

    Args:
        tree: what to write.
        dialect: the draft to write.
    """

    def __init__(self, tree: Tree, dialect: str) -> None:
        self.tree, self.dialect = tree, dialect
        same = dialect == tree.dialect
        self.old_defs = tree.old_defs if same else dialect in TO_DRAFT_7
        self.losses: list[Loss] = []

    def schema(self) -> Any:
        """Return the whole file."""
        tree = self.tree
        root = self.node(tree.root)
        if not isinstance(root, dict):
            return root
        place = "definitions" if self.old_defs else "$defs"
        defs = {} if tree.defs is None else {place: self._named(tree.defs, f"/{place}")}
        return {**self._head(root), **root, **defs}

    def node(self, node: Node, at: str = "") -> Any:
        """Return one node; `at` is its pointer."""
        if isinstance(node, RawNode):
            result, lost = translate(node.schema, node.dialect, self.dialect, at)
            self.losses += lost
            return result
        if isinstance(node, AnyNode) and node.boolean and not (node.about or node.kept):
            return True if self.dialect not in ("draft-04", "iglu") else {}
        own, missing = downgrade({**self._about(node, at), **self._own(node, at)}, self.dialect)
        stays = carried(
            node.kept, self.tree.dialect, self.dialect, beside_ref=isinstance(node, RefNode)
        )
        stays = {key: value for key, value in stays.items() if key not in own}
        self.losses += lost_keywords([*missing, *(node.kept.keys() - stays)], self.dialect, at)
        return {**own, **stays}

    def _about(self, node: Node, at: str) -> dict[str, Any]:
        about = dict(node.about)
        if "$schema" in about and at and self.dialect != self.tree.dialect:
            about["$schema"] = URIS[self.dialect]
        return about

    def _own(self, node: Node, at: str) -> dict[str, Any]:
        match node:
            case RefNode():
                return {"$ref": self._target(node.target, at)}
            case UnionNode():
                return self._union(node, at)
            case ScalarNode():
                return {**_type(node.type, node), **node.constraints}
            case ArrayNode():
                return {**_type("array", node), **node.constraints, **self._array(node, at)}
            case KeyedNode():
                return {**_type("object", node), **node.constraints, **self._keyed(node, at)}
        return {}

    def _target(self, target: str, at: str) -> str:
        if target.startswith("#/$defs/"):
            return target.replace("#/$defs/", "#/definitions/", 1) if self.old_defs else target
        if self.dialect != self.tree.dialect and target.startswith("#") and _MOVED.search(target):
            what = f"The reference `{target}` points to a place that has another name now."
            self.losses.append(Loss(f"{at}/$ref", what, "Move what it names into `$defs`."))
        return target

    def _union(self, node: UnionNode, at: str) -> dict[str, Any]:
        base = {} if node.base is None else self._own(node.base, at)
        if node.keyword != "type":
            options = [self.node(o, f"{at}/{node.keyword}/{i}") for i, o in enumerate(node.options)]
            return {**base, node.keyword: options}
        written = [self._own(option, at) for option in node.options]
        merged = {key: value for option in written for key, value in option.items()}
        return {**merged, **base, "type": [option["type"] for option in written]}

    def _array(self, node: ArrayNode, at: str) -> dict[str, Any]:
        own: dict[str, Any] = {}
        if node.prefix is not None:
            own["prefixItems"] = [
                self.node(one, f"{at}/prefixItems/{i}") for i, one in enumerate(node.prefix)
            ]
        if node.items is not None:
            own["items"] = self._node_or_flag(node.items, f"{at}/items")
        return own

    def _keyed(self, node: KeyedNode, at: str) -> dict[str, Any]:
        own: dict[str, Any] = {}
        if node.required is not None:
            own["required"] = list(node.required)
        if node.properties is not None:
            own["properties"] = self._named(node.properties, f"{at}/properties")
        if node.patterns is not None:
            own["patternProperties"] = self._named(node.patterns, f"{at}/patternProperties")
        if node.rest is not None:
            own["additionalProperties"] = self._node_or_flag(
                node.rest, f"{at}/additionalProperties"
            )
        if node.names is not None:
            own["propertyNames"] = self.node(node.names, f"{at}/propertyNames")
        return own

    def _named(self, named: Named, at: str) -> dict[str, Any]:
        return {name: self.node(inner, f"{at}/{escape(name)}") for name, inner in named}

    def _node_or_flag(self, value: Rest, at: str) -> Any:
        return self.node(value, at) if isinstance(value, Node) else value

    def _head(self, root: dict[str, Any]) -> dict[str, Any]:
        head = dict(self.tree.head)
        if self.dialect == self.tree.dialect:
            return head
        uri = {"$schema": URIS[self.dialect]}
        return uri | (
            self._to_iglu(root) if self.dialect == "iglu" else self._from_iglu(head, root)
        )

    def _from_iglu(self, head: Mapping[str, Any], root: dict[str, Any]) -> dict[str, Any]:
        own = head.get("self")
        word = "id" if self.dialect == "draft-04" else "$id"
        named = isinstance(own, dict) and own.keys() == set(_SELF) and word not in root
        parts = [str(own[key]) for key in _SELF] if isinstance(own, dict) and named else []
        lost = [key for key in head if key != "$schema" and not (named and key == "self")]
        self.losses += lost_keywords(lost, self.dialect, "")
        return {word: "iglu:" + "/".join(parts)} if named else {}

    def _to_iglu(self, root: dict[str, Any]) -> dict[str, Any]:
        match = _IGLU.match(str(root.get("id", "")))
        if not match:
            what = "The schema does not say its vendor, name and version."
            self.losses.append(Loss("", what, "Add `self`, or give it an `$id` iglu:vendor/…."))
            return {}
        del root["id"]
        return {"self": dict(zip(_SELF, match.groups(), strict=True))}


def _type(kind: str | None, node: ScalarNode | ArrayNode | KeyedNode) -> dict[str, Any]:
    if not node.typed or kind is None:
        return {}
    forms = {Null.NO: kind, Null.LAST: [kind, "null"], Null.FIRST: ["null", kind]}
    return {"type": forms[node.null]}
