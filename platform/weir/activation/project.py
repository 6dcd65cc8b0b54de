"""A project's facts and their layers, as dbt's manifest has them. Pure: nothing is opened."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from weir.activation.contract import Fact, fact_of, tests_of
from weir.activation.tables import Tables
from weir.core.errors import NotFound
from weir.core.names import LAYER_GRAINS, Layer

Manifest = Mapping[str, Any]


def fact_nodes(manifest: Manifest) -> dict[str, Mapping[str, Any]]:
    """Return the models of all facts, by name."""
    return {
        node["name"]: node
        for node in manifest["nodes"].values()
        if node["resource_type"] == "model" and node["schema"] == "fact"
    }


def fact_in(manifest: Manifest, name: str) -> Fact:
    """Return the contract of a fact.

    Raises:
        NotFound: if there is no such fact.
        Broken: if it breaks its contract.
    """
    facts = fact_nodes(manifest)
    if name not in facts:
        raise NotFound(
            "fact", name, sorted(facts), "Write models/fact/<name>.sql and its YAML first."
        )
    return fact_of(facts[name], tests_of(manifest).get(facts[name]["unique_id"], []))


def grains_with_layer(manifest: Manifest, fact: str) -> list[str]:
    """Return the grains of which a fact has a layer."""
    models = {node["name"] for node in manifest["nodes"].values()}
    return [grain for grain in LAYER_GRAINS if str(Layer(fact, grain, "summary")) in models]


def tables_in(manifest: Manifest, contract: Fact, grain: str) -> Tables:
    """Return the tables of a fact's layer.

    Raises:
        NotFound: if it has no layer of that grain.
    """
    fact = contract.name
    has = grains_with_layer(manifest, fact)
    if grain not in has:
        raise NotFound(
            f"{grain} layer of", fact, remedy=f"It has: {', '.join(has) or 'none yet'}. Add it:"
            f" `weir activation add {fact} --grain {grain}`, then `weir run`.",
        )  # fmt: skip
    return Tables(fact, grain, week_start=contract.week_start)


def check_dimension(fact: Fact, dim: str) -> None:
    """Check that a fact has a dimension.

    Raises:
        NotFound: if it has not.
    """
    if dim not in fact.dimensions:
        none = f"`{fact.name}` has none; list its columns in `meta.weir.dimensions`."
        raise NotFound("dimension", dim, fact.dimensions, "" if fact.dimensions else none)
