"""Kill -9 of the collector, and of the sender, while a client sends: nothing lost, nothing doubled."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from weir_client import Client, Options

from tests.clients.conftest import ROOT, Collector

EVENTS = 1_000  # between two kills
QUICK = Options(batch_events=100, linger=0.05, timeout=5.0, backoff_first=0.05, backoff_longest=0.5)
SENDER = """
import sys
from weir_client import Client, Options
options = Options(batch_events=100, linger=0.05, backoff_first=0.05, backoff_longest=0.5)
client = Client(sys.argv[1], queue=sys.argv[2], options=options)
for number in range(int(sys.argv[3]), int(sys.argv[4])):
    client.track({"id": f"e{number}", "name": "purchase_item_shop", "version": 1,
                  "params": {"quantity": 1, "price": 1.5}})
    print(number, flush=True)
print("tracked", flush=True)
sys.exit(client.close(60))
"""


def event(number: int) -> dict:
    return {
        "name": "purchase_item_shop",
        "version": 1,
        "user_id": f"u{number % 50}",
        "params": {"quantity": number % 9 + 1, "price": number / 7},
    }


@pytest.mark.parametrize(
    ("stored", "kills"),
    [
        pytest.param(True, 1, id="file"),
        pytest.param(True, 6, marks=pytest.mark.slow, id="file-often"),
        pytest.param(False, 6, marks=pytest.mark.slow, id="memory-often"),
    ],
)
def test_a_killed_collector_costs_nothing(
    collector: Collector, tmp_path: Path, stored: bool, kills: int
) -> None:
    chance = random.Random(11)
    collector.start()
    queue = tmp_path / "events.queue" if stored else None
    client = Client(collector.url, queue=queue, options=QUICK)
    sent: list[str] = []
    for _ in range(kills):
        for _ in range(EVENTS):
            sent.append(client.track(event(len(sent))))
            if len(sent) % 50 == 0:
                time.sleep(0.005)
        collector.kill()
        sent += [client.track(event(len(sent))) for _ in range(chance.randrange(50, 150))]
        collector.start()
    assert client.flush(30)
    assert client.close() == 0
    collector.stop()
    found = collector.accepted()
    assert len(sent) > EVENTS * kills
    assert collector.kills == kills
    assert client.stats.failures >= kills, "the kills must have been noticed"
    assert set(found) == set(sent)
    assert found.total() == len(sent)
    assert client.stats.delivered == len(sent)
    assert not client.stats.dropped


def test_a_killed_sender_leaves_its_queue_to_the_next(collector: Collector, tmp_path: Path) -> None:
    """The first process has nobody to send to, and is killed; what it tracked is sent by the second."""
    queue, tracked = tmp_path / "events.queue", -1
    command = [sys.executable, "-c", SENDER, collector.url, str(queue)]
    env = {"PYTHONPATH": str(ROOT / "clients" / "python" / "src")}
    first = subprocess.Popen([*command, "0", "100000"], stdout=subprocess.PIPE, env=env, text=True)
    assert first.stdout is not None
    for line in first.stdout:
        tracked = int(line)
        if tracked >= 1_000:
            break
    first.send_signal(signal.SIGKILL)
    rest = first.stdout.read().splitlines()
    first.stdout.close()
    first.wait(20)
    tracked = int(rest[-1]) if rest else tracked
    collector.start()
    second = subprocess.run(
        [*command, "200000", "200010"], env=env, capture_output=True, text=True, timeout=60, check=False
    )  # fmt: skip
    assert second.returncode == 0, second.stderr
    collector.stop()
    found = collector.accepted()
    told = {f"e{n}" for n in (*range(tracked + 1), *range(200_000, 200_010))}
    unsaid = found.keys() - told  # kept, and killed before it could say so
    assert told <= found.keys()
    assert len(unsaid) <= 1
    assert set(found.values()) == {1}
