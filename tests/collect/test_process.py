"""The real process: ready line, signals, and kill -9 under load losing nothing acknowledged."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import httpx
import orjson
import pytest

from weir.collect.ownership import live_owner, read_owner
from weir.collect.segments import list_segments, read_footer, read_segment
from weir.collect.writers import read_rotation
from weir.core.landing import LANES

KILLS = 20
SERVER = """
import logging, sys
from datetime import datetime
from pathlib import Path
from weir.collect.rules import EventRule, Rules
from weir.collect.server import serve
from weir.core.settings import Settings

logging.basicConfig(level=logging.WARNING)
rule = lambda name, tier: EventRule(
    name, tier, "active", "quarantine", datetime(2020, 1, 1), 1, frozenset({1}), lambda v, p: ())
rules = Rules([rule("click_item_home", "normal"), rule("buy_item_shop", "critical")])
home = Path(sys.argv[1])
serve(Settings(home=home, project=home, collect_port=0, segment_bytes=40_000), rules)
"""


class Process:
    """A collector of the home in a process of its own."""

    def __init__(self, home: Path) -> None:
        self.spool = home / "spool"
        home.mkdir(exist_ok=True)
        paths = [p for p in sys.path if p]
        self._log = (home / "log").open("ab")
        self.popen = subprocess.Popen(
            [sys.executable, "-c", SERVER, str(home)],
            stdout=subprocess.PIPE,
            stderr=self._log,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(paths)},
        )
        assert self.popen.stdout is not None
        self.ready = self.popen.stdout.readline().decode()
        owner = read_owner(self.spool)
        assert owner is not None, (home / "log").read_text()
        self.url = owner.url

    def end(self, how: signal.Signals) -> int:
        self.popen.send_signal(how)
        code = self.popen.wait(20)
        assert self.popen.stdout is not None
        self.popen.stdout.close()
        self._log.close()
        return code


@pytest.fixture
def processes() -> Iterator[list[Process]]:
    started: list[Process] = []
    yield started
    for process in started:
        if process.popen.poll() is None:
            process.end(signal.SIGKILL)


def item(number: str) -> dict:
    name = ("click_item_home", "buy_item_shop", "no_such_event")[sum(number.encode()) % 3]
    return {"id": number, "name": name, "time": "2026-01-01T00:00:00Z", "version": 1}


def send(url: str, acked: list[str], stop: threading.Event, name: str) -> None:
    """Post until told to stop; note the ids of every batch answered with 200."""
    with httpx.Client(base_url=url, timeout=10) as client:
        for number in range(10**9):
            ids = [f"{name}-{number}-{i}" for i in range(5)]
            try:
                answer = client.post("/v1/batch", json=[item(i) for i in ids])
            except httpx.HTTPError:
                return
            if answer.status_code == 200:
                acked += ids
            if stop.is_set():
                return


def durable(spool: Path) -> Counter[str]:
    """Count every readable event id; offsets must have no hole and no double."""
    found: Counter[str] = Counter()
    for lane in LANES:
        offsets: dict[int, list[int]] = {}
        for segment in list_segments(spool, lane, complete=None):
            for offset, payload in read_segment(segment.path):
                offsets.setdefault(segment.epoch, []).append(offset)
                found[orjson.loads(payload)["event_id"]] += 1
        for seen in offsets.values():
            assert seen == list(range(len(seen)))
    return found


def test_kill_9_loses_nothing_acknowledged(tmp_path: Path, processes: list[Process]) -> None:
    chance = random.Random(7)
    acked: list[str] = []
    for kill in range(KILLS):
        process = Process(tmp_path / "home")
        processes.append(process)
        stop = threading.Event()
        senders = [
            threading.Thread(target=send, args=(process.url, acked, stop, f"{kill}-{n}"))
            for n in range(3)
        ]
        for sender in senders:
            sender.start()
        time.sleep(chance.uniform(0.02, 0.2))
        process.popen.send_signal(signal.SIGUSR1)  # a rotation is where files are renamed
        time.sleep(chance.choice([0.0, 0.002, 0.005, 0.2]))
        process.end(signal.SIGKILL)
        stop.set()
        for sender in senders:
            sender.join()
    last = Process(tmp_path / "home")
    processes.append(last)
    assert last.end(signal.SIGTERM) == 0
    found = durable(last.spool)
    assert len(acked) > 20 * KILLS, "the test must have sent something"
    assert [i for i in acked if found[i] != 1] == []
    for lane in LANES:
        assert list_segments(last.spool, lane, complete=False) == []


def test_an_orderly_life(tmp_path: Path, processes: list[Process]) -> None:
    process = Process(tmp_path / "home")
    processes.append(process)
    assert process.ready == f"Collector ready at {process.url}\n"
    assert live_owner(process.spool) == (process.popen.pid, 1, process.url)
    assert httpx.get(process.url + "/readyz").status_code == 200
    httpx.post(process.url + "/v1/events", json=item("a")).raise_for_status()
    assert list_segments(process.spool, "quarantine") or read_rotation(process.spool, 1) is None
    process.popen.send_signal(signal.SIGUSR1)
    with contextlib.suppress(TimeoutError):
        deadline = time.monotonic() + 10
        while read_rotation(process.spool, 1) is None and time.monotonic() < deadline:
            time.sleep(0.02)
    assert read_rotation(process.spool, 1) is not None
    assert durable(process.spool) == {"a": 1}
    httpx.post(process.url + "/v1/events", json=item("b")).raise_for_status()
    assert process.end(signal.SIGTERM) == 0
    assert live_owner(process.spool) is None
    assert durable(process.spool) == {"a": 1, "b": 1}
    footers = [read_footer(s.path) for lane in LANES for s in list_segments(process.spool, lane)]
    assert [f.recovered for f in footers] == [False, False]


def test_a_second_collector_says_who_is_there(tmp_path: Path, processes: list[Process]) -> None:
    processes.append(Process(tmp_path / "home"))
    second = subprocess.run(
        [sys.executable, "-c", SERVER, str(tmp_path / "home")],
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(p for p in sys.path if p)},
    )
    assert second.returncode != 0
    assert f"process id {processes[0].popen.pid}" in second.stderr
    assert httpx.get(processes[0].url + "/healthz").status_code == 200
