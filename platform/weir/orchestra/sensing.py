"""A sensor over the lake: it takes in what ended, and asks for what a pure decision says.

Its cursor holds the state of the lake at the last look, and the runs that it has taken in.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache, partial

import dagster as dg

from weir.core import grains
from weir.core.grains import Grain
from weir.core.hours import Hours
from weir.core.settings import Settings
from weir.lineage.automation.budget import Budget, Proposal
from weir.lineage.automation.deciding import Decision, Known, Rules, decide, request_name
from weir.lineage.automation.memory import FILE, Memory
from weir.lineage.automation.retries import Past
from weir.lineage.inputs import digest
from weir.lineage.nodes import Node
from weir.lineage.plan import held_back, waves_in
from weir.lineage.recovery.estimate import estimator
from weir.lineage.stale import Picture
from weir.orchestra.ended import ended_runs
from weir.orchestra.learning import learn
from weir.orchestra.planning import timings
from weir.orchestra.project import Project
from weir.orchestra.requests import attempts_of, rows_of, run_request
from weir.orchestra.under_way import under_way

INTERVAL_SECONDS = 30
_FIRST_LOOK = timedelta(days=1)
_TOLD = 20  # lines of what waits, of one tick


def lake_sensor(
    name: str,
    description: str,
    project: Project,
    assets: Sequence[dg.AssetsDefinition],
    waves: Sequence[str],
) -> dg.SensorDefinition:
    """Return a sensor that asks for the runs that some waves need.

    It looks again at every tick until nothing is left to do or waiting; then only after a new
    commit of the lake, other code, or an hour.

    Args:
        name: the sensor's name.
        description: shown in the Dagster UI.
        project: the project that it looks at.
        assets: what it may request.
        waves: the planner's waves that it is for.
    """
    checks = [spec.key for definition in assets for spec in definition.check_specs]

    @dg.sensor(
        name=name,
        description=description,
        asset_selection=dg.AssetSelection.assets(*assets),
        minimum_interval_seconds=INTERVAL_SECONDS,
        default_status=dg.DefaultSensorStatus.STOPPED
        if project.settings.env
        else dg.DefaultSensorStatus.RUNNING,
    )
    def sense(context: dg.SensorEvaluationContext) -> dg.SensorResult | dg.SkipReason:
        before, state = Cursor.read(context.cursor), _state(project)
        if before.settled == state:
            return dg.SkipReason(f"Nothing new in the lake since commit {state.split()[0]}.")
        picture, memory = project.picture(), Memory(project.settings.home / FILE)
        ended, following = ended_runs(context.instance, before.ended, project.now() - _FIRST_LOOK)
        mine = waves_in(project.settings.env, waves)
        learn(memory, ended, picture, mine)
        decision = decision_of(project, context.instance, picture, mine)
        for line in told(decision)[:_TOLD]:
            context.log.info(line)
        past = partial(attempts_of, context.instance)
        for one in decision.asked:
            name = request_name(picture, one.run)
            memory.asked(name, rows_of(picture, one.run), project.now())
        settled = not (decision.asked or decision.waiting or held_back(picture))
        return dg.SensorResult(
            run_requests=[
                run_request(picture, one, past(request_name(picture, one.run)), checks)
                for one in decision.asked
            ],
            cursor=Cursor(state if settled else f"{state}, unsettled", following).text,
        )

    return sense


def decision_of(
    project: Project, instance: dg.DagsterInstance, picture: Picture, waves: Sequence[str]
) -> Decision:
    """Return what a sensor of some waves would ask for now; nothing is asked for or kept."""
    memory = Memory(project.settings.home / FILE)
    busy, backlog = under_way(instance, picture.nodes)
    failed = {
        asset: {grains.parse(key, picture.nodes[asset].grain): one for key, one in found.items()}
        for asset, found in memory.attempts().items()
        if asset in picture.nodes
    }
    estimate = estimator(lambda asset: timings(project, asset))

    def seconds(node: Node, partitions: int) -> float:
        return estimate(node, partitions).p50 or 0.0

    known = Known(
        Past(failed, memory.streaks(), busy),
        cache(partial(attempts_of, instance)),
        seconds,
        backlog,
    )
    return decide(picture, waves, rules_of(project.settings), known, project.now())


def rules_of(settings: Settings) -> Rules:
    """Return what the settings say of automation."""
    budget = Budget(settings.tick_requests, settings.tick_partitions, settings.tick_seconds)
    return Rules(
        budget, Hours.parse(settings.off_peak), settings.large_partitions, settings.large_seconds
    )


def told(decision: Decision) -> list[str]:
    """Return what is asked for and what waits, in lines."""
    return [
        *(f"asked: {_run(one)} ({one.why}, {one.seconds:.0f} s)" for one in decision.asked),
        *(
            f"waits ({one.wait}{_until(one.until)}): {', '.join(one.assets)} {one.labels}"
            for one in decision.waiting
        ),
    ]


def _run(proposal: Proposal) -> str:
    return f"{', '.join(proposal.run.assets)} {proposal.run.labels}"


def _until(at: datetime | None) -> str:
    return f" until {at:%Y-%m-%d %H:%M} UTC" if at else ""


def _state(project: Project) -> str:
    """Return what a settled sensor need not look at twice: commit, code, and hour."""
    code = digest(*(node.code for node in project.nodes))
    hour = grains.floor(project.now(), Grain.HOUR)
    return f"{project.history.newest_snapshot()} {code} {hour:%Y-%m-%dT%H}"


@dataclass(frozen=True)
class Cursor:
    """What a sensor remembers between two ticks.

    Attributes:
        settled: the state at which nothing was left to do; other words if there was.
        ended: the cursor of the runs that were taken in.
    """

    settled: str = ""
    ended: str | None = None

    @classmethod
    def read(cls, text: str | None) -> "Cursor":
        """Return a cursor from its text; an empty one for what older versions wrote."""
        if not text or not text.startswith("{"):
            return cls()
        return cls(**json.loads(text))

    @property
    def text(self) -> str:
        """The cursor as Dagster keeps it."""
        return json.dumps(vars(self))
