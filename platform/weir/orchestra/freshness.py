"""The freshness of event logs, facts and activation: asset checks, and a sensor that reports them.

The sensor starts no runs. It evaluates all assets and tells Dagster what changed, and once a day what
did not; what is not fresh is raised as an alert.
"""

import json
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

import dagster as dg

from weir.alerts import Problem, read_config
from weir.engines.embedded.presence import rows_of_partition
from weir.lineage.automation.freshness import CHECKED, Freshness, State, freshness
from weir.lineage.nodes import Node
from weir.lineage.stale import Picture
from weir.orchestra.alerting import outbox_of, owners_of
from weir.orchestra.home import HomeResource
from weir.orchestra.project import Project

FRESH = "latest_partition_is_there"
DESCRIPTION = (
    "The newest partition that should be built by now is in the ledger, has its rows in the lake, and"
    " nothing that it is made from changed since."
)
INTERVAL_SECONDS = 300
_AGAIN = timedelta(days=1)


def freshness_checks(project: Project, stage: str) -> list[dg.AssetChecksDefinition]:
    """Return the freshness checks of a stage's assets: one definition, none without assets."""
    nodes = [node for node in _checked(project.nodes) if node.stage == stage]
    if not nodes:
        return []
    specs = [
        dg.AssetCheckSpec(FRESH, asset=node.asset.split("/"), description=DESCRIPTION)
        for node in nodes
    ]

    @dg.multi_asset_check(name=f"freshness_of_{stage}", specs=specs, can_subset=True)
    def check(
        context: dg.AssetCheckExecutionContext, home: HomeResource
    ) -> Iterator[dg.AssetCheckResult]:
        keys = context.op_execution_context.selected_asset_check_keys
        for one in look(home.project, {key.asset_key.to_user_string() for key in keys}):
            yield dg.AssetCheckResult(
                asset_key=one.asset.split("/"),
                check_name=FRESH,
                passed=one.passed,
                severity=dg.AssetCheckSeverity.WARN,
                description=one.text,
                metadata=_metadata(one),
            )

    return [check]


def look(
    project: Project, assets: Collection[str] | None = None, picture: Picture | None = None
) -> list[Freshness]:
    """Look at the newest expected partition of some assets, or of all that have one.

    Args:
        project: the project.
        assets: which; all if None.
        picture: a recent one; taken now if None.
    """
    picture = picture or project.picture()
    lag = timedelta(minutes=project.settings.close_lag_minutes)
    grace = timedelta(minutes=project.settings.fresh_grace_minutes)
    with _counting(project) as count:
        return [
            freshness(picture, node, project.now(), lag=lag, grace=grace, count=count)
            for node in _checked(project.nodes)
            if assets is None or node.asset in assets
        ]


def freshness_sensor(name: str, description: str, project: Project) -> dg.SensorDefinition:
    """Return the sensor that evaluates the freshness checks without running anything."""

    @dg.sensor(
        name=name,
        description=description,
        minimum_interval_seconds=INTERVAL_SECONDS,
        default_status=dg.DefaultSensorStatus.STOPPED
        if project.settings.env
        else dg.DefaultSensorStatus.RUNNING,
    )
    def sense(context: dg.SensorEvaluationContext) -> dg.SensorResult | dg.SkipReason:
        if not project.lake.exists:
            return dg.SkipReason("There is no lake yet.")
        found, now = look(project), project.now()
        before: dict[str, list[str]] = json.loads(context.cursor or "{}")
        after = {one.asset: _since(before.get(one.asset), one, now) for one in found}
        told = [one for one in found if after[one.asset] != before.get(one.asset)]
        missed = [one for one in found if _missed(project, one, after[one.asset], now)]
        raise_missed(project, missed, now)
        return dg.SensorResult(
            asset_events=[_evaluation(one) for one in told],
            cursor=json.dumps(after),
            skip_reason=f"{len(found)} assets, {len(missed)} are not fresh.",
        )

    return sense


def raise_missed(project: Project, missed: Iterable[Freshness], now: datetime) -> None:
    """Raise what is not fresh as alerts, and resolve those that are; nothing without alerts.yaml."""
    config = read_config(project.settings.project)
    if config is None:
        return
    outbox, owners = outbox_of(project.settings), owners_of(project)
    held = {problem.id for problem in outbox.open("freshness_missed")}
    for one in missed:
        problem = Problem(
            "freshness_missed", one.asset, FRESH, cause=one.state.value, key=one.expected,
            owner=owners.get(one.asset, ""), text=one.text,
        )  # fmt: skip
        held.discard(problem.id)
        outbox.raise_(problem, config, now)
    outbox.resolve(sorted(held), now)


def _checked(nodes: Iterable[Node]) -> list[Node]:
    return [node for node in nodes if node.kind in CHECKED]


@contextmanager
def _counting(project: Project) -> Iterator[Callable[[Node, datetime], int | str]]:
    if not project.lake.exists:
        yield lambda _node, _label: "there is no lake"
        return
    with project.lake.read() as connection:
        yield lambda node, label: rows_of_partition(
            connection, f"{node.stage}.{node.table}", node.column, label
        )


def _since(before: list[str] | None, one: Freshness, now: datetime) -> list[str]:
    """Return state, partition, and since when; once a day it begins anew while nothing is wrong."""
    if before and before[:2] == [one.state.value, one.expected]:
        began = datetime.fromisoformat(before[2])
        if not one.passed or now - began < _AGAIN:
            return before
    return [one.state.value, one.expected, now.isoformat()]


def _missed(project: Project, one: Freshness, since: list[str], now: datetime) -> bool:
    """Tell whether it is to be told: what is stale may first be built again."""
    if one.state is not State.STALE:
        return not one.passed
    grace = timedelta(minutes=project.settings.fresh_grace_minutes)
    return now - datetime.fromisoformat(since[2]) >= grace


def _metadata(one: Freshness) -> dict[str, dg.MetadataValue]:
    told = {"state": one.state.value, "expected": one.expected, "newest": one.newest}
    return {name: dg.MetadataValue.text(text) for name, text in told.items()}


def _evaluation(one: Freshness) -> dg.AssetCheckEvaluation:
    return dg.AssetCheckEvaluation(
        dg.AssetKey(one.asset.split("/")),
        FRESH,
        passed=one.passed,
        metadata=_metadata(one),
        severity=dg.AssetCheckSeverity.WARN,
        description=one.text,
    )
