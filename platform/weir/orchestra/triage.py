"""Triage of a project: gathers what is known of an asset, and says why it is not as it should be."""

from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import replace
from datetime import datetime

import dagster as dg

from weir.core import grains
from weir.core.errors import NotFound, WeirError
from weir.core.grains import Grain
from weir.engines.embedded.quarantine import EmbeddedQuarantine, Wanted
from weir.lineage.causes import Faults, faults
from weir.lineage.checking import Level, Repair
from weir.lineage.graph.closure import needed
from weir.lineage.graph.of_picture import graph_of
from weir.lineage.nodes import Node
from weir.lineage.stale import Picture
from weir.lineage.triage import Diagnosis, Diverted, Facts, Run, Seen, Waits, diagnose
from weir.lineage.triage.of_run import of_run
from weir.orchestra import dagster_runs
from weir.orchestra.checking import check_partitions
from weir.orchestra.gating import remember
from weir.orchestra.instance import open_instance
from weir.orchestra.project import Project
from weir.orchestra.requests import ARRIVALS, COMPLETENESS
from weir.orchestra.sensing import decision_of

NO_LEVEL = "none"
Scope = Mapping[str, set[datetime]]
_TOLD = 3  # causes in an alert
_MOST_GROUPS = 500  # of quarantined events


def why_asset(
    project: Project,
    asset: str,
    partition: str = "",
    *,
    level: str = "listing",
    instance: dg.DagsterInstance | None = None,
) -> Diagnosis:
    """Return why an asset, or one of its partitions, is not as it should be.

    Args:
        project: the project.
        asset: key of the asset.
        partition: key of a partition; '' for all.
        level: how closely the storage is looked at; `none`: not at all.
        instance: the Dagster instance; the home's when not given.

    Raises:
        InvalidValue: if the partition's key has another form.
    """
    with ExitStack() as stack:
        chosen = instance or stack.enter_context(open_instance(project.settings))
        picture = project.picture()
        node = picture.nodes[asset]
        at = label_of(node, partition) if partition else None
        facts = gather(project, picture, chosen)
        wanted = {asset: {at} if at is not None else set(facts.graph.labels[asset])}
        return diagnose(_with_storage(project, facts, chosen, wanted, level), asset, at)


def why_run(
    project: Project,
    run_id: str,
    *,
    level: str = "listing",
    instance: dg.DagsterInstance | None = None,
) -> Diagnosis:
    """Return why a run failed or built nothing.

    Raises:
        NotFound: if there is no such run among the newest.
    """
    with ExitStack() as stack:
        chosen = instance or stack.enter_context(open_instance(project.settings))
        picture = project.picture()
        run = dagster_runs.run_of(chosen, picture.nodes, run_id)
        if run is None:
            raise NotFound("run", run_id, remedy="The Dagster UI lists runs and their ids.")
        facts = gather(project, picture, chosen)
        covered = {a: {at for at in facts.graph.labels[a] if run.covers(a, at)} for a in run.assets}
        return of_run(_with_storage(project, facts, chosen, covered, level), run)


def label_of(node: Node, key: str) -> datetime:
    """Return the label of a partition's key; of an hour, its day's key will not do.

    Raises:
        InvalidValue: if the key has another form.
    """
    return grains.parse(key, node.grain)


def gather(
    project: Project,
    picture: Picture,
    instance: dg.DagsterInstance,
) -> Facts:
    """Ask ledger, lake, Dagster and quarantine for what a diagnosis of an asset needs."""
    graph = graph_of(picture)
    found = faults(picture, graph)
    runs = dagster_runs.newest_runs(instance, picture.nodes, lambda run: _concerns(run, found))
    daemons, sensors = dagster_runs.daemons(instance), dagster_runs.sensors(instance, project.nodes)
    facts = Facts(
        picture, graph, project.now(), runs=runs, daemons=daemons, sensors=sensors, faults=found,
        diverted=_diverted(project),
        checked={
            "landing, ledger, checks": f"{len(picture.nodes)} assets",
            "runs and queue": f"the {len(runs)} newest runs",
            "quarantine": "events that were not replayed",
        },
    )  # fmt: skip
    return _with_automation(project, instance, facts)


def _with_automation(project: Project, instance: dg.DagsterInstance, facts: Facts) -> Facts:
    """Note whether daemons and sensors could be looked at: in many homes a person starts all runs."""
    if facts.daemons:
        told = f"{len(facts.daemons)} daemons, {len(facts.sensors or ())} sensors"
        decision = decision_of(project, instance, facts.picture, (*ARRIVALS, *COMPLETENESS))
        waits = [
            Waits(frozenset(one.assets), one.labels, one.wait, one.until)
            for one in decision.waiting
        ]
        return replace(facts, waits=waits, checked={**facts.checked, "daemon and sensors": told})
    why_not = "no Dagster daemon ever ran in this home (`weir up` starts it)"
    return replace(facts, not_checked={**facts.not_checked, "daemon and sensors": why_not})


