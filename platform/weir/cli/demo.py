"""`weir demo`: the whole way of the data, on real purchases, in one command.

It works in a home of its own (`.weir/demo` unless WEIR_HOME or --home says otherwise) and keeps it:
a second run posts nothing, builds nothing and says so.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

import typer
from rich.table import Table

from weir.activation import chart
from weir.cli.main import State, err, out, print_json
from weir.cli.processes import collector, running, wait_until_ready
from weir.cli.run import execute
from weir.cli.up import collector_url, health_url
from weir.collect.replay import replay_file
from weir.collect.sealer import seal_now
from weir.core.settings import Settings
from weir.engines.embedded.figures import Conservation, Month, activation_by_month, conservation
from weir.engines.embedded.lake import Lake
from weir.engines.embedded.search import SearchIndex
from weir.orchestra.instance import write
from weir.orchestra.manifest import prepare
from weir.orchestra.project import Project

app = typer.Typer(add_completion=False, rich_markup_mode=None)
FACT, QUERY = "users_purchased_item", "params.quantity:3"


@app.command()
def demo(
    ctx: typer.Context,
    as_json: bool = typer.Option(False, "--json", help="Print the result as JSON."),
) -> None:
    """Replay 6,919 real purchases over HTTP and follow them to charts and search.

    Example: weir demo
    """
    state: State = ctx.obj
    settings = demo_settings(state)
    watch = Stopwatch()
    with watch.stage("prepare"):
        Lake(settings).create()
        prepare(settings)
        write(settings)
    posted = _collect(settings, watch)
    with watch.stage("build"):
        outcomes = execute(Project(settings), quiet=as_json)
    result = _result(settings, watch)
    result |= {"posted": posted, "runs": len(outcomes), "seconds": watch.seconds}
    if as_json:
        print_json(result)
    else:
        _show(settings, result, unchanged=not posted and not outcomes)


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


def _collect(settings: Settings, watch: Stopwatch) -> int:
    """Start a collector, replay the example through it and seal; return how many were posted."""
    quiet = settings.model_copy(update={"collect_port": 0})
    service = collector(quiet)
    service.env = {"WEIR_COLLECT_PORT": "0"}  # any free port: a demo disturbs nobody
    example = settings.project / "examples" / "cdnow"
    with running(service):
        with watch.stage("start collector"):
            wait_until_ready(service, lambda: health_url(settings), 30)
        with watch.stage("replay over HTTP"):
            url = collector_url(settings)
            assert url is not None
            report = replay_file(
                settings, example / "cdnow_sample.csv", example / "mapping.yml", url=url
            )
        with watch.stage("seal"):
            seal_now(settings)
    return report.posted


def _result(settings: Settings, watch: Stopwatch) -> dict[str, Any]:
    with watch.stage("report"), Lake(settings).read() as connection:
        counts = conservation(connection)
        months = activation_by_month(connection, FACT)
        pages = chart.write(
            chart.by_month("Purchases: who was active", map(asdict, months)),
            settings.home / "report",
            FACT,
        )
        found = SearchIndex(settings.search_dir).search(QUERY, limit=3)
    return {"conservation": counts, "months": months, "pages": pages, "search": found}


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
    out.print(f"[bold]Open[/]    {_link(page)}  (chart; picture: {picture.name})")
    home = _relative(settings.home)
    out.print(f"        WEIR_HOME={home} make up   then http://127.0.0.1:{settings.dagster_port}")
    if unchanged:
        err.print("Unchanged: everything was posted and built before.")


def _conservation(counts: Conservation) -> Table:
    table = Table(
        title="Conservation: every event is accounted for", title_justify="left", box=None
    )
    for name in ("landed", "valid", "quarantined", "accepted", "duplicates", "event log"):
        table.add_column(name, justify="right")
    row = (counts.landed, counts.valid, counts.quarantined, counts.accepted, counts.duplicates)
    table.add_row(*(f"{n:,}" for n in (*row, counts.event_log)))
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
