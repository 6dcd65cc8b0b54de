"""An environment reads production in place and writes only its own; then its work is promoted."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import dagster as dg
import duckdb
import pytest

from weir.collect.sealer import Sealer
from weir.core.clock import utc_now
from weir.core.errors import LakeError, NotFound, RunFailed, UsageError
from weir.core.grains import Grain, Range
from weir.core.settings import load
from weir.engines.embedded.lake import Lake
from weir.lineage.environments.promotion import CannotPromote
from weir.lineage.plan import RangeRun
from weir.orchestra import environment_homes as homes
from weir.orchestra import promoting
from weir.orchestra.columns import code_store
from weir.orchestra.comparing import difference
from weir.orchestra.instance import open_instance
from weir.orchestra.launcher import InProcessLauncher
from weir.orchestra.project import Project

pytestmark = pytest.mark.slow
FACT, LAYER = "fact/shoppers_bought", "activation/shoppers_bought_activation_daily"
OF_U1 = "SELECT activity_date::VARCHAR, event_count FROM fact.shoppers_bought WHERE user_id = 'u1' ORDER BY 1"
THREE_DAYS = ["2026-01-05", "2026-01-07", "2026-01-09"]
TOTALS = """
SELECT (SELECT sum(event_count) FROM fact.shoppers_bought),
    (SELECT sum(event_count) FROM activation.shoppers_bought_activation_daily)"""


def todo(project: Project) -> dict[str, int]:
    picture = project.picture()
    looks = {asset: len(picture.look(node).todo) for asset, node in picture.nodes.items()}
    return {asset: count for asset, count in looks.items() if count}


def test_making_one_copies_nothing(world: Any) -> None:
    files, snapshot = world.files(), world.snapshot
    made = homes.create(world.production, "eve")
    assert world.files() == files
    assert world.snapshot == snapshot
    assert not list(made.settings.home.rglob("*.parquet"))
    assert todo(world.project_of("eve", "main")) == {}
    assert world.select(OF_U1, "eve") == world.select(OF_U1)


def test_only_what_the_change_reaches_is_due(world: Any) -> None:
    homes.create(world.production, "eve")
    assert todo(world.project_of("eve", "ann")) == {FACT: 6}


def test_its_runs_leave_production_as_it_was(world: Any) -> None:
    assert world.select(OF_U1) == [(day, 2) for day in THREE_DAYS]
    assert world.select(OF_U1, "ann") == [(day, 3) for day in THREE_DAYS]
    assert todo(world.project("ann")) == {}
    assert todo(Project(world.production)) == {}


def test_nothing_of_it_can_write_production(world: Any) -> None:
    settings = world.environment("ann").settings
    for statement in (
        "INSERT INTO production.fact.shoppers_bought FROM production.fact.shoppers_bought",
        "DELETE FROM production.fact.shoppers_bought",
        "DROP TABLE production.fact.shoppers_bought",
        "DELETE FROM lake.fact.shoppers_bought",
        "DELETE FROM lake.landing.normal",
    ):
        with pytest.raises(duckdb.Error), Lake(settings).write() as connection:
            connection.execute(statement)
    for refused in (lambda: Sealer(settings), lambda: Lake(settings).create()):
        with pytest.raises(UsageError, match="production's business"):
            refused()
    launcher = InProcessLauncher(world.project("ann"))
    day = Range(datetime(2026, 1, 13), datetime(2026, 1, 14), Grain.DAY)
    for asset in ("landing/normal", "accepted/normal", "search/events"):
        with pytest.raises(RunFailed, match="production's business"):
            launcher.launch(RangeRun("landing", (asset,), day, missing=0, stale=1))


def test_the_difference_is_told_by_row_and_column(world: Any) -> None:
    found = {each.asset: each for each in difference(world.project("ann"))}
    fact = found[FACT]
    assert fact.change
    assert (fact.change.kind, [str(r) for r in fact.differing], fact.equal) == (
        "changed", THREE_DAYS, 3,
    )  # fmt: skip
    rows = fact.rows
    assert (rows.added, rows.removed, rows.changed, rows.same) == (0, 0, 3, 7)
    assert rows.columns == {"event_count": 3}
    assert rows.examples[0]["columns"] == {"event_count": (2, 3)}
    layer = found[LAYER].change
    assert layer
    assert (layer.kind, layer.by) == ("upstream", (FACT,))
    (one,) = difference(world.project("ann"), "shoppers_bought", "2026-01-05..2026-01-06", 0)
    assert (one.rows.changed, one.equal, one.rows.examples) == (1, 1, [])
    with pytest.raises(NotFound):
        difference(world.project("ann"), "shoppers_fought")
    with pytest.raises(UsageError, match="no range"):
        difference(world.project("ann"), "", "last week")


def test_the_columns_that_a_change_reaches_are_named(world: Any) -> None:
    main = Project(world.production)
    (version,) = {built.code for built in main.ledger.built(FACT).values()}
    code_store(world.production).save(replace(main.columns.codes()[FACT], code=version))
    (fact,) = difference(world.project("ann"), FACT)
    assert fact.columns
    told = [(each.column, each.change.value) for each in fact.columns.columns]
    assert told == [("event_count", "breaking")]
    assert "event_count" in fact.reaches[LAYER]
    assert fact.as_dict()["column_changes"]["change"] == "breaking"


def test_a_promotion_is_one_commit_and_leaves_nothing_to_build(world: Any) -> None:
    files, snapshot = world.files(), world.snapshot
    assert promoting.planned(world.project("ann")).copied == 6
    assert (world.files(), world.snapshot) == (files, snapshot)
    done = promoting.promote(world.project("ann"), "ann")
    assert done
    assert done.partitions == 25
    assert world.snapshot == snapshot + 1
    assert world.select(OF_U1) == [(day, 3) for day in THREE_DAYS]
    merged = world.merged()
    assert todo(merged) == {}
    assert world.run(merged) == []
    assert promoting.promote(world.project("ann"), "ann") is None
    with open_instance(world.production) as instance:
        keys = instance.get_materialized_partitions(dg.AssetKey(["fact", "shoppers_bought"]))
        event = instance.get_latest_materialization_event(dg.AssetKey(LAYER.split("/")))
    assert set(THREE_DAYS) <= keys
    assert event
    assert event.asset_materialization
    assert event.asset_materialization.metadata["promotion"].value == done.id
    (entry,) = promoting.history(world.production)
    assert (entry.id, entry.actor, entry.environment) == (done.id, "ann", "ann")


def test_a_promotion_is_taken_back_by_time_travel(world: Any) -> None:
    before = world.select("FROM activation.shoppers_bought_activation_daily ORDER BY ALL")
    promoting.promote(world.project("ann"), "ann")
    done = promoting.rollback(Project(world.production), "ann")
    assert world.select(OF_U1) == [(day, 2) for day in THREE_DAYS]
    assert world.select("FROM activation.shoppers_bought_activation_daily ORDER BY ALL") == before
    assert todo(Project(world.production)) == {}
    assert done.partitions == 25
    with pytest.raises(NotFound, match="still stands"):
        promoting.rollback(Project(world.production), "ann")
    assert promoting.promote(world.project("ann"), "ann")


def test_what_later_runs_changed_is_taken_back_only_by_force(world: Any) -> None:
    promoting.promote(world.project("ann"), "ann")
    world.run(Project(world.production))  # the old code again
    with pytest.raises(LakeError, match=r"Later runs changed.*fact/shoppers_bought 2026-01-05"):
        promoting.rollback(Project(world.production), "ann")
    promoting.rollback(Project(world.production), "ann", force=True)
    assert world.select(OF_U1) == [(day, 2) for day in THREE_DAYS]


def test_what_production_has_and_is_not_built_is_named(world: Any) -> None:
    settings = world.environment("ann").settings
    with Lake(settings).write() as connection:
        connection.execute("DROP TABLE lake.own_fact.shoppers_bought")
    shutil.rmtree(settings.home)
    homes.create(world.production, "ann")
    with pytest.raises(
        CannotPromote, match=r"fact/shoppers_bought  2026-01-05..2026-01-10"
    ) as told:
        promoting.promote(world.project("ann"), "ann")
    assert "weir --env ann run" in told.value.remedy
    assert world.select(OF_U1) == [(day, 2) for day in THREE_DAYS]


def test_what_was_built_from_older_events_is_refused(world: Any, tmp_path: Path) -> None:
    tiny = world.tiny
    late = tiny.write(tiny.purchases([2], tiny.DAYS + 30)[:1], tmp_path / "late.ndjson")
    told = world.weir("main", "import", str(late), "--received-at", "received_at")
    assert told.exit_code == 0
    with pytest.raises(
        CannotPromote, match="than is there now:\n  fact/shoppers_bought  2026-01-07"
    ):
        promoting.promote(world.project("ann"), "ann")


def test_nobody_undoes_what_another_promoted(world: Any) -> None:
    promoting.promote(world.project("ann"), "ann")
    with pytest.raises(CannotPromote, match="would undo") as told:
        promoting.promote(world.project("bob"), "bob")
    assert "Merge the code" in told.value.remedy
    assert world.select(OF_U1) == [(day, 3) for day in THREE_DAYS]


def test_code_that_differs_from_what_was_built_is_refused(world: Any) -> None:
    project = promoting.project_of(world.environment("ann"), world.folder / "bob")
    with pytest.raises(CannotPromote, match="than is there now"):
        promoting.promote(project, "ann")


def test_a_killed_promotion_leaves_production_as_it_was(world: Any) -> None:
    script = """
