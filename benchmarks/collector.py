"""How many durable events the collector takes per second: batches of 100 over loopback HTTP.

Run: `python benchmarks/collector.py [--seconds 10]`. Prints JSON: the median of the runs, each run,
and the machine. Senders share the machine's cores with the server, so this is a lower bound.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import platform
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import orjson

from weir.collect.ownership import live_owner
from weir.collect.segments import list_segments, read_footer
from weir.core.landing import LANES

BATCH = 100
SERVER = """
import sys
from datetime import datetime
from pathlib import Path
import jsonschema_rs
from weir.collect.rules import EventRule, Rules
from weir.collect.server import serve
from weir.core.settings import Settings
schema = {"type": "object", "required": ["quantity", "price"], "additionalProperties": False,
          "properties": {"quantity": {"type": "integer", "minimum": 1},
                         "price": {"type": "number", "minimum": 0}}}
valid = jsonschema_rs.validator_for(schema).is_valid
check = lambda version, params: () if valid(params) else ("never",)
rule = EventRule("purchase_item_shop", "normal", "active", "quarantine", datetime(1990, 1, 1), 1,
                 frozenset({1}), check)
home = Path(sys.argv[1])
serve(Settings(home=home, project=home, collect_port=0), Rules([rule]))
"""


def body(sender: int, number: int) -> bytes:
    return orjson.dumps(
        [
            {
                "id": f"0192f5a0-{sender:04d}-7000-{number:04d}-{i:012d}",
                "name": "purchase_item_shop",
                "version": 1,
                "time": "2026-01-01T21:00:00.123Z",
                "user_id": f"user-{i}",
                "platform": "ios",
                "app_version": "3.1.0",
                "params": {"quantity": 1, "price": 11.77},
            }
            for i in range(BATCH)
        ]
    )


def request(content: bytes) -> bytes:
    head = "POST /v1/batch HTTP/1.1\r\nhost: weir\r\ncontent-type: application/json\r\n"
    return f"{head}content-length: {len(content)}\r\n\r\n".encode() + content


def read_answer(connection: socket.socket) -> bytes:
    data = b""
    while b"\r\n\r\n" not in data:
        data += connection.recv(65_536)
    head, _, rest = data.partition(b"\r\n\r\n")
    if not head.startswith(b"HTTP/1.1 200"):
        raise RuntimeError(data[:300])
    length = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
    while len(rest) < length:
        rest += connection.recv(65_536)
    return rest


def sender(address: tuple[str, int], number: int, seconds: float, sent: object) -> None:
    requests = [request(body(number, i)) for i in range(20)]
    done = 0
    with socket.create_connection(address) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            connection.sendall(requests[done % len(requests)])
            answer = read_answer(connection)
            assert answer.startswith(b'{"accepted":100,'), answer[:200]
            done += 1
    sent.put(done * BATCH)  # type: ignore[attr-defined]


def cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def run(home: Path, senders: int, seconds: float) -> dict[str, float]:
    server = subprocess.Popen([sys.executable, "-c", SERVER, str(home)], stdout=subprocess.PIPE)
    assert server.stdout is not None
    server.stdout.readline()
    owner = live_owner(home / "spool")
    assert owner is not None
    host, _, port = owner.url.removeprefix("http://").partition(":")
    sent: multiprocessing.Queue[int] = multiprocessing.Queue()
    before, started = cpu_seconds(server.pid), time.monotonic()
    workers = [
        multiprocessing.Process(target=sender, args=((host, int(port)), n, seconds, sent))
        for n in range(senders)
    ]
    for worker in workers:
        worker.start()
    events = sum(sent.get() for _ in workers)
    wall, cpu = time.monotonic() - started, cpu_seconds(server.pid) - before
    server.send_signal(signal.SIGTERM)
    server.wait(30)
    segments = [s for lane in LANES for s in list_segments(home / "spool", lane)]
    durable = sum(read_footer(s.path).records for s in segments)
    assert durable == events, (durable, events)
    return {
        "events": events,
        "events_per_second": round(events / wall),
        "events_per_server_cpu_second": round(events / cpu),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=10.0, help="of all runs together")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--senders", type=int, default=4)
    given = parser.parse_args()
    runs = []
    for _ in range(given.runs):
        with tempfile.TemporaryDirectory() as folder:
            runs.append(run(Path(folder), given.senders, given.seconds / given.runs))
    keys = ("events_per_second", "events_per_server_cpu_second")
    result = {
        "batch": BATCH,
        "senders": given.senders,
        "median": {key: statistics.median(r[key] for r in runs) for key in keys},
        "runs": runs,
        "machine": {
            "cpus": os.cpu_count(),
            "cpu": platform.processor() or platform.machine(),
            "python": platform.python_version(),
            "load": os.getloadavg()[0],
        },
    }
    print(json.dumps(result, indent=2))


if __name__ == "__main__":
    main()
