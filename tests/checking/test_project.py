"""A whole project, built through Dagster and dbt: the checker, the gate, reconciling, maintenance, retention."""

from __future__ import annotations

import json
import sqlite3
import time
from datetime import datetime
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from assets import maintenance
from sensors.partitions import partitions_sensor
from tests.stories import shoppers
from tests.stories.shops import Shop
from weir.core.errors import NotReady
from weir.lineage.checking import Level, Report
from weir.lineage.checking.reconcile import ChangeKind
from weir.lineage.expired import require_kept
from weir.orchestra.checking import check_partitions
from weir.orchestra.gating import STORED
from weir.orchestra.home import HomeResource
from weir.orchestra.instance import open_instance
from weir.orchestra.maintaining import maintain
from weir.orchestra.patrol import rounds
from weir.orchestra.project import Project
from weir.orchestra.reconciling import apply, changes_of

pytestmark = pytest.mark.slow
FACT = f"fact/{shoppers.FACT}"
LAYER = f"activation/{shoppers.FACT}_activation_daily"


def check(shop: Shop, level: Level = Level.HASH, *, ask: bool = True) -> Report:
    project = shop.project()
    with open_instance(project.settings) as instance:
        return check_partitions(project, project.nodes, level, instance=instance if ask else None)


def faults(report: Report) -> set[tuple[str, str, str]]:
    return {(f.asset, f.key, f.fault.value) for f in report.findings}


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    """The shop with its daily layer, twenty users, two hundred days; built once."""
    folder = tmp_path_factory.mktemp("shop")
    project = shoppers.make_project(folder / "project", grains=("daily",))
    shop = Shop.open(project, folder / "home", shoppers.START)
    shop.load(shoppers.write(shoppers.purchases(seed=1, users=20), folder / "events.ndjson"))
    shop.weir("run")
    return shop


@pytest.fixture
def shop(built: Shop, tmp_path: Path) -> Shop:
    return built.copy(tmp_path / "home")


def test_what_was_just_built_has_no_findings(built: Shop) -> None:
    report = check(built, Level.HASH)
    assert report.findings == []
    assert sum(len(one.checked) for one in report.assets) > 1_500
    assert report.coverage["event_log/purchase_item_shop"] == {
        "rows": "its rows have no key that could be there twice"
    }
    assert report.coverage[FACT] == {}


class TestGate:
    def test_nothing_is_built_from_a_file_that_is_gone_until_it_is_back(self, shop: Shop) -> None:
        file = shop.file(FACT, 2)
        aside = file.rename(shop.home / "aside.parquet")
        done = shop.run("activation", "restate", shoppers.FACT, "--from", "2024-03-01")
        assert done.returncode == 1
        assert f"`{FACT}` 2024-02-01: file_missing" in done.stderr
        project = shop.project()
        failed = {said.key for said in project.ledger.failed(FACT) if said.check == STORED}
        assert len(failed) == 29
        with open_instance(project.settings) as instance:
            said = _evaluations(instance)
        assert {key for key, passed in said if not passed} == failed

        aside.rename(file)
        assert all(not found for _, found in rounds(project, "", time.monotonic))
        assert project.ledger.failed(FACT) == []

    def test_a_patrol_finds_what_is_gone(self, shop: Shop) -> None:
        shop.file(FACT, 5).unlink()
        found = {
            (f.asset, f.fault.value)
            for _, some in rounds(shop.project(), "", time.monotonic)
            for f in some
        }
        assert found == {(FACT, "file_missing")}

    def test_a_patrol_stops_when_its_time_is_up_and_goes_on_after_it(self, built: Shop) -> None:
        project, ticks = built.project(), iter([0.0, 1.0, 2.0, 100.0])
        seen = [node.asset for node, _ in rounds(project, "", lambda: next(ticks))]
        assert seen == [node.asset for node in project.nodes[:2]]
        ticks = iter([0.0, 1.0, 100.0])
        assert [n.asset for n, _ in rounds(project, seen[-1], lambda: next(ticks))] == [
            project.nodes[2].asset
        ]


