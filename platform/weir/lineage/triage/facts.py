"""Everything that a diagnosis is made from, as plain data; None means that nobody looked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from weir.core.grains import Range
from weir.lineage.causes import Broken, Faults
from weir.lineage.graph import Graph
from weir.lineage.stale import Picture

RunState = Literal["queued", "running", "success", "failure", "canceled"]


@dataclass(frozen=True)
class Seen:
    """What a partition check found of some partitions.

    Attributes:
        asset: key as `schema/table`.
        labels: the partitions.
        fault: a name of `codes.OF_FAULT`.
        evidence: figures and files.
        rebuild: whether only building again mends it.
    """

    asset: str
    labels: tuple[datetime, ...]
    fault: str
    evidence: str
    rebuild: bool = True


@dataclass(frozen=True)
class Failure:
    """The first error of a failed run.

    Attributes:
        step: the step's name, '' if the run failed outside of steps.
        kinds: names of the error classes, outermost first.
        message: of the innermost error.
    """

    step: str
    kinds: tuple[str, ...]
    message: str


@dataclass(frozen=True)
class Run:
    """A run of Dagster.

    Attributes:
        id: Dagster's.
        state: how it stands.
        assets: what it was to build.
        since, until: half-open bounds of its labels, None if it has none. Naive, as labels are.
        created, started, ended: naive UTC.
        failure: why it failed.
        skipped: assets that it was to build and reported nothing of, if it succeeded.
        alive: whether the process of a running run is there; None: not known.
        tier: whose slots it takes.
        pid: process that carries it out; 0: not known.
    """

    id: str
    state: RunState
    assets: frozenset[str]
    since: datetime | None
    until: datetime | None
    created: datetime
    started: datetime | None = None
    ended: datetime | None = None
    failure: Failure | None = None
    skipped: frozenset[str] = frozenset()
    alive: bool | None = None
    tier: str = ""
    pid: int = 0

    def covers(self, asset: str, at: datetime) -> bool:
        """Tell whether it was to build a partition."""
        if asset not in self.assets:
            return False
        return (self.since is None or self.since <= at) and (self.until is None or at < self.until)


@dataclass(frozen=True)
class Daemon:
    """One of Dagster's daemons, and when it was last heard of; naive UTC."""

    kind: str
    beat: datetime
    error: str = ""


@dataclass(frozen=True)
class Sensor:
    """A sensor that asks for runs.

    Attributes:
        name: its name.
        assets: what it asks for.
        on: whether it is switched on.
        ticked: when it last looked; naive UTC.
        error: why its last look failed.
    """

    name: str
    assets: frozenset[str]
    on: bool
    ticked: datetime | None = None
    error: str = ""


@dataclass(frozen=True)
class Waits:
    """Partitions that are to be built and that the sensors do not ask for now.

    Attributes:
        assets: which assets.
        labels: their partitions.
        reason: a value of `weir.lineage.automation.retries.Wait`.
        until: when they are asked for at the earliest; naive UTC, None if that is not known.
    """

    assets: frozenset[str]
    labels: Range
    reason: str
    until: datetime | None = None


@dataclass(frozen=True)
class Diverted:
    """Valid events that did not come through: in quarantine and not replayed.

    Attributes:
        event: the event's name.
        hour: landing hour.
        rows: how many.
        reason: what is wrong with most of them.
    """

    event: str
    hour: datetime
    rows: int
    reason: str = ""


@dataclass(frozen=True)
class Facts:
    """What is known.

    Attributes:
        picture: what landed and what is built.
        graph: its graph.
        now: naive UTC.
        seen: what a partition check found.
        runs: the newest runs of Dagster, newest first.
        daemons: its daemons; empty if none ever ran.
        sensors: its sensors that ask for runs.
        diverted: what is in quarantine.
        checked: what was looked at → how closely.
        not_checked: what was not looked at → why.
        waits: what the sensors hold back, if they are in use.
        faults: what is wrong by the records, where that is known already.
    """

    picture: Picture
    graph: Graph
    now: datetime
    seen: Sequence[Seen] = ()
    runs: Sequence[Run] | None = None
    daemons: Sequence[Daemon] | None = None
    sensors: Sequence[Sensor] | None = None
    diverted: Sequence[Diverted] | None = None
    checked: Mapping[str, str] = field(default_factory=dict)
    not_checked: Mapping[str, str] = field(default_factory=dict)
    waits: Sequence[Waits] = ()
    faults: Faults | None = None

    @property
    def broken(self) -> Broken:
        """What the partition check found that only building again mends; as plans take it."""
        found: dict[str, dict[datetime, str]] = {}
        for one in self.seen:
            if one.rebuild:
                mine = found.setdefault(one.asset, {})
                mine |= dict.fromkeys(one.labels, f"{one.fault}: {one.evidence}")
        return found
