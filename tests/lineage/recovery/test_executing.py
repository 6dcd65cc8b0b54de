"""Plans that are cut off at any moment, cancelled, and failed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from weir.core.errors import NotFound, NotReady, RunFailed, WeirError
from weir.lineage.graph.of_picture import graph_of
from weir.lineage.nodes import Kind
from weir.lineage.plan import Outcome, RangeRun
from weir.lineage.recovery.executing import Execution
from weir.lineage.recovery.journal import Event, Journal, Plans, Standing
from weir.lineage.recovery.planning import make_plan
from weir.lineage.recovery.plans import PlanKind, Wanted

START = datetime(2026, 1, 1)
FACT = "fact/users_bought"
RESTATE = Wanted(PlanKind.RESTATE, (FACT,), START + timedelta(days=3), rebuild=True)


class Killed(BaseException):
    """The process ended here."""


def broken(world: Any) -> Any:
    """Let events come late and a model change."""
    world.land(world.closed.replace(minute=0), START + timedelta(days=6, hours=9), 5)
    world.closed += timedelta(hours=1)
    world.edit(Kind.SUMMARY, "new")
    return world


def begin(world: Any, folder: Path, wanted: Wanted) -> Journal:
    picture, plans = world.look(), Plans(folder)
    plan = make_plan(picture, graph_of(picture), wanted, now=world.now)
    return plans.journal(plans.keep(plan).id)


def execute(world: Any, journal: Journal) -> list[Outcome]:
    execution = Execution(journal.plan, journal, world.look, world, lambda: world.now)
    return list(execution.steps())


class DyingJournal(Journal):
    """A journal whose process ends before, inside or after the n-th line."""

    def __init__(self, folder: Path, left: int, how: str) -> None:
        super().__init__(folder)
        self.left, self.how = left, how

    def write(self, at: datetime, event: Event, step: int = 0, **body: Any) -> None:
        self.left -= 1
        if self.left == 0 and self.how == "torn":
            with self._path.open("a") as file:
                file.write('{"at": "2026-')
        if self.left == 0 and self.how in ("before", "torn"):
            raise Killed
        super().write(at, event, step, **body)
        if self.left == 0:
            raise Killed


@pytest.mark.parametrize("wanted", [Wanted(PlanKind.RECOVER), RESTATE], ids=["recover", "restate"])
@pytest.mark.parametrize(
    "how",
    [
        pytest.param("before", marks=pytest.mark.slow),
        "torn",
        pytest.param("after", marks=pytest.mark.slow),
    ],
)
def test_a_plan_killed_at_any_line_goes_on_and_does_nothing_twice(
    world_of: Callable, fill_world: Callable, ram: Path, wanted: Wanted, how: str
) -> None:
    world = world_of()
    fill_world(world, 9)
    world.run_all()
    wounded = broken(world)
    healthy = wounded.copy(ram / "copy")
    journal = begin(healthy, ram / "healthy", wanted)
    execute(healthy, journal)
    count = len(journal.lines())
    steps = {line.step for line in journal.lines() if line.event is Event.STEP_DONE}
    for left in range(1, count + 1):
        world = wounded.copy(ram / f"copy{left}")
        journal = begin(world, ram / f"{left}", wanted)
        before = len(world.built)
        with pytest.raises(Killed):
            execute(world, DyingJournal(journal.folder, left, how))  # type: ignore[arg-type]
        if journal.standing is not Standing.DONE:
            execute(world, Journal(journal.folder))
        assert world.contents() == healthy.contents()
        done = [line.step for line in journal.lines() if line.event is Event.STEP_DONE]
        assert sorted(done) == sorted(steps)
        did = world.built[before:]
        assert len(did) == len(set(did)), f"killed {how} line {left}: built twice"


def test_a_run_that_dies_in_the_middle_is_run_again_for_what_it_left(world: Any, ram: Path) -> None:
    broken(world)
    journal = begin(world, ram, RESTATE)
    real, built = world.start, []

    def dies(run: RangeRun, tags: Mapping[str, str]) -> Outcome:
        if run.wave == "activation":
            built.extend((run.assets[0], at) for at in run.labels)
            real(RangeRun(run.wave, run.assets[:1], run.labels, 0, 0), tags)
            raise Killed
        return real(run, tags)

    world.start = dies
    with pytest.raises(Killed):
        execute(world, journal)
    world.start = real
    before = len(world.built)
    execute(world, journal)
    again = set(world.built[before:])
    assert built
    assert again
    assert not again & set(built)
    assert journal.standing is Standing.DONE


def test_a_cancelled_plan_stops_before_the_next_run_and_can_go_on(world: Any, ram: Path) -> None:
    journal = begin(broken(world), ram, Wanted(PlanKind.RECOVER))
    execution = Execution(journal.plan, journal, world.look, world, lambda: world.now)
    runs = execution.steps()
    next(runs)
    journal.write(world.now, Event.CANCEL)
    with pytest.raises(NotReady, match="was cancelled"):
        next(runs)
    assert len(world.ran) > 0
    assert journal.standing is Standing.CANCELLED
    execute(world, journal)
    assert journal.standing is Standing.DONE


def test_a_failed_run_stops_what_waits_for_it_and_nothing_else(world: Any, ram: Path) -> None:
    broken(world)
    world.fails = {FACT}
    journal = begin(world, ram, Wanted(PlanKind.RECOVER))
    with pytest.raises(RunFailed):
        execute(world, journal)
    ran = {run.wave for run in world.ran[-6:]}
    assert "search" in ran
    assert journal.standing is Standing.FAILED
    assert not any(run.wave == "checkpoint" for run in world.ran[-6:])
    world.fails = set()
    execute(world, journal)
    assert journal.standing is Standing.DONE
    picture = world.look()
    assert not make_plan(picture, graph_of(picture), Wanted(PlanKind.RECOVER), now=world.now).steps


def test_a_plan_that_is_done_is_not_done_again(world: Any, ram: Path) -> None:
    journal = begin(broken(world), ram, Wanted(PlanKind.RECOVER))
    execute(world, journal)
    with pytest.raises(NotReady, match="is done"):
        execute(world, journal)


def test_two_plans_are_not_applied_at_once(ram: Path) -> None:
    plans = Plans(ram)
    with plans.applying(), pytest.raises(NotReady, match="Another process"), plans.applying():
        pass
    with plans.applying():
        pass


def test_an_unknown_plan_is_told_with_the_known(world: Any, ram: Path) -> None:
    journal = begin(broken(world), ram, Wanted(PlanKind.RECOVER))
    with pytest.raises(NotFound, match="no plan"):
        Plans(ram).journal(journal.plan.id + "x")
    with pytest.raises(NotFound):
        Plans(ram).journal("../../etc")


def test_a_line_of_another_hand_is_told(world: Any, ram: Path) -> None:
    journal = begin(broken(world), ram, Wanted(PlanKind.RECOVER))
    (journal.folder / "journal.jsonl").write_text('{"at": "2026-01-01", "event": "x", "step": 1}\n')
    with pytest.raises(WeirError, match="journal"):
        _ = journal.standing
