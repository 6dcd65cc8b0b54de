"""Event files change while the collector serves: taken in, or refused with the old ones in force."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import orjson

from tests.collect.test_supervisor import Collector, start, wait_until
from weir.registry.meaning import meaning_hash

__all__ = ["start"]


def judged(url: str) -> dict[str, Any]:
    item = {"id": "a", "name": "purchase_item_shop", "version": 2, "time": "2026-01-01T00:00:00Z"}
    return httpx.post(f"{url}/v1/events", json=item).json()["results"][0]


def versions(url: str) -> str:
    return judged(url)["verdict"]


def found(url: str) -> str:
    return str(judged(url))


def record(folder: Path, *active: int) -> None:
    """Record versions as active, as `weir events activate` does."""
    schemas = {n: orjson.loads((folder / f"v{n}.json").read_bytes()) for n in active}
    records = {f"{n}": {"status": "active", "hash": meaning_hash(s)} for n, s in schemas.items()}
    (folder / "versions.json").write_bytes(orjson.dumps({"versions": records}))


def test_a_new_version_is_accepted_without_a_restart_or_a_dropped_request(
    start: Callable[..., Collector], tmp_path: Path
) -> None:
    collector = start(1)
    folder = tmp_path / "assets" / "events" / "shop" / "purchase_item_shop"
    assert versions(collector.url) == "quarantined"
    failures: list[object] = []
    stop = threading.Event()

    def send() -> None:
        with httpx.Client(base_url=collector.url) as client:
            while not stop.is_set():
                answer = client.post("/v1/batch", json=[{"name": "purchase_item_shop"}])
                if answer.status_code != 200:
                    failures.append(answer)

    sender = threading.Thread(target=send)
    sender.start()
    try:
        record(folder, 1)
        (folder / "v2.json").write_bytes((folder / "v1.json").read_bytes())
        wait_until(lambda: "which is a draft" in found(collector.url), 20)
        record(folder, 1, 2)
        wait_until(lambda: versions(collector.url) == "accepted", 20)
        (folder / "v3.json").write_text("{")
        wait_until(lambda: "event files are wrong" in (tmp_path / "log").read_text(), 20)
        time.sleep(0.2)
        assert versions(collector.url) == "accepted", "the rules before the mistake stay"
    finally:
        stop.set()
        sender.join()
    assert failures == []
    assert collector.writers(), "no worker was replaced"
