"""What a sensor asks Dagster for: the planner's range runs, each once per state and attempt.

A request's name is a digest of what the run would be built from, so the same state never asks twice
at once. A run that failed or was cut off is asked for again, a few times and ever later; one whose
inputs changed is another request.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import dagster as dg

from weir.core import grains
from weir.lineage.inputs import digest
from weir.lineage.plan import RangeRun, runs_of
from weir.lineage.stale import Picture
from weir.orchestra.launcher import tags_of

ARRIVALS = ("landing", "event_log", "search")
COMPLETENESS = ("fact", "checkpoint", "activation")
MAX_REQUESTS = 20  # of one tick; the rest follows at the next
MAX_ATTEMPTS = 5  # of one request: what failed five times needs a person
FIRST_PAUSE = timedelta(minutes=1)  # doubled after every attempt
REQUEST_TAG = "weir/request"


@dataclass(frozen=True)
class Attempts:
    """What became of a request's earlier runs.

    Attributes:
        count: how many have ended.
        running: whether one is queued or running.
        last_end: when the last one ended; naive UTC.
    """

    count: int = 0
    running: bool = False
    last_end: datetime | None = None

    def may_start(self, now: datetime) -> bool:
        """Tell whether the next attempt is allowed now."""
        if self.running or self.count >= MAX_ATTEMPTS:
            return False
        pause = FIRST_PAUSE * 2 ** (self.count - 1) if self.count else timedelta(0)
        return self.last_end is None or now >= self.last_end + pause


def wanted(picture: Picture, waves: Sequence[str]) -> list[RangeRun]:
    """Return every run of these waves that may start now, in the waves' order.

    Each range waits for its own inputs only: a seal every 30 s starves nothing.
    """
    return [run for wave in waves for run in runs_of(picture, wave)]


def run_requests(
    picture: Picture,
    runs: Iterable[RangeRun],
    attempts: Callable[[str], Attempts],
    now: datetime,
) -> list[dg.RunRequest]:
    """Return the runs as Dagster's run requests, at most `MAX_REQUESTS`.

    Args:
        picture: what landed and what is built.
        runs: what should run.
        attempts: what became of the earlier runs of a request, by its name.
        now: naive UTC.
    """
    found: list[dg.RunRequest] = []
    for run in runs:
        name = request_name(picture, run)
        past = attempts(name)
        if past.may_start(now) and len(found) < MAX_REQUESTS:
            found.append(
                dg.RunRequest(
                    run_key=f"{name}:{past.count}",
                    asset_selection=[dg.AssetKey(asset.split("/")) for asset in run.assets],
                    tags={**tags_of(run), REQUEST_TAG: name},
                )
            )
    return found


def request_name(picture: Picture, run: RangeRun) -> str:
    """Return the name of a request: the same iff the same assets would be built from the same."""
    parts = [str(run.labels)]
    for asset in run.assets:
        due = picture.due(picture.nodes[asset])
        parts += [asset, *(due.get(label, "") for label in run.labels)]
    return f"{run.wave}:{grains.text(run.labels.start, run.labels.grain)}:{digest(*parts)}"


def attempts_of(instance: dg.DagsterInstance, name: str) -> Attempts:
    """Return what became of a request's earlier runs on an instance."""
    records = instance.get_run_records(
        dg.RunsFilter(tags={REQUEST_TAG: name}), limit=MAX_ATTEMPTS + 1
    )
    ended = [record for record in records if record.dagster_run.is_finished]
    last = max((record.update_timestamp for record in ended), default=None)
    return Attempts(
        count=len(ended),
        running=len(ended) < len(records),
        last_end=last.replace(tzinfo=None) if last else None,
    )
