"""Starts, watches and ends Weir's own processes. Every one is ended by its own id, never by name."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from weir.core.addresses import DAGSTER_PREFIX
from weir.core.errors import ServiceUnavailable
from weir.core.settings import Settings
from weir.orchestra.instance import ENVIRONMENT

STOP_SECONDS = 20.0


@dataclass
class Service:
    """One child process and its log file; it is started when it is wanted, and runs on from there."""

    name: str
    command: Sequence[str]
    log: Path
    cwd: Path
    env: dict[str, str] = field(default_factory=dict)
    wanted: Callable[[], bool] = lambda: True
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start the process in a group of its own, so that Ctrl-C reaches only the parent."""
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(  # noqa: S603 - our own command
                self.command,
                stdout=log,
                stderr=subprocess.STDOUT,
                stdin=subprocess.DEVNULL,
                cwd=self.cwd,
                env={**os.environ, **self.env},
                start_new_session=True,
            )

    @property
    def started(self) -> bool:
        """Whether it was ever started."""
        return self.process is not None

    @property
    def exit_code(self) -> int | None:
        """The process's exit code, None while it runs."""
        return self.process.poll() if self.process else None

    def stop(self) -> None:
        """Ask the process to end; end its group if it does not within 20 s."""
        if self.process is None or self.process.poll() is not None:
            return
        self.process.send_signal(signal.SIGINT if self.name == "dagster" else signal.SIGTERM)
        try:
            self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()

    def tail(self, lines: int = 5) -> str:
        """Return the end of the log."""
        if not self.log.is_file():
            return ""
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:])


def weir_service(settings: Settings, name: str, *arguments: str) -> Service:
    """Return a service that is a Weir command on the same home."""
    command = [sys.executable, "-m", *arguments]
    return Service(name, command, settings.home / "logs" / f"{name}.log", settings.project)


def collector(settings: Settings) -> Service:
    """Return the collector's service."""
    where = ("--project", str(settings.project), "--home", str(settings.home))
    return weir_service(settings, "collector", "weir.collect", *where)


def sealer(settings: Settings) -> Service:
    """Return the sealer's service."""
    where = ("--project", str(settings.project), "--home", str(settings.home))
    return weir_service(settings, "sealer", "weir", *where, "seal")


def console(settings: Settings) -> Service:
    """Return the console's service."""
    where = ("--project", str(settings.project), "--home", str(settings.home))
    return weir_service(settings, "console", "weir.console", *where)


def dagster(settings: Settings) -> Service:
    """Return Dagster's service: UI, daemon and code server. It has no login, so: loopback only."""
    found = weir_service(
        settings,
        "dagster",
        *("dagster", "dev", "--workspace", str(settings.project / "workspace.yaml")),
        *("--host", "127.0.0.1", "--port", str(settings.dagster_port)),
    )
    home = {"WEIR_HOME": str(settings.home), "DAGSTER_HOME": str(settings.dagster_dir)}
    prefix = {"DAGSTER_WEBSERVER_PATH_PREFIX": DAGSTER_PREFIX}
    found.env = {**ENVIRONMENT, **home, **prefix}
    return found


def dagster_for_viewers(settings: Settings, wanted: Callable[[], bool]) -> Service:
    """Return the service of a Dagster UI that only shows, for those who may not change anything.

    It takes some hundred megabytes of its own: `wanted` says whether there is anybody.
    """
    found = weir_service(
        settings,
        "dagster-viewers",
        *("dagster_webserver", "--workspace", str(settings.project / "workspace.yaml")),
        *("--host", "127.0.0.1", "--port", str(settings.dagster_viewers_port)),
        *("--path-prefix", DAGSTER_PREFIX, "--read-only"),
    )
    home = {"WEIR_HOME": str(settings.home), "DAGSTER_HOME": str(settings.dagster_dir)}
    found.env, found.wanted = {**ENVIRONMENT, **home}, wanted
    return found


@contextmanager
def running(*services: Service) -> Iterator[None]:
    """Start the services that are wanted in order; stop all in reverse order, whatever happens."""
    try:
        for service in services:
            if service.wanted():
                service.start()
        yield
    finally:
        for service in reversed(services):
            service.stop()


def wait_until_ready(
    service: Service,
    url: Callable[[], str | None],
    seconds: float,
    sleep: Callable[[float], None] = time.sleep,
) -> str:
    """Wait until a service answers; return the address.

    Args:
        service: the process that must stay alive.
        url: where to ask, once it is known.
        seconds: how long to wait.
        sleep: how to wait.

    Raises:
        ServiceUnavailable: if it ended or did not answer in time; with the end of its log.
    """
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and service.exit_code is None:
        address = url()
        if address and _answers(address):
            return address
        sleep(0.1)
    state = "ended" if service.exit_code is not None else f"did not answer within {seconds:.0f} s"
    raise ServiceUnavailable(
        f"The {service.name} {state}. Its last words:\n{service.tail()}",
        f"See {service.log}, mend the cause (`weir doctor` helps) and start again.",
    )


def _answers(address: str) -> bool:
    try:
        return httpx.get(address, timeout=2.0).status_code < 500
    except httpx.HTTPError:
        return False