def _with_storage(
    project: Project, facts: Facts, instance: dg.DagsterInstance, wanted: Scope, level: str
) -> Facts:
    """Check what an asset needs in storage; what is broken is kept: plans and builds heed it."""
    if level == NO_LEVEL:
        return _unlooked(facts, "not asked for (`--level listing`)")
    if project.settings.env:
        return _unlooked(facts, "an environment reads production's partitions; check them there")
    scope = needed(facts.graph, wanted)
    nodes = [node for node in project.nodes if scope.get(node.asset)]
    spans = {node.asset: (min(scope[node.asset]), max(scope[node.asset])) for node in nodes}
    depth = Level.of(level)
    report = check_partitions(project, nodes, depth, spans=spans, instance=instance)
    if report.moved:
        return _unlooked(facts, "the lake changed all the while; ask again")
    if depth.reaches(Level.LISTING):
        remember(project, report)
    count = sum(len(one.checked) for one in report.assets)
    told = f"level {level}, {count:,} partitions of {len(nodes)} assets"
    seen = [
        Seen(f.asset, f.labels, f.fault.value, f.evidence, f.meaning.repair is Repair.REBUILD)
        for f in report.findings
    ]
    return replace(facts, seen=seen, checked={**facts.checked, "storage": told}, not_checked={
        **facts.not_checked, **_deeper(depth)
    })  # fmt: skip


def _unlooked(facts: Facts, why_not: str) -> Facts:
    return replace(facts, not_checked={**facts.not_checked, "storage": why_not})


def _deeper(level: Level) -> dict[str, str]:
    """Return the levels beyond one: what no look at it can see."""
    rest = [one.value for one in Level if not level.reaches(one)]
    return {"storage, " + ", ".join(rest): f"`--level {rest[-1]}` does"} if rest else {}


def _concerns(run: Run, found: Faults) -> bool:
    return run.state == "running" or any(
        run.covers(asset, at) for asset in run.assets for at in found.get(asset, ())
    )


def _diverted(project: Project) -> list[Diverted]:
    """Return the quarantined events that were not replayed, by event and landing hour."""
    if not project.lake.exists:
        return []
    quarantine = EmbeddedQuarantine(project.lake)
    waiting = Wanted(replayed=False)
    rules = {
        one.event: one.rule
        for one in reversed(quarantine.groups(waiting, ("event", "rule"), _MOST_GROUPS))
    }
    return [
        Diverted(one.event, one.hour, one.rows, rules.get(one.event) or "")
        for one in quarantine.groups(waiting, ("event", "hour"), _MOST_GROUPS)
        if one.event and one.hour
    ]


def explaining(project: Project, instance: dg.DagsterInstance) -> Callable[[str, str], str]:
    """Return what says in words why an asset's partition is wrong: for alerts.

    What is known is gathered once, at the first question; storage is not looked at. A question that
    cannot be answered gets an empty text: an alert goes out without it.
    """
    known: list[Facts] = []

    def explain(asset: str, partition: str) -> str:
        try:
            if not known:
                known.append(gather(project, project.picture(), instance))
            return in_words(known[0], asset, partition)
        except WeirError:
            return ""

    return explain


def in_words(facts: Facts, asset: str, partition: str) -> str:
    """Return the first causes of an asset's partition in a few lines; '' if nothing is wrong.

    Args:
        facts: what is known.
        asset: key of the asset; one that is not known is not explained.
        partition: its key, a landing day of an event log, `first … last`, or ''.
    """
    node = facts.picture.nodes.get(asset)
    if node is None:
        return ""
    day_of_hours = node.grain is Grain.HOUR and len(partition) == len("2026-01-01")
    one = partition and " " not in partition and not day_of_hours
    causes = diagnose(facts, asset, grains.parse(partition, node.grain) if one else None).causes
    told = [
        f"{cause.code} {cause.meaning.title}: {cause.asset} {cause.partitions}: {cause.text}."
        f" {cause.meaning.remedy} {cause.repair}".strip()
        for cause in causes[:_TOLD]
    ]
    more = len(causes) - len(told)
    rest = [f"{more} more: `weir why {asset}`."] if more > 0 else []
    return "\n".join([*told, *rest])
