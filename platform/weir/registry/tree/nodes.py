"""The kinds of node. Plain immutable values; reading and writing them is elsewhere.

Keywords keep their JSON Schema 2020-12 names, whatever draft a node was read from. What a node
cannot show is never left out: it is in `kept` (keywords that check nothing) or makes a `RawNode`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, ClassVar, TypeAlias

from weir.registry.vocabulary import NEWEST

Keywords: TypeAlias = Mapping[str, Any]
"""JSON Schema keyword → its value, as parsed JSON. Not to be changed in place."""
Named: TypeAlias = "tuple[tuple[str, Node], ...]"
"""Nodes by name, in order."""
Rest: TypeAlias = "Node | bool | None"
"""What is beyond the declared: a node, allowed or not, or nothing is said."""

ABOUT = (
    "title", "description", "examples", "default", "deprecated", "readOnly", "writeOnly",
    "$comment", "$id", "$anchor", "$schema",
)  # fmt: skip
"""Keywords that every node may carry: they describe and name, and check nothing."""


class Null(StrEnum):
    """Whether null is a value beside the node's type, and where the type list says so."""

    NO = "no"
    LAST = "last"
    FIRST = "first"


@dataclass(frozen=True, kw_only=True)
class Node:
    """What all nodes have.

    Args:
        about: title, description, examples, default and other annotations.
        kept: keywords that check nothing here, because their draft does not know them or because
            the type makes them idle; each has a note when it is read.
        pii: what the collector does to the value before it is stored: hash, mask or drop. It comes
            from the event's envelope and is not written into the schema.
    """

    kind: ClassVar[str]
    about: Keywords = field(default_factory=dict)
    kept: Keywords = field(default_factory=dict)
    pii: str | None = None

    @property
    def description(self) -> str:
        """What the value means; empty if the schema does not say."""
        said = self.about.get("description")
        return said if isinstance(said, str) else ""


@dataclass(frozen=True, kw_only=True)
class AnyNode(Node):
    """Any value. `boolean` says that it is written `true` instead of an empty schema."""

    kind: ClassVar[str] = "any"
    boolean: bool = False


@dataclass(frozen=True, kw_only=True)
class _Typed(Node):
    """A node of one JSON type.

    Args:
        null: whether null is allowed too.
        typed: whether the schema says `type`; without it, other types pass unchecked.
        constraints: keywords that limit the value.
    """

    null: Null = Null.NO
    typed: bool = True
    constraints: Keywords = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class ScalarNode(_Typed):
    """A string, integer, number, boolean or null; or, without a type, one of listed values."""

    kind: ClassVar[str] = "scalar"
    type: str | None = None


@dataclass(frozen=True, kw_only=True)
class ArrayNode(_Typed):
    """A list.

    Args:
        items: what each item is, after the `prefix`; None if nothing is said, False if there is none.
        prefix: what the first items are, by position; None if nothing is said.
    """

    kind: ClassVar[str] = "array"
    items: Rest = None
    prefix: tuple[Node, ...] | None = None


@dataclass(frozen=True, kw_only=True)
class KeyedNode(_Typed):
    """What objects and maps share.

    Args:
        properties: the declared keys, in order; None if the schema has no `properties`.
        required: names that must be there, as listed; None if the schema has no such list.
        rest: what other keys hold; None if nothing is said, True or False if it is allowed or not.
        patterns: what keys that match a pattern hold.
        names: what a key must look like.
    """

    properties: Named | None = None
    required: tuple[str, ...] | None = None
    rest: Rest = None
    patterns: Named | None = None
    names: Node | None = None


@dataclass(frozen=True, kw_only=True)
class ObjectNode(KeyedNode):
    """An object with declared keys."""

    kind: ClassVar[str] = "object"


@dataclass(frozen=True, kw_only=True)
class MapNode(KeyedNode):
    """An object with free keys and one schema for all values, or one per pattern of keys."""

    kind: ClassVar[str] = "map"


@dataclass(frozen=True, kw_only=True)
class UnionNode(Node):
    """Alternatives.

    Args:
        keyword: `type` for a list of types, else `anyOf` or `oneOf`.
        options: the alternatives; for `type` one node per type, null among them.
        base: what holds for every alternative, if anything.
    """

    kind: ClassVar[str] = "union"
    keyword: str
    options: tuple[Node, ...]
    base: Node | None = None


@dataclass(frozen=True, kw_only=True)
class RefNode(Node):
    """A reference: `#/$defs/<name>` in the same file, or `fragment:<name>/<version>`."""

    kind: ClassVar[str] = "reference"
    target: str


@dataclass(frozen=True, kw_only=True)
class RawNode(Node):
    """JSON Schema that no other node shows, held word for word.

    Args:
        schema: the schema, in the draft named by `dialect`.
        dialect: a key of `vocabulary.DIALECTS`.
    """

    kind: ClassVar[str] = "raw"
    schema: Any
    dialect: str = NEWEST


@dataclass(frozen=True, kw_only=True)
class Tree:
    """One schema file.

    Args:
        root: its top node.
        defs: schemas that the file names for its own references; None if it has no place for them.
        head: `$schema` and, for Iglu, `self`, as written.
        dialect: the draft it was read from, a key of `vocabulary.DIALECTS`.
        old_defs: whether a draft that has `$defs` is written with the older word `definitions`.
    """

    root: Node
    defs: Named | None = None
    head: Keywords = field(default_factory=dict)
    dialect: str = NEWEST
    old_defs: bool = False
