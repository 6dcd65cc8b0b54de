"""Rules on runs: why what has to be built was not. Pure, one per cause."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, timedelta

from weir.core import grains
from weir.lineage.automation.retries import Wait
from weir.lineage.nodes import Kind, Node
from weir.lineage.triage.case import Case
from weir.lineage.triage.codes import Code
from weir.lineage.triage.diagnosis import Confidence, Evidence, Finding
from weir.lineage.triage.facts import Daemon, Run, Waits
from weir.lineage.triage.words import classify

SILENT = timedelta(minutes=5)
"""A daemon that says nothing for so long is down: it beats every 30 s."""
_UNREACHABLE = ("UserCodeUnreachable", "code location", "CodeLocation")
QUEUE = "QUEUED_RUN_COORDINATOR"
"""The daemon that starts queued runs."""
_HEADING = re.compile(r"(\w+ )?Error in \w+ ")  # "Runtime Error in model a (models/a.sql)"
_SENSOR = "SENSOR"
_REASONS: dict[str, str] = {
    Wait.GIVEN_UP: "it failed as often as it is tried",
    Wait.PERMANENT: "it failed in a way that trying again does not help",
    Wait.PAUSE: "it failed, and a pause goes before the next attempt",
    Wait.OFF_PEAK: "so much work waits for the off-peak hours",
    Wait.BUDGET: "the budget of a tick is spent on others",
    Wait.UNDER_WAY: "a run for it is on its way",
}


def hindrances(case: Case, node: Node, at: datetime) -> Iterator[Finding]:
    """Yield why a partition that has to be built was not: C04, C07, C10, C11, C13 to C17."""
    run = case.run_of(node.asset, at)
    if run is not None and not _superseded(case, node, at, run):
        found = _by_run(case, node, at, run)
        if found is not None:
            yield found
            held = waits(case, node, at)
            if held is not None and run.state == "failure" and held.reason == Wait.GIVEN_UP:
                yield held_back(held)
            return
        if run.state == "running":
            return
    automation = daemon_down(case, _SENSOR) or not_asked(case, node)
    held = waits(case, node, at)
    if automation is not None:
        yield automation
    elif held is not None:
        yield held_back(held)


def _superseded(case: Case, node: Node, at: datetime, run: Run) -> bool:
    """Tell whether the partition was built by this run, or after it."""
    built = case.picture.built(node).get(at)
    if built is None or node.kind is Kind.LANDING:
        return False
    return built.run == run.id or (built.at is not None and built.at >= (run.ended or run.created))


def _by_run(case: Case, node: Node, at: datetime, run: Run) -> Finding | None:
    if run.state in ("failure", "canceled") or run.alive is False:
        return run_failed(run)
    if run.state == "queued":
        return daemon_down(case, QUEUE) or queued(case, run)
    if run.state == "success" and node.asset in run.skipped:
        return skipped(case, node, at, run)
    return None


def run_failed(run: Run) -> Finding:
    """C04; C02, C07, C15, C16 or C17 if its error says so. A run whose process is gone is C17."""
    told = _of_run(run)
    if run.state == "canceled":
        return Finding(Code.KILLED, f"run {run.id[:8]} was cancelled", (told,))
    if run.state == "running":
        return Finding(
            Code.KILLED, f"the process of run {run.id[:8]} ended before the run", (told,)
        )
    code, failure = classify(run.failure), run.failure
    kind = failure.kinds[-1] if failure and failure.kinds else "an error"
    step = f" in step {failure.step}" if failure and failure.step else ""
    said = _said(failure.message) if failure else "it says nothing"
    sure = Confidence.PROVED if failure else Confidence.LIKELY
    text = f"run {run.id[:8]} failed{step}"
    return Finding(code, text, (told, Evidence("error", f"{kind}: {said}")), sure)


def _said(message: str) -> str:
    """Return what an error says: dbt names the model in its first line and the reason in the next."""
    lines = [line.strip() for line in message.splitlines() if line.strip()]
    return " ".join(lines[: 2 if lines and _HEADING.search(lines[0]) else 1])


def skipped(case: Case, node: Node, at: datetime, run: Run) -> Finding | None:
    """C10: a run succeeded, its inputs were there, and it built nothing of the asset."""
    if run.started is None or not _ready_before(case, node, at, run.started):
        return None
    text = f"run {run.id[:8]} succeeded and built nothing of {node.asset}"
    planned = Evidence("planned", f"{node.asset} was planned and not materialized")
    return Finding(Code.SKIPPED, text, (_of_run(run), planned))


def _ready_before(case: Case, node: Node, at: datetime, moment: datetime) -> bool:
    """Tell whether all that a partition reads was there at a moment."""
    for asset, labels in case.graph.reads(node.asset, at).items():
        parent = case.picture.nodes[asset]
        built = case.picture.built(parent)
        for label in labels:
            if parent.kind is Kind.LANDING:
                there: datetime | None = grains.shift(label, parent.grain, 1)
            else:
                there = built[label].at if label in built else None
            if there is None or there > moment:
                return False
    return True


def waits(case: Case, node: Node, at: datetime) -> Waits | None:
    """Return what the sensors say of a partition that they do not ask for."""
    every = case.facts.waits
    return next((one for one in every if node.asset in one.assets and at in one.labels), None)


def held_back(held: Waits) -> Finding:
    """C11: the sensors do not ask for it, by their rules of retries, budgets and times of day."""
    until = f"until {held.until:%Y-%m-%d %H:%M} UTC" if held.until else "until something changes"
    why = _REASONS.get(held.reason, held.reason)
    text = f"the sensors do not ask for it now: {why}"
    return Finding(Code.NOT_ASKED, text, (Evidence("waits", until),))


def queued(case: Case, run: Run) -> Finding:
    """C13: its run waits; with what goes before it."""
    before = [r for r in case.facts.runs or () if r.state == "running" and r.alive is not False]
    same = [r for r in before if run.tier and r.tier == run.tier]
    told = ", ".join(r.id[:8] for r in same or before) or "none that is known"
    tier = f" of tier {run.tier}" if same else ""
    waits = Evidence("waits since", f"{run.created:%Y-%m-%d %H:%M:%S} UTC")
    text = f"run {run.id[:8]} is in the queue"
    return Finding(Code.QUEUED, text, (waits, Evidence(f"running{tier}", told)))


def daemon_down(case: Case, kind: str) -> Finding | None:
    """C14: the daemon that starts runs or asks for them is silent, or its code does not load."""
    daemons = case.facts.daemons
    if not daemons:
        return None
    mine = next((one for one in daemons if one.kind == kind), None)
    if mine is not None and case.facts.now - mine.beat > SILENT:
        text = "Dagster's daemon is silent: it starts nothing"
        return Finding(Code.DAEMON_DOWN, text, (_beat(mine),))
    errors = [one.error for one in daemons] + [s.error for s in case.facts.sensors or ()]
    broken = next((e for e in errors if any(word in e for word in _UNREACHABLE)), None)
    if broken is None:
        return None
    text = "the project's code location does not answer"
    return Finding(Code.DAEMON_DOWN, text, (Evidence("error", broken.partition("\n")[0]),))


def not_asked(case: Case, node: Node) -> Finding | None:
    """C11: the sensor that asks for the asset's runs is off, or fails."""
    for sensor in case.facts.sensors or ():
        if node.asset not in sensor.assets:
            continue
        ticked = f"{sensor.ticked:%Y-%m-%d %H:%M:%S} UTC" if sensor.ticked else "never"
        last = Evidence("last look", ticked)
        if not sensor.on:
            return Finding(Code.NOT_ASKED, f"the sensor {sensor.name} is switched off", (last,))
        if sensor.error:
            why = Evidence("error", sensor.error.partition("\n")[0])
            return Finding(Code.NOT_ASKED, f"the sensor {sensor.name} fails", (last, why))
    return None


def _of_run(run: Run) -> Evidence:
    ended = f", ended {run.ended:%Y-%m-%d %H:%M:%S} UTC" if run.ended else ""
    return Evidence("run", f"{run.id}, {run.state}{ended}")


def _beat(daemon: Daemon) -> Evidence:
    return Evidence("last heard of", f"{daemon.kind} {daemon.beat:%Y-%m-%d %H:%M:%S} UTC")