import os, signal, sys
from pathlib import Path
from weir.core.settings import load
from weir.engines.embedded import promotion
from weir.orchestra import promoting
promotion.log = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
promoting.promote(promoting.Project(load(Path(sys.argv[1]), Path(sys.argv[2]), "ann")), "ann")
"""
    before = world.snapshot
    words = [sys.executable, "-c", script, str(world.folder / "ann"), str(world.home)]
    assert subprocess.run(words, check=False).returncode == -signal.SIGKILL
    assert world.snapshot == before
    assert world.select(OF_U1) == [(day, 2) for day in THREE_DAYS]
    assert promoting.promote(world.project("ann"), "ann")
    assert world.select(OF_U1) == [(day, 3) for day in THREE_DAYS]


def test_two_developers_and_ci_promote_at_once(world: Any) -> None:
    """CI has what ann has; bob's change is another one of the same fact."""
    shutil.copytree(world.home / "env" / "ann", world.home / "env" / "ci")
    toml = world.home / "env" / "ci" / "weir.toml"
    toml.write_text(toml.read_text().replace('"ann"', '"ci"'))
    shutil.copytree(world.folder / "ann", world.folder / "ci")
    before = world.snapshot
    running = [_promoting(world, name) for name in ("ann", "bob", "ci")]
    seen = set()
    while any(process.poll() is None for process in running):
        seen.add(world.select(TOTALS)[0])
        time.sleep(0.05)
    seen.add(world.select(TOTALS)[0])
    told = {name: p.communicate()[1] for name, p in zip(("ann", "bob", "ci"), running, strict=True)}
    assert all(fact == layer for fact, layer in seen), seen
    winners = [name for name, words in told.items() if "Promoted" in words]
    assert len(winners) == 1, told
    assert world.snapshot == before + 1
    for name, words in told.items():
        if name not in winners:
            same = {name, *winners} == {"ann", "ci"}
            assert ("Nothing to promote" if same else "would undo") in words, told
    assert world.select(OF_U1) == [(day, 4 if winners == ["bob"] else 3) for day in THREE_DAYS]


