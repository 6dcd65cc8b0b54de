"""The asset graph itself: data flows forward, and every asset says what it is."""

import importlib.util
import sys
from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest

from weir.core.settings import load
from weir.orchestra.project import Project

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def definitions(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dg.Definitions]:
    home = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("WEIR_HOME", str(home))
        spec = importlib.util.spec_from_file_location("definitions", ROOT / "definitions.py")
        assert spec
        assert spec.loader
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        yield module.build_defs(project=Project(load(ROOT, home)))
    sys.modules.pop("definitions", None)


@pytest.fixture(scope="module")
def specs(definitions: dg.Definitions) -> list[dg.AssetSpec]:
    return list(definitions.resolve_all_asset_specs())


def test_data_flows_forward_through_the_stages(definitions: dg.Definitions) -> None:
    from assets import STAGES

    order = list(STAGES)
    graph = definitions.resolve_asset_graph()
    edges = [
        (parent, key) for key in graph.get_all_asset_keys() for parent in graph.get(key).parent_keys
    ]
    backward = [
        (parent.to_user_string(), key.to_user_string())
        for parent, key in edges
        if order.index(parent.path[0]) > order.index(key.path[0])
    ]
    assert len(edges) > 20
    assert backward == []


def test_every_stage_has_assets_and_every_asset_a_stage(specs: list[dg.AssetSpec]) -> None:
    from assets import STAGES

    assert {spec.key.path[0] for spec in specs} == set(STAGES)
    assert all(len(spec.key.path) == 2 for spec in specs)
    assert all(spec.group_name == spec.key.path[0] for spec in specs)


def test_table_names_are_unique_across_the_project(specs: list[dg.AssetSpec]) -> None:
    names = [spec.key.path[1] for spec in specs if spec.key.path[0] not in ("landing", "accepted")]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("what", ["description", "owners", "kinds", "tags", "code_version"])
def test_every_asset_says_what_it_is(specs: list[dg.AssetSpec], what: str) -> None:
    assert [spec.key.to_user_string() for spec in specs if not getattr(spec, what)] == []


def test_every_asset_shows_its_columns(specs: list[dg.AssetSpec]) -> None:
    schemas = {
        spec.key.to_user_string(): spec.metadata.get("dagster/column_schema") for spec in specs
    }
    assert [key for key, schema in schemas.items() if not schema] == []


def test_every_asset_is_partitioned_by_calendar_labels_in_utc(specs: list[dg.AssetSpec]) -> None:
    zones = {spec.partitions_def.timezone for spec in specs}  # type: ignore[union-attr]
    assert zones == {"UTC"}


def test_conservation_and_identity_are_blocking_checks(definitions: dg.Definitions) -> None:
    graph = definitions.resolve_asset_graph()
    blocking = {key.name for key in graph.asset_check_keys if graph.get_check_spec(key).blocking}
    assert {
        "landed_as_sealed",
        "landed_is_durable",
        "valid_is_accepted_plus_duplicates",
    } <= blocking
    assert any(name.startswith("complete_against_accepted") for name in blocking)
    assert any(name.startswith("part_identity") for name in blocking)
    assert any(name.startswith("part_unique") for name in blocking)


def test_the_ended_fact_has_the_partitions_of_its_meta(specs: list[dg.AssetSpec]) -> None:
    by_key = {spec.key.to_user_string(): spec for spec in specs}
    definition = by_key["fact/users_purchased_item"].partitions_def
    assert definition is not None
    keys = definition.get_partition_keys()
    assert (keys[0], keys[-1], len(keys)) == ("1997-01-01", "1998-06-30", 546)
    months = by_key["activation/users_purchased_item_firstlast_daily"].partitions_def
    assert months is not None
    assert len(months.get_partition_keys()) == 18


def test_the_open_partition_is_a_valid_key(specs: list[dg.AssetSpec]) -> None:
    from weir.core.clock import utc_now
    from weir.core.grains import Grain, floor, text

    by_key = {spec.key.to_user_string(): spec for spec in specs}
    landing = by_key["landing/normal"].partitions_def
    assert landing is not None
    assert text(floor(utc_now(), Grain.HOUR), Grain.HOUR) in landing.get_partition_keys()


def test_a_backfill_is_one_run_per_thousand_partitions(definitions: dg.Definitions) -> None:
    graph = definitions.resolve_asset_graph()
    policies = {graph.get(key).backfill_policy for key in graph.get_all_asset_keys()}
    assert {policy.max_partitions_per_run for policy in policies if policy} == {1000}
    assert None not in policies
