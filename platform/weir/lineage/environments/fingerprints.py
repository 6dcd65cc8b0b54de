"""Fingerprints of models: their own code and that of everything upstream; and what differs between two."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from weir.lineage.inputs import digest
from weir.lineage.nodes import STAGES, code_of


@dataclass(frozen=True)
class Fingerprint:
    """The version of one model.

    Attributes:
        code: of its own file, meta and macros.
        whole: of that and of the fingerprints of what it reads.
        reads: the assets that it reads.
    """

    code: str
    whole: str
    reads: tuple[str, ...] = ()


@dataclass(frozen=True)
class Change:
    """One model that differs.

    Attributes:
        asset: its key.
        kind: `new`, `removed`, `changed` (its own code) or `upstream` (only what it reads).
        by: the models that it differs by: those upstream whose own code is another, or itself.
    """

    asset: str
    kind: str
    by: tuple[str, ...]


def fingerprints(manifest: Mapping[str, Any]) -> dict[str, Fingerprint]:
    """Return the fingerprint of every model of a dbt manifest, by asset."""
    models = {
        uid: node
        for uid, node in manifest["nodes"].items()
        if node["resource_type"] == "model" and node["schema"] in STAGES
    }
    names = {uid: f"{node['schema']}/{node['name']}" for uid, node in models.items()}
    found: dict[str, Fingerprint] = {}
    for uid in _upstream_first(models):
        node = models[uid]
        reads = sorted(names[parent] for parent in node["depends_on"]["nodes"] if parent in names)
        code = code_of(node, manifest["macros"])
        whole = digest(code, *(found[asset].whole for asset in reads))
        found[names[uid]] = Fingerprint(code, whole, tuple(reads))
    return found


def changes(
    before: Mapping[str, Fingerprint], after: Mapping[str, Fingerprint]
) -> dict[str, Change]:
    """Return the models that differ, by asset, upstream first."""
    found: dict[str, Change] = {}
    for asset, mine in after.items():
        theirs = before.get(asset)
        if theirs is None:
            found[asset] = Change(asset, "new", (asset,))
        elif theirs.code != mine.code:
            found[asset] = Change(asset, "changed", (asset,))
        elif theirs.whole != mine.whole:
            found[asset] = Change(asset, "upstream", _causes(found, mine))
    for asset in sorted(set(before) - set(after)):
        found[asset] = Change(asset, "removed", (asset,))
    return found


def _causes(found: Mapping[str, Change], mine: Fingerprint) -> tuple[str, ...]:
    """Return what a model differs by, from the changes of what it reads."""
    return tuple(sorted({by for asset in mine.reads if asset in found for by in found[asset].by}))


def _upstream_first(models: Mapping[str, Any]) -> list[str]:
    order: list[str] = []
    seen: set[str] = set()
    for first in sorted(models):
        waiting = [(first, False)]
        while waiting:
            uid, done = waiting.pop()
            if done:
                order.append(uid)
            elif uid not in seen:
                seen.add(uid)
                waiting.append((uid, True))
                parents = models[uid]["depends_on"]["nodes"]
                waiting += [(p, False) for p in parents if p in models and p not in seen]
    return order
