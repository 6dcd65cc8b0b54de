"""Two projects in one process: each is loaded from its own files."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.stories import shoppers
from tests.stories.shops import Shop
from weir.orchestra.launcher import load_definitions


@pytest.mark.slow
def test_each_project_is_loaded_from_its_own_folder(tmp_path: Path) -> None:
    daily, weekly = (
        Shop.open(
            shoppers.make_project(tmp_path / grain / "project", grains=(grain,)),
            tmp_path / grain / "home",
            shoppers.START,
        )
        for grain in ("daily", "weekly")
    )
    for shop, grain, other in ((daily, "daily", "weekly"), (weekly, "weekly", "daily")) * 2:
        before = {name: sys.modules.get(name) for name in ("assets", "resources.home")}
        keys = load_definitions(shop.project()).resolve_all_asset_keys()
        layers = {key.path[-1] for key in keys if key.path[0] == "activation"}
        assert f"{shoppers.FACT}_activation_{grain}" in layers
        assert not any(f"_activation_{other}" in layer for layer in layers)
        assert all(found in (None, sys.modules.get(name)) for name, found in before.items())
