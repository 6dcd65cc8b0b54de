"""What is worth knowing about a schema that was read: the closed meta-schema, idle words, raw JSON.

Every keyword that is only kept and every raw node has a finding here: nothing is swallowed.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import jsonschema_rs

from weir.registry.findings import Finding, Severity, escape, show
from weir.registry.keywords import unknown_keywords
from weir.registry.tree.dialects import URIS
from weir.registry.tree.nodes import RawNode, RefNode, Tree
from weir.registry.tree.walk import walk

_BASE = {"iglu": "draft-04"}


def notes(schema: Any, tree: Tree) -> list[Finding]:
    """Return the findings of a schema and the tree that was read from it, by pointer."""
    unknown = unknown_keywords(schema, tree.dialect)
    seen = {finding.pointer for finding in unknown}
    found = [*unknown, *_wrong_values(schema, tree.dialect), *_raw(tree)]
    found += [finding for finding in _idle(tree) if finding.pointer not in seen]
    return sorted(found, key=lambda finding: finding.pointer)


def _wrong_values(schema: Any, dialect: str) -> Iterator[Finding]:
    if not isinstance(schema, dict):
        return
    uri = URIS[_BASE.get(dialect, dialect)]
    plain = {**schema, "$schema": uri}  # a foreign address would be fetched from the network
    meta = jsonschema_rs.validator_for({"$schema": uri, "$ref": uri}, offline=True)
    for error in meta.iter_errors(plain):
        place = "".join(f"/{escape(token)}" for token in error.instance_path)
        what = f"`{place.rpartition('/')[2]}` cannot be {show(error.instance)}."
        yield Finding(place, "wrong_value", what, f"Correct it after JSON Schema {dialect}.")


def _raw(tree: Tree) -> Iterator[Finding]:
    for place, node in walk(tree, tree.dialect):
        if isinstance(node, RawNode):
            what = "No node shows this schema: it is kept as raw JSON."
            remedy = "Edit it as text; it is written back word for word."
            yield Finding(place, "raw", what, remedy, Severity.HINT)


def _idle(tree: Tree) -> Iterator[Finding]:
    for place, node in walk(tree, tree.dialect):
        why = "beside a `$ref`" if isinstance(node, RefNode) else "on this type"
        for key in node.kept:
            what = f"`{key}` does nothing {why}."
            remedy = "Remove it, or move it to where it acts."
            yield Finding(f"{place}/{escape(key)}", "idle_keyword", what, remedy, Severity.WARNING)
