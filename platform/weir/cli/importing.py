"""`weir import`: load a file of history with its original arrival times."""

from __future__ import annotations

import hashlib
from datetime import datetime
from pathlib import Path
from typing import Any

import typer

from weir.audit import note
from weir.cli.main import State, out, print_json
from weir.collect.importing import ImportReport, import_events
from weir.collect.lastgood import load_rules
from weir.collect.sources import open_source

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@app.command("import")
def import_(
    ctx: typer.Context,
    file: Path = typer.Argument(help="NDJSON, CSV (also .gz, .zst) or Parquet."),
    received_at: str = typer.Option(
        ..., "--received-at", help="The column that says when an event was first received."
    ),
    mapping: Path | None = typer.Option(
        None, help="YAML: which column is which field. Not needed for NDJSON in the wire form."
    ),
    since: datetime | None = typer.Option(
        None, formats=["%Y-%m-%d"], help="Leave out what was received before this UTC day."
    ),
    as_json: bool = typer.Option(False, "--json", help="Print the result as JSON."),
) -> None:
    """Load history with its original arrival times, once, in one transaction.

    Past landing hours are created where nothing is sealed there or within 7 days after; the rest
    lands in the open hour.

    Example: weir import history.ndjson.zst --received-at received_at --mapping history.yml
    """
    state: State = ctx.obj
    source = open_source(file, mapping, received_at, since.date() if since else None)
    told = (
        f"{source.digest}/{received_at}/{since}"  # the same file read otherwise is another import
    )
    digest = hashlib.blake2b(told.encode(), digest_size=16).hexdigest()
    report = import_events(state.settings, source, digest, load_rules(state.settings))
    note(name=report.name, rows=report.rows, already=report.already)
    if as_json:
        print_json(describe(report))
    else:
        out.print(_sentence(file, report), highlight=False, soft_wrap=True)


def describe(report: ImportReport) -> dict[str, Any]:
    """Return a report as plain data."""
    return {
        "import": report.name,
        "already": report.already,
        "rows": report.rows,
        "verdicts": report.verdicts,
        "hours": [
            {"lane": g.lane, "hour": g.landing_hour, "generation": g.generation, "rows": g.rows}
            for g in report.generations
        ],
        "seconds": round(report.seconds, 3),
    }


def _sentence(file: Path, report: ImportReport) -> str:
    if report.already:
        return f"{file} with this mapping was imported before ({report.name}): nothing to do."
    hours = len({g.landing_hour for g in report.generations})
    kinds = ", ".join(f"{count} {verdict}" for verdict, count in sorted(report.verdicts.items()))
    events = "1 event" if report.rows == 1 else f"{report.rows} events"
    places = "1 landing partition" if hours == 1 else f"{hours} landing partitions"
    return f"Imported {events} ({kinds}) into {places}."


__all__ = ["app", "describe"]
