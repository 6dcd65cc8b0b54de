"""Runs that have ended, told once each: for the audit log and for alerts. Their doers stay outside.

The cursor holds where the first look began, the newest end that was seen, and the runs that ended within
the second before it: two runs may end at the same instant, and one that ended earlier may be written
later.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import dagster as dg

from weir.audit.actor import Actor

UNTOLD = "the run failed"
"""The message of a run that failed without a step that says why."""
LIMIT = 200  # runs of one look; the rest follows at the next
_ENDED = [dg.DagsterRunStatus.SUCCESS, dg.DagsterRunStatus.FAILURE, dg.DagsterRunStatus.CANCELED]
_OVERLAP = timedelta(seconds=1)


@dataclass(frozen=True)
class Ended:
    """A run that has ended.

    Attributes:
        run_id: Dagster's id.
        succeeded: whether it succeeded.
        status: SUCCESS, FAILURE or CANCELED.
        by: who asked for it.
        assets: what it was to build.
        partitions: one key, or `first … last`; empty without partitions.
        began: naive UTC.
        seconds: from start to end.
        message: the first failed step's error; empty when it succeeded.
        tags: the run's tags.
    """

    run_id: str
    succeeded: bool
    status: str
    by: Actor
    assets: tuple[str, ...]
    partitions: str
    began: datetime
    seconds: float
    message: str
    tags: Mapping[str, str] = field(default_factory=dict, compare=False)

    @property
    def ended(self) -> datetime:
        """When it ended; naive UTC."""
        return self.began + timedelta(seconds=self.seconds)


def ended_runs(
    instance: dg.DagsterInstance, cursor: str | None, start: datetime
) -> tuple[list[Ended], str]:
    """Return the runs that ended since the last look, and the cursor of the next.

    Args:
        instance: the Dagster instance.
        cursor: what the last look returned; None at the first.
        start: where the first look begins; naive UTC.
    """
    first, since, seen = _read(cursor) or (start, start, set[str]())
    after = max(first, since - _OVERLAP)
    records = instance.get_run_records(
        dg.RunsFilter(statuses=_ENDED, updated_after=after.replace(tzinfo=UTC)),
        limit=LIMIT,
        order_by="update_timestamp",
        ascending=True,
    )
    fresh = [record for record in records if record.dagster_run.run_id not in seen]
    newest = max([since, *(_naive(record.update_timestamp) for record in records)])
    recent = [r for r in records if _naive(r.update_timestamp) >= newest - _OVERLAP]
    ids = {record.dagster_run.run_id for record in recent} | (seen if newest == since else set())
    following = {"start": first.isoformat(), "since": newest.isoformat(), "seen": sorted(ids)}
    return [_ended(instance, record) for record in fresh], json.dumps(following)


def actor_of_run(tags: Mapping[str, str]) -> Actor:
    """Return who asked for a run, by its tags."""
    for kind, tag in (("sensor", "dagster/sensor_name"), ("schedule", "dagster/schedule_name")):
        if tag in tags:
            return Actor("sensor" if kind == "sensor" else "schedule", tags[tag], "dagster")
    if "dagster/from_automation_condition" in tags or "dagster/auto_materialize" in tags:
        return Actor("system", "automation", "dagster")
    return Actor("person", tags.get("user") or "dagster-ui", "dagster, no login")


def _read(cursor: str | None) -> tuple[datetime, datetime, set[str]] | None:
    if not cursor:
        return None
    body = json.loads(cursor)
    start, since = (datetime.fromisoformat(body[name]) for name in ("start", "since"))
    return start, since, set(body["seen"])


def _ended(instance: dg.DagsterInstance, record: dg.RunRecord) -> Ended:
    run = record.dagster_run
    began, end = record.start_time, record.end_time
    failed = run.status is dg.DagsterRunStatus.FAILURE
    return Ended(
        run.run_id,
        run.status is dg.DagsterRunStatus.SUCCESS,
        run.status.value,
        actor_of_run(run.tags),
        tuple(sorted(key.to_user_string() for key in run.asset_selection or ())),
        _partitions(run.tags),
        _naive(datetime.fromtimestamp(began, UTC) if began else record.create_timestamp),
        end - began if began and end else 0.0,
        _why(instance, run.run_id) if failed else "",
        run.tags,
    )


def _partitions(tags: Mapping[str, str]) -> str:
    first = tags.get("dagster/asset_partition_range_start")
    if first is None:
        return tags.get("dagster/partition", "")
    return f"{first} … {tags.get('dagster/asset_partition_range_end', first)}"


def _why(instance: dg.DagsterInstance, run_id: str) -> str:
    """Return the innermost error of the first step that failed."""
    kinds: Iterable[dg.DagsterEventType] = (dg.DagsterEventType.STEP_FAILURE,)
    for entry in instance.all_logs(run_id, of_type=set(kinds)):
        event = entry.dagster_event
        error = event.step_failure_data.error if event else None
        if error is not None:
            return (error.cause or error).message.strip()
    return UNTOLD


def _naive(at: datetime) -> datetime:
    return at.astimezone(UTC).replace(tzinfo=None) if at.tzinfo else at
