"""What a sensor asks Dagster for: the planner's range runs, each once per state and attempt.

A request's name is a digest of what the run would be built from, so the same state never asks twice
at once. What may be asked for, and when, is decided in `weir.lineage.automation`.
"""

from collections.abc import Iterable

import dagster as dg

from weir.core import grains
from weir.lineage.automation.budget import Proposal
from weir.lineage.automation.deciding import request_name
from weir.lineage.automation.memory import Row
from weir.lineage.automation.retries import MAX_ATTEMPTS, Attempts
from weir.lineage.plan import RangeRun
from weir.lineage.stale import Picture
from weir.orchestra.launcher import belonging, tags_of

ARRIVALS = ("landing", "event_log", "search")
COMPLETENESS = ("fact", "checkpoint", "activation")
REQUEST_TAG = "weir/request"
BACKLOG_TAG = "weir/backlog"
"""Partitions and estimated seconds of a run of the backlog, as `31 120.5`."""


def run_request(
    picture: Picture,
    proposal: Proposal,
    attempts: Attempts,
    checks: Iterable[dg.AssetCheckKey],
) -> dg.RunRequest:
    """Return a run as Dagster's request; each attempt has a key of its own.

    Args:
        picture: what landed and what is built.
        proposal: what should run.
        attempts: what became of the request's earlier runs.
        checks: all checks that are there; those of the run's assets run with it.
    """
    run, name = proposal.run, request_name(picture, proposal.run)
    backlog = {BACKLOG_TAG: f"{proposal.partitions} {proposal.seconds:.1f}"}
    keys = [dg.AssetKey(asset.split("/")) for asset in run.assets]
    return dg.RunRequest(
        run_key=f"{name}:{attempts.count}",
        asset_selection=keys,
        asset_check_keys=belonging(checks, keys),
        tags={**tags_of(run), REQUEST_TAG: name, **(backlog if proposal.backlog else {})},
    )


def rows_of(picture: Picture, run: RangeRun) -> Iterable[Row]:
    """Yield what a run is to build: asset, partition key, digest of what that is built from."""
    for asset in run.assets:
        node = picture.nodes[asset]
        look = picture.look(node)
        for at in look.todo:
            if at in run.labels:
                yield asset, grains.text(at, node.grain), look.due[at]


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
