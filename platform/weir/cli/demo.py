"""`weir demo`: the whole way of the data, on real purchases, in one command.

It works in a home of its own (`.weir/demo` unless WEIR_HOME or --home says otherwise) and keeps it:
a second run posts nothing, builds nothing and says so.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from shlex import quote
from typing import Any

import typer
from rich.markup import escape
from rich.table import Table

from weir.activation import report
from weir.activation.analysis import analyse
from weir.activation.tables import Tables, window
from weir.audit import audited
from weir.cli.main import FAILED, State, err, out, print_json
from weir.cli.processes import collector, running, wait_until_ready
from weir.cli.run import execute
from weir.cli.up import health_url
from weir.collect.durable import durable
from weir.collect.ownership import live_url
from weir.collect.replay import ReplayReport, replay_file
from weir.collect.sealer import seal_now
from weir.core.addresses import console_address
from weir.core.settings import Settings
from weir.engines.embedded.conservation import Conservation, conservation
from weir.engines.embedded.figures import Month, activation_by_month
from weir.engines.embedded.lake import Lake
from weir.engines.embedded.search import SearchIndex
from weir.orchestra.instance import write
from weir.orchestra.manifest import prepare
from weir.orchestra.project import Project

app = typer.Typer(add_completion=False, rich_markup_mode=None)
FACT, QUERY = "users_purchased_item", "params.quantity:3"
_RULES = {
    "acknowledged": "by the collector, over HTTP",
    "durable": "in the spool's segments; no fewer than acknowledged",
    "landed": "= durable = what the seals say, per hour",
    "valid": "",
    "quarantined": "landed = valid + quarantined, per lane",
    "accepted": "",
    "duplicates": "valid = accepted + duplicates, per tier",
    "event_log": "= accepted, per event",
}


@app.command()
def demo(
    ctx: typer.Context,
    as_json: bool = typer.Option(False, "--json", help="Print the result as JSON."),
) -> None:
    """Replay 6,919 real purchases over HTTP and follow them to charts and search.

    Exit code 1 if an event is not accounted for. Example: weir demo
    """
    state: State = ctx.obj
    settings = demo_settings(state)
    with audited(settings, "demo"):
        _demo(settings, as_json=as_json)


def _demo(settings: Settings, *, as_json: bool) -> None:
    watch = Stopwatch()
    with watch.stage("prepare"):
        Lake(settings).create()
        prepare(settings)
        write(settings)
    replayed = _collect(settings, watch)
    with watch.stage("build"):
        outcomes = execute(Project(settings), quiet=as_json)
    result = _result(settings, watch, replayed)
    result |= {"posted": replayed.posted, "runs": len(outcomes), "seconds": watch.seconds}
    if as_json:
        counts = result["conservation"].as_dict()
        print_json(result | {"conservation": counts, "failed": replayed.failures.count})
    else:
        _show(settings, result, unchanged=not replayed.posted and not outcomes)
    _conclude(replayed, result["conservation"])


def demo_settings(state: State) -> Settings:
    """Return the settings, with a home of the demo's own unless one was named."""
    settings = state.settings
    named = state.home is not None or settings.home != settings.project / ".weir"
    return settings if named else settings.model_copy(update={"home": settings.home / "demo"})


class Stopwatch:
    """Seconds per stage, in order."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Measure one stage."""
        started = time.perf_counter()
        yield
        self.seconds[name] = round(time.perf_counter() - started, 1)


def _collect(settings: Settings, watch: Stopwatch) -> ReplayReport:
    """Start a collector, replay the example through it and seal; return what was posted."""
    quiet = settings.model_copy(update={"collect_port": 0})
    service = collector(quiet)
    service.env = {"WEIR_COLLECT_PORT": "0"}  # any free port: a demo disturbs nobody
    example = settings.project / "examples" / "cdnow"
    with running(service):
        with watch.stage("start collector"):
            wait_until_ready(service, lambda: health_url(settings), 30)
        with watch.stage("replay over HTTP"):
            url = live_url(settings.spool_dir)
            assert url is not None
            report = replay_file(
                settings, example / "cdnow_sample.csv", example / "mapping.yml", url=url
            )
        with watch.stage("seal"):
            seal_now(settings)
    return report


