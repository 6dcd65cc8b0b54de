"""`weir run`: bring everything that is due up to date."""

from __future__ import annotations

import json
import time
from typing import Any

import typer

from weir.cli.main import State, err, print_json
from weir.lineage.plan import WAVES, RangeRun, runs_of
from weir.orchestra.launcher import InProcessLauncher, Outcome
from weir.orchestra.project import Project

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@app.command()
def run(
    ctx: typer.Context,
    plan: bool = typer.Option(
        False, "--plan", help="Show what the first wave would run; run nothing."
    ),
    as_json: bool = typer.Option(False, "--json", help="Print the result as JSON."),
) -> None:
    """Materialize what is missing or stale, in the data's order, each range in one run.

    Example: weir run
    """
    state: State = ctx.obj
    project = Project(state.settings)
    if plan:
        _show_plan(project, as_json=as_json)
        return
    outcomes = execute(project, quiet=as_json)
    if as_json:
        print_json([describe(outcome) for outcome in outcomes])


def execute(project: Project, *, quiet: bool = False) -> list[Outcome]:
    """Run all waves; print a line per run to standard error unless quiet."""
    started, outcomes = time.perf_counter(), []
    launcher = InProcessLauncher(project)
    for outcome in launcher.bring_up_to_date(lambda run: None if quiet else _announce(run)):
        outcomes.append(outcome)
        if not quiet:
            err.print(f"  done in {outcome.seconds:.1f} s", style="dim")
    if not quiet:
        took = time.perf_counter() - started
        err.print(
            f"{len(outcomes)} runs in {took:.1f} s." if outcomes else "Everything is up to date."
        )
    return outcomes


def describe(outcome: Outcome) -> dict[str, Any]:
    """Return an outcome as plain data."""
    run = outcome.run
    return {
        "wave": run.wave,
        "assets": list(run.assets),
        "partitions": str(run.labels),
        "missing": run.missing,
        "stale": run.stale,
        "run_id": outcome.run_id,
        "seconds": round(outcome.seconds, 3),
    }


def _announce(run: RangeRun) -> None:
    what = ", ".join(run.assets[:3]) + (
        f" and {len(run.assets) - 3} more" if len(run.assets) > 3 else ""
    )
    count = len(run.labels)
    err.print(f"{run.wave}: {what}  {run.labels} ({count} partition{'s' if count > 1 else ''})")


def _show_plan(project: Project, *, as_json: bool) -> None:
    picture = project.picture()
    runs = next((found for wave in WAVES if (found := runs_of(picture, wave))), [])
    if as_json:
        rows = [{"wave": r.wave, "assets": r.assets, "partitions": str(r.labels)} for r in runs]
        print_json(json.loads(json.dumps(rows)))
        return
    for run in runs:
        _announce(run)
    err.print("Later waves depend on what these produce." if runs else "Everything is up to date.")


__all__ = ["app", "describe", "execute"]
