"""`weir activation show`: an activation layer as tables in the terminal, JSON or a page."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import typer
from rich.markup import escape

from weir.activation.analysis import Analysis, analyse
from weir.activation.contract import Fact
from weir.activation.decomposition import records
from weir.activation.project import check_dimension, fact_in, tables_in
from weir.activation.tables import Tables, window
from weir.activation.target import check_target
from weir.cli.activation_add import GrainName
from weir.cli.activation_tables import tables_of
from weir.cli.main import State, err, print_json
from weir.core.errors import InvalidValue
from weir.core.settings import Settings
from weir.engines.embedded.lake import Lake
from weir.orchestra.manifest import prepare

FROM_HELP = "A day of the first period, e.g. 2026-11-02."
TO_HELP = "First day left out."


def register(app: typer.Typer) -> None:
    """Add the command to its group."""
    app.command("show")(show)


def show(  # noqa: PLR0913, PLR0917 - each is an option of the command
    ctx: typer.Context,
    fact: str = typer.Argument(..., help="The fact's model, e.g. users_purchased_item."),
    grain: GrainName = typer.Option(..., help="Length of the periods."),
    dim: str | None = typer.Option(None, help="Split by this dimension of the fact too."),
    since: str | None = typer.Option(
        None, "--from", help=f"{FROM_HELP} Default: the last 30 days, 26 weeks or 24 months."
    ),
    until: str | None = typer.Option(None, "--to", help=f"{TO_HELP} Default: the end."),
    at: str | None = typer.Option(
        None, help="A day of the period to look into. Default: the last complete one."
    ),
    html: Path | None = typer.Option(None, help="Write a page with charts to this file."),
    as_json: bool = typer.Option(False, "--json", help="Print the result as JSON."),
) -> None:
    """Show who was active, who went, and how the states follow each other.

    A period is shown if one of its days is in the range; --to is left out. With --dim the 12 largest
    values stand alone, the rest together as (others). The page needs no network; an existing file
    is replaced.

    Example: weir activation show users_purchased_item --grain weekly --html weekly.html
    """
    state: State = ctx.obj
    if html is not None:
        check_target(html)
    days = {"since": day("--from", since), "until": day("--to", until), "at": day("--at", at)}
    tables, contract = layer(state.settings, fact, grain.value)
    if dim is not None:
        check_dimension(contract, dim)
    with Lake(state.settings).read() as connection:
        seen = analyse(connection, tables, window(connection, tables, **days), dim)
    if html is not None:
        from weir.activation import report  # noqa: PLC0415 - altair takes a second: only here

        report.write(seen, html)
    if as_json:
        print_json(plain(seen) | ({"html": str(html)} if html else {}))
        return
    tables_of(seen)
    if html is not None:
        err.print(f"Wrote {escape(str(html))}.", highlight=False, soft_wrap=True)


def day(option: str, text: str | None) -> date | None:
    """Return a day given as an option.

    Raises:
        InvalidValue: if it is no date.
    """
    try:
        return None if text is None else date.fromisoformat(text)
    except ValueError:
        raise InvalidValue(option, text, ["a day such as 2026-11-20"]) from None


def layer(settings: Settings, fact: str, grain: str) -> tuple[Tables, Fact]:
    """Return the tables of a project's layer, and its fact's contract.

    Raises:
        NotFound: if there is no such fact, or it has no layer of that grain.
    """
    manifest = prepare(settings).json
    contract = fact_in(manifest, fact)
    return tables_in(manifest, contract, grain), contract


def plain(seen: Analysis) -> dict[str, Any]:
    """Return an analysis as what JSON knows: dates as text, what is not known as null."""
    window = seen.window
    frames = {
        "periods": seen.periods.drop(columns="dim_value"), "values": seen.values,
        "transitions": seen.transitions, "streaks": seen.streaks, "intervals": seen.intervals,
        "curve": seen.curve,
        "absences": seen.absences,
    }  # fmt: skip
    return {
        "fact": seen.tables.fact,
        "grain": seen.tables.grain,
        "from": str(window.start),
        "to": str(window.until),
        "at": str(window.at),
        "at_is_complete": window.is_complete,
        "dimension": seen.dim,
        **{name: None if frame is None else _records(frame) for name, frame in frames.items()},
    }


def _records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    known = frame.astype(object).where(frame.notna(), None)
    return records(known)
