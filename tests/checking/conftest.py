"""The small warehouse of the checker's tests, made once and copied for each."""

import shutil
from pathlib import Path

import pytest

from tests.checking.warehouses import Warehouse, make, open_at


@pytest.fixture(scope="session")
def built_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("warehouse") / "home"
    make(home)
    return home


@pytest.fixture
def warehouse(built_home: Path, tmp_path: Path) -> Warehouse:
    return open_at(shutil.copytree(built_home, tmp_path / "home"))


@pytest.fixture(scope="module")
def untouched(built_home: Path) -> Warehouse:
    """The same for tests that only look."""
    return open_at(built_home)
