"""Event files change while the collector serves: taken in, or refused with the old ones in force."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import threading
import time
from collections.abc import AsyncIterator, Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest

from tests.collect.test_supervisor import EVENT, Collector, start, wait_until
from weir.collect.reload import Reload
from weir.collect.rules import Rules
from weir.core.errors import RegistryError
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


def accepted(url: str, name: str) -> bool:
    item = {"id": "a", "name": name, "version": 1, "time": "2026-01-01T00:00:00Z", "params": {}}
    return (
        str(httpx.post(f"{url}/v1/events", json=item).json()["results"][0]["verdict"]) == "accepted"
    )


def test_folders_that_are_moved_are_noticed(
    start: Callable[..., Collector], tmp_path: Path
) -> None:
    collector = start(1)
    events = tmp_path / "assets" / "events"
    event, aside = events / "shop" / "purchase_item_shop", tmp_path / "aside"
    known = lambda: accepted(collector.url, "purchase_item_shop")  # noqa: E731
    assert known()
    event.rename(aside)
    wait_until(lambda: not known(), 20)
    aside.rename(event)
    wait_until(known, 20)
    events.rename(aside)
    wait_until(lambda: "The folder of events is missing" in (tmp_path / "log").read_text(), 20)
    assert known(), "the rules from before stay"
    shutil.copytree(aside, events)
    term = {"description": "A refund."}
    envelope = orjson.loads((event / "event.json").read_bytes())
    other = events / "shop" / "refund_item_shop"
    wait_until(lambda: (tmp_path / "log").read_text().count("events are in force") >= 3, 20)
    dictionary = orjson.loads((events / "dictionary.json").read_bytes())
    dictionary["action"]["refund"] = term["description"]
    (events / "dictionary.json").write_bytes(orjson.dumps(dictionary))
    shutil.copytree(event, other)
    (other / "event.json").write_bytes(orjson.dumps(envelope | {"name": "refund_item_shop"}))
    wait_until(lambda: accepted(collector.url, "refund_item_shop"), 20)


def test_a_crash_while_a_file_is_wrong_leaves_nobody_without_a_collector(
    start: Callable[..., Collector], tmp_path: Path
) -> None:
    collector = start(1)
    folder = tmp_path / "assets" / "events" / "shop" / "purchase_item_shop"
    (folder / "v1.json").write_text("{")
    wait_until(lambda: "event files are wrong" in (tmp_path / "log").read_text(), 20)
    (pid,) = collector.writers()
    os.kill(pid, signal.SIGKILL)
    wait_until(lambda: collector.writers() not in ([], [pid]), 30)
    assert accepted(collector.url, "purchase_item_shop")
    assert "the last right ones are taken" in (tmp_path / "log").read_text()
    metrics = httpx.get(f"{collector.url}/metrics").text
    assert "weir_rules_stale 1" in metrics
    (folder / "v1.json").write_bytes(orjson.dumps(EVENT["v1.json"]))
    wait_until(lambda: "weir_rules_stale 0" in httpx.get(f"{collector.url}/metrics").text, 20)


@pytest.mark.parametrize(
    "trouble", [RecursionError("deep"), OverflowError("large"), RegistryError("a", "", "no", "do")]
)
def test_nothing_in_a_file_ends_the_following(trouble: Exception) -> None:
    """Whatever loading raises is a failure that is told; the next right files are taken in."""
    right, applied, answers = Rules([]), [], [trouble, Rules([])]

    def load() -> Rules:
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return right

    async def changes() -> AsyncIterator[int]:
        yield 1
        assert (reload.failures, reload.loads) == (1, 0)
        assert reload.error
        assert str(trouble) in reload.error
        yield 2

    reload = Reload(load, applied.append, lambda: datetime(2026, 1, 1))
    asyncio.run(reload.follow(changes()))
    assert (reload.failures, reload.loads, reload.error) == (1, 1, None)
    assert applied == [right]
