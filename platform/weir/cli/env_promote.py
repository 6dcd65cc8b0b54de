"""`weir env promote` and `weir env rollback`: into production and back, one commit each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import typer

from weir.cli.env_named import environment_of, production_of
from weir.cli.main import FAILED, err, out, print_json
from weir.core.grains import Range
from weir.lineage.environments.promotion import CannotPromote, Promotion
from weir.orchestra import promoting
from weir.orchestra.environments import login
from weir.orchestra.project import Project
from weir.orchestra.promoting import Done


def register(app: typer.Typer) -> None:
    """Add the commands to their group."""
    app.command("promote")(promote)
    app.command("rollback")(rollback)
    app.command("log")(log)


def promote(
    ctx: typer.Context,
    name: str = typer.Argument(help="The environment."),
    dry_run: bool = typer.Option(False, "--dry-run", help="Show what it would do; do nothing."),
    code_dir: Path | None = typer.Option(
        None, help="Folder of the project with production's code. Default: this project."
    ),
    as_json: bool = typer.Option(False, "--json", help="Print the result as JSON."),
) -> None:
    """Copy what an environment has built into production: one commit, nothing is computed again.

    Merge first and run this from the merged checkout. It refuses while production has partitions
    that are not built in the environment, or others changed what it was built from or replaces.
    Exit code 1 if something is in the way.

    Example: weir env promote ann --dry-run
    """
    project = promoting.project_of(environment_of(ctx, name), code_dir)
    if dry_run:
        plan = promoting.planned(project)
        _show_plan(name, plan, as_json=as_json)
        if plan.blocked:
            raise typer.Exit(FAILED)
        return
    done = promoting.promote(project, login())
    if as_json:
        print_json(_described(done))
    elif done is None:
        err.print(f"Nothing to promote: production holds all that `{name}` has.")
    else:
        _show_done(done, f"Promoted `{name}`")
        err.print(f"`weir env rollback {done.id}` takes it back.")


def rollback(
    ctx: typer.Context,
    number: str | None = typer.Argument(None, help="The promotion. Default: the newest."),
    force: bool = typer.Option(False, "--force", help="Also if later runs changed the partitions."),
    as_json: bool = typer.Option(False, "--json", help="Print the result as JSON."),
) -> None:
    """Put back what production held before a promotion, in one commit.

    Example: weir env rollback
    """
    done = promoting.rollback(Project(production_of(ctx)), login(), number, force=force)
    if as_json:
        print_json(_described(done))
        return
    _show_done(done, "Rolled back")
    err.print("Put production's code back too, else its next run builds the change again.")


def log(
    ctx: typer.Context,
    as_json: bool = typer.Option(False, "--json", help="Print the result as JSON."),
) -> None:
    """List promotions and rollbacks, oldest first.

    Example: weir env log
    """
    entries = promoting.history(production_of(ctx))
    if as_json:
        print_json([vars(entry) for entry in entries])
        return
    for entry in entries:
        count = sum(len(parts) for parts in entry.partitions.values())
        what = "promoted" if entry.kind == "promote" else "rolled back"
        out.print(
            f"{entry.at:%Y-%m-%d %H:%M}  {entry.id}  {entry.actor} {what} {entry.environment}:"
            f" {count} partitions of {len(entry.partitions)} models",
            highlight=False, soft_wrap=True,
        )  # fmt: skip
    if not entries:
        err.print("Nothing was promoted yet.")


def _show_plan(name: str, plan: Promotion, *, as_json: bool) -> None:
    if as_json:
        blocked = {
            why: {asset: [str(r) for r in ranges] for asset, ranges in spans.items()}
            for why, spans in vars(plan.blocked).items()
        }
        copied = {m.node.asset: [str(r) for r in m.ranges] for m in plan.moving}
        print_json({"partitions": plan.partitions, "assets": copied, "blocked": blocked})
        return
    _list({m.node.asset: m.ranges for m in plan.moving})
    if plan.blocked:
        refused = CannotPromote(name, plan.blocked)
        err.print(f"{refused.what}       {refused.remedy}", highlight=False, soft_wrap=True)
    else:
        err.print(f"Would promote {_counted(plan.partitions, plan.copied)}.")


def _list(ranges: Mapping[str, Sequence[Range]]) -> None:
    for asset, spans in ranges.items():
        told = ", ".join(map(str, spans[:4])) or "the same rows: only its record is renewed"
        out.print(f"{asset}  {told}", highlight=False, soft_wrap=True)


def _counted(partitions: int, copied: int) -> str:
    """Say how many partitions.

    >>> _counted(25, 6)
    '25 partitions, 6 of them with other rows'
    """
    return (
        f"{partitions} partition{'s' if partitions != 1 else ''}, {copied} of them with other rows"
    )


def _show_done(done: Done, what: str) -> None:
    _list(done.ranges)
    copied = sum(len(each) for spans in done.ranges.values() for each in spans)
    err.print(f"{what} in one commit: {_counted(done.partitions, copied)}.")


def _described(done: Done | None) -> dict[str, Any]:
    if done is None:
        return {"id": "", "partitions": 0, "assets": {}}
    ranges = {asset: [str(r) for r in spans] for asset, spans in done.ranges.items()}
    return {"id": done.id, "partitions": done.partitions, "assets": ranges}
