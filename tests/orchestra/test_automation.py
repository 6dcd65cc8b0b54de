"""Sensors on a real home: what succeeds is not asked for again, what fails for good only when mended."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from tests.environments import tiny
from tests.environments.conftest import weir
from weir.core.clock import utc_now
from weir.core.settings import load
from weir.lineage.automation.memory import FILE, Memory
from weir.orchestra.alerting import outbox_of
from weir.orchestra.freshness import FRESH
from weir.orchestra.home import remember
from weir.orchestra.instance import ENVIRONMENT, open_instance
from weir.orchestra.launcher import building
from weir.orchestra.project import Project

pytestmark = pytest.mark.slow
ROOT = Path(__file__).resolve().parents[2]
FACT = f"fact/{tiny.FACT}"
ALERTS = "channels: {a: {kind: slack, url_env: A_URL}}\ndefault: [a]\n"


@dataclass
class Home:
    """A home, its sensors and a clock that may be ahead."""

    folder: Path
    instance: dg.DagsterInstance
    ahead: timedelta = timedelta(0)
    cursors: dict[str, str | None] = field(default_factory=dict)
    ran: list[tuple[list[str], bool]] = field(default_factory=list)

    def load(self) -> None:
        """Load the code as it is now, as Dagster does when it is deployed."""
        settings = load(self.folder / "main", self.folder / "home", "")
        self.project = remember(Project(settings, now=lambda: utc_now() + self.ahead))
        spec = importlib.util.spec_from_file_location("definitions", ROOT / "definitions.py")
        assert spec
        assert spec.loader
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        self.definitions = module.build_defs(project=self.project)
        self.job = self.definitions.resolve_job_def("__ASSET_JOB")

    def tick(self, name: str) -> Any:
        repository = self.definitions.get_repository_def()
        context = dg.build_sensor_context(
            instance=self.instance, cursor=self.cursors.get(name), repository_def=repository
        )
        done = repository.get_sensor_def(name).evaluate_tick(context)
        self.cursors[name] = done.cursor or self.cursors.get(name)
        return done

    def follow(self, name: str) -> list[tuple[list[str], bool]]:
        """Tick and run what is asked for, until nothing is; return assets and success of each run."""
        found = []
        while requests := self.tick(name).run_requests:
            for request in requests:
                assets = [key.to_user_string() for key in request.asset_selection]
                found.append((assets, self.run(request)))
        return found

    def run(self, request: dg.RunRequest) -> bool:
        assert FRESH not in {key.name for key in request.asset_check_keys or ()}
        job = building(self.definitions).resolve_job_def("__ASSET_JOB")
        return job.execute_in_process(
            instance=self.instance,
            asset_selection=request.asset_selection,
            tags=dict(request.tags),
            raise_on_error=False,
        ).success

    def evaluate(self, asset: str) -> bool:
        """Run the freshness check of an asset, as the button in Dagster does."""
        key = dg.AssetCheckKey(dg.AssetKey(asset.split("/")), FRESH)
        job = self.job.get_subset(asset_check_selection={key})
        (one,) = job.execute_in_process(instance=self.instance).get_asset_check_evaluations()
        return one.passed


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Home]:
    given = {"WEIR_LANDING_GRAIN": "day", "WEIR_LANDING_START": "2026-01-01"}
    for name, value in {**ENVIRONMENT, **given}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path / "home" / "dagster"))
    project = tiny.make_project(tmp_path / "main")
    (project / "alerts.yaml").write_text(ALERTS)
    events = tiny.write(tiny.purchases(), tmp_path / "events.ndjson")
    words = ("import", str(events), "--received-at", "received_at")
    assert weir(project, tmp_path / "home", *words).exit_code == 0
    with open_instance(load(project, tmp_path / "home", "")) as instance:
        yield Home(tmp_path, instance)


def test_arrivals_succeed_and_a_fact_that_fails_for_good_waits_for_its_code(home: Home) -> None:
    tiny.edit(home.folder / "main", "count(*) as", "sum(no_such_column) as")
    home.load()
    arrivals = home.follow("arrivals")
    assert arrivals
    assert all(success for _, success in arrivals)
    assert home.follow("completeness") == [([FACT], False)]

    # the failure was taken in once; neither another tick nor time asks again
    home.ahead = timedelta(days=3)
    assert home.follow("completeness") == []
    memory = Memory(home.folder / "home" / FILE)
    (failed,) = {(one.attempts, one.sort) for one in memory.attempts()[FACT].values()}
    assert failed == (1, "missing_column")
    assert memory.streaks()[FACT].count == 1

    # its last day should long be there: that is told, once per state
    missed = home.tick("freshness").asset_events
    told = {e.asset_key.to_user_string(): (e.passed, e.metadata["state"].value) for e in missed}
    assert told[FACT] == (False, "absent")
    assert told[f"event_log/{tiny.EVENT}"] == (True, "fresh")
    assert FACT in {p.asset for p in outbox_of(home.project.settings).open("freshness_missed")}
    assert home.tick("freshness").asset_events == []
    assert not home.evaluate(FACT)

    # mended code is asked for at once, and all that is made of it
    tiny.edit(home.folder / "main", "sum(no_such_column) as", "count(*) as")
    home.load()
    runs = home.follow("completeness")
    assert runs[0] == ([FACT], True)
    assert all(success for _, success in runs)
    assert memory.attempts() == memory.streaks() == {}
    home.tick("freshness")
    assert outbox_of(home.project.settings).open("freshness_missed") == []
    assert home.evaluate(FACT)
    assert "Nothing new" in home.tick("completeness").skip_message