def _evaluations(instance: dg.DagsterInstance) -> set[tuple[str | None, bool]]:
    key = dg.AssetCheckKey(dg.AssetKey(FACT.split("/")), STORED)
    history = instance.event_log_storage.get_asset_check_execution_history(key, limit=100)
    found = [record.event.dagster_event for record in history if record.event]
    said = [event.asset_check_evaluation_data for event in found if event]
    return {(one.partition, one.passed) for one in said}


class TestReconcile:
    @pytest.fixture
    def confused(self, shop: Shop) -> Shop:
        """Two events wiped in Dagster, one made up there, one entry lost in the ledger."""
        key = dg.AssetKey(FACT.split("/"))
        with open_instance(shop.project().settings) as instance:
            instance.wipe_asset_partitions(key, ["2024-01-05", "2024-01-06"])
            instance.report_runless_asset_event(
                dg.AssetMaterialization(key, partition="2024-05-30")
            )
        with sqlite3.connect(shop.home / "ledger.db") as ledger:
            ledger.execute("DELETE FROM partition WHERE asset = ? AND key = '2024-02-03'", [FACT])
        return shop

    def test_the_records_agree_again_and_no_data_was_touched(self, confused: Shop) -> None:
        files = sorted(confused.home.rglob("*.parquet"))
        report = check(confused, Level.METADATA)
        assert faults(report) == {
            (FACT, "2024-01-05", "dagster_unaware"),
            (FACT, "2024-01-06", "dagster_unaware"),
            (FACT, "2024-02-03", "unrecorded"),
            (FACT, "2024-05-30", "dagster_only"),
            *((a, k, f) for a, k, f in faults(report) if f == "older_than_inputs"),
        }
        changes = changes_of(report)
        assert [(c.kind, c.key) for c in changes] == [
            (ChangeKind.RESTORE, "2024-02-03"),
            (ChangeKind.REPORT, "2024-01-05"),
            (ChangeKind.REPORT, "2024-01-06"),
            (ChangeKind.WIPE, "2024-05-30"),
        ]
        with open_instance(confused.project().settings) as instance:
            apply(confused.project(), instance, changes)
            apply(confused.project(), instance, changes)  # once more does no harm
        assert check(confused, Level.HASH).findings == []
        assert sorted(confused.home.rglob("*.parquet")) == files

    def test_without_apply_nothing_is_done(self, confused: Shop) -> None:
        done = confused.run("partitions", "reconcile", FACT)
        assert done.returncode == 0, done.stderr
        assert "4 changes. Nothing was done: --apply makes them." in done.stdout
        assert len(faults(check(confused, Level.METADATA))) >= 4

    def test_a_broken_partition_is_not_reported_as_built(self, shop: Shop) -> None:
        with open_instance(shop.project().settings) as instance:
            instance.wipe_asset_partitions(dg.AssetKey(FACT.split("/")), ["2024-05-01"])
        shop.file(FACT, 5).unlink()
        report = check(shop, Level.LISTING)
        assert (FACT, "2024-05-01", "dagster_unaware") in faults(report)
        assert changes_of(report) == []


class TestMaintenance:
    def test_after_maintenance_nothing_is_wrong_or_stale(self, shop: Shop) -> None:
        project = shop.project()
        late = Project(project.settings, now=lambda: datetime(2036, 1, 1))
        steps = {step.step for step in maintain(late)}
        assert steps >= {"merge", "expire", "clean"}
        assert check(shop, Level.HASH).findings == []
        done = shop.run("run")
        assert "Everything is up to date." in done.stderr

    def test_what_retention_dropped_has_expired_and_makes_nothing_stale(self, shop: Shop) -> None:
        project = shop.project(retention_days_landing=30, retention_days_accepted=30)
        before = {asset: (look.missing, look.stale) for asset, look in _looks(project).items()}
        dropped = {step.subject.split(" ")[0]: step.count for step in maintain(project)}
        assert (dropped["landing/normal"], dropped["accepted/normal"]) == (452, 444)
        assert {a: (look.missing, look.stale) for a, look in _looks(project).items()} == before
        report = check(shop, Level.HASH)
        assert report.findings == []
        expired = {one.asset: len(one.expired) for one in report.assets if one.expired}
        assert set(expired) == {"landing/normal", "accepted/normal"}
        assert [step for step in maintain(project) if step.step == "retention"] == []

    def test_what_cannot_be_built_any_more_is_refused(self, shop: Shop) -> None:
        project = shop.project(retention_days_event_log=30)
        list(maintain(project))
        picture = project.picture()
        fact = picture.nodes[FACT]
        assert picture.beyond(fact) == set(picture.due(fact)) - _without_events(picture, fact)
        with pytest.raises(NotReady, match="cannot be built any more"):
            require_kept(picture, fact, picture.due(fact))
        picture.demand(fact, picture.due(fact))
        assert not set(picture.look(fact).todo) & picture.beyond(fact)


