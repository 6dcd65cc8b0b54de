"""`weir replay`: post a file of events through the collector."""

from __future__ import annotations

import itertools
from dataclasses import asdict
from pathlib import Path

import typer
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from weir.cli.main import FAILED, INTERRUPTED, State, err, print_json
from weir.collect.mapping import load_mapping
from weir.collect.replay import Interrupted, ReplayReport, replay_file, text_of
from weir.collect.sources import open_source

app = typer.Typer(add_completion=False, rich_markup_mode=None)
_SHOWN = 20


@app.command()
def replay(  # noqa: PLR0913, PLR0917  (options)
    ctx: typer.Context,
    file: Path = typer.Argument(help="NDJSON or CSV, also .gz or .zst; or Parquet."),
    mapping: Path | None = typer.Option(
        None, help="How a row becomes an event. Default: mapping.yml beside FILE."
    ),
    url: str | None = typer.Option(None, help="The collector. Default: this home's."),
    rate: float | None = typer.Option(None, help="Events per second at most."),
    batch: int = typer.Option(500, help="Events per request."),
    concurrency: int = typer.Option(4, help="Requests at a time."),
    origin: str = typer.Option("replay", help="live or replay; kept with each event."),
    again: bool = typer.Option(False, "--again", help="Post also what was acknowledged before."),
    dry_run: int | None = typer.Option(
        None, min=1, metavar="N", help="Print the first N mapped events; post nothing."
    ),
    as_json: bool = typer.Option(False, "--json", help="Print the report as JSON."),
) -> None:
    """Post a file of events through the collector; what was acknowledged is not posted again.

    Example: weir replay examples/cdnow/cdnow_sample.csv
    """
    chosen = mapping or file.parent / "mapping.yml"
    if dry_run is not None:
        _preview(file, chosen, dry_run)
        return
    state: State = ctx.obj
    try:
        with _bar() as bar:
            task = bar.add_task(f"Replaying {file.name}", total=None)
            report = replay_file(
                state.settings,
                file,
                chosen,
                url=url,
                rate=rate,
                batch=batch,
                concurrency=concurrency,
                origin=origin,
                again=again,
                on_progress=lambda done: bar.update(task, completed=done),
            )
    except Interrupted as stop:
        done = stop.report.posted + stop.report.skipped
        err.print(f"Interrupted: {done:,} events were acknowledged. Running it again goes on.")
        raise typer.Exit(INTERRUPTED) from None
    _tell(report, as_json=as_json)
    if report.failed_lines:
        raise typer.Exit(FAILED)


def _bar() -> Progress:
    """A line on standard error, if that is a terminal."""
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        TextColumn("{task.completed:,.0f} lines"),
        TimeElapsedColumn(),
    )
    return Progress(*columns, console=err, transient=True, disable=not err.is_terminal)


def _preview(file: Path, mapping: Path, count: int) -> None:
    failed = False
    for item in itertools.islice(open_source(file, load_mapping(mapping)), count):
        if item.error is None:
            typer.echo(text_of(item))
        else:
            failed = True
            err.print(f"line {item.line}: {item.error}", markup=False, highlight=False)
    if failed:
        raise typer.Exit(FAILED)


def _tell(report: ReplayReport, *, as_json: bool) -> None:
    if as_json:
        print_json(asdict(report))
        return
    verdicts = ", ".join(
        f"{number:,} {name}"
        for name in ("accepted", "flagged", "quarantined", "rejected")
        if (number := getattr(report, name))
    )
    err.print(
        f"{report.lines:,} lines: {report.posted:,} posted{f' ({verdicts})' if verdicts else ''}, "
        f"{report.skipped:,} acknowledged before, {len(report.failed_lines):,} failed, "
        f"in {report.seconds:.1f} s.",
        highlight=False,
        soft_wrap=True,
    )
    for line, why in report.failed_lines[:_SHOWN]:
        err.print(f"  line {line}: {why}", markup=False, highlight=False, soft_wrap=True)
    if len(report.failed_lines) > _SHOWN:
        err.print(f"  … and {len(report.failed_lines) - _SHOWN:,} more; --json lists them all.")
