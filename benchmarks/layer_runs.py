"""Runs of the daily layers of a throw-away project, each through Dagster, dbt and the lake."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime, time
from pathlib import Path

from activity import KEY, KEY_TYPE, NAME, days_of, pattern
from apart import Took, timed
from fact_files import FactFile, make_project

from weir.core import grains
from weir.core.grains import Grain, Range
from weir.core.settings import Settings
from weir.engines.embedded.lake import table_sizes
from weir.lineage.nodes import Kind
from weir.lineage.plan import WAVES, RangeRun
from weir.orchestra.launcher import InProcessLauncher
from weir.orchestra.project import Project
from weir.orchestra.warm import Invocation, NodeResult, WarmDbt

KINDS = ("fact", "checkpoint", "layer")
_WAVE = {"fact": "fact", "checkpoint": "checkpoint", "layer": "activation"}


def make_layer(
    folder: Path, facts: Path, days: int, *, copies: int = 1, memory: str | None = None
) -> Settings:
    """Make a project with one fact over these files and its daily layer, or several of them."""
    every = days_of(days)
    names = [NAME, *(f"{NAME}_{number}" for number in range(2, copies + 1))]
    return make_project(
        folder,
        [FactFile(n, pattern(facts), every[0], every[-1], KEY, KEY_TYPE) for n in names],
        ["daily"],
        memory=memory,
    )


class Layers:
    """All facts of a project and their daily layers.

    Args:
        settings: the project's.
    """

    def __init__(self, settings: Settings) -> None:
        self.project = Project(settings)
        self.watched = _Watched(settings, self.project.parsed)
        self.project.dbt = self.watched
        self.launcher = InProcessLauncher(self.project)

    def assets(self, kind: str) -> list[str]:
        """Return the assets of a kind of run, in the data's order."""
        wanted: tuple[Kind, ...] = WAVES[_WAVE[kind]]
        found = [n for n in self.project.nodes if n.kind in wanted]
        return [n.asset for n in sorted(found, key=lambda n: list(Kind).index(n.kind))]

    def run(self, kind: str, first: date, until: date, assets: Sequence[str] = ()) -> Took:
        """Build [first, until) in one run.

        Checkpoints are those of the months that end in the range; without one nothing runs.

        Args:
            kind: `fact`, `checkpoint`, or `layer`: activation, summary and returns.
            first: first day.
            until: the day after the last.
            assets: only these; all of the kind when not given.

        Raises:
            RunFailed: if a model or a check failed.
        """
        labels = Range(_midnight(first), _midnight(until), Grain.DAY)
        if kind == "checkpoint":
            bounds = [grains.floor(at, Grain.MONTH) for at in (labels.start, labels.end)]
            labels = Range(bounds[0], bounds[1], Grain.MONTH)
        if labels.start == labels.end:
            return Took(0, 0)
        chosen = tuple(assets) or tuple(self.assets(kind))
        run = RangeRun(_WAVE[kind], chosen, labels, missing=1, stale=0)
        return timed(self.launcher.launch, run)

    def warm_up(self, first: date, until: date) -> None:
        """Build a day that is not measured: definitions are loaded and tables made."""
        self.run("fact", first, until)
        self.run("layer", first, until)

    def hashes(self) -> dict[tuple[str, str], str]:
        """Return the content hash of every partition, by asset and key, as the ledger has it."""
        self.project.ledger.sync(self.project.history)
        return {
            (asset, key): built.hash
            for kind in KINDS
            for asset in self.assets(kind)
            for key, built in self.project.ledger.built(asset).items()
        }

    def sizes(self) -> dict[str, int]:
        """Return the bytes of the layer's tables."""
        with self.project.lake.read() as connection:
            return table_sizes(connection, "activation")

    def failed(self) -> int:
        """Return the number of checks' verdicts that failed."""
        return len(self.project.ledger.failed())


class _Watched(WarmDbt):
    """Keeps what dbt says of the seconds of the models and tests that it ran."""

    seconds: dict[str, float]

    def reset(self) -> None:
        self.seconds = {}

    def build(self, invocation: Invocation) -> Iterator[NodeResult]:
        self.seconds = getattr(self, "seconds", {})
        for result in super().build(invocation):
            kind = "models" if result.unique_id.startswith("model.") else "tests"
            self.seconds[kind] = self.seconds.get(kind, 0.0) + result.seconds
            yield result


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time())
