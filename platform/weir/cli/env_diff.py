"""`weir env diff`: what differs between an environment and production."""

from __future__ import annotations

from collections.abc import Iterator

import typer
from rich.markup import escape
from rich.table import Table

from weir.cli.env_named import environment_of
from weir.cli.main import err, out, print_json
from weir.orchestra.comparing import Difference, difference
from weir.orchestra.promoting import project_of

_WORDS = {
    "new": "new",
    "removed": "removed",
    "changed": "changed",
    "upstream": "changed by what it reads",
}


def register(app: typer.Typer) -> None:
    """Add the command to its group."""
    app.command("diff")(diff)


def diff(
    ctx: typer.Context,
    name: str = typer.Argument(help="The environment."),
    asset: str = typer.Option("", "--asset", help="Only this model, e.g. fact/users_bought."),
    span: str = typer.Option(
        "", "--range", help="Only these partitions, e.g. 2026-01-05..2026-01-10."
    ),
    limit: int = typer.Option(5, min=0, max=1000, help="Most example rows of each model."),
    as_json: bool = typer.Option(False, "--json", help="Print the result as JSON."),
) -> None:
    """Compare an environment with production: models, columns, rows of what it has built.

    Partitions with the same content in both are not read.

    Example: weir env diff ann --asset fact/users_purchased_item --range 1998-03-01..1998-03-07
    """
    found = difference(project_of(environment_of(ctx, name)), asset, span, limit)
    if as_json:
        print_json([each.as_dict() for each in found])
        return
    if not found:
        err.print(f"`{name}` does not differ from production.")
        return
    for each in found:
        _show(each)


def _show(each: Difference) -> None:
    change = each.change
    word = _WORDS[change.kind] if change else "same code"
    by = f" ({', '.join(change.by)})" if change and change.kind == "upstream" else ""
    out.print(f"[bold]{escape(each.asset)}[/]  {word}{escape(by)}", soft_wrap=True)
    for line in _lines(each):
        out.print(f"  {escape(line)}", highlight=False, soft_wrap=True)
    if each.rows.examples:
        out.print(_examples(each))


def _lines(each: Difference) -> Iterator[str]:
    rows = each.rows
    if each.differing or each.equal:
        spans = ", ".join(map(str, each.differing[:4])) or "none"
        yield f"partitions that differ: {spans}; equal: {each.equal}"
    if each.todo:
        yield f"not built yet: {each.todo} partition{'s' if each.todo > 1 else ''}"
    if each.differing:
        yield (
            f"rows: {rows.added:,} added, {rows.removed:,} removed, {rows.changed:,} changed,"
            f" {rows.same:,} same"
        )
    if rows.columns:
        told = ", ".join(f"{column} {count:,}" for column, count in rows.columns.items())
        yield f"changed rows by column: {told}"
    if each.columns:
        yield from (f"{each.columns.change.value}: {why}" for why in each.columns.sentences())
    for asset, columns in each.reaches.items():
        yield f"reaches {asset}: {', '.join(column or 'its rows' for column in columns)}"
    for column, (before, after) in rows.types.items():
        yield f"column {column}: {before or 'absent'} → {after or 'absent'}"


def _examples(each: Difference) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False)
    table.add_column("    row")
    table.add_column("key", overflow="fold")
    table.add_column("production → environment", overflow="fold")
    for row in each.rows.examples:
        key = ", ".join(str(value) for value in row["key"].values())
        values = ", ".join(
            f"{name} {before} → {after}" for name, (before, after) in row["columns"].items()
        )
        table.add_row(f"    {row['what']}", escape(key), escape(values))
    return table
