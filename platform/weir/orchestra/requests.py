"""What a sensor asks Dagster for: the planner's range runs as run requests.

A request's key is a digest of what the run would be built from: the same state asks for the same
run once, whatever the sensor's cursor; a failed one is asked for again only when an input changed.
"""

from collections.abc import Iterable, Sequence

import dagster as dg

from weir.core import grains
from weir.lineage.inputs import digest
from weir.lineage.plan import RangeRun, runs_of
from weir.lineage.stale import Picture
from weir.orchestra.launcher import tags_of

ARRIVALS = ("landing", "event_log", "search")
COMPLETENESS = ("fact", "checkpoint", "activation")
MAX_REQUESTS = 20  # of one tick; the rest follows at the next


def wanted(picture: Picture, waves: Sequence[str]) -> list[RangeRun]:
    """Return the runs to ask for now: a wave waits until the waves before it have nothing to do."""
    for wave in waves:
        if runs := runs_of(picture, wave):
            return runs[:MAX_REQUESTS]
    return []


def arrivals(picture: Picture) -> list[RangeRun]:
    """Return the runs that new generations and closed hours call for."""
    return wanted(picture, ARRIVALS)


def completeness(picture: Picture) -> list[RangeRun]:
    """Return the runs of fact and activation days that became complete, or stale by late events."""
    if wanted(picture, ("landing", "event_log")):
        return []  # their inputs are still on the way
    return wanted(picture, COMPLETENESS)


def run_requests(picture: Picture, runs: Iterable[RangeRun]) -> list[dg.RunRequest]:
    """Return the runs as Dagster's run requests."""
    return [
        dg.RunRequest(
            run_key=_key(picture, run),
            asset_selection=[dg.AssetKey(asset.split("/")) for asset in run.assets],
            tags=tags_of(run),
        )
        for run in runs
    ]


def _key(picture: Picture, run: RangeRun) -> str:
    parts = [str(run.labels)]
    for asset in run.assets:
        node = picture.nodes[asset]
        due = picture.due(node)
        parts += [asset, *(due.get(label, "") for label in run.labels)]
    return f"{run.wave}:{grains.text(run.labels.start, run.labels.grain)}:{digest(*parts)}"
