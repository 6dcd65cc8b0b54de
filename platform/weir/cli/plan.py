"""`weir plan`: say what a repair, a backfill or a restatement would build; carry it out."""

from __future__ import annotations

import typer

from weir.audit import note
from weir.cli.activation_add import GrainName
from weir.cli.activation_show import day
from weir.cli.main import State, print_json
from weir.cli.plan_apply import apply, cancel
from weir.cli.plan_show import listed, offer, plan_with_journal, show
from weir.lineage.checking.faults import Level
from weir.lineage.recovery.plans import Wanted
from weir.orchestra.planning import planned, plans_of
from weir.orchestra.project import Project
from weir.orchestra.wanting import to_backfill, to_recover, to_restate

app = typer.Typer(
    add_completion=False,
    rich_markup_mode=None,
    no_args_is_help=True,
    help="Plan a repair, a backfill or a restatement, look at it, and carry it out."
    " Example: weir plan recover",
)
_JSON = typer.Option(False, "--json", help="Print the result as JSON.")
_RANGE = typer.Option("", "--range", help="First and last partition, e.g. 2026-01-01..2026-01-31.")


@app.command()
def recover(
    ctx: typer.Context,
    assets: list[str] = typer.Argument(
        None, help="Repair what these need, and nothing else. All assets by default."
    ),
    range_: str = _RANGE,
    downstream: bool = typer.Option(
        False, "--downstream", help="With assets: also build what reads what is repaired."
    ),
    level: Level = typer.Option(
        Level.LISTING, help="How closely to look at what is stored: see `weir partitions check`."
    ),
    as_json: bool = _JSON,
) -> None:
    """Plan the smallest repair of what is missing, stale, broken in storage or failed its checks.

    Example: weir plan recover fact/users_purchased_item --range 1998-03-01..1998-03-31
    """
    project = _project(ctx)
    wanted = to_recover(project, assets or [], range_, downstream=downstream, level=level)
    _keep(project, wanted, as_json=as_json)


@app.command()
def backfill(
    ctx: typer.Context,
    asset: str = typer.Argument(..., help="The asset: `stage/table`, or the table's name."),
    range_: str = _RANGE,
    rebuild: bool = typer.Option(
        False, "--rebuild", help="Also build partitions that are as they should be."
    ),
    downstream: bool = typer.Option(False, "--downstream", help="Also build what reads them."),
    as_json: bool = _JSON,
) -> None:
    """Plan partitions of an asset, and whatever they need that is missing or stale.

    Example: weir plan backfill fact/users_purchased_item --range 1998-01-01..1998-03-31 --rebuild
    """
    project = _project(ctx)
    wanted = to_backfill(project, asset, range_, rebuild=rebuild, downstream=downstream)
    _keep(project, wanted, as_json=as_json)


@app.command()
def restate(
    ctx: typer.Context,
    fact: str = typer.Argument(..., help="The fact, e.g. users_purchased_item."),
    since: str = typer.Option(
        ..., "--from", help="First day to build again, in the fact's zone, e.g. 2026-07-24."
    ),
    grain: list[GrainName] = typer.Option(
        [], help="Only the layers of this grain; may be repeated. All by default."
    ),
    as_json: bool = _JSON,
) -> None:
    """Plan a fact's days from a day on, and of its layers what comes out different by them.

    Example: weir plan restate users_purchased_item --from 1998-03-01 --grain daily
    """
    project = _project(ctx)
    first = day("--from", since)
    assert first is not None
    wanted = to_restate(project, fact, first, (word.value for word in grain))
    _keep(project, wanted, as_json=as_json)


@app.command("list")
def list_(ctx: typer.Context, as_json: bool = _JSON) -> None:
    """List the plans of this home and how each stands.

    Example: weir plan list
    """
    listed(plans_of(_project(ctx)), as_json=as_json)


@app.command("show")
def show_(
    ctx: typer.Context,
    plan: str = typer.Argument(..., help="The plan's id; `weir plan list` names them."),
    as_json: bool = _JSON,
) -> None:
    """Show a plan: its steps, why, what it will take, and how far it got.

    Example: weir plan show recover-20261121-101500-3fa9
    """
    journal = plans_of(_project(ctx)).journal(plan)
    if as_json:
        print_json(plan_with_journal(journal))
        return
    show(journal.plan, journal)


def _project(ctx: typer.Context) -> Project:
    state: State = ctx.obj
    return Project(state.settings)


def _keep(project: Project, wanted: Wanted, *, as_json: bool) -> None:
    """Make a plan; keep it if it does anything; show it."""
    plan = planned(project, wanted)
    if plan.steps:
        plan = plans_of(project).keep(plan)
        note(plan=plan.id)
    if as_json:
        print_json(plan.as_dict())
        return
    show(plan)
    offer(plan)


app.command("apply")(apply)
app.command("cancel")(cancel)