def _result(settings: Settings, watch: Stopwatch, replayed: ReplayReport) -> dict[str, Any]:
    spooled = {key: total.records for key, total in durable(settings.spool_dir).items()}
    with watch.stage("report"), Lake(settings).read() as connection:
        counts = conservation(connection, spooled, replayed.posted + replayed.before)
        months = activation_by_month(connection, FACT)
        tables = Tables(FACT, "monthly")
        seen = analyse(connection, tables, window(connection, tables))
        pages = report.both(seen, settings.home / "report", FACT)
        found = SearchIndex(settings.search_dir).search(QUERY, limit=3)
    return {"conservation": counts, "months": months, "pages": pages, "search": found}


def _conclude(replayed: ReplayReport, counts: Conservation) -> None:
    """End with exit code 1 and the reason if anything is not accounted for."""
    wrong = list(counts.broken)
    if failures := replayed.failures.first:
        first = f"line {failures[0].line}: {failures[0].what}"
        wrong.insert(0, f"{replayed.failures.count:,} lines were not posted; {first}.")
    for sentence in wrong:
        err.print(f"[bold red]error:[/] {escape(sentence)}", highlight=False, soft_wrap=True)
    if wrong:
        raise typer.Exit(FAILED)


def _show(settings: Settings, result: dict[str, Any], *, unchanged: bool) -> None:
    out.print(_conservation(result["conservation"]))
    out.print(_months(result["months"]))
    found = result["search"]
    out.print(
        f"\n[bold]Search[/] {QUERY}: {found.matched_documents} documents in the sample, "
        f"about {found.estimate:,.0f} events ({found.low:,.0f} to {found.high:,.0f})"
    )
    for document in (hit.document for hit in found.hits):
        out.print(
            f"  {document.event_time:%Y-%m-%d}  {document.event_name}"
            f"  user {document.user_id}  {document.params}",
            highlight=False,
        )
    out.print("\n[bold]Seconds[/] " + ", ".join(f"{k} {v}" for k, v in result["seconds"].items()))
    picture, page = result["pages"]
    out.print(f"[bold]Open[/]    {_link(page)}  (charts; picture: {picture.name})")
    home = _relative(settings.home)
    command = "make up" if (settings.project / "Makefile").is_file() else "weir up"
    out.print(f"        WEIR_HOME={quote(str(home))} {command}", soft_wrap=True)
    out.print(f"        then {console_address(settings)} is the console, /dagster every stage")
    if unchanged:
        err.print("Unchanged: everything was posted and built before.")


def _conservation(counts: Conservation) -> Table:
    says = "every event is accounted for" if counts.holds else "[bold red]it does not hold[/]"
    table = Table(title=f"Conservation: {says}", title_justify="left", box=None, show_header=False)
    table.add_column("stage")
    table.add_column("events", justify="right")
    table.add_column("must be")
    for stage, rule in _RULES.items():
        count = getattr(counts, stage)
        table.add_row(stage.replace("_", " "), "" if count is None else f"{count:,}", rule)
    return table


def _months(months: list[Month]) -> Table:
    table = Table(title="\nActivation by month (user-days)", title_justify="left", box=None)
    table.add_column("month")
    for name in ("New", "Retained", "Reactivated", "Inactive at its end"):
        table.add_column(name, justify="right")
    for m in months:
        figures = (m.new, m.retained, m.reactivated, m.inactive)
        table.add_row(f"{m.month:%Y-%m}", *(f"{n:,}" for n in figures))
    return table


def _relative(path: Path) -> Path:
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path


def _link(path: Path) -> str:
    return f"[link={path.as_uri()}]{_relative(path)}[/link]"
