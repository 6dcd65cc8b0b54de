"""How fast the console's API answers on the example lake, at rest and while a run writes.

Run: `python benchmarks/console.py [--rounds 40] [--out FILE]`. Makes the demo's home in a temporary folder
(half a minute), serves it as `weir up` does, and asks every page's twin in turns: at rest, and while
another process builds partitions of the example fact and its layers one after another, as runs do; and
before that once for the first time, when nothing is kept yet. Prints
JSON: milliseconds by page (median, p95), of all requests together, and the machine. Two browsers ask at a
time. Target: p95 of all requests while a run writes, 200 ms.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import platform
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

import httpx

from weir.console.access import People, Role
from weir.console.recent import USABLE_SECONDS
from weir.core.grains import Grain, Range
from weir.core.settings import Settings, load
from weir.orchestra.project import Project
from weir.orchestra.warm import Invocation

PROJECT = Path(__file__).resolve().parent.parent
TARGET_MS = 200
BROWSERS = 2
FORGOTTEN = USABLE_SECONDS + 1
PATHS = (
    "/home", "/events", "/events?q=purchase", "/events/purchase_item_shop", "/models",
    "/models/fact/users_purchased_item", "/models/activation/users_purchased_item_activation_daily",
    "/quarantine", "/recovery", "/lineage?asset=fact/users_purchased_item",
    "/activation/users_purchased_item/weekly", "/search?q=params.quantity:3",
    "/builder/dictionaries", "/builder/check",
)  # fmt: skip
MODELS = ("users_purchased_item", "users_purchased_item_firstlast_daily",
          "users_purchased_item_activation_daily")  # fmt: skip
FIRST_DAY = datetime(1997, 6, 1)
EVENT = {
    "envelope": {"name": "purchase_thing_shop", "description": "Something is bought.", "owner": "a@example.com",
                 "domain": "commerce", "tier": "normal", "sampling": 0.1},
    "parameters": {"type": "object", "properties": {
        f"part_{n}": {"type": "object", "description": "A part.", "properties": {
            f"value_{m}": {"type": "string", "description": "A value.", "maxLength": 20}
            for m in range(10)}} for n in range(10)}},
}  # fmt: skip
"""An event with a hundred parameters, as the builder sends it on each pause of the keyboard."""
CHECK = "/builder/check"
Times = dict[str, list[float]]


def make_home(folder: Path) -> Settings:
    """Make the demo's home."""
    environment = {**os.environ, "WEIR_HOME": str(folder)}
    subprocess.run(
        [sys.executable, "-m", "weir", "--project", str(PROJECT), "demo"],
        env=environment, check=True, capture_output=True,
    )  # fmt: skip
    return load(PROJECT, folder, "")


@contextmanager
def served(settings: Settings) -> Iterator[str]:
    """Serve the console as `weir up` does; yield its address."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = ["-m", "weir.console", "--project", str(PROJECT), "--home", str(settings.home)]
    process = subprocess.Popen(
        [sys.executable, *command], env={**os.environ, "WEIR_CONSOLE_PORT": str(port)}
    )
    address = f"http://127.0.0.1:{port}"
    try:
        for _ in range(300):
            try:
                httpx.get(f"{address}/api/v1/session", timeout=1)
                break
            except httpx.TransportError:
                time.sleep(0.1)
        yield address
    finally:
        process.terminate()
        process.wait(20)


def write_without_end(home: Path) -> None:
    """Build one day after another, with tests, until the process is ended."""
    project = Project(load(PROJECT, home, ""))
    day = FIRST_DAY
    while True:
        labels = Range(day, day + timedelta(days=1), Grain.DAY)
        list(project.dbt.build(Invocation(MODELS, labels)))
        day += timedelta(days=1)
        if day.year > 1997:
            day = FIRST_DAY


@contextmanager
def a_run_that_writes(settings: Settings) -> Iterator[None]:
    """Write partitions in another process; it has begun when this begins."""
    process = multiprocessing.get_context("spawn").Process(
        target=write_without_end, args=(settings.home,), daemon=True
    )
    process.start()
    time.sleep(15)  # it imports and parses first
    try:
        if not process.is_alive():
            raise RuntimeError("The process that writes ended.")
        yield
    finally:
        process.terminate()
        process.join()


def ask(address: str, token: str, rounds: int, browsers: int = BROWSERS) -> Times:
    """Ask for every page in turns from several browsers at a time; milliseconds by path."""
    found: Times = defaultdict(list)
    lock = threading.Lock()

    def browser() -> None:
        with httpx.Client(
            base_url=f"{address}/api/v1", headers={"Authorization": f"Bearer {token}"}, timeout=60
        ) as client:
            for _ in range(rounds):
                for path in PATHS:
                    began = time.perf_counter()
                    _one(client, path)
                    took = (time.perf_counter() - began) * 1000
                    with lock:
                        found[path].append(took)

    threads = [threading.Thread(target=browser) for _ in range(browsers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


def _one(client: httpx.Client, path: str) -> None:
    answer = client.post(path, json=EVENT) if path == CHECK else client.get(path)
    answer.raise_for_status()


def told(times: Times) -> dict[str, object]:
    """Return median and p95 by path, and of all together."""
    every = [one for of in times.values() for one in of]
    return {
        "all": _figures(every),
        "pages": {path: _figures(of) for path, of in times.items()},
    }


def _figures(of: list[float]) -> dict[str, float]:
    return {
        "requests": len(of),
        "median_ms": round(statistics.median(of), 1),
        "p95_ms": round(statistics.quantiles(of, n=100)[94] if len(of) > 1 else of[0], 1),
    }


def measure(folder: Path, rounds: int) -> dict[str, object]:
    """Measure a console at rest and while a run writes."""
    settings = make_home(folder / "home")
    people = People(settings.home)
    people.add("reader", Role.ADMIN)
    token = people.make_token("reader")[1]
    load_before = [round(one, 2) for one in os.getloadavg()]
    with served(settings) as address:
        ask(address, token, 2)  # opens the project
        time.sleep(FORGOTTEN)
        first = ask(address, token, 1, browsers=1)
        at_rest = ask(address, token, rounds)
        with a_run_that_writes(settings):
            writing = ask(address, token, rounds)
    return {
        "target_p95_ms": TARGET_MS,
        "browsers": BROWSERS,
        "first": told(first),
        "at_rest": told(at_rest),
        "while_a_run_writes": told(writing),
        "machine": {
            "cpus": os.cpu_count(), "cpu": platform.processor() or platform.machine(),
            "python": platform.python_version(), "load_before": load_before,
        },
    }  # fmt: skip


def main() -> None:
    """Print the figures as JSON."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--rounds", type=int, default=40, help="times that each browser asks for each page"
    )
    parser.add_argument("--out", type=Path, help="also write the JSON here")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        text = json.dumps(measure(Path(folder), given.rounds), indent=2)
    print(text)
    if given.out:
        given.out.parent.mkdir(parents=True, exist_ok=True)
        given.out.write_text(text + "\n")


if __name__ == "__main__":
    main()
