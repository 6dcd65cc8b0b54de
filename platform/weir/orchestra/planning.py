"""Plans of a project: made from its lake and ledger, carried out through Dagster."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime

import dagster as dg

from weir.core.errors import NotReady
from weir.lineage.causes import Broken
from weir.lineage.checking.faults import Level, Repair
from weir.lineage.graph.of_picture import graph_of
from weir.lineage.plan import Outcome, RangeRun
from weir.lineage.recovery.estimate import Timing, estimator, with_overhead
from weir.lineage.recovery.executing import Execution
from weir.lineage.recovery.journal import Event, Journal, Plans, Standing
from weir.lineage.recovery.planning import make_plan
from weir.lineage.recovery.plans import Plan, Wanted
from weir.orchestra.checking import check_partitions
from weir.orchestra.instance import open_instance
from weir.orchestra.launcher import InProcessLauncher
from weir.orchestra.lost import make_room
from weir.orchestra.project import Project

_RUNS = 50
"""How many of the newest runs tell what a run takes beside its commits."""


def timings(project: Project, asset: str) -> Sequence[Timing]:
    """Return how long the commits of earlier runs of an asset took."""
    return [
        Timing(one.partitions, one.rows, one.bytes, one.seconds)
        for one in project.ledger.timings(asset)
    ]


def around(project: Project, instance: dg.DagsterInstance) -> list[float]:
    """Return what the newest runs took beside their commits: start, tests, Dagster's events; seconds."""
    commits: dict[str, float] = defaultdict(float)
    for node in project.nodes:
        for one in project.ledger.timings(node.asset)[-_RUNS:]:
            commits[one.run] += one.seconds
    records = instance.get_run_records(
        dg.RunsFilter(statuses=[dg.DagsterRunStatus.SUCCESS]), limit=_RUNS
    )
    return [
        max(0.0, record.end_time - record.start_time - commits[record.dagster_run.run_id])
        for record in records
        if record.dagster_run.run_id in commits and record.end_time and record.start_time
    ]


def broken_partitions(project: Project, wanted: Wanted) -> Broken:
    """Look at catalogue and storage as closely as is wanted; return what only a rebuild mends."""
    if not wanted.level:
        return {}
    found: dict[str, dict[datetime, str]] = defaultdict(dict)
    report = check_partitions(project, project.nodes, Level.of(wanted.level))
    for finding in report.needing(Repair.REBUILD):
        seen = f": {finding.evidence}" if finding.evidence else ""
        for label in finding.labels:
            fault = finding.fault.value.replace("_", " ")
            found[finding.asset].setdefault(label, f"{fault}{seen}")
    return found


def planned(project: Project, wanted: Wanted) -> Plan:
    """Make a plan from the present state; nothing is kept and nothing runs."""
    picture = project.picture()
    plan = make_plan(
        picture,
        graph_of(picture),
        wanted,
        now=project.now(),
        broken=broken_partitions(project, wanted),
        estimator=estimator(lambda asset: timings(project, asset)),
    )
    with open_instance(project.settings) as instance:
        return with_overhead(plan, around(project, instance) if plan.steps else [])


def plans_of(project: Project) -> Plans:
    """Return the plans that a project's home keeps."""
    return Plans(project.settings.plans_dir)


def carry_out(
    project: Project,
    name: str,
    digest: str | None,
    on_start: Callable[[RangeRun], None] = lambda _: None,
) -> Iterator[Outcome]:
    """Carry out a kept plan, or what is left of it; yield each run that ended well.

    Args:
        project: the project.
        name: the plan's name.
        digest: what the plan does, as it was shown; not needed to go on with one that began.
        on_start: called before each run.

    Raises:
        NotFound: if there is no such plan.
        NotReady: if the digest is another, or what the plan was made from has changed since.
        RunFailed: if a run failed; what was built stays built.
    """
    kept = plans_of(project)
    journal = kept.journal(name)
    plan = journal.plan
    with kept.applying():
        if journal.began is None:
            require_seen(plan, digest)
            require_current(project, plan)
        if lost := make_room(project, plan):
            journal.write(project.now(), Event.GAVE_UP, files=lost)
        launcher = InProcessLauncher(project)
        execution = Execution(plan, journal, project.picture, launcher, project.now)
        yield from execution.steps(on_start)


def require_seen(plan: Plan, digest: str | None) -> None:
    """Check that somebody has seen what a plan does.

    Raises:
        NotReady: if the digest is not the plan's.
    """
    if digest != plan.digest:
        raise NotReady(
            f"Plan {plan.id} has the digest {plan.digest}"
            + (f", not {digest}." if digest else "; say that you have seen it."),
            f"Look at it (`weir plan show {plan.id}`), then `weir plan apply {plan.id} --digest"
            f" {plan.digest}`.",
        )


def require_current(project: Project, plan: Plan) -> None:
    """Check that what a plan was made from is as it was: the plan is made again, and compared.

    Raises:
        NotReady: if it is not: what the plan was, and what it would be now.
    """
    now = planned(project, plan.wanted)
    if now.digest != plan.digest:
        raise NotReady(
            f"Plan {plan.id} has expired: what it was made from has changed since"
            f" {plan.made_at:%Y-%m-%d %H:%M} UTC. It had {_size(plan)}; now it would have {_size(now)}.",
            f"Make it again: `weir plan {plan.wanted.kind}`.",
        )


def cancel(project: Project, name: str) -> Journal:
    """Cancel a plan: the run that is going ends, the next ones do not start. Return its journal.

    Raises:
        NotFound: if there is no such plan.
        NotReady: if it is done or cancelled already.
    """
    journal = plans_of(project).journal(name)
    if journal.standing in (Standing.DONE, Standing.CANCELLED):
        raise NotReady(f"Plan {name} is {journal.standing.value} already.", "See `weir plan list`.")
    journal.write(project.now(), Event.CANCEL)
    return journal


def _size(plan: Plan) -> str:
    return f"{len(plan.steps)} runs over {plan.estimate.partitions:,} partitions"
