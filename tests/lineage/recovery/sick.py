"""A warehouse into which faults are put, and what triage is told of it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

from weir.core import grains
from weir.lineage.graph.of_picture import graph_of
from weir.lineage.recovery.executing import Execution
from weir.lineage.recovery.journal import Plans
from weir.lineage.recovery.planning import make_plan
from weir.lineage.recovery.plans import PlanKind, Wanted
from weir.lineage.triage import Daemon, Diagnosis, Facts, Failure, Run, diagnose

START = datetime(2026, 1, 1)
EVENT = "buy_item_shop"
LANDING, ACCEPTED = "landing/normal", "accepted/normal"
LOG, FACT = f"event_log/{EVENT}", "fact/users_bought"
ROWS = "activation/users_bought_activation_daily"
CHAIN = "activation/users_bought_firstlast_daily"
RETURNS = f"{ROWS}_returns"


def day(number: int) -> datetime:
    return START + timedelta(days=number)


def hour(number: int) -> datetime:
    return START + timedelta(days=number, hours=10)


@dataclass
class Sick:
    """A warehouse with faults, and what else is known of it."""

    world: Any
    folder: Path
    more: dict[str, Any] = field(default_factory=dict)
    numbers: Iterator[int] = field(default_factory=count)

    @property
    def now(self) -> datetime:
        return self.world.now + timedelta(minutes=5)

    def facts(self) -> Facts:
        picture = self.world.look()
        return Facts(picture, graph_of(picture), **{"now": self.now, **self.more})

    def why(self, asset: str = ROWS, at: datetime | None = None) -> Diagnosis:
        return diagnose(self.facts(), asset, at)

    def forget(self, asset: str, *labels: datetime) -> None:
        """Take partitions out of the records, as if no run had ever built them."""
        grain = self.world.look().nodes[asset].grain
        keys = [grains.text(at, grain) for at in labels]
        for _, _, entry in self.world.entries:
            if entry["asset"] == asset:
                for key in keys:
                    entry["partitions"].pop(key, None)
        with closing(sqlite3.connect(self.world.ledger.path)) as connection, connection:
            for table in ("partition", "history"):
                for key in keys:
                    query = f"DELETE FROM {table} WHERE asset = ? AND key = ?"
                    connection.execute(query, (asset, key))

    def run(self, state: str, asset: str, *labels: datetime, **more: Any) -> Run:
        """Return a run over labels that began when the world stood as it does."""
        grain = self.world.look().nodes[asset].grain
        first, last = min(labels), grains.shift(max(labels), grain, 1)
        began = self.now - timedelta(minutes=2)
        ended = began + timedelta(seconds=30) if state not in ("queued", "running") else None
        given = {"created": began, "started": began, "ended": ended, **more}
        name = f"{next(self.numbers):08d}-run"
        return Run(name, state, frozenset({asset}), first, last, **given)  # type: ignore[arg-type]

    def fail(self, message: str, *kinds: str, asset: str = FACT, at: datetime | None = None) -> Run:
        failure = Failure(
            "fact__users_bought", ("DagsterExecutionStepExecutionError", *kinds), message
        )
        return self.run("failure", asset, at or day(59), failure=failure)

    def repair(self) -> dict[str, dict[str, str]]:
        """Carry out the plan for everything; return what stands then."""
        facts = self.facts()
        wanted = Wanted(PlanKind.RECOVER)
        plan = make_plan(facts.picture, facts.graph, wanted, now=self.now, broken=facts.broken)
        plans = Plans(self.folder / "plans")
        named = plans.keep(plan)
        world, journal = self.world, plans.journal(named.id)
        list(Execution(named, journal, world.look, world, lambda: world.now).steps())
        self.more.pop("seen", None)
        return dict(world.contents())


def daemons(beat: datetime) -> list[Daemon]:
    return [Daemon(kind, beat) for kind in ("QUEUED_RUN_COORDINATOR", "SENSOR")]
