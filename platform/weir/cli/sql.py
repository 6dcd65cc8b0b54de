"""`weir sql`: one read-only query on the lake."""

from __future__ import annotations

import csv
import sys
from collections import Counter
from typing import Any

import typer
from rich.markup import escape
from rich.table import Table

from weir.cli.main import State, err, out, print_json
from weir.core.errors import UsageError
from weir.engines.embedded.plain import plain
from weir.engines.embedded.readonly import Answer, query

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@app.command()
def sql(
    ctx: typer.Context,
    statement: str = typer.Argument(help="One SELECT, SHOW, DESCRIBE or SUMMARIZE."),
    limit: int = typer.Option(100, min=1, max=100_000, help="Most rows to return."),
    timeout: float = typer.Option(60.0, min=0.1, help="Most seconds to run."),
    as_csv: bool = typer.Option(False, "--csv", help="Print the rows as CSV."),
    as_json: bool = typer.Option(False, "--json", help="Print the result as JSON."),
) -> None:
    """Run one read-only query on the lake. Tables are named schema.table.

    Example: weir sql "select state, sum(users) from
    activation.users_purchased_item_activation_daily_summary group by state"
    """
    if as_csv and as_json:
        raise UsageError("--csv and --json exclude each other.", "Give one of them.")
    state: State = ctx.obj
    answer = query(state.settings, statement, limit=limit, seconds=timeout)
    if as_json:
        columns = _distinct(answer.columns)
        rows = [dict(zip(columns, map(plain, row), strict=True)) for row in answer.rows]
        print_json({"columns": columns, "rows": rows, "truncated": answer.truncated})
    elif as_csv:
        writer = csv.writer(sys.stdout, lineterminator="\n")
        writer.writerows([answer.columns, *answer.rows])
    else:
        out.print(_table(answer))
    if answer.truncated and not as_json:
        err.print(f"Only the first {limit} rows; --limit N shows more.", style="yellow")


def _table(answer: Answer) -> Table:
    table = Table(box=None, pad_edge=False)
    for column in answer.columns:
        table.add_column(escape(column), overflow="fold")
    for row in answer.rows:
        table.add_row(*(_text(value) for value in row))
    return table


def _text(value: Any) -> str:
    return "NULL" if value is None else escape(str(value))


def _distinct(columns: list[str]) -> list[str]:
    """Number the columns whose name came before: a JSON object holds each name once.

    >>> _distinct(["a", "b", "a"])
    ['a', 'b', 'a_1']
    """
    names, seen = list[str](), Counter[str]()
    for column in columns:
        name = column
        while name in names:
            seen[column] += 1
            name = f"{column}_{seen[column]}"
        names.append(name)
    return names
