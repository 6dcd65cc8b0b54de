"""`weir status`: what landed, what is built, what is missing or stale."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import typer
from rich.table import Table

from weir.cli.main import State, err, out, print_json
from weir.core.grains import coalesce, text
from weir.core.settings import Settings
from weir.lineage.stale import Look, Picture
from weir.orchestra.project import Project

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@app.command()
def status(
    ctx: typer.Context,
    as_json: bool = typer.Option(False, "--json", help="Print the result as JSON."),
) -> None:
    """Show every asset: partitions built, missing and stale, rows, newest partition.

    Example: weir status
    """
    state: State = ctx.obj
    project = Project(state.settings)
    picture = project.picture()
    rows = list(_rows(picture))
    if as_json:
        history = picture.history
        print_json(
            {
                "home": str(state.settings.home),
                "first_hour": history.first_hour,
                "closed_until": history.closed_until,
                "assets": rows,
            }
        )
        return
    err.print(_where(picture, state.settings), highlight=False, soft_wrap=True)
    out.print(_table(rows))
    todo = sum(row["missing"] + row["stale"] for row in rows)
    err.print(
        "`weir run` builds what is missing or stale." if todo else "Everything is up to date."
    )


def _where(picture: Picture, settings: Settings) -> str:
    history = picture.history
    if history.closed_until is None:
        return f"{settings.home}: nothing has landed yet; `weir demo` shows how it looks."
    until = text(history.closed_until, settings.grain)
    return f"{settings.home}: landing is closed until {until}, first open {history.first_hour}."


def _rows(picture: Picture) -> Iterator[dict[str, Any]]:
    for node in picture.nodes.values():
        look = picture.look(node)
        built = picture.built(node)
        failed = {v.key for v in picture.ledger.failed(node.asset)}
        newest = max(built, default=None)
        yield {
            "asset": node.asset,
            "grain": node.grain.value,
            "built": len(built),
            "rows": sum(part.rows for part in built.values()),
            "newest": text(newest, node.grain) if newest else "",
            "missing": len(look.missing),
            "stale": len(look.stale),
            "failed_checks": len(failed),
            "todo": _spans(look),
        }


def _spans(look: Look) -> list[str]:
    return [str(span) for span in coalesce(look.todo, look.node.grain, limit=10**9)]


def _table(rows: list[dict[str, Any]]) -> Table:
    table = Table(box=None, pad_edge=False)
    table.add_column("asset", overflow="fold")
    for name in ("built", "rows", "newest", "missing", "stale", "failed"):
        table.add_column(name, justify="right", no_wrap=True)
    for row in rows:
        wrong = row["missing"] or row["stale"] or row["failed_checks"]
        table.add_row(
            row["asset"],
            f"{row['built']:,}",
            f"{row['rows']:,}",
            row["newest"],
            *(str(row[key]) if row[key] else "·" for key in ("missing", "stale", "failed_checks")),
            style="yellow" if wrong else "",
        )
    return table
