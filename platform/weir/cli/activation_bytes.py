"""`weir activation bytes`: what a run of a layer would be billed on BigQuery, from this lake's figures."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import duckdb
import typer
from rich.table import Table

from weir.activation.bytes_billed import Billed, Statistics, layer_bytes
from weir.activation.contract import DATE, Fact
from weir.activation.layers import label_column, parts_of
from weir.activation.tables import Tables
from weir.cli.activation_add import GrainName
from weir.cli.activation_show import day, layer
from weir.cli.main import State, err, out, print_json
from weir.core.errors import InvalidValue, NotReady
from weir.engines.embedded.lake import Lake

_TEXT = ("varchar", "json")


def register(app: typer.Typer) -> None:
    """Add the command to its group."""
    app.command("bytes")(bytes_billed)


def bytes_billed(
    ctx: typer.Context,
    fact: str = typer.Argument(..., help="The fact's model, e.g. users_purchased_item."),
    grain: GrainName = typer.Option(..., help="Length of the periods."),
    first: str | None = typer.Option(
        None, "--from", help="First day. Default: the last day of the fact."
    ),
    until: str | None = typer.Option(
        None, "--to", help="First day left out. Default: the day after --from."
    ),
    as_json: bool = typer.Option(False, "--json", help="Print the result as JSON."),
) -> None:
    """Estimate the bytes that BigQuery would bill for a run of a layer.

    Rows and the length of text are counted in this lake; the size of each value is that of
    BigQuery's types. No BigQuery is asked.

    Example: weir activation bytes users_purchased_item --grain daily --from 1998-01-01
    """
    root: State = ctx.obj
    tables, contract = layer(root.settings, fact, grain.value)
    with Lake(root.settings).read() as connection:
        known = statistics_of(connection, contract, tables)
    span = _span(contract, known, day("--from", first), day("--to", until))
    found = layer_bytes(contract, grain.value, span, known)
    if as_json:
        print_json({"from": str(span[0]), "until": str(span[1]), "models": [*map(plain, found)]})
        return
    _show(found, span)


def statistics_of(connection: duckdb.DuckDBPyConnection, fact: Fact, tables: Tables) -> Statistics:
    """Return the rows by partition of a fact and its layer, and the average length of text."""
    names = {"fact": f'fact."{fact.name}"', **{p: tables.name(p) for p in parts_of(fact)}}
    columns = {"fact": DATE, **{p: label_column(p) for p in parts_of(fact)}}
    rows = {part: _rows(connection, names[part], column) for part, column in columns.items()}
    kinds = (fact.types or {}).items()
    wanted = [n for n, k in kinds if k in _TEXT and n in {fact.key, *fact.dimensions}]
    if not wanted or not rows["fact"]:
        return Statistics(rows, {})
    sizes = ", ".join(f'coalesce(avg(octet_length(encode("{name}"))), 0)' for name in wanted)
    found = connection.execute(f"select {sizes} from {names['fact']}").fetchone()
    texts = dict(zip(wanted, found or (), strict=True))
    return Statistics(rows, {**texts, **{f"previous_{n}": t for n, t in texts.items()}})


def plain(billed: Billed) -> dict[str, Any]:
    """Return an estimate as what JSON knows; all figures are bytes."""
    return {
        "model": billed.model, "reads": dict(billed.reads), "replaced": billed.replaced,
        "lookup": billed.lookup, "written": billed.written, "billed": billed.billed,
    }  # fmt: skip


def _rows(connection: duckdb.DuckDBPyConnection, table: str, column: str) -> dict[date, int]:
    try:
        found = connection.execute(f"select {column}, count(*) from {table} group by 1")
    except duckdb.CatalogException:
        return {}  # not built yet
    return dict(found.fetchall())


def _span(
    fact: Fact, known: Statistics, first: date | None, until: date | None
) -> tuple[date, date]:
    days = known.rows["fact"]
    if not days:
        raise NotReady(f"The fact `{fact.name}` has no rows yet.", "Build it: `weir run`.")
    start = first or max(days)
    end = until or start + timedelta(days=1)
    if end <= start:
        raise InvalidValue("--to", end, [f"a day after {start}"])
    return start, end


def _show(found: list[Billed], span: tuple[date, date]) -> None:
    table = Table(box=None, pad_edge=False)
    for heading in ("model", "reads", "replaced", "lookup", "billed", "written"):
        table.add_column(heading, no_wrap=True, justify="left" if heading == "model" else "right")
    for one in found:
        figures = (sum(one.reads.values()), one.replaced, one.lookup, one.billed, one.written)
        table.add_row(one.model, *(_megabytes(figure) for figure in figures))
    out.print(table)
    total = _megabytes(sum(one.billed for one in found))
    err.print(
        f"{span[0]} to {span[1] - timedelta(days=1)}: {total} MB billed, in all. An estimate."
    )


def _megabytes(figure: int) -> str:
    return f"{figure / 1e6:,.2f}"
