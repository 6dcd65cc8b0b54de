"""Triage on a real home: what it asks of Dagster, ledger, storage and quarantine."""

from __future__ import annotations

import time
from typing import Any

import dagster as dg
import pytest

from tests.stories import shoppers
from tests.stories.shops import FACT_FILE, Shop, kill
from weir.core.errors import NotFound
from weir.lineage.ledger import Verdict
from weir.lineage.triage import Code, Diagnosis
from weir.orchestra.instance import open_instance
from weir.orchestra.triage import explaining, why_asset, why_run

FACT = f"fact/{shoppers.FACT}"
PATIENCE = 240


def why(shop: Shop, asset: str = FACT, partition: str = "", **more: Any) -> Diagnosis:
    return why_asset(shop.project(), asset, partition, **more)


def codes(diagnosis: Diagnosis) -> list[Code]:
    return [cause.code for cause in diagnosis.causes]


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    """The shop's fact without layers, twenty users; built once, and left well by every test."""
    folder = tmp_path_factory.mktemp("shop")
    project = shoppers.make_project(folder / "project", grains=())
    shop = Shop.open(project, folder / "home", shoppers.START)
    shop.load(shoppers.write(shoppers.purchases(seed=1, users=20), folder / "events.ndjson"))
    shop.weir("run")
    return shop


@pytest.mark.slow
def test_a_home_that_was_just_built_is_well(shop: Shop) -> None:
    diagnosis = why(shop)
    assert diagnosis.causes == []
    assert diagnosis.checked["storage"].startswith("level listing")
    assert "daemon and sensors" in diagnosis.not_checked
    assert "storage" in why(shop, level="none").not_checked


@pytest.mark.slow
def test_a_failed_check_and_its_words_for_alerts(shop: Shop) -> None:
    verdict = Verdict(FACT, "part_unique", "2024-02-01", passed=False, detail="2 rows")
    project = shop.project()
    project.ledger.record([verdict])
    (cause,) = why(shop, partition="2024-02-01").causes
    assert cause.code is Code.CHECK_FAILED
    with open_instance(project.settings) as instance:
        explain = explaining(project, instance)
        told = explain(FACT, "2024-02-01")
        assert told.startswith(f"C05 Check failed: {FACT} 2024-02-01: ")
        assert "weir plan recover" in told
        assert explain(FACT, "2024-02-02") == explain("no/asset", "") == ""
        assert explain(FACT, "2024-01-01 … 2024-05-01") == told
    project.ledger.record([Verdict(FACT, "part_unique", "2024-02-01", passed=True)])
    assert why(shop).causes == []


@pytest.mark.slow
def test_a_run_that_fails_and_one_that_is_killed(shop: Shop) -> None:
    shop.edit(FACT_FILE, "count(*)", "count(prise)")
    assert "prise" in shop.run("run").stderr
    diagnosis = why(shop)
    assert codes(diagnosis) == [Code.CODE_CHANGED, Code.RUN_FAILED]
    assert len(diagnosis.causes[0].labels) == shoppers.DAYS
    error = dict(diagnosis.causes[1].evidence)["error"]
    assert "prise" in error

    shop.edit(FACT_FILE, "count(prise)", "count(1)")
    run = killed(shop)
    diagnosis = why(shop)
    assert codes(diagnosis) == [Code.CODE_CHANGED, Code.KILLED]
    assert run in dict(diagnosis.causes[1].evidence)["run"]
    assert Code.KILLED in codes(why_run(shop.project(), run[:8]))

    shop.weir("run")
    assert why(shop).causes == []
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
    kill(process)
    return runs[0].run_id
