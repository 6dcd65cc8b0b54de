"""`weir activation export`: a table of a layer as Parquet or CSV."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path

import typer
from rich.markup import escape

from weir.activation.export import export
from weir.cli.activation_add import GrainName
from weir.cli.activation_show import FROM_HELP, TO_HELP, day, layer
from weir.cli.main import State, err, print_json
from weir.engines.embedded.lake import Lake


class What(StrEnum):
    """The table of a layer."""

    ROWS = "rows"
    SUMMARY = "summary"
    RETURNS = "returns"


def register(app: typer.Typer) -> None:
    """Add the command to its group."""
    app.command("export")(write)


def write(
    ctx: typer.Context,
    fact: str = typer.Argument(..., help="The fact's model, e.g. users_purchased_item."),
    grain: GrainName = typer.Option(..., help="Length of the periods."),
    what: What = typer.Option(
        What.SUMMARY, help="One row per active user, per change of state, or per return."
    ),
    target: Path = typer.Option(..., "--out", help="The file: .parquet or .csv."),
    since: str | None = typer.Option(None, "--from", help=f"{FROM_HELP} Default: all."),
    until: str | None = typer.Option(None, "--to", help=f"{TO_HELP} Default: all."),
    as_json: bool = typer.Option(False, "--json", help="Print the result as JSON."),
) -> None:
    """Write a table of a layer to a file; one that is there is replaced.

    Example: weir activation export users_purchased_item --grain weekly --out weekly.parquet
    """
    state: State = ctx.obj
    days = {"since": day("--from", since), "until": day("--to", until)}
    tables, _ = layer(state.settings, fact, grain.value)
    with Lake(state.settings).read() as connection:
        rows = export(connection, tables, what.value, target, **days)
    if as_json:
        print_json({"file": str(target), "what": what.value, "rows": rows})
        return
    err.print(f"Wrote {rows:,} rows to {escape(str(target))}.", highlight=False, soft_wrap=True)
