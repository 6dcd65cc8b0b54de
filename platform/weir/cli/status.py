"""`weir status`: what landed, what is built, what is missing or stale."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from itertools import groupby
from typing import Any

import typer
from rich.markup import escape
from rich.table import Table

from weir.cli.main import State, err, out, print_json
from weir.collect.drops import DropWanted, drops
from weir.core.clock import utc_now
from weir.core.grains import coalesce, text
from weir.core.settings import Settings
from weir.engines.embedded.lake import Lake
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
    lost = _dropped(state.settings)
    if as_json:
        history = picture.history
        print_json(
            {
                "home": str(state.settings.home),
                "first_hour": history.first_hour,
                "closed_until": history.closed_until,
                "assets": rows,
                "dropped_last_day": lost,
            }
        )
        return
    err.print(_where(picture, state.settings), highlight=False, soft_wrap=True)
    _show(rows)
    if lost:
        told = ", ".join(f"{count:,} {code}" for code, count in lost.items())
        err.print(
            f"Not kept in the last 24 hours: {told}. See `weir quarantine list --drops`.",
            highlight=False,
            soft_wrap=True,
        )
    todo = sum(row["missing"] + row["stale"] for row in rows)
    err.print(
        "`weir run` builds what is missing or stale." if todo else "Nothing is missing or stale."
    )


def _dropped(settings: Settings) -> dict[str, int]:
    """Return the refused requests and rejected events of the last 24 hours, by code."""
    if not Lake(settings).exists:
        return {}
    counts: Counter[str] = Counter()
    for drop in drops(settings, DropWanted(since=utc_now() - timedelta(hours=24))):
        counts[drop.code] += drop.requests + drop.events
    return dict(counts.most_common())


def _show(rows: list[dict[str, Any]]) -> None:
    """Print the assets that hold or need something as a table, the others in one sentence."""
    telling = [row for row in rows if row["built"] or _wrong(row)]
    if telling:
        out.print(_table(telling))
    silent = [row["asset"] for row in rows if row not in telling]
    if silent:
        count = f"{len(silent)} assets hold" if len(silent) > 1 else "1 asset holds"
        out.print(escape(f"{count} nothing yet: {', '.join(silent)}."), highlight=False)


def _where(picture: Picture, settings: Settings) -> str:
    history = picture.history
    if history.closed_until is None:
        return f"{settings.home}: nothing has landed yet; `weir demo` shows how it looks."
    until = text(history.closed_until, settings.grain)
    if history.first_hour is None:
        return f"{settings.home}: imports only, nothing was collected here yet."
    since = text(history.first_hour, settings.grain)
    return f"{settings.home}: collecting since {since}, landing is closed until {until}."


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
    """Return one section per stage, narrow enough for 80 columns."""
    table = Table(box=None, padding=(0, 1, 0, 0), pad_edge=False)
    table.add_column("", overflow="fold")
    for name in ("built", "rows", "newest"):
        table.add_column(name, justify="right", no_wrap=True)
    for stage, members in groupby(rows, key=lambda row: str(row["asset"]).split("/")[0]):
        table.add_row(f"[bold]{escape(stage)}[/]")
        for row in members:
            _add(table, row)
    return table


def _add(table: Table, row: dict[str, Any]) -> None:
    name, wrong = row["asset"].split("/")[1], _wrong(row)
    table.add_row(
        escape(f" {name}" + (f"\n   {wrong}" if wrong else "")),
        f"{row['built']:,}",
        f"{row['rows']:,}",
        row["newest"],
        style="yellow" if wrong else "",
    )


def _wrong(row: dict[str, Any]) -> str:
    """Say what is wrong with an asset, '' if nothing is.

    >>> _wrong({"missing": 3, "stale": 0, "failed_checks": 1})
    '3 missing, 1 with failed checks'
    """
    words = {"missing": "missing", "stale": "stale", "failed_checks": "with failed checks"}
    return ", ".join(f"{row[key]:,} {word}" for key, word in words.items() if row[key])
