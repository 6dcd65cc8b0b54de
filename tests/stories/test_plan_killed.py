"""A plan whose process is killed while it runs, and goes on: the command line on a real home."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from tests.stories.shops import kill
from weir.lineage.recovery.journal import Event, Journal, Standing
from weir.orchestra.planning import plans_of
from weir.orchestra.project import Project

ROOT = Path(__file__).resolve().parents[2]
FACT = "fact/users_purchased_item"
PATIENCE = 240


def weir(home: Path, *arguments: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "weir", "--project", str(ROOT), "--home", str(home)]
    return subprocess.Popen(
        [*command, *arguments], text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )


def ended(process: subprocess.Popen[str]) -> str:
    out, err = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0, err
    return out


def kill_at(process: subprocess.Popen[str], journal: Journal, event: Event, step: int) -> None:
    """Kill a process the moment its journal says so; its run goes on until then."""
    until = time.monotonic() + PATIENCE
    while not any(line.event is event and line.step == step for line in journal.lines()):
        assert time.monotonic() < until
        assert process.poll() is None, process.communicate()
        time.sleep(0.01)
    kill(process)


def hashes(project: Project) -> dict[str, dict[str, str]]:
    project.ledger.sync(project.history)
    return {
        asset: {key: built.hash for key, built in project.ledger.built(asset).items()}
        for asset in project.ledger.assets()
        if not asset.startswith("search/")
    }


@pytest.mark.slow
@pytest.mark.parametrize(("event", "step"), [(Event.BEGAN, 0), (Event.STARTED, 1), (Event.DONE, 1)])
def test_a_killed_plan_goes_on_where_it_stopped(story: Any, event: Event, step: int) -> None:
    home, project = story.settings.home, Project(story.settings)
    before = hashes(project)
    args = ("--range", "1998-03-01..1998-03-20", "--rebuild", "--downstream", "--json")
    plan = json.loads(ended(weir(home, "plan", "backfill", FACT, *args)))
    journal = plans_of(project).journal(plan["id"])
    digest = ("--digest", plan["digest"])
    kill_at(weir(home, "plan", "apply", plan["id"], *digest), journal, event, step)
    assert journal.standing is Standing.UNFINISHED
    done = json.loads(ended(weir(home, "plan", "apply", plan["id"], "--json")))
    assert done["standing"] == "done"
    assert hashes(Project(story.settings)) == before
    steps = [line.step for line in journal.lines() if line.event is Event.STEP_DONE]
    assert steps == sorted(set(steps)) == [s["number"] for s in plan["steps"]]
    runs = story.instance.get_runs(dg.RunsFilter(tags={"weir/plan": plan["id"]}))
    assert {run.status for run in runs} <= {
        dg.DagsterRunStatus.SUCCESS,
        dg.DagsterRunStatus.FAILURE,
    }
    assert dg.DagsterRunStatus.SUCCESS in {run.status for run in runs}


@pytest.mark.slow
def test_a_plan_that_was_not_seen_or_is_out_of_date_is_refused(story: Any) -> None:
    home, project = story.settings.home, Project(story.settings)
    args = ("--range", "1998-03-01..1998-03-02", "--rebuild", "--json")
    plan = json.loads(ended(weir(home, "plan", "backfill", FACT, *args)))
    process = weir(home, "plan", "apply", plan["id"])
    _, err = process.communicate(timeout=PATIENCE)
    assert process.returncode == 1
    assert "say that you have seen it" in err
    journal = plans_of(project).journal(plan["id"])
    made = json.loads((journal.folder / "plan.json").read_text())
    (journal.folder / "plan.json").write_text(json.dumps({**made, "state": "another"}))
    process = weir(home, "plan", "apply", plan["id"], "--digest", journal.plan.digest)
    _, err = process.communicate(timeout=PATIENCE)
    assert process.returncode == 1
    assert "has expired" in err
