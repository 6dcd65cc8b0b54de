"""What the collector takes per second over loopback HTTP, durably and with validation.

Run: `python benchmarks/collector.py [--seconds 3] [--runs 5] [--out FILE]`. Prints JSON: for each case
the median of the runs, events per second of wall time and per second of the server's CPU, the ratio to
the same server without validation and without fdatasync, and the machine. Cases take turns, so that a
noisy neighbour hits all of them. Senders share the machine's cores with the server: a lower bound.
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
from multiprocessing.queues import SimpleQueue
from pathlib import Path
from typing import NamedTuple

import orjson

from weir.collect.segments import list_segments, read_footer
from weir.collect.writers import epochs, read_writer
from weir.core.landing import LANES

PROJECT = Path(__file__).parent.parent
UNSAFE = """
import os, sys
from pathlib import Path
from weir.collect import server
from weir.collect.lastgood import load_rules
from weir.core.settings import load
os.fdatasync = lambda fd: None
def unchecked(settings):
    known = load_rules(settings)
    for rule in known.events.values():
        object.__setattr__(rule, "check", lambda version, params, limit=0: ())
    return known
settings = load(Path(sys.argv[1]), Path(sys.argv[2]))
server.serve(settings, unchecked(settings))
"""


class Case(NamedTuple):
    """One way of sending: events a request, connections a sender, workers of the server."""

    name: str
    batch: int
    connections: int
    workers: int = 1
    safe: bool = True


CASES = (
    Case("batches of 100", 100, 2),
    Case("batches of 100, 2 workers", 100, 2, workers=2),
    Case("batches of 100, no validation, no fdatasync", 100, 2, safe=False),
    Case("single events", 1, 32),
    Case("single events, no validation, no fdatasync", 1, 32, safe=False),
)


def request(sender: int, number: int, batch: int) -> bytes:
    """Return the bytes of one HTTP request."""
    events = [
        {
            "id": f"0192f5a0-{sender:04d}-7000-{number:04d}-{i:012d}",
            "name": "purchase_item_shop", "version": 1, "time": "2026-01-01T21:00:00.123Z",
            "user_id": f"user-{i}", "platform": "ios", "app_version": "3.1.0",
            "params": {"quantity": 1, "price": 11.77},
        }
        for i in range(batch)
    ]  # fmt: skip
    path, content = ("/v1/events", events[0]) if batch == 1 else ("/v1/batch", events)
    body = orjson.dumps(content)
    head = f"POST {path} HTTP/1.1\r\nhost: weir\r\ncontent-type: application/json\r\n"
    return f"{head}content-length: {len(body)}\r\n\r\n".encode() + body


def read_answer(connection: socket.socket) -> bytes:
    """Return the body of a 200."""
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


def send(port: int, number: int, case: Case, seconds: float, sent: SimpleQueue[int]) -> None:
    """Keep a request in flight on each connection; report how many events were acknowledged."""
    requests = [request(number, i, case.batch) for i in range(20)]
    wanted = b'{"accepted":%d,' % case.batch
    open_connections = [
        socket.create_connection(("127.0.0.1", port)) for _ in range(case.connections)
    ]
    for connection in open_connections:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection.sendall(requests[0])
    done, end = 0, time.monotonic() + seconds
    while time.monotonic() < end:
        for connection in open_connections:
            answer = read_answer(connection)
            assert answer.startswith(wanted), answer[:200]
            done += 1
            connection.sendall(requests[done % len(requests)])
    for connection in open_connections:
        read_answer(connection)
        connection.close()
    sent.put((done + len(open_connections)) * case.batch)


def cpu_seconds(pids: list[int]) -> float:
    """Return the CPU time of processes so far."""
    stats = [Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split() for pid in pids]
    return sum(int(s[11]) + int(s[12]) for s in stats) / os.sysconf("SC_CLK_TCK")


def start(case: Case, home: Path) -> tuple[subprocess.Popen[bytes], int, list[int]]:
    """Start the server; return it, its port and the ids of the processes that serve."""
    where = ["--project", str(PROJECT), "--home", str(home)]
    safe = [sys.executable, "-m", "weir.collect", *where]
    unsafe = [sys.executable, "-c", UNSAFE, str(PROJECT), str(home)]
    settings = {"WEIR_COLLECT_PORT": "0", "WEIR_COLLECT_WORKERS": str(case.workers)}
    server = subprocess.Popen(
        safe if case.safe else unsafe, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        env={**os.environ, **settings},
    )  # fmt: skip
    assert server.stdout is not None
    url = server.stdout.readline().decode().split()[-1]
    known = [read_writer(home / "spool", epoch) for epoch in epochs(home / "spool")]
    return server, int(url.rpartition(":")[2]), [w.pid for w in known if w and w.ready]


def run(case: Case, senders: int, seconds: float) -> dict[str, float]:
    """Measure one case once."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        server, port, pids = start(case, home)
        sent: SimpleQueue[int] = multiprocessing.SimpleQueue()
        before, started = cpu_seconds(pids), time.monotonic()
        workers = [
            multiprocessing.Process(target=send, args=(port, n, case, seconds, sent))
            for n in range(senders)
        ]
        for worker in workers:
            worker.start()
        events = sum(sent.get() for _ in workers)
        wall, cpu = time.monotonic() - started, cpu_seconds(pids) - before
        server.send_signal(signal.SIGTERM)
        server.wait(60)
        segments = [s for lane in LANES for s in list_segments(home / "spool", lane)]
        assert sum(read_footer(s.path).records for s in segments) == events, (
            "acknowledged = durable"
        )
    return {"per_second": round(events / wall), "per_server_cpu_second": round(events / cpu)}


def summary(runs: dict[str, list[dict[str, float]]]) -> dict[str, object]:
    """Return medians, and the ratios to the unsafe server."""
    keys = ("per_second", "per_server_cpu_second")
    median = {
        name: {key: statistics.median(r[key] for r in found) for key in keys}
        for name, found in runs.items()
    }
    ratios = {
        name: {
            key: round(median[name][key] / median[f"{name}, no validation, no fdatasync"][key], 3)
            for key in keys
        }
        for name in ("batches of 100", "single events")
    }
    return {"median": median, "ratio_to_unsafe": ratios}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=3.0, help="of each run")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--senders", type=int, default=2)
    parser.add_argument("--out", type=Path, help="also write the JSON here")
    given = parser.parse_args()
    runs: dict[str, list[dict[str, float]]] = {case.name: [] for case in CASES}
    loads = []
    for _ in range(given.runs):
        loads.append(os.getloadavg()[0])
        for case in CASES:
            runs[case.name].append(run(case, given.senders, given.seconds))
    result = {
        **summary(runs),
        "runs": runs,
        "senders": given.senders,
        "machine": {
            "cpus": os.cpu_count(),
            "cpu": platform.processor() or platform.machine(),
            "python": platform.python_version(),
            "load_before": loads,
        },
    }
    text = json.dumps(result, indent=2)
    print(text)
    if given.out:
        given.out.parent.mkdir(parents=True, exist_ok=True)
        given.out.write_text(text + "\n")


if __name__ == "__main__":
    main()
