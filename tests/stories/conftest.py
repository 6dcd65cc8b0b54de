"""The CDNOW story, once: real purchases over real HTTP, through Dagster, to activation and search."""

import importlib.util
import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import dagster as dg
import pytest

from weir.cli.processes import collector, running, wait_until_ready
from weir.cli.up import collector_url, health_url
from weir.collect.replay import ReplayReport, replay_file
from weir.collect.sealer import seal_now
from weir.core.settings import Settings, load
from weir.engines.embedded.lake import Lake
from weir.orchestra.instance import ENVIRONMENT, open_instance
from weir.orchestra.launcher import InProcessLauncher, Outcome
from weir.orchestra.project import Project

ROOT = Path(__file__).resolve().parents[2]
CDNOW = ROOT / "examples" / "cdnow"


@dataclass
class Story:
    """A home in which the story took place."""

    settings: Settings
    project: Project
    definitions: dg.Definitions
    instance: dg.DagsterInstance
    replayed: ReplayReport
    outcomes: list[Outcome]

    def launcher(self) -> InProcessLauncher:
        return InProcessLauncher(self.project, self.definitions, self.instance)

    def bring_up_to_date(self) -> list[Outcome]:
        return list(self.launcher().bring_up_to_date())


def build_defs(settings: Settings) -> tuple[Project, dg.Definitions]:
    """Load the repository's definitions on a home."""
    spec = importlib.util.spec_from_file_location("definitions", ROOT / "definitions.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules.pop("definitions", None)
    spec.loader.exec_module(module)
    project = Project(settings)
    return project, module.build_defs(project=project)


def post(settings: Settings, example: Path, file: str) -> ReplayReport:
    """Replay a file through a collector of its own, and seal."""
    service = collector(settings)
    service.env = {"WEIR_COLLECT_PORT": "0"}
    with running(service):
        wait_until_ready(service, lambda: health_url(settings), 30)
        report = replay_file(
            settings, example / file, example / "mapping.yml", url=collector_url(settings)
        )
        seal_now(settings)
    return report


@pytest.fixture(scope="session")
def story(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    home = tmp_path_factory.mktemp("a home")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("WEIR_HOME", str(home))
        for name, value in ENVIRONMENT.items():
            patch.setenv(name, value)
        settings = load(ROOT, home)
        Lake(settings).create()
        project, definitions = build_defs(settings)
        replayed = post(settings, CDNOW, "cdnow_sample.csv")
        with open_instance(settings) as instance:
            patch.setenv("DAGSTER_HOME", os.environ["DAGSTER_HOME"])
            told = Story(settings, project, definitions, instance, replayed, [])
            told.outcomes = told.bring_up_to_date()
            yield told
