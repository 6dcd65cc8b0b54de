"""One scrape tells what all writers counted: sums, ended writers, and what a broken file does."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path

import httpx
import orjson
import pytest

from tests.collect.observed import play
from tests.collect.test_metrics import samples
from tests.collect.test_supervisor import Collector, start, wait_until
from weir.collect import totals
from weir.collect.gauges import Gauges
from weir.collect.metrics import Counted, Metrics
from weir.collect.rules import Rules
from weir.collect.sheets import Sheet, read_sheet
from weir.collect.totals import Standing, Totals, fold, read_totals

__all__ = ["start"]


def counted(events: int) -> Metrics:
    metrics = Metrics()
    metrics.events[Counted("accepted", "click_item_home")] = events
    metrics.refused["not_json"] = 1
    metrics.violations["type"] = 2
    metrics.received_bytes = 10
    metrics.requests.add(0.003)
    metrics.flushed("normal", events, 0.001)
    return metrics


def said(spool: Path, epoch: int, events: int, **gauges: object) -> Totals:
    """Let a writer say what it counted; a live one is returned."""
    standing = Standing(counted(events), replace(Gauges(epoch=epoch), **gauges))
    writer = Totals(spool, epoch, lambda: standing)
    asyncio.run(writer.say())
    return writer


def test_counters_and_gauges_are_summed(tmp_path: Path) -> None:
    said(tmp_path, 1, 5, pending_bytes={"normal": 3}, rules=7, rules_loaded_at=50.0, reloads=1)
    said(tmp_path, 2, 6, pending_bytes={"normal": 4, "bulk": 1}, rules=8, rules_loaded_at=9.0,
         ready=False, rules_stale=True, tail_listeners=2, likely_duplicates=3)  # fmt: skip
    metrics, gauges = read_totals(tmp_path / totals.FOLDER)
    assert metrics.events == {Counted("accepted", "click_item_home"): 11}
    assert (metrics.refused, metrics.violations) == ({"not_json": 2}, {"type": 4})
    assert metrics.received_bytes == 20
    assert metrics.requests.buckets()[-1] == ("+Inf", 2)
    assert metrics.requests.total == pytest.approx(0.006)
    assert metrics.flush_records["normal"].total == 11
    assert gauges == Gauges(
        writers=2, epoch=2, ready=False, pending_bytes={"normal": 7, "bulk": 1}, rules=7,
        rules_loaded_at=9.0, reloads=1, rules_stale=True, tail_listeners=2, likely_duplicates=3,
    )  # fmt: skip


def test_counters_outlive_their_writer_and_gauges_do_not(tmp_path: Path) -> None:
    said(tmp_path, 1, 5, pending_bytes={"normal": 3}, reloads=4)
    said(tmp_path, 2, 6, pending_bytes={"normal": 4}, reloads=1)
    before = read_totals(tmp_path / totals.FOLDER)
    fold(tmp_path, [2])
    fold(tmp_path, [2])
    metrics, gauges = read_totals(tmp_path / totals.FOLDER)
    assert metrics.plain() == before.metrics.plain()
    assert gauges == Gauges(epoch=2, pending_bytes={"normal": 4}, reloads=5)
    said(tmp_path, 3, 1)
    fold(tmp_path, [])
    metrics, gauges = read_totals(tmp_path / totals.FOLDER)
    assert metrics.events == {Counted("accepted", "click_item_home"): 12}
    assert (gauges.writers, gauges.reloads, gauges.ready) == (0, 5, True)
    totals.clear(tmp_path)
    assert read_totals(tmp_path / totals.FOLDER).metrics.events == {}


def test_a_sheet_that_was_added_to_the_ended_counts_once(tmp_path: Path) -> None:
    """A supervisor that is killed before it has removed the sheet leaves both."""
    path = said(tmp_path, 1, 5)._sheet.path
    copy = path.read_bytes()
    fold(tmp_path, [])
    path.write_bytes(copy)
    for _ in range(2):
        metrics, gauges = read_totals(tmp_path / totals.FOLDER)
        assert (metrics.events.total(), gauges.writers) == (5, 0)
        fold(tmp_path, [])
        assert not path.exists()


def test_a_writer_of_another_version_loses_only_what_cannot_be_added(tmp_path: Path) -> None:
    said(tmp_path, 1, 5)
    strange = Sheet(tmp_path / totals.FOLDER / f"{2:010d}")
    content = {
        "metrics": {"events": [["accepted", "x", 3]], "requests": [1, 2, 0.5], "new": {}},
        "gauges": {"writers": 1, "epoch": 2, "colour": "red"},
    }
    strange.write(orjson.dumps(content))
    metrics, gauges = read_totals(tmp_path / totals.FOLDER)
    assert metrics.events.total() == 8
    assert metrics.requests.buckets()[-1] == ("+Inf", 1)
    assert (gauges.writers, gauges.ready) == (2, True)


def test_a_writer_without_a_place_to_write_tells_its_own(
    tmp_path: Path, rules: Rules, event: Callable
) -> None:
    (tmp_path / totals.FOLDER).write_text("no folder")

    async def story(client, app, observer) -> None:
        await client.post("/v1/events", json=event())
        found = samples((await client.get("/metrics")).content)
        assert found["weir_events_total", "click_item_home", "normal", "accepted"] == 1

    play(tmp_path, rules, story)


@pytest.mark.parametrize("size", [0, 1, 5_000, 40_000, 400_000])
def test_a_sheet_says_what_was_written_last(tmp_path: Path, size: int) -> None:
    sheet = Sheet(tmp_path / "folder" / "sheet")
    assert read_sheet(sheet.path) is None
    for text in (b"a", b"b" * size, b"c", b"d" * (size // 2)):
        sheet.write(text)
        assert read_sheet(sheet.path) == text
    sheet.close()
    assert [p.name for p in sheet.path.parent.iterdir()] == ["sheet"]


def test_a_write_that_was_killed_leaves_what_was_said_before(tmp_path: Path) -> None:
    sheet = Sheet(tmp_path / "sheet")
    for text in (b"first", b"second"):
        sheet.write(text)
    content = bytearray(sheet.path.read_bytes())
    content[content.index(b"second")] ^= 1
    sheet.path.write_bytes(content)
    assert read_sheet(sheet.path) == b"first"
    sheet.path.write_bytes(b"")
    assert read_sheet(sheet.path) is None


ITEM = {
    "name": "purchase_item_shop", "version": 1, "time": "2026-01-01T00:00:00Z",
    "params": {"quantity": 1},
}  # fmt: skip


def send(url: str, first: int, requests: int) -> None:
    """Send single events, each on a connection of its own: they meet any worker."""
    for number in range(first, first + requests):
        httpx.post(f"{url}/v1/events", json={**ITEM, "id": str(number)}).raise_for_status()


def accepted(scrape: httpx.Response) -> tuple[int, int]:
    """Return the accepted events and the writers of one scrape."""
    found = samples(scrape.content)
    events = found.get(("weir_events_total", "purchase_item_shop", "normal", "accepted"), 0)
    assert found["weir_request_seconds_count",] == events
    return int(events), int(found["weir_writers",])


def scraped(url: str) -> tuple[int, int]:
    """Scrape any worker."""
    return accepted(httpx.get(f"{url}/metrics"))


@contextmanager
def one_of_each(url: str, workers: int) -> Iterator[list[httpx.Client]]:
    """Connect to each of the workers."""
    with ExitStack() as stack:
        found: dict[int, httpx.Client] = {}
        for _ in range(1_000):
            client = stack.enter_context(httpx.Client(base_url=url))
            found.setdefault(client.get("/healthz").json()["epoch"], client)
            if len(found) == workers:
                break
        assert len(found) == workers
        yield list(found.values())


def test_any_worker_answers_for_all(start: Callable[..., Collector]) -> None:
    collector = start(2)
    with one_of_each(collector.url, 2) as clients:
        for number in range(30):
            item = {**ITEM, "id": str(number)}
            clients[number % 2].post("/v1/events", json=item).raise_for_status()
        wait_until(lambda: scraped(collector.url) == (30, 2))
        for client in clients * 3:
            assert accepted(client.get("/metrics")) == (30, 2)
    assert httpx.post(f"{collector.url}/v1/events", content=b"{").status_code == 400
    refused = ("weir_refused_requests_total", "not_json")
    wait_until(lambda: refused in samples(httpx.get(f"{collector.url}/metrics").content))
    old = set(collector.writers())
    collector.process.send_signal(signal.SIGHUP)
    wait_until(lambda: len(set(collector.writers()) - old) == 2)
    wait_until(lambda: not set(collector.writers()) & old)
    wait_until(lambda: scraped(collector.url) == (30, 2))
    send(collector.url, 30, 10)
    wait_until(lambda: scraped(collector.url) == (40, 2))


def test_a_killed_worker_takes_no_counts_with_it(start: Callable[..., Collector]) -> None:
    collector = start(2)
    send(collector.url, 0, 20)
    wait_until(lambda: scraped(collector.url) == (20, 2))  # from here on they are said
    os.kill(collector.writers()[0], signal.SIGKILL)
    seen = []

    def replaced() -> bool:
        seen.append(scraped(collector.url)[0])
        return len(collector.writers()) == 2 and scraped(collector.url) == (20, 2)

    wait_until(replaced)
    assert set(seen) == {20}, "a counter never goes back"
