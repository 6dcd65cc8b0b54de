"""A project at one commit: its assets, their code and owners, as its files say. No data."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from weir.lineage.columns.graph import ColumnGraph
from weir.lineage.columns.model_code import ModelCode
from weir.lineage.edges import SERVICE
from weir.lineage.nodes import STAGES, Node, macros_of

VIEW = "view"


@dataclass(frozen=True)
class Parts:
    """What the version of a model's code is made of.

    Attributes:
        file: a digest of its SQL file.
        meta: its `meta`.
        macros: the project's macros that it uses → their SQL.
    """

    file: str
    meta: str
    macros: Mapping[str, str] = field(default_factory=dict)


@dataclass
class Side:
    """A project at one commit.

    Attributes:
        nodes: asset → node.
        codes: asset → compiled code, of models and of views.
        graph: who reads whose columns.
        parts: asset → what its version is made of, of models.
        owners: asset or service → who answers for it.
        beside: view → the asset beside which it stands.
    """

    nodes: Mapping[str, Node]
    codes: Mapping[str, ModelCode]
    graph: ColumnGraph
    parts: Mapping[str, Parts] = field(default_factory=dict)
    owners: Mapping[str, str] = field(default_factory=dict)
    beside: Mapping[str, str] = field(default_factory=dict)

    def owner(self, asset: str) -> str:
        """Return who answers for an asset; '' if nobody is named."""
        return self.owners.get(self.beside.get(asset, asset), "")

    @cached_property
    def unresolved(self) -> dict[tuple[str, str], str]:
        """(asset, column) → why that cannot be followed; '' for all columns of a model."""
        return {
            (asset, one.column): one.reason
            for asset, lineage in self.graph.models.items()
            for one in lineage.unresolved
        }


def parts_of(manifest: Mapping[str, Any]) -> dict[str, Parts]:
    """Return what the versions of a dbt manifest's models are made of, by asset."""
    macros = manifest["macros"]
    return {
        asset: Parts(
            model["checksum"]["checksum"],
            str(model["config"].get("meta")),
            {name: macros[name]["macro_sql"] for name in macros_of(model, macros)},
        )
        for asset, model in _models(manifest).items()
    }


def owners_in(manifest: Mapping[str, Any], nodes: Iterable[Node]) -> dict[str, str]:
    """Return who answers for each model and exposure, as alerts do; a layer has its fact's owner."""
    found = {node.asset: str(node.meta.get("owner") or _owner(node)) for node in nodes}
    for exposure in manifest.get("exposures", {}).values():
        told = exposure.get("owner") or {}
        found[f"{SERVICE}/{exposure['name']}"] = str(told.get("name") or told.get("email") or "")
    return found


def _owner(node: Node) -> str:
    return "data" if node.unique_id else "platform"


def views_beside(codes: Mapping[str, ModelCode], nodes: Iterable[Node]) -> dict[str, str]:
    """Return view → the asset beside which it stands: that of the same version, whose name it extends."""
    tables = {(node.asset, node.code) for node in nodes}
    found = {}
    for view in (code for code in codes.values() if code.meta.get("kind") == VIEW):
        names = [a for a, version in tables if version == view.code and view.asset.startswith(a)]
        if names:
            found[view.asset] = max(names, key=len)
    return found


def _models(manifest: Mapping[str, Any]) -> dict[str, Any]:
    return {
        f"{node['schema']}/{node['name']}": node
        for node in manifest["nodes"].values()
        if node["resource_type"] == "model" and node["schema"] in STAGES
    }
