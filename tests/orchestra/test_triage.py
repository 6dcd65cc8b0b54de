"""Triage on a real home: what it asks of Dagster, ledger, storage and quarantine."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from tests.stories import shoppers
from weir.core.errors import NotFound
from weir.core.settings import load
from weir.lineage.ledger import Verdict
from weir.lineage.triage import Code, Diagnosis
from weir.orchestra.instance import open_instance
from weir.orchestra.project import Project
from weir.orchestra.triage import explaining, why_asset, why_run

FACT = f"fact/{shoppers.FACT}"
GRAIN = {"WEIR_LANDING_GRAIN": "day", "WEIR_LANDING_START": str(shoppers.START)}
PATIENCE = 240


class Shop:
    """A home of the shop's project; commands run in processes of their own, which have one home."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.model = folder / "project" / "dbt" / "models" / "fact" / f"{shoppers.FACT}.sql"

    def project(self) -> Project:
        return Project(load(self.folder / "project", self.folder / "home"))

    def start(self, *words: str) -> subprocess.Popen[str]:
        order = [sys.executable, "-m", "weir", "--project", str(self.folder / "project")]
        return subprocess.Popen(
            [*order, "--home", str(self.folder / "home"), *words],
            text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip

    def weir(self, *words: str) -> str:
        process = self.start(*words)
        return process.communicate(timeout=PATIENCE)[0]

    def why(self, asset: str = FACT, partition: str = "", **more: Any) -> Diagnosis:
        return why_asset(self.project(), asset, partition, **more)

    def edit(self, old: str, new: str) -> None:
        text = self.model.read_text()
        assert old in text
        self.model.write_text(text.replace(old, new))


def codes(diagnosis: Diagnosis) -> list[Code]:
    return [cause.code for cause in diagnosis.causes]


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """The shop's fact without layers, twenty users; built once, and left well by every test."""
    folder = tmp_path_factory.mktemp("shop")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(shoppers, "GRAINS", ())
        for name, value in GRAIN.items():
            patch.setenv(name, value)
        shoppers.make_project(folder / "project")
        shop = Shop(folder)
        file = shoppers.write(shoppers.purchases(seed=1, users=20), folder / "events.ndjson")
        shop.weir("import", str(file), "--received-at", "received_at")
        shop.weir("run")
        yield shop


@pytest.mark.slow
def test_a_home_that_was_just_built_is_well(shop: Shop) -> None:
    diagnosis = shop.why()
    assert diagnosis.causes == []
    assert diagnosis.checked["storage"].startswith("level listing")
    assert "daemon and sensors" in diagnosis.not_checked
    assert "storage" in shop.why(level="none").not_checked


@pytest.mark.slow
def test_a_failed_check_and_its_words_for_alerts(shop: Shop) -> None:
    verdict = Verdict(FACT, "part_unique", "2024-02-01", passed=False, detail="2 rows")
    project = shop.project()
    project.ledger.record([verdict])
    (cause,) = shop.why(partition="2024-02-01").causes
    assert cause.code is Code.CHECK_FAILED
    with open_instance(project.settings) as instance:
        explain = explaining(project, instance)
        told = explain(FACT, "2024-02-01")
        assert told.startswith(f"C05 Check failed: {FACT} 2024-02-01: ")
        assert "weir plan recover" in told
        assert explain(FACT, "2024-02-02") == explain("no/asset", "") == ""
        assert explain(FACT, "2024-01-01 … 2024-05-01") == told
    project.ledger.record([Verdict(FACT, "part_unique", "2024-02-01", passed=True)])
    assert shop.why().causes == []


@pytest.mark.slow
def test_a_run_that_fails_and_one_that_is_killed(shop: Shop) -> None:
    shop.edit("count(*)", "count(prise)")
    assert "prise" in shop.weir("run")
    diagnosis = shop.why()
    assert codes(diagnosis) == [Code.CODE_CHANGED, Code.RUN_FAILED]
    assert len(diagnosis.causes[0].labels) == shoppers.DAYS
    error = dict(diagnosis.causes[1].evidence)["error"]
    assert "prise" in error

    shop.edit("count(prise)", "count(1)")
    run = killed(shop)
    diagnosis = shop.why()
    assert codes(diagnosis) == [Code.CODE_CHANGED, Code.KILLED]
    assert run in dict(diagnosis.causes[1].evidence)["run"]
    assert Code.KILLED in codes(why_run(shop.project(), run[:8]))

    shop.weir("run")
    assert shop.why().causes == []
    with pytest.raises(NotFound, match="no run"):
        why_run(shop.project(), "0000")


def killed(shop: Shop) -> str:
    """Start a build of the fact and kill its process the moment that the run has begun."""
    process = shop.start("run")
    with open_instance(shop.project().settings) as instance:
        until = time.monotonic() + PATIENCE
        wanted = dg.RunsFilter(statuses=[dg.DagsterRunStatus.STARTED])
        while not (runs := instance.get_runs(wanted)):
            assert time.monotonic() < until
            assert process.poll() is None, process.communicate()
            time.sleep(0.02)
    os.kill(process.pid, signal.SIGKILL)
    process.communicate()
    return runs[0].run_id
