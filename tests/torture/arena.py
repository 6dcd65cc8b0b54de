"""A project with three events, and the real processes on it, to be killed and started again."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path

import httpx

from tests.torture.oracle import TIERS, Journal, check, check_logs
from weir.collect.durable import durable
from weir.collect.sealer import SealReport, seal_now
from weir.collect.writers import epochs, read_writer
from weir.core.landing import LANES
from weir.core.settings import Settings
from weir.core.settings import load as load_settings
from weir.engines.embedded.accepted import EmbeddedAccepted
from weir.engines.embedded.lake import Lake
from weir.registry import generate, write
from weir.registry import load as load_registry

ROOT = Path(__file__).parents[2]

_TERMS = {
    "action": {"buy": "Pay.", "click": "Press.", "view": "See."},
    "object": {"item": "A thing.", "page": "A page."},
    "service": {"home": "Home.", "shop": "Shop.", "web": "Web."},
}


def write_project(folder: Path) -> None:
    """Write a project whose three events are of the three tiers."""
    (folder / "workspace.yaml").write_text("load_from: []\n")
    events = folder / "assets" / "events"
    schema = {
        "type": "object", "required": ["item_id"],
        "properties": {
            "item_id": {"type": "integer", "minimum": 0, "description": "Which."},
            "note": {"type": "string", "description": "Free text."},
        },
    }  # fmt: skip
    for name, tier in TIERS.items():
        place = events / name.split("_")[2] / name
        place.mkdir(parents=True)
        envelope = {
            "name": name, "description": "An event.", "owner": "o@example.com", "domain": "web",
            "tier": tier, "status": "active", "sampling": 1,
        }  # fmt: skip
        (place / "event.json").write_text(json.dumps(envelope))
        (place / "v1.json").write_text(json.dumps(schema))
    (events / "dictionary.json").write_text(json.dumps(_TERMS))


def copy_code(folder: Path) -> None:
    """Copy what a project has besides its events, and generate the models of its events."""
    for name in ("assets", "dbt", "sensors", "resources"):
        shutil.copytree(ROOT / name, folder / name, ignore=_ignored, dirs_exist_ok=True)
    for name in ("definitions.py", "workspace.yaml"):
        shutil.copy2(ROOT / name, folder / name)
    (folder / "dbt" / "models").mkdir()
    write(generate(load_registry(folder / "assets" / "events"), folder / "dbt"), folder / "dbt")


def _ignored(folder: str, inside: list[str]) -> set[str]:
    """Leave the example's events and models out."""
    left_out = {"__pycache__", "target", "logs", "models"}
    return left_out | (set(inside) if Path(folder).name == "events" else set())


def free_port() -> int:
    """Return a port of loopback that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Arena:
    """One home with its collector and sealer.

    Args:
        folder: of the project.
        home: of the data; default is inside the folder.
        environment: more settings.
    """

    def __init__(self, folder: Path, home: Path | None = None, **environment: str) -> None:
        write_project(folder)
        self.folder, self.home, self.port = folder, home or folder / "home", free_port()
        self.environment = {
            "WEIR_COLLECT_PORT": str(self.port), "WEIR_SEAL_EVERY_SECONDS": "0.5",
            "WEIR_SEGMENT_BYTES": "200000", "WEIR_BALLAST_BYTES": "1000000",
            "PYTHONPATH": os.pathsep.join(path for path in sys.path if path),
            "PYTHONFAULTHANDLER": "1", **environment,
        }  # fmt: skip
        self.settings: Settings = load_settings(folder, self.home)
        self.collector: subprocess.Popen[bytes] | None = None
        self.sealer: subprocess.Popen[bytes] | None = None

    @property
    def log(self) -> str:
        """What the processes said."""
        return (self.folder / "log").read_text(errors="replace")

    def start(self, *, sealer: bool = True) -> Arena:
        """Start what does not run."""
        where = ("--project", str(self.folder), "--home", str(self.home))
        if self.collector is None or self.collector.poll() is not None:
            self.collector = self._run("weir.collect", *where)
        if sealer and (self.sealer is None or self.sealer.poll() is not None):
            self.sealer = self._run("weir", *where, "seal")
        return self

    def _run(self, *arguments: str) -> subprocess.Popen[bytes]:
        with (self.folder / "log").open("ab") as log:
            return subprocess.Popen(
                [sys.executable, "-m", *arguments],
                stdout=log, stderr=log, env={**os.environ, **self.environment},
            )  # fmt: skip

    def writers(self) -> list[int]:
        """Return the process ids of the workers that accept."""
        spool = self.settings.spool_dir
        found = [read_writer(spool, epoch) for epoch in epochs(spool)]
        return [writer.pid for writer in found if writer and writer.ready]

    def wait_ready(self, seconds: float = 60) -> None:
        """Wait until the collector says that it is ready."""
        deadline = time.monotonic() + seconds
        while True:
            assert time.monotonic() < deadline, self.log[-2000:]
            try:
                if httpx.get(f"http://127.0.0.1:{self.port}/readyz", timeout=5).is_success:
                    return
            except httpx.HTTPError:
                time.sleep(0.05)

    def end(self) -> None:
        """End both in order."""
        for process in (self.collector, self.sealer):
            if process is not None and process.poll() is None:
                process.send_signal(signal.SIGTERM)
                self._wait(process)

    def _wait(self, process: subprocess.Popen[bytes]) -> None:
        """Wait for the end of a process; one that hangs says where it is."""
        try:
            process.wait(60)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGABRT)  # faulthandler writes the stacks to the log
            process.wait(60)
            raise AssertionError(f"{process.args} did not end:\n{self.log[-8000:]}") from None

    def seal(self) -> SealReport:
        """Land everything that waits."""
        return seal_now(self.settings)

    def verify_logs(self, journal: Journal) -> None:
        """Build the event logs as `weir run` does, then let the oracle count them."""
        copy_code(self.folder)
        self.verify(journal)
        run = self._run("weir", "--project", str(self.folder), "--home", str(self.home), "run")
        assert run.wait(300) == 0, self.log[-4000:]
        with Lake(self.settings).read() as connection:
            check_logs(connection, journal)

    def verify(self, journal: Journal) -> None:
        """Land and accept everything, then let the oracle count."""
        self.end()
        self.seal()
        lake = Lake(self.settings)
        store = EmbeddedAccepted(lake)
        with lake.read() as connection:
            found = connection.execute("SELECT min(landing_hour), max(landing_hour) FROM weir.seal")
            first, last = found.fetchone() or (None, None)
        assert first is not None, "nothing has landed: the check is vacuous"
        for tier in dict.fromkeys(TIERS.values()):
            store.replace_hours(tier, first, last + timedelta(hours=1))
        with lake.read() as connection:
            check(connection, journal, truth=self._truth())
        assert epochs(self.settings.spool_dir) == []

    def _truth(self) -> dict[str, int]:
        totals = durable(self.settings.spool_dir)
        assert {lane for lane, _ in totals} <= set(LANES)
        fp = [sum(total.fp[i] for total in totals.values()) for i in range(4)]
        rows = sum(total.records for total in totals.values())
        return {"rows": rows, **{f"fp_{i}": value for i, value in enumerate(fp)}}
