"""dbt's own unit tests: every transition of every grain has one, they pass, and no run executes them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from dbt.cli.main import dbtRunner

from weir.core.grains import Grain, Range
from weir.core.settings import Settings
from weir.orchestra.manifest import arguments, environment, prepare
from weir.orchestra.models import model_assets
from weir.orchestra.project import Project
from weir.orchestra.warm import Invocation, WarmDbt

GRAINS = ("daily", "weekly", "monthly")
TRANSITIONS = (
    "none_to_new",
    "new_to_retained",
    "retained_to_retained",
    "reactivated_to_retained",
    "inactive_to_reactivated_after_one",
    "inactive_to_reactivated_after_many",
    "new_to_inactive",
    "retained_to_inactive",
    "reactivated_to_inactive",
    "inactive_to_inactive",
    "retained_to_retained_from_checkpoint",
    "summary",
)
WANTED = {f"{grain}_{name}" for grain in GRAINS for name in TRANSITIONS}


@pytest.fixture(scope="module")
def results(models: Any) -> dict[str, tuple[str, str]]:
    """The unit tests that dbt ran over the empty tables: name → status and message."""
    settings: Settings = models.settings
    environment(settings)
    runner = dbtRunner(manifest=prepare(settings).manifest())
    found: Any = runner.invoke(["test", *arguments(settings), "--select", "test_type:unit"])
    assert found.result is not None, found.exception
    return {one.node.name: (str(one.status), str(one.message)) for one in found.result}


def test_every_transition_of_every_grain_has_one(results: dict[str, tuple[str, str]]) -> None:
    assert set(results) == WANTED


@pytest.mark.parametrize("name", sorted(WANTED))
def test_transition(results: dict[str, tuple[str, str]], name: str) -> None:
    status, message = results[name]
    assert status == "pass", message


def test_a_run_leaves_them_out(models: Any) -> None:
    dbt = WarmDbt(models.settings, prepare(models.settings))
    name = "users_contributed_code_activation_daily"
    labels = Range(datetime(2024, 1, 1), datetime(2024, 1, 2), Grain.DAY)
    ran = [one.unique_id for one in dbt.build(Invocation([name], labels))]
    assert f"model.weir.{name}" in ran
    assert not [unique_id for unique_id in ran if unique_id.startswith("unit_test")]


def test_no_asset_is_checked_by_one(models: Any) -> None:
    project = Project(models.settings)
    manifest = project.parsed.json
    assert {test["name"] for test in manifest["unit_tests"].values()} == WANTED
    assets = model_assets(project, "activation")
    names = {key.name for asset in assets for key in asset.check_keys}
    assert names
    assert not names & WANTED
    assert {key.path[-1] for asset in assets for key in asset.keys} == {
        node.table for node in project.nodes if node.stage == "activation"
    }
