"""The supervisor with real workers: no connection refused or reset, no event lost or doubled."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import orjson
import pytest

from weir.collect.ownership import live_owner
from weir.collect.segments import list_segments, read_footer, read_segment
from weir.collect.writers import epochs, read_writer
from weir.core.landing import LANES

EVENT = {
    "event.json": {
        "name": "purchase_item_shop", "description": "A purchase.", "owner": "o@example.com",
        "domain": "shop", "tier": "normal", "status": "active", "sampling": 1,
    },
    "v1.json": {
        "type": "object",
        "properties": {"quantity": {"type": "integer", "description": "Pieces."}},
    },
}  # fmt: skip
TERMS = {
    "action": {"purchase": "Pay."}, "object": {"item": "A thing."}, "service": {"shop": "A shop."}
}  # fmt: skip


class Collector:
    """`python -m weir.collect` on a project of its own."""

    def __init__(self, folder: Path, workers: int) -> None:
        self.spool = folder / "home" / "spool"
        paths = os.pathsep.join(path for path in sys.path if path)
        settings = {"WEIR_COLLECT_PORT": "0", "WEIR_COLLECT_WORKERS": str(workers)}
        with (folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "weir.collect", "--project", str(folder),
                 "--home", str(folder / "home")],
                stdout=subprocess.PIPE, stderr=log, env={**os.environ, **settings, "PYTHONPATH": paths},
            )  # fmt: skip
        assert self.process.stdout is not None
        line = self.process.stdout.readline().decode()
        assert line.startswith("Collector ready at "), (folder / "log").read_text()
        self.url = line.split()[-1]

    def writers(self) -> list[int]:
        """Return the process ids of the workers that accept."""
        found = [read_writer(self.spool, epoch) for epoch in epochs(self.spool)]
        return [writer.pid for writer in found if writer and writer.ready]

    def end(self, how: signal.Signals = signal.SIGTERM) -> int:
        self.process.send_signal(how)
        code = self.process.wait(60)
        assert self.process.stdout is not None
        self.process.stdout.close()
        return code


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., Collector]]:
    events = tmp_path / "assets" / "events"
    folder = events / "shop" / "purchase_item_shop"
    folder.mkdir(parents=True)
    (tmp_path / "workspace.yaml").write_text("load_from: []\n")
    (events / "dictionary.json").write_bytes(orjson.dumps(TERMS))
    for name, content in EVENT.items():
        (folder / name).write_bytes(orjson.dumps(content))
    running: list[Collector] = []

    def run(workers: int = 1) -> Collector:
        running.append(Collector(tmp_path, workers))
        return running[-1]

    yield run
    for one in running:
        if one.process.poll() is None:
            one.end()


class Senders:
    """Senders on kept and on fresh connections; they note what was acknowledged and what failed."""

    def __init__(self, url: str, *, retry: bool) -> None:
        self.url, self.retry = url, retry
        self.acknowledged: list[str] = []
        self.failures: list[str] = []
        self._stop = threading.Event()
        self._threads = [
            threading.Thread(target=self._send, args=(f"s{n}", n % 2 == 0)) for n in range(4)
        ]

    def __enter__(self) -> Senders:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def _send(self, name: str, keep: bool) -> None:
        limits = httpx.Limits(max_keepalive_connections=int(keep))
        with httpx.Client(base_url=self.url, timeout=30, limits=limits) as client:
            number = 0
            while not self._stop.is_set():
                ids = [f"{name}-{number}-{i}" for i in range(5)]
                number += 1
                while not self._post(client, ids) and self.retry and not self._stop.is_set():
                    time.sleep(0.01)

    def _post(self, client: httpx.Client, ids: list[str]) -> bool:
        items = [
            {"id": i, "name": "purchase_item_shop", "version": 1, "time": "2026-01-01T00:00:00Z",
             "params": {"quantity": 1}}
            for i in ids
        ]  # fmt: skip
        try:
            client.post("/v1/batch", json=items).raise_for_status()
        except httpx.HTTPError as error:
            self.failures.append(repr(error))
            return False
        self.acknowledged += ids
        return True


def stored(spool: Path) -> Counter[str]:
    found: Counter[str] = Counter()
    for segment in (s for lane in LANES for s in list_segments(spool, lane, complete=None)):
        assert segment.complete, segment
        found.update(orjson.loads(p)["event_id"] for _, p in read_segment(segment.path))
    return found


def wait_until(true: Callable[[], object], seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.05)


@pytest.mark.parametrize("workers", [pytest.param(1, marks=pytest.mark.slow), 2])
def test_rolling_restarts_refuse_reset_lose_and_double_nothing(
    start: Callable[..., Collector], workers: int
) -> None:
    collector = start(workers)
    with Senders(collector.url, retry=False) as senders:
        for _ in range(3):
            old = set(collector.writers())
            assert len(old) == workers
            time.sleep(0.5)
            collector.process.send_signal(signal.SIGHUP)
            wait_until(lambda old=old: len(set(collector.writers()) - old) == workers)
            wait_until(lambda old=old: not set(collector.writers()) & old)
    assert collector.end() == 0
    assert senders.failures == []
    found = stored(collector.spool)
    assert len(senders.acknowledged) > 200, "the test must have sent something"
    assert found == Counter(senders.acknowledged)
    assert epochs(collector.spool) == []


def test_a_killed_worker_is_replaced_and_nothing_acknowledged_is_lost(
    start: Callable[..., Collector],
) -> None:
    chance, collector = random.Random(3), start(2)
    with Senders(collector.url, retry=True) as senders:
        for _ in range(4):
            wait_until(lambda: len(collector.writers()) == 2)
            time.sleep(chance.uniform(0.1, 0.5))
            os.kill(chance.choice(collector.writers()), signal.SIGKILL)
            time.sleep(0.1)
        wait_until(lambda: len(collector.writers()) == 2)
    assert collector.end() == 0
    assert not any("ConnectError" in failure for failure in senders.failures), "never refused"
    found = stored(collector.spool)
    assert len(senders.acknowledged) > 200
    assert [i for i in senders.acknowledged if not found[i]] == []
    footers = [read_footer(s.path) for lane in LANES for s in list_segments(collector.spool, lane)]
    assert any(footer.recovered for footer in footers)


def test_workers_of_a_killed_supervisor_end_in_order(start: Callable[..., Collector]) -> None:
    collector = start(2)
    with Senders(collector.url, retry=False) as senders:
        time.sleep(0.5)
        collector.end(signal.SIGKILL)
        wait_until(lambda: live_owner(collector.spool) is None)
    assert epochs(collector.spool) == [], "the workers have completed their segments"
    assert stored(collector.spool) == Counter(senders.acknowledged)
    assert start(1).writers()


@pytest.mark.slow
def test_a_broken_registry_keeps_the_old_workers(
    start: Callable[..., Collector], tmp_path: Path
) -> None:
    collector = start(1)
    (old,) = collector.writers()
    broken = tmp_path / "assets" / "events" / "shop" / "purchase_item_shop" / "v2.json"
    broken.write_text("{")
    collector.process.send_signal(signal.SIGHUP)
    wait_until(lambda: "the old ones go on" in (tmp_path / "log").read_text())
    assert collector.writers() == [old]
    assert httpx.get(f"{collector.url}/readyz").status_code == 200
    broken.unlink()
    collector.process.send_signal(signal.SIGHUP)
    wait_until(lambda: collector.writers() and collector.writers() != [old])


def test_weir_collect_restart_replaces_the_workers(
    start: Callable[..., Collector], tmp_path: Path
) -> None:
    def restart() -> subprocess.CompletedProcess[str]:
        paths = os.pathsep.join(path for path in sys.path if path)
        return subprocess.run(
            [sys.executable, "-m", "weir", "--project", str(tmp_path), "--home",
             str(tmp_path / "home"), "collect", "restart", "--json"],
            capture_output=True, text=True, check=False, timeout=120,
            env={**os.environ, "PYTHONPATH": paths},
        )  # fmt: skip

    nobody = restart()
    assert nobody.returncode == 2
    assert "Start it: `weir up`." in nobody.stderr
    collector = start(2)
    old = collector.writers()
    done = restart()
    assert done.returncode == 0, done.stderr
    assert orjson.loads(done.stdout)["url"] == collector.url
    assert len(collector.writers()) == 2
    assert not set(collector.writers()) & set(old)
