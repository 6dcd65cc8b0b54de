"""What triage asks of Dagster: its newest runs, their errors, the daemons, the sensors. Bounded queries."""

from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime

import dagster as dg
from dagster._core.definitions.run_request import InstigatorType
from dagster._core.scheduler.instigation import InstigatorState, InstigatorStatus, TickStatus
from dagster._core.storage.dagster_run import IN_PROGRESS_RUN_STATUSES
from dagster_shared.error import SerializableErrorInfo

from weir.core import grains
from weir.core.grains import Grain
from weir.core.processes import lives
from weir.lineage.nodes import Kind, Node
from weir.lineage.plan import WAVES
from weir.lineage.triage import Daemon, Failure, Run, Sensor
from weir.lineage.triage.facts import RunState
from weir.orchestra.launcher import PROCESS
from weir.orchestra.models import RANGE_END, RANGE_START
from weir.orchestra.requests import ARRIVALS, COMPLETENESS

NEWEST = 200  # runs
_DETAILED = 20  # of them, those that are asked for their events
_SENSORS = {"arrivals": ARRIVALS, "completeness": COMPLETENESS}
_QUEUED = (dg.DagsterRunStatus.QUEUED, dg.DagsterRunStatus.NOT_STARTED)
_FAILURES = {dg.DagsterEventType.STEP_FAILURE, dg.DagsterEventType.PIPELINE_FAILURE}
_BUILDS = {dg.DagsterEventType.ASSET_MATERIALIZATION, dg.DagsterEventType.ASSET_OBSERVATION}


def newest_runs(
    instance: dg.DagsterInstance, nodes: dict[str, Node], concern: Callable[[Run], bool]
) -> list[Run]:
    """Return the newest runs of assets, newest first; with errors and events where they concern.

    Args:
        instance: the Dagster instance.
        nodes: the assets by key.
        concern: whether a run was to build something that is not as it should be.
    """
    found, left = [], _DETAILED
    for record in instance.get_run_records(limit=NEWEST):
        run = _run(record, nodes)
        if run.assets and left and concern(run):
            run, left = _detailed(instance, run), left - 1
        found.append(run)
    return found


def run_of(instance: dg.DagsterInstance, nodes: dict[str, Node], run_id: str) -> Run | None:
    """Return a run with its errors and events, by its id or the beginning of it."""
    record = instance.get_run_record_by_id(run_id)
    if record is None:
        records = instance.get_run_records(limit=NEWEST)
        found = [one for one in records if one.dagster_run.run_id.startswith(run_id)]
        record = found[0] if len(found) == 1 else None
    return _detailed(instance, _run(record, nodes)) if record else None


def daemons(instance: dg.DagsterInstance) -> list[Daemon]:
    """Return when each of Dagster's daemons was last heard of."""
    return [
        Daemon(kind, _instant(beat.timestamp), _words(beat.errors or ()))
        for kind, beat in sorted(instance.get_daemon_heartbeats().items())
    ]


def sensors(instance: dg.DagsterInstance, nodes: Iterable[Node]) -> list[Sensor]:
    """Return the sensors that ask for runs, as far as a daemon has ever evaluated them."""
    every = list(nodes)
    states = instance.all_instigator_state(instigator_type=InstigatorType.SENSOR)
    return [
        _sensor(instance, state, every) for state in states if state.instigator_name in _SENSORS
    ]


def _sensor(instance: dg.DagsterInstance, state: InstigatorState, nodes: list[Node]) -> Sensor:
    kinds = {kind for wave in _SENSORS[state.instigator_name] for kind in WAVES[wave]}
    ticks = instance.get_ticks(state.instigator_origin_id, state.selector_id, limit=1)
    tick = ticks[0] if ticks else None
    failed = tick is not None and tick.status is TickStatus.FAILURE
    return Sensor(
        state.instigator_name,
        frozenset(node.asset for node in nodes if node.kind in kinds),
        state.status is not InstigatorStatus.STOPPED,
        _instant(tick.timestamp) if tick else None,
        _words([tick.error]) if tick and tick.error and failed else "",
    )


