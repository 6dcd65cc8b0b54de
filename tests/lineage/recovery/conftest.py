"""A warehouse in memory: events land, runs build, and every content is a function of its inputs."""

from __future__ import annotations

import sqlite3
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from tests.lineage.recovery.sick import Sick
from weir.core import grains
from weir.core.errors import RunFailed
from weir.core.grains import Grain
from weir.engines.history import Counted, LandedHour, LandingHistory
from weir.lineage.inputs import digest
from weir.lineage.ledger import Entry, Ledger, Verdict
from weir.lineage.nodes import Kind, Node, fixed_nodes, in_order
from weir.lineage.plan import WAVES, Outcome, RangeRun
from weir.lineage.stale import Picture

START = datetime(2026, 1, 1)
EVENT, FACT = "buy_item_shop", "users_bought"


def nodes() -> list[Node]:
    """Return one event, one fact, and its daily and weekly layers."""
    fact = {"events": (EVENT,), "fact": FACT, "zone": "UTC", "start": START}
    found = [
        *fixed_nodes(Grain.HOUR),
        Node(f"event_log/{EVENT}", Kind.EVENT_LOG, Grain.HOUR, (EVENT,), tier="normal", code="a"),
        Node(f"fact/{FACT}", Kind.FACT, Grain.DAY, code="b", **fact),
    ]
    chains = {"daily": (Grain.DAY, Grain.MONTH), "weekly": (Grain.WEEK, Grain.QUARTER)}
    for word, (period, chain) in chains.items():
        name = f"activation/{FACT}_{{}}_{word}"
        rows = name.format("activation")
        found += [
            Node(name.format("firstlast"), Kind.CHECKPOINT, chain, code="c", counts=period, **fact),
            Node(rows, Kind.ACTIVATION, period, code="d", counts=period, **fact),
            Node(f"{rows}_summary", Kind.SUMMARY, period, code="e", counts=period, **fact),
            Node(f"{rows}_returns", Kind.RETURNS, period, code="f", counts=period, **fact),
        ]
    return in_order(found)


