"""`weir activation status`: every key's state on a date, the absent included."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import typer
from rich.markup import escape
from rich.table import Table

from weir.activation.status import Compile, Status, Wanted, status_of
from weir.cli.activation_add import GrainName
from weir.cli.activation_show import day, layer
from weir.cli.main import State, err, out, print_json
from weir.engines.embedded.lake import Lake
from weir.orchestra.project import Project

_HEADINGS = {"inactive_periods": "away", "longest_streak": "longest"}


def register(app: typer.Typer) -> None:
    """Add the command to its group."""
    app.command("status")(status)


def status(  # noqa: PLR0913, PLR0917 - each is an option of the command
    ctx: typer.Context,
    fact: str = typer.Argument(..., help="The fact's model, e.g. users_purchased_item."),
    grain: GrainName = typer.Option(..., help="Length of the periods."),
    as_of: str | None = typer.Option(
        None, "--asof", help="A day of the period. Default: the last one that is built."
    ),
    state: str | None = typer.Option(None, help="Only New, Retained, Reactivated or Inactive."),
    away: int | None = typer.Option(
        None, min=0, help="Only who has been away for exactly so many periods."
    ),
    limit: int = typer.Option(20, min=1, max=10_000, help="Most rows to show."),
    target: Path | None = typer.Option(
        None, "--out", help="Write all rows to this file: .parquet or .csv."
    ),
    as_json: bool = typer.Option(False, "--json", help="Print the result as JSON."),
) -> None:
    """Show every user's state on a day: who is active, who is away and for how long.

    Users who are away have no rows in a layer; here they are counted from the last checkpoint
    before the day and the facts since.

    Example: weir activation status users_purchased_item --grain daily --asof 1998-01-31 --away 7
    """
    root: State = ctx.obj
    tables, contract = layer(root.settings, fact, grain.value)
    wanted = Wanted(day("--asof", as_of), state, away)
    compile_sql = _compiler(Project(root.settings))
    with Lake(root.settings).read() as connection:
        found = status_of(connection, tables, wanted, compile_sql, limit=limit, target=target)
    if as_json:
        print_json(found.as_dict())
        return
    _show(found, contract.key)


def _compiler(project: Project) -> Compile:
    def compiled(fact: str, grain: str, at: date) -> str:
        call = f"{{{{ activation_status_asof('{fact}', '{grain}', '{at}') }}}}"
        return project.dbt.inline(call)

    return compiled


def _show(found: Status, key: str) -> None:
    counts = ", ".join(f"{users:,} {state}" for state, users in found.counts.items())
    err.print(f"{found.period}: {counts or 'nobody'}.", highlight=False)
    if found.file:
        err.print(
            f"Wrote {found.matched:,} rows to {escape(str(found.file))}.",
            highlight=False, soft_wrap=True,
        )  # fmt: skip
        return
    shown = [i for i, name in enumerate(found.columns) if name != "streak_start"]
    table = Table(box=None, pad_edge=False)
    for i in shown:
        name = _HEADINGS.get(found.columns[i], found.columns[i].replace("_", " "))
        table.add_column(key if i == 0 else name, no_wrap=i > 0, overflow="fold")
    for row in found.rows:
        table.add_row(*(escape("" if row[i] is None else str(row[i])) for i in shown))
    if found.rows:
        out.print(table)
    if found.matched > len(found.rows):
        err.print(f"{found.matched - len(found.rows):,} more: --out FILE writes all.")
