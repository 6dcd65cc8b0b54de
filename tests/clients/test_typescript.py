"""The TypeScript client: it compiles, its own tests pass, and nothing is lost when processes die."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import threading
import time
from pathlib import Path

import pytest

from tests.clients.conftest import ROOT, Collector

CLIENT = ROOT / "clients" / "typescript"
SURVIVOR = CLIENT / "test" / "survivor.ts"


class Survivor:
    """The client in a Node process of its own, tracking events one after another."""

    def __init__(
        self, node: Path, url: str, queue: Path | str, prefix: str, count: int, pause: int = 0
    ) -> None:
        command = [node, SURVIVOR, url, queue, prefix, count, pause]
        self.lines: list[str] = []
        self.popen = subprocess.Popen(
            [str(part) for part in command], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )  # fmt: skip
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def _read(self) -> None:
        assert self.popen.stdout is not None
        for line in self.popen.stdout:
            self.lines.append(line.strip())

    def tracked(self, count: int) -> None:
        """Wait until so many events were tracked."""
        deadline = time.monotonic() + 30
        while len(self.lines) < count and time.monotonic() < deadline and self.popen.poll() is None:
            time.sleep(0.01)
        assert len(self.lines) >= count, self.popen.poll()

    def end(self, how: signal.Signals) -> list[str]:
        """Send a signal, wait for the end, and return every line."""
        self.popen.send_signal(how)
        self.popen.wait(60)
        self._reader.join()
        assert self.popen.stdout is not None
        assert self.popen.stderr is not None
        self.popen.stdout.close()
        errors = self.popen.stderr.read()
        self.popen.stderr.close()
        assert how == signal.SIGKILL or self.popen.returncode == 0, errors
        return self.lines


def run(command: list[str]) -> str:
    done = subprocess.run(
        command, cwd=CLIENT, capture_output=True, text=True, check=False, timeout=120
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_it_compiles_and_what_comes_out_runs(tsc: list[str], node: Path, tmp_path: Path) -> None:
    run([*tsc, "-p", ".", "--outDir", str(tmp_path)])
    run([*tsc, "-p", "test"])
    (tmp_path / "package.json").write_text('{"type": "module"}')
    code = "import('./index.js').then(m => new m.Client('http://x')).then(c => c.close())"
    run([str(node), "--input-type=module", "-e", code.replace("./", f"{tmp_path.as_uri()}/")])


def test_its_own_tests_pass(node: Path) -> None:
    tests = sorted(str(path) for path in CLIENT.glob("test/*.test.ts"))
    told = run([str(node), "--test", "--test-reporter=tap", *tests])
    found = re.search(r"^# pass (\d+)$", told, re.M)
    assert found is not None
    assert int(found[1]) > 70
    assert "\n# skipped 0\n" in told


@pytest.mark.parametrize(
    ("stored", "kills"),
    [
        pytest.param(True, 1, marks=pytest.mark.slow, id="file"),
        pytest.param(True, 6, marks=pytest.mark.slow, id="file-often"),
        pytest.param(False, 6, marks=pytest.mark.slow, id="memory-often"),
    ],
)
def test_a_killed_collector_costs_nothing(
    collector: Collector, node: Path, tmp_path: Path, stored: bool, kills: int
) -> None:
    collector.start()
    queue = tmp_path / "queue" if stored else "memory"
    sender = Survivor(node, collector.url, queue, "e", 100_000, pause=20)
    for kill in range(1, kills + 1):
        sender.tracked(len(sender.lines) + 400 + 37 * kill)
        collector.kill()
        sender.tracked(len(sender.lines) + 50)
        collector.start()
    *sent, told = sender.end(signal.SIGTERM)
    stats = json.loads(told)
    collector.stop()
    found = collector.accepted()
    assert len(sent) > 400 * kills
    assert collector.kills == kills
    assert stats["failures"] >= kills, "the kills must have been noticed"
    assert set(found) == set(sent)
    assert found.total() == len(sent) == stats["delivered"]
    assert (stats["flushed"], stats["left"], sum(stats["dropped"].values())) == (True, 0, 0)


def test_a_killed_sender_leaves_its_queue_to_the_next(
    collector: Collector, node: Path, tmp_path: Path
) -> None:
    first = Survivor(node, collector.url, tmp_path / "queue", "a", 100_000)
    first.tracked(1_000)
    told = first.end(signal.SIGKILL)
    collector.start()
    second = Survivor(node, collector.url, tmp_path / "queue", "b", 10)
    second.popen.wait(60)
    *more, stats = second.end(signal.SIGTERM)
    collector.stop()
    found = collector.accepted()
    sent = {*told, *more}
    assert json.loads(stats)["found"] >= 1_000
    assert sent <= found.keys()
    assert len(found.keys() - sent) <= 1, "kept, and killed before it could say so"
    assert set(found.values()) == {1}
