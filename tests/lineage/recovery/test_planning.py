"""Plans against brute force: what is built, and that nothing is left."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from weir.core.errors import InvalidValue, NotFound
from weir.core.grains import Grain, Range
from weir.lineage.causes import Cause, explain, faults
from weir.lineage.graph.of_picture import graph_of
from weir.lineage.ledger import Verdict
from weir.lineage.nodes import Kind
from weir.lineage.plan import WAVES, RangeRun
from weir.lineage.recovery.executing import Execution
from weir.lineage.recovery.journal import Plans
from weir.lineage.recovery.planning import make_plan
from weir.lineage.recovery.plans import Plan, PlanKind, Wanted

START = datetime(2026, 1, 1)
FACT = "fact/users_bought"
ROWS = "activation/users_bought_activation_daily"
EVERYTHING = Wanted(PlanKind.RECOVER)


def plan_of(world: Any, wanted: Wanted = EVERYTHING, **more: Any) -> Plan:
    picture = world.look()
    return make_plan(picture, graph_of(picture), wanted, now=world.now, **more)


def apply(world: Any, plan: Plan, folder: Path) -> list[str]:
    plans = Plans(folder)
    named = plans.keep(plan)
    execution = Execution(named, plans.journal(named.id), world.look, world, lambda: world.now)
    return [f"{o.run.wave} {o.run.labels}" for o in execution.steps()]


def one_by_one(world: Any) -> set[tuple[str, datetime]]:
    """Build every partition alone whose inputs are another, in order, until none is left."""
    before = len(world.built)
    for wave in WAVES:
        for node in sorted(world.nodes, key=lambda n: list(Kind).index(n.kind)):
            if node.kind not in WAVES[wave]:
                continue
            for at in world.look().look(node).todo:
                world.start(RangeRun(wave, (node.asset,), Range.of(at, node.grain), 0, 0), {})
    return set(world.built[before:])


def test_a_healthy_warehouse_needs_nothing(world: Any) -> None:
    plan = plan_of(world)
    assert plan.steps == ()
    assert plan.faults == {}
    assert plan.untouched[FACT] == 40


@pytest.mark.parametrize("seed", range(10))
def test_a_plan_builds_what_brute_force_builds_and_leaves_nothing(
    world_of: Callable, fill_world: Callable, ram: Path, seed: int
) -> None:
    rng = random.Random(seed)
    coarse, edits = rng.randint(1, 6), rng.randint(0, 3)
    worlds = [world_of(coarse=coarse * 3) for _ in range(2)]
    days, late = rng.randint(4, 16), [rng.randint(0, 60) for _ in range(rng.randint(0, 3))]
    changed = rng.sample([Kind.FACT, Kind.CHECKPOINT, Kind.ACTIVATION, Kind.SUMMARY], k=edits)
    for world in worlds:
        fill_world(world, days)
        world.run_all()
        for day in late:
            at = world.closed.replace(minute=0)
            world.land(at, START + timedelta(days=day % days, hours=9), 1 + day % 4)
        world.closed += timedelta(hours=1 + 24 * (days % 2))
        for kind in changed:
            world.edit(kind, "new")
    planned, oracle = worlds
    before = len(planned.built)
    plan = plan_of(planned)
    apply(planned, plan, ram / f"plans{rng.random()}")
    did, wanted = set(planned.built[before:]), one_by_one(oracle)
    beside = {(a, at) for a, at in did - wanted if a.startswith(("landing/", "accepted/"))}
    assert did - beside == wanted
    assert planned.contents() == oracle.contents()
    assert plan_of(planned).steps == ()
    assert plan.estimate.partitions >= len(wanted)


def test_a_late_event_is_planned_to_its_end_and_stops_where_nothing_changed(
    world_of: Callable, fill_world: Callable, ram: Path
) -> None:
    world = world_of(coarse=1000)
    fill_world(world, 40)
    world.run_all()
    world.land(world.closed.replace(minute=0), START + timedelta(days=20, hours=9), 1)
    world.closed += timedelta(hours=1)
    plan = plan_of(world)
    waves = [step.wave for step in plan.steps]
    assert waves == ["landing", "event_log", "search", "fact", "checkpoint", *["activation"] * 2]
    (fact,) = [step for step in plan.steps if step.wave == "fact"]
    assert (fact.certain, fact.conditional) == (1, 0)
    (daily,) = [s for s in plan.steps if s.wave == "activation" and s.labels.grain is Grain.DAY]
    assert (daily.certain, daily.conditional) == (0, 3 * 20)
    assert daily.causes[0].startswith("landing/normal 2026-02-10-03:00: it was never built")
    ran = apply(world, plan, ram)
    assert [line.split()[0] for line in ran] == ["landing", "event_log", "search", "fact"]
    assert plan_of(world).steps == ()


def test_only_what_the_asset_needs_is_repaired(world: Any, ram: Path) -> None:
    world.edit(Kind.FACT, "new")
    world.edit(Kind.RETURNS, "new")
    plan = plan_of(world, Wanted(PlanKind.RECOVER, (ROWS,), downstream=False))
    assert {asset for step in plan.steps for asset in step.assets} <= {
        FACT, "activation/users_bought_firstlast_daily", ROWS
    }  # fmt: skip
    first = Wanted(PlanKind.RECOVER, (FACT,), START, START + timedelta(days=3), downstream=False)
    (step,) = plan_of(world, first).steps
    assert str(step.labels) == "2026-01-01..2026-01-03"
    apply(world, plan_of(world, first), ram)
    assert plan_of(world, first).steps == ()
    assert plan_of(world).faults[Cause.CODE] > 0


def test_a_failed_partition_is_built_alone_and_with_what_reads_it(world: Any, ram: Path) -> None:
    world.ledger.record([Verdict(FACT, "ok", "2026-01-20", passed=False, detail="3 nulls")])
    plan = plan_of(world)
    (fact,) = [step for step in plan.steps if step.wave == "fact"]
    assert str(fact.labels) == "2026-01-20"
    assert fact.causes == (f"{FACT} 2026-01-20: its check ok failed: 3 nulls",)
    assert apply(world, plan, ram) == ["fact 2026-01-20"]
    assert plan_of(world).steps == ()


def test_what_is_broken_in_storage_is_built_again_though_its_input_is_the_same(
    world: Any, ram: Path
) -> None:
    month = {ROWS: {START + timedelta(days=i): "its file is gone" for i in (3, 4)}}
    plan = plan_of(world, broken=month)
    assert plan.faults == {Cause.BROKEN: 2}
    assert apply(world, plan, ram)[0] == "activation 2026-01-04..2026-01-05"


def test_landed_events_that_are_lost_are_beyond_every_run(world: Any) -> None:
    hour = START + timedelta(hours=10)
    plan = plan_of(world, broken={"landing/normal": {hour: "its file is gone"}})
    assert plan.beyond == ("landing/normal 2026-01-01-10:00: its file is gone.",)
    assert plan.steps == ()


def test_a_backfill_rebuilds_what_was_asked_for_and_no_more(world: Any, ram: Path) -> None:
    since, until = START + timedelta(days=2), START + timedelta(days=5)
    calm = Wanted(PlanKind.BACKFILL, (FACT,), since, until, downstream=False)
    assert plan_of(world, calm).steps == ()
    wanted = Wanted(PlanKind.BACKFILL, (FACT,), since, until, downstream=False, rebuild=True)
    plan = plan_of(world, wanted)
    assert plan.faults == {Cause.ASKED: 3}
    assert apply(world, plan, ram) == ["fact 2026-01-03..2026-01-05"]


def test_a_restatement_of_one_grain_leaves_the_other(world: Any) -> None:
    wanted = Wanted(PlanKind.RESTATE, (FACT,), START, rebuild=True, units=("week",))
    layers = {a for s in plan_of(world, wanted).steps for a in s.assets if s.wave != "fact"}
    assert layers == {asset for asset in layers if asset.partition("weekly")[1]}
    assert len(layers) == 3


def test_the_digest_is_of_the_state_and_the_steps(world: Any) -> None:
    world.edit(Kind.SUMMARY, "new")
    first, second = plan_of(world), plan_of(world)
    assert first.digest == second.digest
    world.edit(Kind.SUMMARY, "newer")
    assert plan_of(world).digest != first.digest


def test_a_plan_comes_back_from_its_json(world: Any) -> None:
    world.edit(Kind.ACTIVATION, "new")
    plan = plan_of(world, broken={FACT: {START: "gone"}})
    assert Plan.of(plan.as_dict()) == plan
    assert Plan.of(plan.as_dict()).digest == plan.digest


@pytest.mark.parametrize(
    ("wanted", "error"),
    [
        (Wanted(PlanKind.BACKFILL, ("fact/users_bougt",)), NotFound),
        (Wanted(PlanKind.BACKFILL, (FACT,), datetime(2031, 1, 1)), InvalidValue),
    ],
)
def test_what_cannot_be_wanted_is_refused(world: Any, wanted: Wanted, error: type) -> None:
    with pytest.raises(error):
        plan_of(world, wanted)


def test_every_partition_is_explained_by_its_first_cause(world: Any) -> None:
    world.edit(Kind.FACT, "new")
    picture = world.look()
    graph = graph_of(picture)
    found = explain(picture, graph, faults(picture, graph), [FACT, ROWS])
    own, follow = found
    assert (own.asset, own.count, own.cause, own.conditional) == (FACT, 40, Cause.CODE, False)
    assert (follow.asset, follow.count, follow.root) == (ROWS, 40, FACT)
    assert follow.conditional


def test_a_day_that_was_rebuilt_is_named_as_the_cause(world: Any) -> None:
    world.land(world.closed.replace(minute=0), START + timedelta(days=9, hours=9), 5)
    world.closed += timedelta(hours=1)
    picture = world.look()
    for wave in ("landing", "event_log", "search", "fact"):
        from weir.lineage.plan import runs_of

        for run in runs_of(world.look(), wave):
            world.start(run, {})
    picture = world.look()
    graph = graph_of(picture)
    found = explain(picture, graph, faults(picture, graph), [ROWS])
    assert {e.text for e in found} == {f"{FACT} 2026-01-10 is another since it was built"}
    assert sum(e.count for e in found) == 31


def test_a_plan_is_the_same_in_every_process(ram: Path) -> None:
    """Texts and instants have another hash in each process: no order may hang on it."""
    code = """
import sys
from pathlib import Path
sys.path[:0] = [sys.argv[1]]
import conftest as c
from weir.lineage.graph.of_picture import graph_of
from weir.lineage.ledger import Ledger
from weir.lineage.nodes import Kind
from weir.lineage.recovery.planning import make_plan
from weir.lineage.recovery.plans import PlanKind, Wanted
world = c.World(Ledger(Path(sys.argv[2]) / "ledger.db"))
c.fill(world, 12)
world.run_all()
for kind in (Kind.FACT, Kind.SUMMARY, Kind.CHECKPOINT):
    world.edit(kind, "new")
picture = world.look()
print(make_plan(picture, graph_of(picture), Wanted(PlanKind.RECOVER), now=world.now).digest)
"""
    found = set()
    for seed in ("1", "2", "3"):
        command = [sys.executable, "-c", code, str(Path(__file__).parent), str(ram / seed)]
        environment = {**os.environ, "PYTHONHASHSEED": seed}
        ran = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
        assert ran.returncode == 0, ran.stderr
        found.add(ran.stdout)
    assert len(found) == 1
