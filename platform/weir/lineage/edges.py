"""Who reads whom, as edges between assets: from the dbt manifest. Pure: nothing is opened here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from weir.lineage.nodes import STAGES

SERVICE = "service"


def edges(manifest: Mapping[str, Any]) -> dict[str, list[str]]:
    """Return for each asset (`schema/table`) of a dbt manifest the assets that read it.

    Exposures, what reads the lake from outside, are `service/<name>`. Assets without readers map to
    an empty list.
    """
    assets = {
        uid: f"{node['schema']}/{node['name']}"
        for uid, node in manifest["nodes"].items()
        if node["resource_type"] == "model" and node["schema"] in STAGES
    }
    found: dict[str, list[str]] = {asset: [] for asset in assets.values()}
    for uid, asset in assets.items():
        for parent in manifest["nodes"][uid]["depends_on"]["nodes"]:
            if parent in assets:
                found[assets[parent]].append(asset)
    for exposure in manifest.get("exposures", {}).values():
        for parent in exposure["depends_on"]["nodes"]:
            if parent in assets:
                found[assets[parent]].append(f"{SERVICE}/{exposure['name']}")
    return {asset: sorted(set(reading)) for asset, reading in found.items()}
