"""The typed tree of an event schema, for editors, diffs and exchange with other systems.

`from_json_schema` reads any draft into nodes, `to_json_schema` writes them; the two are exact
inverses in the source's own draft. Other formats than JSON Schema are `weir.registry.exchange`.
"""

from weir.registry.tree.nodes import (
    AnyNode,
    ArrayNode,
    MapNode,
    Node,
    Null,
    ObjectNode,
    RawNode,
    RefNode,
    ScalarNode,
    Tree,
    UnionNode,
)
from weir.registry.tree.pii import pii_tags, tag_pii
from weir.registry.tree.read import from_json_schema
from weir.registry.tree.walk import Share, at, replace_at, share, walk
from weir.registry.tree.write import to_json_schema, write_node

__all__ = [
    "AnyNode",
    "ArrayNode",
    "MapNode",
    "Node",
    "Null",
    "ObjectNode",
    "RawNode",
    "RefNode",
    "ScalarNode",
    "Share",
    "Tree",
    "UnionNode",
    "at",
    "from_json_schema",
    "pii_tags",
    "replace_at",
    "share",
    "tag_pii",
    "to_json_schema",
    "walk",
    "write_node",
]