def _looks(project: Project) -> dict[str, Any]:
    picture = project.picture()
    return {asset: picture.look(node) for asset, node in picture.nodes.items()}


def _without_events(picture: Any, fact: Any) -> set[datetime]:
    return {day for day, built in picture.built(fact).items() if not built.rows}


class TestCommand:
    def test_the_grid_fits_eighty_columns_and_marks_each_partition(self, shop: Shop) -> None:
        shop.file(FACT, 2).unlink()
        done = shop.run("partitions", "check", "fact")
        assert done.returncode == 1
        lines = done.stdout.splitlines()
        assert max(map(len, lines)) <= 80
        assert f"2024-02   {'M' * 29}" in lines
        assert f"2024-03   {'■' * 31}" in lines
        assert "  ■ 171 as recorded   M 29 file_missing" in lines
        assert "Not checked: footer, rows, hash." in lines

    def test_json_names_fault_evidence_and_remedy(self, shop: Shop) -> None:
        shop.file(FACT, 2).unlink()
        done = shop.run(
            "partitions", "check", "fact", "--range", "2024-02-28..2024-03-02", "--json"
        )
        told = json.loads(done.stdout)
        (asset,) = told["assets"]
        assert told["faults"] == {"file_missing": 2}
        assert asset["checked"] == 4
        assert [f["key"] for f in asset["findings"]] == ["2024-02-28", "2024-02-29"]
        assert asset["findings"][0]["repair"] == "rebuild"
        assert asset["not_checked"] == dict.fromkeys(("footer", "rows", "hash"), "not asked for")

    @pytest.mark.parametrize(
        ("words", "told"),
        [
            (["fact/shoppers_bough"], "Did you mean `fact/shoppers_bought`?"),
            (["--range", "2024-13-01"], "Received invalid value `range=2024-13-01`."),
            (["--range", "2024-02-02..2024-02-01"], "not after its last"),
            (["--level", "deep"], "Valid values are: metadata, listing, footer, rows, hash."),
        ],
    )
    def test_wrong_use_is_told(self, built: Shop, words: list[str], told: str) -> None:
        done = built.run("partitions", "check", *words)
        assert done.returncode == 2
        assert told in done.stderr


class TestDagster:
    def test_the_sensor_reports_an_evaluation_per_broken_partition(self, shop: Shop) -> None:
        shop.file(FACT, 5).unlink()
        project = shop.project()
        with open_instance(project.settings) as instance:
            context = dg.build_sensor_context(instance)
            said = partitions_sensor(project)(context)
        assert isinstance(said, dg.SensorResult)
        assert {(e.partition, e.passed, e.check_name) for e in said.asset_events} == {
            (f"2024-05-{day:02}", False, STORED) for day in range(1, 19)
        }
        assert not said.run_requests
        assert said.cursor in {node.asset for node in project.nodes}

    def test_the_nightly_maintenance_is_the_partition_of_the_day(self, shop: Shop) -> None:
        project = shop.project()
        context = dg.build_schedule_context(scheduled_execution_time=datetime(2026, 11, 21, 3, 40))
        request = maintenance.schedule(project)(context)
        assert isinstance(request, dg.RunRequest)
        assert request.partition_key == "2026-11-21"
        with dg.DagsterInstance.ephemeral() as instance:
            result = dg.materialize(
                maintenance.assets(project), partition_key="2026-11-21", instance=instance,
                resources={"home": HomeResource.of(project)},
            )  # fmt: skip
        assert result.success
