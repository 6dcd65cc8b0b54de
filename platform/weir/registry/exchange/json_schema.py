"""JSON Schema of draft-04, 06, 07, 2019-09 and 2020-12, and Iglu's self-describing form of draft-04."""

from __future__ import annotations

from typing import Any

from weir.core.errors import UsageError
from weir.registry.tree import Tree
from weir.registry.tree.dialects import URIS
from weir.registry.tree.losses import Loss
from weir.registry.tree.write import Writer
from weir.registry.vocabulary import NEWEST

_IGLU = "iglu:com.snowplowanalytics.self-desc/schema/jsonschema/1-0-0"


def read_schema(source: Any) -> tuple[dict[str, Any], list[Loss]]:
    """Return a JSON Schema as it is: the tree carries all of it.

    Raises:
        UsageError: if it is no JSON object, or of a dialect that is not known.
    """
    if not isinstance(source, dict):
        raise UsageError("This is no JSON Schema.", 'Give an object: {"type": "object", …}.')
    _check_dialect(source)
    return source, []


def read_iglu(source: Any) -> tuple[dict[str, Any], list[Loss]]:
    """Return a self-describing schema as it is.

    Raises:
        UsageError: if it does not describe itself, or is of a dialect that is not known.
    """
    if not isinstance(source, dict) or not isinstance(source.get("self"), dict):
        raise UsageError("This is no self-describing schema: it has no `self`.",
                         "Import it as json-schema.")  # fmt: skip
    _check_dialect(source)
    return source, []


def write_schema(tree: Tree, dialect: str = NEWEST) -> tuple[Any, list[Loss]]:
    """Return a tree in a draft of JSON Schema, and what that draft cannot say."""
    writer = Writer(tree, dialect)
    written = writer.schema()
    return written, writer.losses


def _check_dialect(source: dict[str, Any]) -> None:
    """Check that the words of a schema have a meaning that is known here.

    Raises:
        UsageError: if its `$schema` names another dialect.
    """
    given = source.get("$schema")
    known = {_plain(uri) for uri in (*URIS.values(), _IGLU)}
    if "$schema" in source and (not isinstance(given, str) or _plain(given) not in known):
        what = (
            f"The dialect `{given}` (at `/$schema`) is not known: its words may mean other things."
        )
        raise UsageError(what, f"Known are {', '.join(URIS.values())}.")


def _plain(uri: str) -> str:
    """Return an address without what people write either way: the protocol and a last `#`."""
    return uri.removesuffix("#").replace("https://", "http://", 1)
