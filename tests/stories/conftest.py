"""The CDNOW story, once: real purchases over real HTTP, through Dagster, to activation and search."""

import importlib.util
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import dagster as dg
import pytest

from weir.cli.processes import collector, running, wait_until_ready
from weir.cli.up import health_url
from weir.collect.durable import durable
from weir.collect.ownership import live_url
from weir.collect.replay import ReplayReport, replay_file
from weir.collect.sealer import seal_now
from weir.core.settings import Settings, load
from weir.engines.embedded.lake import Lake
from weir.lineage.plan import Outcome
from weir.orchestra.instance import ENVIRONMENT, open_instance
from weir.orchestra.launcher import InProcessLauncher
from weir.orchestra.project import Project

ROOT = Path(__file__).resolve().parents[2]
CDNOW = ROOT / "examples" / "cdnow"


@dataclass
class Home:
    """A home, its project and its Dagster instance."""

    settings: Settings
    project: Project
    definitions: dg.Definitions
    instance: dg.DagsterInstance

    def launcher(self) -> InProcessLauncher:
        return InProcessLauncher(self.project, self.definitions, self.instance)

    def bring_up_to_date(self) -> list[Outcome]:
        return list(self.launcher().bring_up_to_date())

    @property
    def spooled(self) -> dict[tuple[str, int], int]:
        """Records that the spool made durable, by lane and epoch."""
        return {key: d.records for key, d in durable(self.settings.spool_dir).items()}

    def post(self, example: Path, file: Path) -> ReplayReport:
        """Replay a file through a collector of its own, and seal."""
        service = collector(self.settings)
        service.env = {"WEIR_COLLECT_PORT": "0"}
        with running(service):
            wait_until_ready(service, lambda: health_url(self.settings), 30)
            url = live_url(self.settings.spool_dir)
            report = replay_file(self.settings, file, example / "mapping.yml", url=url)
            seal_now(self.settings)
        return report


@dataclass
class Story(Home):
    """A home in which the purchases were replayed and everything was built."""

    replayed: ReplayReport
    outcomes: list[Outcome]


@contextmanager
def opened(folder: Path, environment: Mapping[str, str]) -> Iterator[Home]:
    """Open the repository's project on a new home; the environment is put back at the end."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in {**ENVIRONMENT, "WEIR_HOME": str(folder), **environment}.items():
            patch.setenv(name, value)
        patch.setenv("DAGSTER_HOME", str(folder / "dagster"))
        settings = load(ROOT, folder)
        Lake(settings).create()
        project, definitions = build_defs(settings)
        with open_instance(settings) as instance:
            yield Home(settings, project, definitions, instance)


def build_defs(settings: Settings) -> tuple[Project, dg.Definitions]:
    """Load the repository's definitions on a home."""
    spec = importlib.util.spec_from_file_location("definitions", ROOT / "definitions.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    project = Project(settings)
    return project, module.build_defs(project=project)


@pytest.fixture(scope="session")
def story(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    with opened(tmp_path_factory.mktemp("a home"), {}) as home:
        replayed = home.post(CDNOW, CDNOW / "cdnow_sample.csv")
        yield Story(**vars(home), replayed=replayed, outcomes=home.bring_up_to_date())


@pytest.fixture
def new_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Home]]:
    """Return a function that opens a new home; its keyword arguments are environment variables."""
    with ExitStack() as stack:
        yield lambda **environment: stack.enter_context(
            opened(tmp_path_factory.mktemp("home"), environment)
        )
