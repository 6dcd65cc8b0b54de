"""`weir replay`: post a file of events through the collector, once."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Any

import orjson
import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from weir.cli.main import FAILED, INTERRUPTED, State, err, out, print_json
from weir.collect.replay import Options, ReplayReport, replay_file
from weir.collect.sources import Source, open_source
from weir.core.errors import InvalidValue

app = typer.Typer(add_completion=False, rich_markup_mode=None)
_RATE = re.compile(r"([0-9]+(?:\.[0-9]+)?)(?:/(s|min|h))?")
_SECONDS = {None: 1, "s": 1, "min": 60, "h": 3600}
_SHOWN_FAILURES = 20


@app.command()
def replay(  # noqa: PLR0913, PLR0917 - each is an option of the command
    ctx: typer.Context,
    file: Path = typer.Argument(help="NDJSON, CSV (also .gz, .zst) or Parquet."),
    mapping: Path | None = typer.Option(
        None,
        help="YAML: which column is which field. Default: mapping.yml beside FILE, if there is one.",
    ),
    url: str | None = typer.Option(None, help="The collector. Default: the one of this home."),
    rate: str | None = typer.Option(None, help="At most this many events, e.g. 500/s or 100/min."),
    batch: int = typer.Option(Options.batch, help="Events per request."),
    concurrency: int = typer.Option(Options.concurrency, help="Requests under way at a time."),
    origin: str = typer.Option(Options.origin, help="Mark the events as replay or live."),
    again: bool = typer.Option(False, "--again", help="Post all, even what was posted before."),
    dry_run: int | None = typer.Option(
        None, min=1, help="Print this many events as they would be posted; post nothing."
    ),
    as_json: bool = typer.Option(False, "--json", help="Print the result as JSON."),
) -> None:
    """Post a file of events through the collector, once; interrupted, it goes on from there.

    Ids are the column that the mapping names, else a hash of the file and the line. Exit code 1 if
    lines of the file are no events. Example: weir replay purchases.csv --mapping mapping.yml
    """
    state: State = ctx.obj
    options = Options(batch, concurrency, _rate(rate), origin)
    beside = file.parent / "mapping.yml"
    mapping = mapping or (beside if beside.is_file() else None)
    if dry_run is not None:
        _show_first(open_source(file, mapping), dry_run, as_json=as_json)
        return
    last: list[ReplayReport] = []
    try:
        with _bar(err) as tell:

            def note(report: ReplayReport) -> None:
                last[:] = [report]
                tell(report)

            report = replay_file(
                state.settings, file, mapping, url=url, options=options, again=again,
                on_progress=note,
            )  # fmt: skip
    except KeyboardInterrupt:
        _interrupted(last, as_json=as_json)
        raise typer.Exit(INTERRUPTED) from None
    _conclude(report, as_json=as_json)


def _rate(text: str | None) -> float | None:
    """Return events per second.

    >>> _rate("500/s"), _rate("30/min"), _rate("7")
    (500.0, 0.5, 7.0)
    """
    if text is None:
        return None
    match = _RATE.fullmatch(text.strip())
    if match is None:
        raise InvalidValue("--rate", text, ["500/s", "30000/min", "1000000/h"])
    return float(match[1]) / _SECONDS[match[2]]


def describe(report: ReplayReport) -> dict[str, Any]:
    """Return a report as plain data."""
    verdicts = ("accepted", "flagged", "quarantined", "rejected")
    return {
        "rows": report.total,
        "posted": report.posted,
        "posted_before": report.before,
        **{verdict: report.verdicts[verdict] for verdict in verdicts},
        "failed": report.failures.count,
        "failures": [failure._asdict() for failure in report.failures.first],
        "retries": report.retries,
        "complete": report.complete,
        "seconds": round(report.seconds, 3),
        "events_per_second": round(report.rate),
    }


def _conclude(report: ReplayReport, *, as_json: bool) -> None:
    if as_json:
        print_json(describe(report))
    else:
        out.print(_sentence(report), highlight=False, soft_wrap=True)
        _list_failures(report)
    if report.failures.count:
        raise typer.Exit(FAILED)


def _sentence(report: ReplayReport) -> str:
    if not report.posted and report.before and not report.failures.count:
        return (
            f"Nothing to post: all {report.before:,} events of this file were acknowledged before."
            " --again posts them once more."
        )
    verdicts = ", ".join(f"{n:,} {verdict}" for verdict, n in report.verdicts.most_common())
    before = f" {report.before:,} were acknowledged before." if report.before else ""
    speed = f"{report.seconds:.1f} s ({report.rate:,.0f} events/s)"
    said = f": {verdicts}" if verdicts else ""
    return f"{report.posted:,} events acknowledged in {speed}{said}.{before}"


def _list_failures(report: ReplayReport) -> None:
    failures = report.failures
    if not failures.count:
        return
    err.print(f"{failures.count:,} lines are no events and were not posted:")
    for failure in failures.first[:_SHOWN_FAILURES]:
        err.print(f"  line {failure.line}: {failure.what}", markup=False, highlight=False)
    if failures.count > _SHOWN_FAILURES:
        err.print(f"  … and {failures.count - _SHOWN_FAILURES:,} more")
    err.print("Mend the file or the mapping and run again; ids follow from both.")


def _interrupted(last: list[ReplayReport], *, as_json: bool) -> None:
    posted = last[-1].posted if last else 0
    before = last[-1].before if last else 0
    if as_json and last:
        print_json(describe(last[-1]))
    err.print(
        f"Interrupted: {posted:,} events were acknowledged now, {before:,} before."
        " The same command goes on from there.",
        highlight=False,
        soft_wrap=True,
    )


def _show_first(source: Source, count: int, *, as_json: bool) -> None:
    texts = [event.text().decode(errors="replace") for event in islice(source.read(), count)]
    if as_json:
        print_json({"events": [_parsed(text) for text in texts], "failed": source.failures.count})
        return
    for text in texts:
        typer.echo(text)
    _list_failures(ReplayReport(source.total, failures=source.failures))


def _parsed(text: str) -> Any:
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        return text


@contextmanager
def _bar(console: Console) -> Iterator[Callable[[ReplayReport], None]]:
    """Show a progress bar on a terminal; elsewhere nothing."""
    columns = (TextColumn("replay"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(
        *columns, console=console, transient=True, disable=not console.is_terminal
    ) as bar:
        task = bar.add_task("replay", total=None)

        def tell(report: ReplayReport) -> None:
            bar.update(task, total=report.total, completed=report.before + report.posted)

        yield tell
