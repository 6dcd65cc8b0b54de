"""Finds what is wrong (failed runs, checks and plans), keeps it in the outbox, and sends what waits."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

import dagster as dg

from weir.alerts import Config, Delivered, Outbox, Problem, deliver, read_config
from weir.alerts.outbox import FILE
from weir.alerts.problem import Severity
from weir.core.addresses import dagster_address
from weir.core.settings import Settings
from weir.lineage.ledger import Verdict
from weir.lineage.recovery.journal import Plans, Standing
from weir.orchestra.ended import Ended, ended_runs
from weir.orchestra.project import Project

Explain = Callable[[str, str], str]
"""(asset, partition key) → why it is wrong, in words; the partition may be empty."""
BUDGET_SECONDS = 20.0  # a sensor has 60
_SHOWN = 3
_CAUSE = 80


def outbox_of(settings: Settings) -> Outbox:
    """Return the outbox of a home."""
    return Outbox(settings.home / FILE)


def link_of(settings: Settings) -> Callable[[str], str]:
    """Return what makes the address of a run in Dagster's UI."""
    base = settings.dagster_url.rstrip("/") or dagster_address(settings)
    return lambda run: f"{base}/runs/{run}"


def look(
    project: Project,
    instance: dg.DagsterInstance,
    cursor: str | None,
    environment: Mapping[str, str],
    explain: Explain | None = None,
) -> tuple[Delivered | None, str]:
    """Look for problems since the last look and send what waits.

    Args:
        project: the project; without an `alerts.yaml` nothing is done.
        instance: the Dagster instance.
        cursor: what the last look returned; at the first, older failures are passed over.
        environment: holds the secrets that the channels name.
        explain: says why a partition is wrong; else the verdict's own words are used.

    Returns:
        What was sent, None without an `alerts.yaml`; and the next cursor.

    Raises:
        UsageError: if `alerts.yaml` is wrong.
    """
    config = read_config(project.settings.project)
    ended, following = ended_runs(instance, cursor, project.now())
    if config is None:
        return None, following
    outbox, owners, now = outbox_of(project.settings), owners_of(project), project.now()
    for run in ended:
        _note_run(outbox, config, run, owners, explain, now)
    _note_checks(outbox, config, project.ledger.failed(), owners, explain, now)
    _note_plans(outbox, config, Plans(project.settings.plans_dir), owners, now)
    link = link_of(project.settings)
    return deliver(outbox, config, environment, link=link, budget_seconds=BUDGET_SECONDS), following


def owners_of(project: Project) -> dict[str, str]:
    """Return the owner of every asset: `meta.weir.owner` of models, `platform` for the rest."""
    models = project.parsed.json["nodes"]
    owners = {}
    for node in project.nodes:
        model = models.get(node.unique_id)
        meta = (model.get("config", {}).get("meta") or model.get("meta") or {}) if model else {}
        owners[node.asset] = str(
            meta.get("weir", {}).get("owner") or ("data" if model else "platform")
        )
    return owners


def _note_run(
    outbox: Outbox,
    config: Config,
    run: Ended,
    owners: Mapping[str, str],
    explain: Explain | None,
    now: datetime,
) -> None:
    """Raise a failed run; a run that succeeded resolves what earlier runs of its assets raised."""
    if run.succeeded:
        gone = [p.id for p in outbox.open("run_failed") if p.asset in run.assets]
        outbox.resolve(gone, now)
        return
    if run.status != "FAILURE" or not run.assets:
        return  # whoever cancelled it knows
    first = run.assets[0]
    why = explain(first, run.partitions) if explain else ""
    told = [run.message, f"Assets: {_some(run.assets)}.", why]
    outbox.raise_(
        Problem(
            "run_failed", first, cause=run.message.partition("\n")[0][:_CAUSE],
            key=run.partitions, owner=owners.get(first, ""), run=run.run_id,
            text="\n".join(line for line in told if line),
        ),
        config,
        now,
    )  # fmt: skip


def _note_checks(
    outbox: Outbox,
    config: Config,
    failed: Iterable[Verdict],
    owners: Mapping[str, str],
    explain: Explain | None,
    now: datetime,
) -> None:
    """Raise every failed check once for all its partitions; resolve those that pass again."""
    by_check: dict[tuple[str, str], list[Verdict]] = defaultdict(list)
    for verdict in failed:
        by_check[verdict.asset, verdict.check].append(verdict)
    held = {row.id: row for row in outbox.rows("check_failed")}
    for (asset, check), verdicts in by_check.items():
        owner = owners.get(asset, "")
        problem = _check_problem(asset, check, verdicts, owner, None)
        row = held.pop(problem.id, None)
        if row is None or not _was_told(row, problem, config, now):
            outbox.raise_(_check_problem(asset, check, verdicts, owner, explain), config, now)
    outbox.resolve(held, now)


def _note_plans(
    outbox: Outbox, config: Config, plans: Plans, owners: Mapping[str, str], now: datetime
) -> None:
    """Raise every plan that stopped at a failure; resolve those that were gone on with or cancelled."""
    held = {row.id for row in outbox.rows("plan_failed")}
    for journal in plans.journals():
        if journal.standing is not Standing.FAILED:
            continue
        name, why = journal.folder.name, journal.lines()[-1].body.get("why", [])
        first = journal.plan.steps[0].assets[0]
        told = [
            *map(str, why),
            f"`weir plan apply {name}` goes on, `weir plan cancel {name}` gives up.",
        ]
        problem = Problem(
            "plan_failed", name, cause=str(why[0])[:_CAUSE] if why else "",
            owner=owners.get(first, ""), text="\n".join(told),
        )  # fmt: skip
        outbox.raise_(problem, config, now)
        held.discard(problem.id)
    outbox.resolve(held, now)


def _was_told(row: Any, problem: Problem, config: Config, now: datetime) -> bool:
    """Tell whether a problem is as it was when its owner was told, not so long ago."""
    repeat = timedelta(minutes=config.repeat_minutes)
    return row.key == problem.key and row.told_at is not None and now - row.told_at < repeat


def _check_problem(
    asset: str, check: str, verdicts: list[Verdict], owner: str, explain: Explain | None
) -> Problem:
    keys = [verdict.key for verdict in verdicts]
    blocking = any(verdict.blocking for verdict in verdicts)
    held = "What is built from these partitions waits." if blocking else ""
    found = verdicts[-1].detail or "failed"
    plain = f"It found {found} in {keys[-1]}. {held}".strip()
    why = (explain(asset, keys[-1]) if explain else "") or plain
    severity: Severity = "error" if blocking else "warning"
    return Problem(
        "check_failed", asset, check, key=_some(keys), owner=owner, severity=severity, text=why
    )


def _some(names: Iterable[str]) -> str:
    all_names = list(names)
    more = len(all_names) - _SHOWN
    return ", ".join(all_names[:_SHOWN]) + (f" and {more} more" if more > 0 else "")
