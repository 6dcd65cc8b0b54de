"""Notes what the collector did not keep: refused requests, rejected events, broken-off bodies.

Counts are summed by minute, code, producer, event and version, and written every few seconds to
`spool/drops/<epoch>-<number>.jsonl`; the sealer lands them in `weir.drop`. A killed collector loses the
counts of its last seconds, never an event that it acknowledged.
"""

from __future__ import annotations

import asyncio
import logging
import os
from collections import Counter
from collections.abc import Callable, Iterable
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

import orjson

from weir.collect.judging import Record
from weir.collect.ownership import replace_durably
from weir.core.settings import Settings
from weir.engines.embedded import drops as lake_drops
from weir.engines.embedded.drops import DropGroup, DropWanted
from weir.engines.embedded.lake import Lake

log = logging.getLogger(__name__)

FOLDER = "drops"
FLUSH_SECONDS = 2.0
MOST_KEYS = 2_000
"""Kinds of drops held in memory; what is beyond is counted without its event and version."""
REJECTED, DISCONNECTED = "rejected", "disconnected"
ENDED = "weir.ended"
"""Where a request's scope says why the collector itself broke its body off."""


class Key(NamedTuple):
    """One kind of drop."""

    minute: str
    code: str
    producer: str | None
    event_name: str | None
    version: int | None


class Drops:
    """What one writer dropped and has not written yet.

    Args:
        spool_dir: the spool's folder.
        epoch: the writer's epoch: it names the files.
        clock: naive UTC time.
    """

    def __init__(self, spool_dir: Path, epoch: int, clock: Callable[[], datetime]) -> None:
        self._folder, self._epoch, self._clock = spool_dir / FOLDER, epoch, clock
        self._requests: Counter[Key] = Counter()
        self._events: Counter[Key] = Counter()
        self._bytes: Counter[Key] = Counter()
        self._number = 0
        self._task: asyncio.Task[None] | None = None
        self.failures = 0

    def refused(self, code: str, producer: str | None = None, size: int = 0) -> None:
        """Count one request of which nothing was kept."""
        key = self._key(code, producer, None, None)
        self._requests[key] += 1
        self._bytes[key] += size

    def rejected(self, records: Iterable[Record]) -> None:
        """Count the events of a request that their policy rejects."""
        for record in records:
            if record.lane is None:
                columns = record.columns
                named = columns["event_name"], columns["version"]
                self._events[self._key(REJECTED, columns["producer"], *named)] += 1

    def _key(self, code: str, producer: str | None, event: str | None, version: int | None) -> Key:
        minute = self._clock().replace(second=0, microsecond=0).isoformat()
        key = Key(minute, code, producer, event, version)
        if key in self._requests or key in self._events or self.waiting < MOST_KEYS:
            return key
        return Key(minute, code, None, None, None)

    @property
    def waiting(self) -> int:
        """How many kinds of drops are not written yet."""
        return len(self._requests) + len(self._events)

    async def flush(self) -> None:
        """Write what waits, durably. What cannot be written waits for the next time."""
        if not self.waiting:
            return
        taken = self._requests, self._events, self._bytes
        self._requests, self._events, self._bytes = Counter(), Counter(), Counter()
        path = self._folder / f"{self._epoch:010d}-{self._number:06d}.jsonl"
        try:
            await asyncio.to_thread(_write, path, _lines(*taken))
            self._number += 1
        except OSError as error:
            if not self.failures:
                log.error("Drops cannot be written, they are counted on: %s", error)  # noqa: TRY400
            self.failures += 1
            for mine, theirs in zip(
                (self._requests, self._events, self._bytes), taken, strict=True
            ):
                mine.update(theirs)

    def start(self) -> None:
        """Write every few seconds from now on. Needs the running loop."""
        self._task = asyncio.get_running_loop().create_task(self._run())

    async def close(self) -> None:
        """Stop, and write what is left."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])
        await self.flush()

    async def _run(self) -> None:
        while True:
            await asyncio.sleep(FLUSH_SECONDS)
            await self.flush()


def land_drops(settings: Settings, lake: Lake | None = None) -> int:
    """Land the drops that collectors have written; return the number of new rows.

    Raises:
        LakeError: if the lake cannot be written.
    """
    return lake_drops.land_drops(lake or Lake(settings), settings.spool_dir / FOLDER)


def drops(settings: Settings, wanted: DropWanted, limit: int | None = None) -> list[DropGroup]:
    """Return what was dropped and has landed, by code, producer and event, the most first.

    Raises:
        LakeError: if there is no lake.
    """
    return lake_drops.drops(Lake(settings), wanted, limit)


def _lines(requests: Counter[Key], events: Counter[Key], sizes: Counter[Key]) -> bytes:
    rows: list[dict[str, Any]] = [
        {**key._asdict(), "requests": requests[key], "events": events[key], "bytes": sizes[key]}
        for key in dict.fromkeys([*requests, *events])
    ]
    return b"".join(orjson.dumps(row) + b"\n" for row in rows)


def _write(path: Path, content: bytes) -> None:
    os.makedirs(path.parent, exist_ok=True)  # noqa: PTH103 - one call whether it is there or not
    replace_durably(path, content)


__all__ = ["DropGroup", "DropWanted", "Drops", "drops", "land_drops"]