def _promoting(world: Any, name: str) -> subprocess.Popen[str]:
    where = ("--project", str(world.folder / name), "--home", str(world.home))
    return subprocess.Popen(
        [sys.executable, "-m", "weir", *where, "env", "promote", name],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


def test_unused_ones_are_dropped(world: Any) -> None:
    old = time.time() - timedelta(days=15).total_seconds()
    os.utime(world.home / "env" / "bob" / "used", (old, old))
    told = world.weir("main", "env", "prune")
    assert "would drop bob" in told.stderr
    assert [e.settings.env for e in homes.environments(world.production)] == ["ann", "bob"]
    world.weir("main", "env", "prune", "--yes")
    assert [e.settings.env for e in homes.environments(world.production)] == ["ann"]
    assert not (world.home / "env" / "bob").exists()
    assert homes.unused(world.production, utc_now()) == []


def test_a_wrong_name_is_told(world: Any) -> None:
    with pytest.raises(NotFound, match="Did you mean `ann`"):
        load(world.folder / "main", world.home, "anne")
    with pytest.raises(UsageError, match="already"):
        homes.create(world.production, "ann")
    with pytest.raises(UsageError, match="a letter first"):
        homes.create(world.production, "../ann")


def test_events_are_taken_in_by_production_alone(world: Any) -> None:
    with pytest.raises(UsageError, match="works on production"):
        world.weir("ann", "--env", "ann", "seal")
