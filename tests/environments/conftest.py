"""A tiny home with two environments, built once and copied for each test."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from tests.environments import tiny
from weir.cli.main import app
from weir.core.settings import Settings, load
from weir.engines.embedded.lake import Lake
from weir.orchestra.environment_homes import create
from weir.orchestra.environments import Environment
from weir.orchestra.project import Project

ANN = ("count(*) as", "count(*) + cast(user_id = 'u1' as int) as")
BOB = ("count(*) as", "2 * count(*) as")
ENVIRONMENT = {"WEIR_LANDING_GRAIN": "day", "WEIR_LANDING_START": "2026-01-01"}


@dataclass
class World:
    """A home, production's project and the checkouts of two developers.

    `ann` adds one to a user's events and has built all; `bob` doubles everybody's.
    """

    folder: Path
    tiny = tiny

    @property
    def home(self) -> Path:
        return self.folder / "home"

    @property
    def production(self) -> Settings:
        return load(self.folder / "main", self.home, "")

    def environment(self, name: str) -> Environment:
        return Environment(load(self.folder / name, self.home, name))

    def project(self, name: str) -> Project:
        return Project(load(self.folder / name, self.home, name))

    def project_of(self, name: str, checkout: str) -> Project:
        """The project of an environment with somebody's code."""
        return Project(load(self.folder / checkout, self.home, name))

    def weir(self, checkout: str, *words: str) -> Any:
        """Run a command in this process."""
        return weir(self.folder / checkout, self.home, *words)

    @staticmethod
    def run(project: Project) -> list[Any]:
        """Bring a home up to date; return the runs."""
        return bring_up_to_date(project)

    def merged(self) -> Project:
        """Production's project once ann's change is merged."""
        return Project(load(self.folder / "ann", self.home, ""))

    def select(self, sql: str, name: str = "") -> list[tuple[Any, ...]]:
        settings = load(self.folder / "main", self.home, name)
        with Lake(settings).read() as connection:
            found: list[tuple[Any, ...]] = connection.execute(sql).fetchall()
        return found

    def files(self) -> set[Path]:
        """The data files of production's lake."""
        return set((self.home / "lake" / "data").rglob("*.parquet"))

    @property
    def snapshot(self) -> int:
        return int(self.select("SELECT id FROM ducklake_current_snapshot('lake')")[0][0])


def weir(project: Path, home: Path, *words: str) -> Any:
    given = ["--project", str(project), "--home", str(home), *words]
    result = CliRunner().invoke(app, given)
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def bring_up_to_date(project: Project) -> list[Any]:
    """Run `weir run` in a process of its own: a process loads the code of one checkout."""
    settings = project.settings
    words = ["--project", str(settings.project), "--home", str(settings.home), "run", "--json"]
    done = subprocess.run(
        [sys.executable, "-m", "weir", *words], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    outcomes: list[Any] = json.loads(done.stdout)
    return outcomes


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("environments")
    before = dict(os.environ)
    os.environ.update(ENVIRONMENT)
    try:
        world = World(folder)
        tiny.make_project(folder / "main")
        events = tiny.write(tiny.purchases(), folder / "events.ndjson")
        assert (
            weir(
                folder / "main", world.home, "import", str(events), "--received-at", "received_at"
            ).exit_code
            == 0
        )
        bring_up_to_date(Project(world.production))
        for name, change in (("ann", ANN), ("bob", BOB)):
            shutil.copytree(folder / "main", folder / name)
            create(world.production, name)
            tiny.edit(folder / name, *change)
            bring_up_to_date(world.project(name))
    finally:
        os.environ.clear()
        os.environ.update(before)
    return folder


@pytest.fixture
def world(built: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    for name in ("WEIR_ENV", "WEIR_HOME"):
        monkeypatch.delenv(name, raising=False)
    shutil.copytree(built, tmp_path / "w")
    return World(tmp_path / "w")