def _run(record: dg.RunRecord, nodes: dict[str, Node]) -> Run:
    run = record.dagster_run
    assets = {key.to_user_string() for key in run.asset_selection or ()}
    since, until = _labels(run.tags, [nodes[a] for a in sorted(assets) if a in nodes])
    ended = record.end_time if run.is_finished else None
    return Run(
        run.run_id,
        _state(run.status),
        frozenset(assets & nodes.keys()),
        since,
        until,
        created=record.create_timestamp.astimezone(UTC).replace(tzinfo=None)
        if record.create_timestamp.tzinfo
        else record.create_timestamp,
        started=_instant(record.start_time) if record.start_time else None,
        ended=_instant(ended) if ended else None,
        tier=run.tags.get("weir/tier", ""),
        pid=int(run.tags.get(PROCESS, 0)),
    )


def _state(status: dg.DagsterRunStatus) -> RunState:
    if status in _QUEUED:
        return "queued"
    if status in IN_PROGRESS_RUN_STATUSES:
        return "running"
    if status is dg.DagsterRunStatus.SUCCESS:
        return "success"
    return "canceled" if status is dg.DagsterRunStatus.CANCELED else "failure"


def _labels(tags: Mapping[str, str], nodes: list[Node]) -> tuple[datetime | None, datetime | None]:
    """Return the labels that a run covers: by Weir's own tags, else by Dagster's partition keys."""
    if RANGE_START in tags and RANGE_END in tags:
        return datetime.fromisoformat(tags[RANGE_START]), datetime.fromisoformat(tags[RANGE_END])
    first = tags.get("dagster/asset_partition_range_start", tags.get("dagster/partition"))
    if first is None or not nodes:
        return None, None
    last = tags.get("dagster/asset_partition_range_end", first)
    grain = Grain.DAY if nodes[0].kind is Kind.EVENT_LOG else nodes[0].grain
    return grains.parse(first, grain), grains.shift(grains.parse(last, grain), grain, 1)


def _detailed(instance: dg.DagsterInstance, run: Run) -> Run:
    if run.state == "failure":
        return replace(run, failure=_failure(instance, run.id))
    if run.state == "success":
        entries = instance.all_logs(run.id, of_type=_BUILDS)
        told = {e.dagster_event.asset_key for e in entries if e.dagster_event}
        built = {key.to_user_string() for key in told if key}
        return replace(run, skipped=run.assets - built)
    if run.state == "running":
        pid = run.pid or _pid(instance, run.id)
        began = run.started.replace(tzinfo=UTC) if run.started else None
        return replace(run, alive=lives(pid, began) if pid else None)
    return run


def _failure(instance: dg.DagsterInstance, run_id: str) -> Failure | None:
    """Return the first step's error, or else what ended the run."""
    last = None
    for entry in instance.all_logs(run_id, of_type=_FAILURES):
        event = entry.dagster_event
        if event is None:
            continue
        if event.is_step_failure:
            error = event.step_failure_data.error
            if error is not None:
                return Failure(
                    event.step_key or "", tuple(_kinds(error)), _innermost(error).message
                )
        last = Failure("", (), event.message or "")
    return last


def _pid(instance: dg.DagsterInstance, run_id: str) -> int | None:
    """Return the process id that Dagster noted of a run that it started."""
    for entry in instance.all_logs(run_id, of_type={dg.DagsterEventType.ENGINE_EVENT}):
        event = entry.dagster_event
        metadata = event.engine_event_data.metadata if event else {}
        if "pid" in metadata:
            with suppress(ValueError):
                return int(str(metadata["pid"].value))
    return None


def _kinds(error: SerializableErrorInfo) -> Iterable[str]:
    while error is not None:
        yield error.cls_name or "Error"
        if error.cause is None:
            return
        error = error.cause


def _innermost(error: SerializableErrorInfo) -> SerializableErrorInfo:
    while error.cause is not None:
        error = error.cause
    return error


def _words(errors: Iterable[SerializableErrorInfo]) -> str:
    return "; ".join(f"{one.cls_name}: {one.message.strip()}" for one in errors)


def _instant(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC).replace(tzinfo=None)
