"""1,000 purchases that arrive 120 days late: what becomes stale, what is rewritten, and with what result.

Two homes of one project: in one the late events arrive after everything was built, in the other all
events are there from the start. Content hashes of every partition are compared, and rows with the
reference in plain Python.
"""

from __future__ import annotations

import random
import subprocess
import time
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from tests.stories import shoppers
from tests.stories.shops import Shop, kill
from weir.activation.reference import active_rows
from weir.core.grains import Grain, Range, text
from weir.engines.embedded.lake import Lake, partition_counts
from weir.lineage.plan import RangeRun
from weir.orchestra.launcher import InProcessLauncher

FACT, BACK = shoppers.FACT, 120
pytestmark = pytest.mark.slow
LAST = shoppers.START + timedelta(shoppers.DAYS - 1)
LATE_DAY = shoppers.START + timedelta(shoppers.DAYS - BACK)


def counted(shop: Shop) -> dict[str, dict[str, int]]:
    """Return the rows that are really in each partition of facts and layers."""
    with Lake(shop.settings).read() as connection:
        return {
            node.asset: {
                text(label, node.grain): rows
                for label, rows in partition_counts(
                    connection, node.stage, node.table, node.column
                ).items()
            }
            for node in shop.project().nodes
            if node.stage in ("fact", "activation")
        }


class Worlds:
    """Both homes, and what the first told when the late events were built."""

    def __init__(self, folder: Path) -> None:
        project = shoppers.make_project(folder / "project")
        self.events = shoppers.purchases(seed=1)
        self.late_events = shoppers.late(seed=2, count=1_000, days_back=BACK)
        file = shoppers.write(self.events, folder / "events.ndjson")
        late = shoppers.write(self.late_events, folder / "late.ndjson")
        self.scratch = Shop.open(project, folder / "scratch", shoppers.START)
        self.scratch.load(file)
        self.scratch.load(late)
        self.scratch.weir("run")
        self.home = Shop.open(project, folder / "home", shoppers.START)
        self.home.load(file)
        self.home.weir("run")
        self.before = self.home.hashes()
        self.home.load(late)
        self.runs = self.home.weir("run")
        self.after = self.home.hashes()


@pytest.fixture(scope="module")
def worlds(tmp_path_factory: pytest.TempPathFactory) -> Worlds:
    return Worlds(tmp_path_factory.mktemp("late events"))


def test_the_result_is_that_of_a_rebuild_from_scratch(worlds: Worlds) -> None:
    assert worlds.after == worlds.scratch.hashes()
    assert worlds.after != worlds.before


def test_every_day_is_as_the_definition_says(worlds: Worlds) -> None:
    days = shoppers.active_days([*worlds.events, *worlds.late_events])
    expected = sorted(
        (user, row.period, row.state.value, row.streak)
        for user, active in days.items()
        for row in active_rows(day.toordinal() for day in active if day <= LAST)
    )
    found = worlds.home.select(
        f"SELECT user_id, period_start, state, streak FROM activation.{FACT}_activation_daily ORDER BY 1, 2"
    )
    assert [
        (user, day.toordinal(), state, streak) for user, day, state, streak in found
    ] == expected
    assert len({user for user, *_ in expected}) > 100


def test_nothing_before_the_late_days_was_built_again(worlds: Worlds) -> None:
    first = {
        asset: min(
            run["partitions"].split("..")[0] for run in worlds.runs if asset in run["assets"]
        )
        for run in worlds.runs
        for asset in run["assets"]
        if asset.startswith(("fact/", "activation/"))
    }
    assert set(first) == set(worlds.after)
    week = LATE_DAY - timedelta((LATE_DAY.weekday() + 1) % 7)
    assert first[f"fact/{FACT}"] == str(LATE_DAY)
    assert first[f"activation/{FACT}_activation_daily_summary"] == str(LATE_DAY)
    assert first[f"activation/{FACT}_activation_weekly"] == str(week)
    assert first[f"activation/{FACT}_activation_monthly_returns"] == str(LATE_DAY.replace(day=1))
    for asset, start in first.items():
        kept = {k: v for k, v in worlds.before[asset].items() if k < start}
        assert kept.items() <= worlds.after[asset].items()


def test_each_layer_was_restated_in_one_run(worlds: Worlds) -> None:
    runs = [run for run in worlds.runs if "activation" in run["wave"]]
    assert sorted(run["assets"][0].rpartition("_")[2] for run in runs) == [
        "daily", "monthly", "weekly",
    ]  # fmt: skip
    assert {run["missing"] for run in runs} == {0}


def test_a_restatement_of_what_is_current_changes_nothing_and_says_so(worlds: Worlds) -> None:
    told = worlds.home.weir("activation", "restate", FACT, "--from", str(LATE_DAY))
    assert {r["asset"] for r in told["rewritten"]} == set(worlds.after)
    assert {(r["new"], r["changed"]) for r in told["rewritten"]} == {(0, 0)}
    daily = next(r for r in told["rewritten"] if r["asset"].endswith("activation_daily"))
    assert daily["same"] == BACK
    assert worlds.home.hashes() == worlds.after


def test_days_built_singly_and_in_any_order_come_out_as_they_were(worlds: Worlds) -> None:
    project = worlds.home.project()
    launcher = InProcessLauncher(project)
    nodes = [n for n in project.nodes if n.stage == "activation" and n.grain is Grain.DAY]
    assets = tuple(node.asset for node in nodes)
    for day in random.Random(3).sample(sorted(worlds.after[assets[0]]), 4):
        labels = Range.of(datetime.fromisoformat(day), Grain.DAY)
        launcher.launch(RangeRun("activation", assets, labels, missing=0, stale=1))
    assert worlds.home.hashes() == worlds.after


def test_a_killed_run_leaves_every_partition_whole(worlds: Worlds, tmp_path: Path) -> None:
    """The last test of this file: it changes the home."""
    home, seconds = worlds.home, random.Random(4)
    home.load(shoppers.write(shoppers.late(5, 50, days_back=BACK), tmp_path / "more.ndjson"))
    killed = []
    for wave in ("fact", "checkpoint", "activation"):
        _kill(home, wave, seconds.random())
        killed.append(home.hashes())
        assert counted(home) == {
            asset: {key: rows for key, (rows, _) in built.items() if rows}
            for asset, built in killed[-1].items()
        }
    home.weir("run")
    last = home.hashes()
    assert last != worlds.after
    for state in killed:
        for asset, built in state.items():
            assert built.keys() == worlds.after[asset].keys()
            for key, found in built.items():
                assert found in (worlds.after[asset][key], last[asset][key])


def _kill(shop: Shop, wave: str, seconds: float) -> None:
    """Build and kill it some time after it began a wave."""
    process = shop.start("run", stdout=subprocess.DEVNULL)
    assert process.stderr
    for line in process.stderr:
        if line.startswith(f"{wave}:"):
            break
    time.sleep(seconds)
    kill(process)
