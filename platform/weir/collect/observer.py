"""Watches one writer: metrics, likely duplicates, drops and the live tail, told once per request.

Everything here is beside the way of an event: nothing is kept, refused or changed by it.
"""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Awaitable, Callable, Mapping, MutableMapping, Sequence
from dataclasses import replace
from datetime import UTC
from pathlib import Path
from typing import Any

from weir.collect.drops import DISCONNECTED, ENDED, Drops
from weir.collect.gauges import Gauges
from weir.collect.judging import Record
from weir.collect.likely import LikelyDuplicates
from weir.collect.metrics import CONTENT_TYPE, Metrics, exposition
from weir.collect.passing import Passing
from weir.collect.reload import Reload
from weir.collect.rules import Rules
from weir.collect.sinks import Sink
from weir.collect.tail import MayTail, Tail
from weir.collect.totals import Standing, Totals
from weir.collect.wire import Refusal
from weir.core.landing import LANES

DATA_ROUTES = ("/v1/events", "/v1/batch")
Scope = MutableMapping[str, Any]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
InForce = Callable[[], tuple[Rules, Reload | None]]
"""Returns the rules in force, and what takes newer ones in."""


class Observer:
    """What one writer is seen doing.

    Args:
        spool: the writer's spool or sink.
        spool_dir: the spool's folder: drops are written below it.
        clock: naive UTC time.
        may_tail: whether a request, by its headers, may listen to the live tail.
    """

    def __init__(
        self,
        spool: Sink,
        spool_dir: Path,
        clock: Callable[[], Any],
        may_tail: MayTail = lambda _headers: False,
    ) -> None:
        self.metrics, self.likely = Metrics(), LikelyDuplicates()
        self.drops = Drops(spool_dir, spool.epoch, clock)
        self.tail = Tail(may_tail, spool.epoch)
        self.passing = Passing(spool_dir, spool.epoch, self.tail.listeners)
        self.tail.following = self.passing.following
        self.totals = Totals(spool_dir, spool.epoch, self._standing)
        self._spool, self._folder = spool, spool_dir
        self._in_force: InForce = lambda: (Rules(()), None)
        for lane in getattr(spool, "lanes", {}).values():
            lane.on_flushed = self._flushed

    def kept(
        self,
        records: Sequence[Record],
        counts: Mapping[str, int],
        size: int,
        seconds: float,
        rules: Rules,
    ) -> None:
        """Note a request that was answered with verdicts.

        Args:
            records: its records.
            counts: how many of each verdict there are.
            size: its body in bytes.
            seconds: from its body's end to its durability.
            rules: the registered events.
        """
        self.metrics.kept(records, counts, size, rules)
        self.metrics.requests.add(seconds)
        self.totals.changed()
        self.likely.add(records)
        if counts.get("rejected"):
            self.drops.rejected(records)
        if self.tail.listeners:
            self.tail.publish(records)

    def refused(self, scope: Scope, refusal: Refusal) -> None:
        """Note a refused request. Only what was to bring events is a drop."""
        self.metrics.refused[refusal.code] += 1
        self.totals.changed()
        if scope["method"] == "POST":
            self.drops.refused(refusal.code, _producer(scope), _announced(scope))
            if self.tail.listeners:
                self.tail.refused(refusal, str(scope["path"])[:200])

    def disconnected(self, scope: Scope) -> None:
        """Note a request whose body broke off: its sender went away, or sent no HTTP."""
        code = scope.get(ENDED, DISCONNECTED)
        self.metrics.refused[code] += 1
        self.totals.changed()
        self.drops.refused(code, _producer(scope))

    def unheard(self, refusal: Refusal, size: int) -> None:
        """Note what was refused before it was a request, with the bytes that came.

        An open connection that never sent a byte brought nothing: it is counted, and no drop.
        """
        self.metrics.refused[refusal.code] += 1
        self.totals.changed()
        if size or refusal.status != 408:
            self.drops.refused(refusal.code, None, size)

    def _flushed(self, lane: str, records: int, seconds: float) -> None:
        self.metrics.flushed(lane, records, seconds)
        self.totals.changed()

    async def scrape(self) -> bytes:
        """Return the metrics of all writers in Prometheus' text format."""
        metrics, gauges = await self.totals.read()
        seen = replace(gauges, **await asyncio.to_thread(_look, self._folder))
        return exposition(metrics, seen, self._in_force()[0])

    def _standing(self) -> Standing:
        return Standing(self.metrics, self._now(*self._in_force()))

    def _now(self, rules: Rules, reload: Reload | None) -> Gauges:
        lanes = getattr(self._spool, "lanes", {})
        loaded_at = reload.loaded_at.replace(tzinfo=UTC).timestamp() if reload else 0.0
        return Gauges(
            epoch=self._spool.epoch,
            ready=not self._spool.failed_lanes,
            pending_bytes={name: lane.pending_bytes for name, lane in lanes.items()},
            likely_duplicates=self.likely.count,
            rules=len(rules.events),
            rules_loaded_at=loaded_at,
            reloads=reload.loads if reload else 0,
            reload_failures=reload.failures if reload else 0,
            rules_stale=reload is not None and reload.error is not None,
            tail_listeners=len(self.tail.own),
            tail_dropped=self.tail.dropped + self.passing.dropped,
            drops_waiting=self.drops.waiting,
            drops_failures=self.drops.failures,
        )

    def watch(self, in_force: InForce) -> None:
        """Know where the rules in force are asked for."""
        self._in_force = in_force

    async def start(self) -> None:
        """Begin to write drops and counts, and to pass on to the tails of other writers."""
        self.drops.start()
        await self.totals.start()
        await self.passing.start()

    async def close(self) -> None:
        """End the tails and write the last drops and counts."""
        self.tail.close()
        await self.passing.close()
        await self.drops.close()
        await self.totals.close()


async def answer_scrape(send: Send, body: bytes) -> None:
    """Answer a scrape."""
    headers = [
        (b"content-type", CONTENT_TYPE.encode()),
        (b"content-length", str(len(body)).encode()),
    ]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def _producer(scope: Scope) -> str | None:
    """Return who sent, where the gate has told."""
    found = scope.get("weir.producer")
    return found if isinstance(found, str) else None


def _announced(scope: Scope) -> int:
    length = dict(scope["headers"]).get(b"content-length", b"0")
    return int(length) if length.isdigit() and len(length) < 16 else 0


def _look(folder: Path) -> dict[str, Any]:
    segments = {lane: _segments(folder / lane) for lane in LANES}
    return {"segments": segments, "free_bytes": _free(folder)}


def _segments(folder: Path) -> int:
    return sum(1 for _ in folder.glob("*.seg"))


def _free(folder: Path) -> int:
    try:
        return shutil.disk_usage(folder).free
    except OSError:
        return 0
