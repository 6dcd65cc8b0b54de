"""A warehouse in memory whose runs are asked for by ticks, as sensors do."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from tests.lineage.recovery.conftest import World, fill
from tests.lineage.recovery.conftest import ram as ram  # noqa: PLC0414 - a fixture
from tests.lineage.recovery.conftest import world as world  # noqa: PLC0414 - a fixture
from tests.lineage.recovery.conftest import world_of as world_of  # noqa: PLC0414 - a fixture
from weir.core import grains
from weir.core.errors import RunFailed
from weir.lineage.automation import budget
from weir.lineage.automation.budget import Budget
from weir.lineage.automation.deciding import Decision, Known, Rules, decide, request_name
from weir.lineage.automation.memory import Memory, Row
from weir.lineage.automation.retries import Attempts, Past
from weir.lineage.nodes import Node
from weir.lineage.plan import WAVES, RangeRun
from weir.lineage.stale import Picture

RULES = Rules(Budget(20, 5_000, 7_200.0))
LATE = timedelta(days=10)


@dataclass
class Ticking:
    """A world, and what its sensors know.

    Attributes:
        sort: how runs of `world.fails` fail.
        busy: asset → partitions that are under way.
        ends: request → when its runs failed.
    """

    world: World
    memory: Memory
    rules: Rules = RULES
    sort: str = "sql"
    each: float = 0.0
    busy: dict[str, frozenset[datetime]] = field(default_factory=dict)
    ends: dict[str, list[datetime]] = field(default_factory=dict)
    asked: list[tuple[datetime, RangeRun]] = field(default_factory=list)
    picture: Picture | None = None

    def look(self) -> Picture:
        """Return a picture of what is there now, the last one if nothing happened since."""
        if self.picture is None:
            self.picture = self.world.look()
            self.picture.late = LATE
        return self.picture

    def decide(self, now: datetime | None = None) -> Decision:
        """Return what a tick would ask for."""
        picture = self.look()
        found = {
            asset: {grains.parse(k, picture.nodes[asset].grain): one for k, one in mine.items()}
            for asset, mine in self.memory.attempts().items()
        }
        past = Past(found, self.memory.streaks(), self.busy)
        known = Known(past, self._attempts, self._seconds, budget.NOTHING)
        return decide(picture, list(WAVES), self.rules, known, now or self.world.closed)

    def _attempts(self, name: str) -> Attempts:
        ends = self.ends.get(name, [])
        return Attempts(len(ends), last_end=ends[-1] if ends else None)

    def _code(self, row: Row) -> str:
        return self.look().nodes[row[0]].code

    def _seconds(self, node: Node, partitions: int) -> float:
        del node
        return self.each * partitions

    def tick(self, now: datetime) -> int:
        """Ask for what a tick asks for, and run it at once; return how many runs failed."""
        failed = 0
        for one in self.decide(now).asked:
            picture, run = self.look(), one.run
            name = request_name(picture, run)
            looks = {asset: picture.look(picture.nodes[asset]) for asset in run.assets}
            rows = [
                (asset, grains.text(at, run.labels.grain), look.due[at])
                for asset, look in looks.items()
                for at in look.todo
                if at in run.labels
            ]
            self.memory.asked(name, rows, now)
            self.asked.append((now, run))
            try:
                self.world.start(run, {})
                self.memory.succeeded(name, run.assets)
                self.picture = None
            except RunFailed:
                failed += 1
                self.ends.setdefault(name, []).append(now)
                self.memory.failed(name, f"{name}{now}", self.sort, now, self._code)
        return failed

    def with_rules(self, **more: object) -> Ticking:
        """Return it with other rules."""
        self.rules = replace(self.rules, **more)  # type: ignore[arg-type]
        return self


@pytest.fixture
def ticking(world: World, ram: Path) -> Ticking:
    """Forty days, all built."""
    return Ticking(world, Memory(ram / "automation.db"))


@pytest.fixture
def fresh(world_of: Callable[..., World], ram: Path) -> Ticking:
    """Five days that landed and of which nothing is built."""
    world = world_of()
    fill(world, 5)
    return Ticking(world, Memory(ram / "automation.db"))
