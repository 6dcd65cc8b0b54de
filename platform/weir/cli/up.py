"""`weir up`: everything of one machine, until Ctrl-C."""

from __future__ import annotations

import re
import signal
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

import typer

from weir.audit import login
from weir.cli.main import State, err
from weir.cli.processes import (
    Service,
    collector,
    console,
    dagster,
    dagster_for_viewers,
    running,
    sealer,
    wait_until_ready,
)
from weir.collect.ownership import live_url
from weir.console.access import People, Role
from weir.console.access.people import LINK_LASTS
from weir.core.addresses import console_address, dagster_address, sign_in_link
from weir.core.errors import UsageError, WeirError
from weir.core.processes import is_taken
from weir.core.settings import Settings
from weir.engines.embedded.lake import Lake
from weir.orchestra.instance import write
from weir.orchestra.manifest import prepare

app = typer.Typer(add_completion=False, rich_markup_mode=None)
_WATCH_SECONDS = 1.0
_PAUSES = (0.0, 5.0, 15.0)  # seconds before each restart in a row
_HEALTHY_SECONDS = 60.0  # of running, after which earlier ends no longer count


@app.command()
def up(
    ctx: typer.Context,
    no_dagster: bool = typer.Option(False, "--no-dagster", help="Leave Dagster out."),
    no_console: bool = typer.Option(False, "--no-console", help="Leave the console out."),
) -> None:
    """Run the collector, the sealer, the console and Dagster until Ctrl-C. Logs go to WEIR_HOME/logs.

    Where nobody may use the console yet, it prints a link that signs you in as its admin.

    In an environment (--env) Dagster alone, on the environment's port, its sensors stopped.

    Example: weir up
    """
    state: State = ctx.obj
    settings = state.settings
    err.print("Preparing: lake, dbt project, Dagster instance …")
    if not settings.env:
        Lake(settings).create()
    prepare(settings)
    write(settings)
    services = [] if settings.env else [collector(settings), sealer(settings)]
    if not (no_console or settings.env):
        _need_port(settings.console_port, "the console", "WEIR_CONSOLE_PORT", "--no-console")
        services.append(console(settings))
    if not no_dagster:
        _need_port(settings.dagster_port, "the Dagster UI", "WEIR_DAGSTER_PORT", "--no-dagster")
        services.append(dagster(settings))
        if not (no_console or settings.env):
            port = settings.dagster_viewers_port
            _need_port(
                port, "the Dagster UI of viewers", "WEIR_DAGSTER_VIEWERS_PORT", "--no-dagster"
            )
            services.append(dagster_for_viewers(settings, lambda: _anybody_looks(settings)))
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


def _need_port(port: int, what: str, variable: str, option: str) -> None:
    if is_taken(port):
        raise UsageError(
            f"Port {port} for {what} is taken.",
            f"End what listens there, set {variable}, or use {option}.",
        )


def health_url(settings: Settings) -> str | None:
    """Return the address at which the live collector says whether it is ready."""
    url = live_url(settings.spool_dir)
    return f"{url}/readyz" if url else None


def _announce(settings: Settings, services: list[Service]) -> None:
    by_name = {service.name: service for service in services}
    if "collector" in by_name:
        wait_until_ready(by_name["collector"], lambda: health_url(settings), 30)
        err.print(f"  collector  {live_url(settings.spool_dir)}   POST /v1/events, /v1/batch")
    if "console" in by_name:
        url = console_address(settings)
        here = f"http://{settings.console_host}:{settings.console_port}/api/v1/session"
        wait_until_ready(by_name["console"], lambda: here, 60)
        err.print(f"  console    {url}   events, models, lineage")
        _let_in(settings)
    if "dagster" in by_name:
        url = dagster_address(settings)
        wait_until_ready(by_name["dagster"], lambda: f"{url}/server_info", 120)
        err.print(f"  dagster    {url}   assets, backfills, sensors")
    err.print(f"  logs       {_short(settings.home / 'logs')}")
    err.print("Running. Ctrl-C stops everything; nothing acknowledged is lost.")


def _let_in(settings: Settings) -> None:
    """Print a sign-in link for whoever starts a console that nobody may use yet."""
    people = People(settings.home)
    if people.all():
        return
    name = _name_of(login())
    people.add(name, Role.ADMIN)
    _, token = people.make_token(name, LINK_LASTS, once=True)
    err.print(
        f"  sign in    {sign_in_link(settings, token)}\n"
        f"             once, within an hour, as {name} (admin). Others: weir people add NAME",
        highlight=False, soft_wrap=True,
    )  # fmt: skip


def _anybody_looks(settings: Settings) -> bool:
    """Tell whether there is somebody who may see Dagster's pages and change nothing."""
    return any(not person.role.may(Role.OPERATOR) for person in People(settings.home).all())


def _name_of(user: str) -> str:
    """Return a login as the name of a person of the console.

    >>> _name_of("Ann Lee"), _name_of("")
    ('ann-lee', 'admin')
    """
    return re.sub(r"[^a-z0-9._@-]+", "-", user.lower()).strip("-._@") or "admin"


@dataclass
class _Watched:
    """One service and its ends in a row."""

    service: Service
    since: float
    restarts: int = 0
    due: float | None = None

    def look(self, now: float) -> None:
        """Start a service that is wanted now, and again one whose pause is over.

        The earlier ends of one that is well are forgotten.

        Raises:
            WeirError: if it ended too often in a row.
        """
        if not self.service.started:
            if self.service.wanted():
                self.service.start()
                self.since = now
            return
        if self.service.exit_code is None:
            if now - self.since >= _HEALTHY_SECONDS:
                self.restarts = 0
            return
        if self.due is None:
            self.due = now + self._pause()
        if now >= self.due:
            self.service.start()
            self.since, self.due = now, None
            self.restarts += 1

    def _pause(self) -> float:
        service = self.service
        if self.restarts == len(_PAUSES):
            raise WeirError(
                f"The {service.name} ended {self.restarts + 1} times in a row."
                f" Its last words:\n{service.tail()}",
                f"See {service.log}.",
            )
        pause = _PAUSES[self.restarts]
        when = f" in {pause:g} s" if pause else ""
        err.print(f"The {service.name} ended ({service.exit_code}); starting it again{when}.")
        return pause


def _watch(
    services: Sequence[Service],
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> None:
    """Restart what ends by itself while the others run on; give up with its last words."""
    watched = [_Watched(service, clock()) for service in services]
    while True:
        sleep(_WATCH_SECONDS)
        for one in watched:
            one.look(clock())


def _interrupt(number: int, frame: FrameType | None) -> None:
    del number, frame
    raise KeyboardInterrupt


def _short(path: Path) -> str:
    try:
        return str(path.relative_to(Path.cwd()))
    except ValueError:
        return str(path)