@dataclass
class World:
    """What landed, what was built, and what a run would build.

    Attributes:
        ledger: how partitions were built.
        coarse: contents are the sums of what they read, divided by this: small changes vanish.
    """

    ledger: Ledger
    coarse: int = 1
    nodes: list[Node] = field(default_factory=nodes)
    events: dict[tuple[datetime, datetime], int] = field(default_factory=dict)
    closed: datetime = START
    entries: list[tuple[int, datetime, dict[str, Any]]] = field(default_factory=list)
    ran: list[RangeRun] = field(default_factory=list)
    built: list[tuple[str, datetime]] = field(default_factory=list)
    fails: set[str] = field(default_factory=set)

    # the lake's commits
    def newest_snapshot(self) -> int:
        return len(self.entries)

    def entries_after(self, snapshot: int) -> Any:
        return iter([entry for entry in self.entries if entry[0] > snapshot])

    # the present
    @property
    def now(self) -> datetime:
        return self.closed + timedelta(minutes=len(self.entries))

    @property
    def history(self) -> LandingHistory:
        hours: dict[datetime, int] = {}
        for (landing, _), rows in self.events.items():
            hours[landing] = hours.get(landing, 0) + rows
        lanes = {("normal", at): LandedHour(1, counted(n), closed=True) for at, n in hours.items()}
        by_event = {EVENT: {key: counted(rows) for key, rows in self.events.items()}}
        return LandingHistory(lanes, by_event, START, self.closed)

    def look(self) -> Picture:
        self.ledger.sync(self)
        return Picture(
            self.nodes, self.history, self.ledger, policy="p", lag=timedelta(hours=1),
            now=self.closed, tables=[EVENT],
        )  # fmt: skip

    def land(self, at: datetime, event_hour: datetime, rows: int) -> None:
        key = at, event_hour
        self.events[key] = self.events.get(key, 0) + rows

    def edit(self, kind: Kind, code: str) -> None:
        self.nodes = [replace(n, code=code) if n.kind is kind else n for n in self.nodes]

    # the launcher
    def start(self, run: RangeRun, tags: Mapping[str, str]) -> Outcome:
        del tags
        if self.fails & set(run.assets):
            raise RunFailed(f"{run.assets} failed", "Mend it.")
        picture = self.look()
        for asset in run.assets:
            self._build(picture, picture.nodes[asset], run)
        self.ran.append(run)
        return Outcome(run, f"run-{len(self.ran)}", 1.0)

    def settle(self, tags: Mapping[str, str]) -> int:
        del tags
        return 0

    def _build(self, picture: Picture, node: Node, run: RangeRun) -> None:
        inputs = picture.inputs_for(node, run.labels)
        due = picture.due(node)
        self.built += [(node.asset, at) for at in run.labels if at in due]
        if node.kind is Kind.LANDING:
            seen = {grains.text(at, node.grain): due[at] for at in run.labels if at in due}
            self.ledger.observe(node.asset, seen)
            return
        parts = {
            key: {"rows": 1, "hash": self.content(picture, node, key), "input": text}
            for key, text in inputs.items()
        }
        if node.kind is Kind.SEARCH:
            self.ledger.write(node.asset, {k: Entry(**p) for k, p in parts.items()}, run="r")
            return
        entry = {"weir": 1, "asset": node.asset, "partitions": parts, "run": "r", "code": node.code}
        self.entries.append((len(self.entries) + 1, self.now, entry))
        self.ledger.sync(self)
        self.ledger.record(Verdict(node.asset, "ok", key, passed=True) for key in parts)

    def content(self, picture: Picture, node: Node, key: str) -> str:
        """Return a partition's content: the coarse number of events that it stands for."""
        at = grains.parse(key, node.grain)
        if node.kind in (Kind.ACCEPTED, Kind.EVENT_LOG, Kind.SEARCH):
            found = [rows for (landing, _), rows in self.events.items() if landing == at]
            return str(sum(found) if node.tier != "bulk" else 0)
        days: dict[datetime, int] = {}
        for (_, hour), rows in self.events.items():
            day = grains.floor(hour, Grain.DAY)
            days[day] = days.get(day, 0) + rows
        if node.kind is Kind.FACT:
            return str(days.get(at, 0) // self.coarse)
        from weir.lineage.inputs import last_day

        last = last_day(node, at)
        return digest(
            node.code,
            *(f"{day}:{rows // self.coarse}" for day, rows in sorted(days.items()) if day <= last),
        )

    def run_all(self) -> None:
        """Bring everything up to date, as `weir run` does."""
        from weir.lineage.plan import runs_of

        for wave in WAVES:
            for run in runs_of(self.look(), wave):
                self.start(run, {})

    def copy(self, folder: Path) -> World:
        """Return another world that stands as this one does."""
        folder.mkdir()
        with (
            closing(sqlite3.connect(self.ledger.path)) as here,
            closing(sqlite3.connect(folder / "ledger.db")) as there,
        ):
            here.backup(there)
        lists = {name: list(getattr(self, name)) for name in ("nodes", "entries", "ran", "built")}
        ledger = Ledger(folder / "ledger.db")
        return replace(self, ledger=ledger, events=dict(self.events), fails=set(), **lists)

    def contents(self) -> dict[str, dict[str, str]]:
        """Return the content of everything that is due."""
        picture = self.look()
        return {
            node.asset: {
                grains.text(at, node.grain): built.hash
                for at, built in picture.built(node).items()
                if at in picture.due(node)
            }
            for node in picture.nodes.values()
        }


def counted(rows: int) -> Counted:
    return Counted(rows, (rows, rows * 7, 0, 0))


@pytest.fixture
def ram(tmp_path: Path) -> Iterator[Path]:
    """A folder in memory where the machine has one: these tests sync files thousands of times."""
    shm = Path("/dev/shm")
    if not shm.is_dir():
        yield tmp_path
        return
    with tempfile.TemporaryDirectory(dir=shm) as folder:
        yield Path(folder)


@pytest.fixture
def world_of(ram: Path) -> Callable[..., World]:
    numbers = count()

    def make(**more: Any) -> World:
        folder = ram / f"world{next(numbers)}"
        return World(Ledger(folder / "ledger.db"), **more)

    return make


@pytest.fixture
def world(world_of: Callable[..., World]) -> World:
    """Forty days, a few events on most of them, everything built."""
    world = world_of()
    fill(world, 40)
    world.run_all()
    return world


def fill(world: World, days: int) -> None:
    """Land events at ten o'clock of most days, and close what follows."""
    for i in range(days):
        at = START + timedelta(days=i, hours=10)
        if i % 6 != 4:
            world.land(at, at, 10 + i)
    world.closed = START + timedelta(days=days, hours=3)


@pytest.fixture(scope="session")
def fill_world() -> Callable[[World, int], None]:
    return fill


_SIXTY: dict[str, World] = {}


@pytest.fixture
def sick(
    world_of: Callable[..., World],
    fill_world: Callable[[World, int], None],
    tmp_path_factory: pytest.TempPathFactory,
) -> Sick:
    """Sixty days, everything built, nothing wrong; a copy of its own for every test."""
    if not _SIXTY:
        world = world_of()
        fill_world(world, 60)
        world.run_all()
        _SIXTY["world"] = world.copy(tmp_path_factory.mktemp("sixty") / "world")
    folder = tmp_path_factory.mktemp("sick")
    world = _SIXTY["world"].copy(folder / "world")
    world.entries = [
        (n, at, {**entry, "partitions": dict(entry["partitions"])})
        for n, at, entry in world.entries
    ]
    return Sick(world, folder)
