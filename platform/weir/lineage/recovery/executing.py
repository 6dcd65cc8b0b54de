"""Carries a plan out, step by step; what a crash cut off is taken up where it stopped.

Each step looks again: what came out as it was needs nothing after it, and nothing that is already
done is done twice. A partition that is built however it looks counts as done once a commit after the
plan's beginning built it.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from weir.core import grains
from weir.core.errors import NotReady, RunFailed, WeirError
from weir.lineage.nodes import Kind, Node
from weir.lineage.plan import Outcome, RangeRun, runs_of
from weir.lineage.readiness import held
from weir.lineage.recovery.journal import Event, Journal, Standing
from weir.lineage.recovery.plans import Plan, Step
from weir.lineage.stale import Picture


class Launcher(Protocol):
    """Starts runs and waits for them."""

    def start(self, run: RangeRun, tags: Mapping[str, str]) -> Outcome:
        """Run to the end; raises RunFailed with the reason if the run failed."""
        ...

    def settle(self, tags: Mapping[str, str]) -> int:
        """Mark runs with these tags that died unfinished as failed; return how many."""
        ...


@dataclass
class Execution:
    """One attempt at a plan, or at what is left of it.

    Attributes:
        plan: the plan.
        journal: how far it got.
        look: takes a fresh picture.
        launcher: starts the runs.
        clock: naive UTC.
    """

    plan: Plan
    journal: Journal
    look: Callable[[], Picture]
    launcher: Launcher
    clock: Callable[[], datetime]

    def steps(self, on_start: Callable[[RangeRun], None] = lambda _: None) -> Iterator[Outcome]:
        """Do what is left; yield each run that ended well.

        Raises:
            NotReady: if somebody cancelled the plan while it ran; what was built stays.
            RunFailed: if runs failed, after everything that does not wait for them was done.
        """
        self._begin()
        done, seen = self.journal.done, len(self.journal.lines())
        failures: list[RunFailed] = []
        held_back: list[str] = []
        for step in self.plan.steps:
            if step.number in done:
                continue
            picture = self._demanding(step)
            runs = self._runs(step, picture)
            for run in runs:
                self._stop_if_cancelled(seen)
                on_start(run)
                try:
                    yield self._launch(step, run)
                except RunFailed as error:
                    failures.append(error)
            if waiting := self._waiting(step, self._demanding(step) if runs else picture):
                held_back.append(waiting)
            if not failures and not held_back:  # else what this step reads may change yet
                self._write(Event.STEP_DONE, step)
        if failures or held_back:
            told: list[WeirError] = [*failures] or [
                NotReady(text, "`weir stale` says why.") for text in held_back
            ]
            self.journal.write(self.clock(), Event.FAILED, why=[str(error) for error in told])
            raise told[0]
        self.journal.write(self.clock(), Event.ENDED)

    @staticmethod
    def _waiting(step: Step, picture: Picture) -> str:
        """Return what of a step is still wrong and held back, in a sentence; empty if nothing is."""
        for asset in step.assets:
            node = picture.nodes[asset]
            todo = [at for at in picture.look(node).todo if at in step.labels]
            for at, by in held(picture, node, todo).items():
                return f"{asset} {grains.text(at, node.grain)} waits for {by.asset}."
        return ""

    def _stop_if_cancelled(self, seen: int) -> None:
        if self.journal.cancelled_since(seen):
            raise NotReady(
                f"Plan {self.plan.id} was cancelled; what was built stays built.",
                f"`weir plan apply {self.plan.id}` goes on with it.",
            )

    def _begin(self) -> None:
        if self.journal.standing is Standing.DONE:
            raise NotReady(f"Plan {self.plan.id} is done.", "Make a new one: `weir plan recover`.")
        if self.journal.began is not None:
            self.launcher.settle(self._tags())
        picture = self.look()
        self.journal.write(self.clock(), Event.BEGAN, snapshot=newest(picture), process=os.getpid())

    def _launch(self, step: Step, run: RangeRun) -> Outcome:
        self._write(Event.STARTED, step, assets=run.assets, partitions=str(run.labels))
        outcome = self.launcher.start(run, {**self._tags(), "weir/step": str(step.number)})
        self._write(
            Event.DONE, step, assets=run.assets, partitions=str(run.labels),
            run=outcome.run_id, seconds=round(outcome.seconds, 3),
        )  # fmt: skip
        return outcome

    @staticmethod
    def _runs(step: Step, picture: Picture) -> list[RangeRun]:
        """Return what a step still has to run."""
        within = {asset: set(step.labels) for asset in step.assets}
        return runs_of(picture, step.wave, lambda node: node.asset in within, within)

    def _demanding(self, step: Step) -> Picture:
        """Take a fresh look; what the step builds however it looks counts as stale until it is."""
        picture = self.look()
        for asset, labels in step.forced.items():
            node = picture.nodes[asset]
            picture.demand(node, [at for at in labels if not self._since(picture, node, at)])
        return picture

    def _since(self, picture: Picture, node: Node, at: datetime) -> bool:
        """Tell whether a partition was built after the plan's first beginning."""
        began, built = self.journal.began, picture.built(node).get(at)
        assert began is not None
        if built is None or node.kind is Kind.LANDING:
            return False
        if built.snapshot >= 0:
            return built.snapshot > int(began.body["snapshot"])
        return built.at is not None and built.at > began.at

    def _tags(self) -> dict[str, str]:
        return {"weir/plan": self.plan.id}

    def _write(self, event: Event, step: Step, **body: object) -> None:
        self.journal.write(self.clock(), event, step.number, **body)


def newest(picture: Picture) -> int:
    """Return the newest commit of the lake that built anything; -1 if none did."""
    return max(
        (b.snapshot for node in picture.nodes.values() for b in picture.built(node).values()),
        default=-1,
    )
