"""How a dbt model looks in Dagster: key, group, owner, tags, mappings, freshness."""

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import Any

import dagster as dg
from dagster_dbt import DagsterDbtTranslator, DbtProject

from weir.core.settings import Settings
from weir.lineage.nodes import Kind, Node, fixed_nodes
from weir.orchestra import partitions

_FRESH_WITHIN = {
    Kind.EVENT_LOG: None,  # an event that nobody sends is no fault
    Kind.FACT: timedelta(hours=50),  # a day, its close, and a day of slack
}
_SLACK = timedelta(hours=28)  # a period's close, and a day
_LONGEST = {"day": 1, "week": 7, "month": 31, "quarter": 92, "year": 366}


def fresh_within(node: Node) -> timedelta | None:
    """Return how long ago an asset may have been built last; None where that says nothing."""
    if node.stage != "activation":
        return _FRESH_WITHIN.get(node.kind)
    return timedelta(days=_LONGEST[node.grain.unit]) + _SLACK


class WeirTranslator(DagsterDbtTranslator):
    """Reads what Dagster shows of a model from the model's node and YAML.

    Args:
        nodes: all nodes of the project.
        settings: the project's settings.
        columns: returns what Dagster shows of an asset's columns.
    """

    def __init__(
        self,
        nodes: Sequence[Node],
        settings: Settings,
        columns: Callable[[str], Mapping[str, Any]],
    ) -> None:
        super().__init__()
        self._columns = columns
        self._specs: dict[str, dg.AssetSpec] = {}
        self._by_id = {node.unique_id: node for node in nodes if node.unique_id}
        self._by_asset = {node.asset: node for node in [*nodes, *fixed_nodes(settings.grain)]}
        self._weir = settings

    def get_asset_key(self, dbt_resource_props: Mapping[str, Any]) -> dg.AssetKey:
        """Return [schema, table]: asset key, table and model carry the same name."""
        schema = dbt_resource_props.get("source_name") or dbt_resource_props["schema"]
        return dg.AssetKey([schema, dbt_resource_props["name"]])

    def get_group_name(self, dbt_resource_props: Mapping[str, Any]) -> str:
        """Return the stage."""
        return str(dbt_resource_props.get("source_name") or dbt_resource_props["schema"])

    def get_description(self, dbt_resource_props: Mapping[str, Any]) -> str:
        """Return the YAML's description; the compiled SQL is one click away in dbt's own metadata."""
        return str(dbt_resource_props.get("description") or "").strip()

    def get_owners(self, dbt_resource_props: Mapping[str, Any]) -> Sequence[str]:
        """Return `meta.weir.owner`: an e-mail address, or a team's name."""
        owner = str(self._meta(dbt_resource_props).get("owner") or "data")
        return [owner if "@" in owner else f"team:{owner}"]

    def get_tags(self, dbt_resource_props: Mapping[str, Any]) -> Mapping[str, str]:
        """Return domain, tier and kind as tags."""
        node = self._by_id.get(dbt_resource_props["unique_id"])
        if node is None:
            return {}
        found = {
            "weir/kind": node.kind.value,
            "weir/domain": str(node.meta.get("domain") or ""),
            "weir/tier": node.tier,
            "weir/grain": node.grain.value,
            "weir/time_zone": node.zone.replace("/", "."),
        }
        return {key: value for key, value in found.items() if value}

    def get_partition_mapping(
        self,
        dbt_resource_props: Mapping[str, Any],
        dbt_parent_resource_props: Mapping[str, Any],
    ) -> dg.PartitionMapping | None:
        """Return the mapping of one edge."""
        if dbt_resource_props["unique_id"] == dbt_parent_resource_props["unique_id"]:
            return None
        downstream = self._by_id[dbt_resource_props["unique_id"]]
        key = self.get_asset_key(dbt_parent_resource_props)
        upstream = self._by_asset.get("/".join(key.path))
        return partitions.mapping(downstream, upstream) if upstream else None

    def get_asset_spec(
        self, manifest: Mapping[str, Any], unique_id: str, project: DbtProject | None
    ) -> dg.AssetSpec:
        """Add what dagster-dbt does not read: columns and the freshness policy.

        Each is made once: dagster-dbt asks for it with every model that reads it, in every definition.
        """
        if unique_id not in self._specs:
            self._specs[unique_id] = self._spec(manifest, unique_id, project)
        return self._specs[unique_id]

    def _spec(
        self, manifest: Mapping[str, Any], unique_id: str, project: DbtProject | None
    ) -> dg.AssetSpec:
        spec = super().get_asset_spec(manifest, unique_id, project)
        node = self._by_id.get(unique_id)
        if node is None:
            return spec
        metadata = {**spec.metadata, **self._columns(node.asset)}
        spec = spec.replace_attributes(metadata=metadata)
        within = fresh_within(node)
        if within is None or node.end is not None:
            return spec
        policy = dg.FreshnessPolicy.time_window(fail_window=within)
        return spec.replace_attributes(freshness_policy=policy)

    @staticmethod
    def _meta(props: Mapping[str, Any]) -> Mapping[str, Any]:
        return (props.get("config", {}).get("meta") or {}).get("weir") or {}
