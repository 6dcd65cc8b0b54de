"""The durable spool of one writer: its lanes, the arrival clock, and the end of a segment.

Everything runs on one event loop. Between taking the arrival time and queueing the records there
is no await: a rotation ordered at time t therefore holds every record received before t. Verdicts
are `weir.collect.verdict`'s, files `weir.collect.segments`'.
"""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path

import orjson

from weir.collect.ballast import Ballast, says_full
from weir.collect.judging import Record
from weir.collect.lane import Lane, Rotation, Write, disk_full, spool_full
from weir.collect.ownership import Owner, SpoolLock, lock, next_epoch
from weir.collect.segments import Entry, sync_folder
from weir.collect.writers import WriterLock, recover_dead, writer_of
from weir.core.canonical import fingerprint
from weir.core.errors import SpoolFull
from weir.core.landing import LANES

log = logging.getLogger(__name__)

PENDING_BYTES = 64_000_000
"""Bytes of one lane that may wait for the disk; beyond, senders are told to retry."""
TICK_SECONDS = 0.5
_PROBE = b"\0" * 65_536


class Spool:
    """The lanes that this process writes, under one epoch.

    Args:
        folder: the spool's folder.
        rotation: when a segment is full.
        clock: naive UTC time.
        writer: the right to write an epoch, where a supervisor holds the collector's lock. Without
            it this process takes that lock, the next epoch, and recovers what others left.
        pending_bytes: bound of each lane's queue.
        ballast: disk space that is kept back; without it, none is.
        write: writes to a descriptor; tests pass one that fails.
        wait_seconds: how long to wait for whoever holds the lock and is no collector.

    Raises:
        SpoolError: if another collector owns the folder.
    """

    def __init__(
        self,
        folder: Path,
        rotation: Rotation,
        clock: Callable[[], datetime],
        *,
        writer: WriterLock | None = None,
        pending_bytes: int = PENDING_BYTES,
        ballast: Ballast | None = None,
        write: Write = os.write,
        wait_seconds: float = 5.0,
    ) -> None:
        self._folder, self._clock, self._pending_bytes = folder, clock, pending_bytes
        self._lock: SpoolLock | None = None
        self._last = clock()
        self._rotating = asyncio.Lock()
        self._ticker: asyncio.Task[None] | None = None
        self._writer = writer or self._own(wait_seconds)
        self.epoch = self._writer.epoch
        self._ballast = ballast or Ballast(folder, 0)
        self.is_full = not self._ballast.restore()
        self._executor = ThreadPoolExecutor(len(LANES), "spool")
        self.lanes = {
            name: Lane(
                name, folder / name, self.epoch, rotation, clock, self._executor, write,
                self._drop_ballast,
            )
            for name in LANES
        }  # fmt: skip

    def _own(self, wait_seconds: float) -> WriterLock:
        """Take the collector's lock and an epoch for this process alone."""
        self._lock = lock(self._folder, wait_seconds)
        try:
            epoch = next_epoch(self._folder)
            self._lock.describe(Owner(os.getpid(), epoch, ""))
            prepare(self._folder)
            recover_dead(self._folder, self._clock)
            return writer_of(self._folder, epoch)
        except BaseException:
            self._lock.release()
            raise

    def describe(self, url: str) -> None:
        """Say that this writer takes orders, and where a lone collector listens."""
        self._writer.describe(ready=True)
        if self._lock is not None:
            self._lock.describe(Owner(os.getpid(), self.epoch, url))

    def start(self) -> None:
        """Start the timer that rotates and probes. Needs the running loop."""
        self._ticker = asyncio.get_running_loop().create_task(self._tick())

    def now(self) -> datetime:
        """Return the arrival time: the clock's, but never earlier than the one before."""
        self._last = max(self._last, self._clock())
        return self._last

    def submit(self, records: Sequence[Record]) -> list[asyncio.Future[None]]:
        """Queue the kept ones of the records; they are durable when all futures have ended.

        Raises:
            SpoolFull: if a lane has too much pending, or the disk is full; then nothing was queued.
        """
        if self.is_full and not self._restore_ballast():
            raise disk_full(self._folder)
        by_lane: dict[str, list[Record]] = {}
        for record in records:
            if record.lane is not None:
                by_lane.setdefault(record.lane, []).append(record)
        for name in by_lane:
            if self.lanes[name].pending_bytes > self._pending_bytes:
                raise spool_full(name, None)
        return [self._append(self.lanes[name], kept) for name, kept in by_lane.items()]

    async def commit(self, records: Sequence[Record]) -> None:
        """Make the records durable. The queueing happens before the first suspension.

        Raises:
            SpoolFull: if one of their lanes cannot; the others may then be durable all the same.
        """
        futures = self.submit(records)
        done = await asyncio.gather(*futures, return_exceptions=True)
        for outcome in done:
            if isinstance(outcome, BaseException):
                raise outcome

    @property
    def failed_lanes(self) -> list[str]:
        """Lanes that take nothing now: their last write failed, or the disk is full."""
        if self.is_full:
            return list(self.lanes)
        return [lane.name for lane in self.lanes.values() if lane.failure is not None]

    def _drop_ballast(self) -> None:
        if not self.is_full:
            log.error("The disk of %s is full: senders are told to retry", self._folder)
        self.is_full = True
        self._ballast.drop()

    def _restore_ballast(self) -> bool:
        self.is_full = not self._ballast.restore()
        if not self.is_full:
            log.warning("The disk of %s has room again", self._folder)
        return not self.is_full

    async def rotate(self) -> bool:
        """Complete every open segment behind what is pending; True when all are complete."""
        async with self._rotating:
            at = self.now()
            outcomes = await asyncio.gather(
                *[lane.rotate() for lane in self.lanes.values()], return_exceptions=True
            )
            if any(isinstance(outcome, BaseException) for outcome in outcomes):
                return False
            return await self._note_rotation(at)

    async def _note_rotation(self, at: datetime) -> bool:
        loop = asyncio.get_running_loop()
        try:
            await loop.run_in_executor(self._executor, self._writer.note_rotation, at)
        except OSError as error:
            log.warning("A rotation was not noted, the sealer will ask again: %s", error)
            return False
        return True

    async def close(self) -> None:
        """Make everything pending durable, complete the segments, give up the lock."""
        if self._ticker is not None:
            self._ticker.cancel()
            await asyncio.wait([self._ticker])
        complete = False
        try:
            complete = await self.rotate()
        finally:
            for lane in self.lanes.values():
                await lane.drain()
            self._executor.shutdown()
            self._give_up(complete=complete)

    def _give_up(self, *, complete: bool) -> None:
        if complete:
            self._writer.retire()
        else:
            log.warning("Not every segment is complete: whoever seals next recovers them")
            self._writer.release()
        if self._lock is not None:
            self._lock.release()

    def _append(self, lane: Lane, records: list[Record]) -> asyncio.Future[None]:
        first = lane.next_offset
        return lane.append(
            [_entry(record, lane, offset) for offset, record in enumerate(records, first)]
        )

    async def _tick(self) -> None:
        while True:
            await asyncio.sleep(TICK_SECONDS)
            now = self._clock()
            for lane in self.lanes.values():
                lane.rotate_if_due(now)
            if self.is_full or says_full(self._folder):
                self.is_full = True  # another worker may have found it
                self._restore_ballast()
            if self.failed_lanes and not self.is_full:
                await self._probe()

    async def _probe(self) -> None:
        """Declare failed lanes writable again once a file can be written beside them."""
        loop = asyncio.get_running_loop()
        try:
            await loop.run_in_executor(self._executor, _write_probe, self._folder / "probe")
        except OSError:
            return
        for lane in self.lanes.values():
            lane.failure = None
        log.warning("The spool can be written again")


def prepare(folder: Path) -> None:
    """Create the lanes' folders, durably."""
    for lane in LANES:
        (folder / lane).mkdir(parents=True, exist_ok=True)
    sync_folder(folder)


def _entry(record: Record, lane: Lane, offset: int) -> Entry:
    columns = record.columns
    fp = fingerprint(lane.name, lane.epoch, offset, columns["payload_hash"])
    columns["fp_0"], columns["fp_1"], columns["fp_2"], columns["fp_3"] = fp
    return Entry(offset, columns["received_at"], fp, orjson.dumps(columns))


def _write_probe(path: Path) -> None:
    try:
        with path.open("wb") as file:
            file.write(_PROBE)
            file.flush()
            os.fdatasync(file.fileno())
    finally:
        path.unlink(missing_ok=True)


__all__ = ["Rotation", "Spool", "SpoolFull"]
