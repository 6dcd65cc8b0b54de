"""After a real run: the ledger comes back from the lake as it was, and nothing is stale after it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from typer.testing import CliRunner

from weir.cli.main import app
from weir.lineage.ledger import Ledger
from weir.lineage.ledger.rebuild import compare
from weir.orchestra.project import Project
from weir.orchestra.rebuilding import rebuild_ledger

pytestmark = pytest.mark.slow
FACT = "fact/users_purchased_item"
DAILY = "activation/users_purchased_item_activation_daily"


@pytest.fixture
def project(story: Any) -> Project:
    return Project(story.settings)


def _todo(project: Project) -> int:
    picture = project.picture()
    return sum(len(picture.look(node).todo) for node in picture.nodes.values())


def test_a_deleted_ledger_is_rebuilt_to_the_last_row(project: Project, tmp_path: Any) -> None:
    path = project.settings.ledger_path
    project.ledger.sync(project.history)
    assert _todo(project) == 0
    kept = path.rename(tmp_path / "kept.db")
    found = {d.table: d for d in rebuild_ledger(project)}
    assert found["partition"].found > 100
    assert found["verdict"].found > 100
    assert found["state"].found > 1
    old, new = Ledger(kept), Ledger(path)
    assert [d for d in compare(old.database, new.database) if d.any] == []
    assert _todo(Project(project.settings)) == 0
    files = new.files(FACT)
    assert sum(f.rows for f in files) == sum(b.rows for b in new.built(FACT).values())
    assert all(len(f.columns) == 12 for f in files)


def test_what_each_stage_read_is_what_stood_upstream(project: Project) -> None:
    """Nothing was rebuilt since: every version in every vector is that of the partition now."""
    picture = project.picture()
    ledger = project.ledger
    checked = set()
    for asset in ledger.assets():
        for key, upstream in ledger.reads(asset).items():
            for source, versions in upstream.items():
                if source.startswith("landing/"):
                    continue
                now = {k: b.version for k, b in ledger.built(source).items()}
                assert versions == {k: now.get(k) for k in versions}, (asset, key, source)
                checked.add((picture.nodes[asset].kind.value, source.split("/")[0]))
    assert checked >= {
        ("event_log", "accepted"),
        ("search", "accepted"),
        ("fact", "event_log"),
        ("checkpoint", "fact"),
        ("activation", "fact"),
        ("activation", "activation"),
        ("summary", "activation"),
    }


def test_seconds_and_bytes_are_known(project: Project) -> None:
    project.ledger.sync(project.history)
    for asset in (FACT, DAILY, "accepted/normal", "event_log/purchase_item_shop"):
        (timing, *_) = project.ledger.timings(asset)
        assert timing.seconds > 0
        assert timing.bytes > 100
        assert timing.rows > 0


def test_the_command_shows_and_rebuilds(project: Project) -> None:
    home = ["--project", str(project.settings.project), "--home", str(project.settings.home)]

    def run(*words: str) -> Any:
        result = CliRunner().invoke(app, [*home, "ledger", *words])
        assert result.exit_code == 0, result.output
        return result

    every = json.loads(run("show", "--json").stdout)
    assert {row["asset"] for row in every} >= {FACT, DAILY, "search/events"}
    key = max(project.ledger.built(DAILY))
    one = json.loads(run("show", DAILY, "--key", key, "--json").stdout)
    assert set(one["reads"]) == {FACT, "activation/users_purchased_item_firstlast_daily"}
    assert one["verdicts"]
    assert one["files"]
    assert one["built"]["run"] in run("show", DAILY, "--key", key).stdout
    assert key in run("show", DAILY, "--history").stdout
    assert DAILY in run("show").stdout
    assert max(len(line) for line in run("show").stdout.splitlines()) <= 80
    dry = json.loads(run("rebuild", "--dry-run", "--json").stdout)
    assert [t for t in dry["tables"] if t["lost"] or t["found"] or t["changed"]] == []
