"""`weir up`: everything of one machine, until Ctrl-C."""

from __future__ import annotations

import json
import signal
import time
from pathlib import Path
from types import FrameType

import typer

from weir.cli.main import State, err
from weir.cli.processes import Service, collector, dagster, running, sealer, wait_until_ready
from weir.core.errors import WeirError
from weir.core.settings import Settings
from weir.engines.embedded.lake import Lake
from weir.orchestra.instance import write
from weir.orchestra.manifest import prepare

app = typer.Typer(add_completion=False, rich_markup_mode=None)
_WATCH_SECONDS = 1.0
_RESTARTS = 3


@app.command()
def up(
    ctx: typer.Context,
    no_dagster: bool = typer.Option(False, "--no-dagster", help="Only collect and seal."),
) -> None:
    """Run the collector, the sealer and Dagster until Ctrl-C. Logs go to WEIR_HOME/logs.

    Example: weir up
    """
    state: State = ctx.obj
    settings = state.settings
    err.print("Preparing: lake, dbt project, Dagster instance …")
    Lake(settings).create()
    prepare(settings)
    write(settings)
    services = [collector(settings), sealer(settings)]
    services += [] if no_dagster else [dagster(settings)]
    for number in (signal.SIGTERM, signal.SIGINT):  # SIGINT may come in ignored, from a script
        signal.signal(number, _interrupt)
    try:
        with running(*services):
            try:
                _announce(settings, services)
                _watch(services)
            finally:
                err.print("Stopping; Dagster takes some seconds …")
    except KeyboardInterrupt:
        err.print("Stopped. What was acknowledged is in the spool or the lake.")


def collector_url(settings: Settings) -> str | None:
    """Return the address that the live collector wrote into its lock file."""
    try:
        text = (settings.spool_dir / "collector.lock").read_text()
        return str(json.loads(text)["url"])
    except (OSError, ValueError, KeyError):
        return None


def health_url(settings: Settings) -> str | None:
    """Return the address at which the live collector says whether it is ready."""
    url = collector_url(settings)
    return f"{url}/readyz" if url else None


def _announce(settings: Settings, services: list[Service]) -> None:
    wait_until_ready(services[0], lambda: health_url(settings), 30)
    err.print(f"  collector  {collector_url(settings)}   POST /v1/events, /v1/batch")
    if len(services) > 2:
        url = f"http://127.0.0.1:{settings.dagster_port}"
        wait_until_ready(services[2], lambda: f"{url}/server_info", 120)
        err.print(f"  dagster    {url}   assets, backfills, sensors")
    err.print(f"  logs       {_short(settings.home / 'logs')}")
    err.print("Running. Ctrl-C stops everything; nothing acknowledged is lost.")


def _watch(services: list[Service]) -> None:
    """Restart what ends by itself, a few times; give up with its last words."""
    restarts = dict.fromkeys([s.name for s in services], 0)
    while True:
        time.sleep(_WATCH_SECONDS)
        for service in services:
            if service.exit_code is None:
                continue
            restarts[service.name] += 1
            if restarts[service.name] > _RESTARTS:
                raise WeirError(
                    f"The {service.name} ended {_RESTARTS + 1} times. Its last words:\n{service.tail()}",
                    f"See {service.log}.",
                )
            err.print(f"The {service.name} ended ({service.exit_code}); starting it again.")
            service.start()


def _interrupt(number: int, frame: FrameType | None) -> None:
    del number, frame
    raise KeyboardInterrupt


def _short(path: Path) -> str:
    try:
        return str(path.relative_to(Path.cwd()))
    except ValueError:
        return str(path)
