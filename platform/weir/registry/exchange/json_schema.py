"""JSON Schema of draft-04, 06, 07, 2019-09 and 2020-12, and Iglu's self-describing form of draft-04."""

from __future__ import annotations

from typing import Any

from weir.core.errors import UsageError
from weir.registry.tree import Tree
from weir.registry.tree.losses import Loss
from weir.registry.tree.write import Writer
from weir.registry.vocabulary import NEWEST


def read_schema(source: Any) -> tuple[dict[str, Any], list[Loss]]:
    """Return a JSON Schema as it is: the tree carries all of it.

    Raises:
        UsageError: if it is no JSON object.
    """
    if not isinstance(source, dict):
        raise UsageError("This is no JSON Schema.", 'Give an object: {"type": "object", …}.')
    return source, []


def read_iglu(source: Any) -> tuple[dict[str, Any], list[Loss]]:
    """Return a self-describing schema as it is.

    Raises:
        UsageError: if it does not describe itself.
    """
    if not isinstance(source, dict) or not isinstance(source.get("self"), dict):
        raise UsageError("This is no self-describing schema: it has no `self`.",
                         "Import it as json-schema.")  # fmt: skip
    return source, []


def write_schema(tree: Tree, dialect: str = NEWEST) -> tuple[Any, list[Loss]]:
    """Return a tree in a draft of JSON Schema, and what that draft cannot say."""
    writer = Writer(tree, dialect)
    written = writer.schema()
    return written, writer.losses
