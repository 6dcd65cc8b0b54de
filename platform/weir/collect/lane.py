"""One lane of the spool: pending batches, group commit, rotation, repair after a failed write.

The event loop appends and awaits; one flush at a time writes a group in a thread and makes it
durable with a single fdatasync. When a write fails, everything pending fails with it, the file is
cut back to its last durable record and offsets are used again: nothing of it was acknowledged.
"""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from time import perf_counter

from weir.collect.ballast import is_full
from weir.collect.frames import Header
from weir.collect.segments import Entry, SegmentWriter, stamp
from weir.core.errors import SpoolFull

log = logging.getLogger(__name__)

Write = Callable[[int, bytes], int]


@dataclass(frozen=True, slots=True)
class Rotation:
    """When a segment is full."""

    bytes: int
    seconds: float


@dataclass(slots=True)
class _Work:
    """A batch to make durable, or (without entries) the order to rotate."""

    entries: Sequence[Entry]
    size: int
    done: asyncio.Future[None]


class Lane:
    """A lane as the event loop sees it. All methods but the writing itself run on the loop.

    Args:
        name: the lane.
        folder: its folder.
        epoch: the collector's epoch.
        rotation: when to rotate.
        clock: naive UTC time.
        executor: runs the writing.
        write: writes to a descriptor; tests pass one that fails.
        on_full: called when a write finds the disk full.
    """

    def __init__(
        self,
        name: str,
        folder: Path,
        epoch: int,
        rotation: Rotation,
        clock: Callable[[], datetime],
        executor: Executor,
        write: Write = os.write,
        on_full: Callable[[], None] = lambda: None,
    ) -> None:
        self.name, self.epoch = name, epoch
        self.next_offset = 0
        self.pending_bytes = 0
        self.failure: Exception | None = None
        self.on_flushed: Callable[[str, int, float], None] | None = None
        self._folder, self._rotation, self._clock = folder, rotation, clock
        self._executor, self._write, self._on_full = executor, write, on_full
        self._pending: list[_Work] = []
        self._flusher: asyncio.Task[None] | None = None
        self._hour: str | None = None
        self._writer: SegmentWriter | None = None
        self._opened_at = clock()
        self._durable_offset = 0
        self._dirty = False

    def append(self, entries: Sequence[Entry]) -> asyncio.Future[None]:
        """Queue records whose offsets start at `next_offset`; the future ends when they are durable.

        The future raises SpoolFull if they are not.
        """
        self.next_offset += len(entries)
        return self._queue(entries, sum([len(e.payload) + 32 for e in entries]))

    def rotate(self) -> asyncio.Future[None]:
        """Complete the open segment behind everything that is pending."""
        return self._queue((), 0)

    def rotate_if_due(self, now: datetime) -> None:
        """Complete the open segment if it is old, or of an hour that has ended."""
        if self._writer is None:
            return
        aged = (now - self._opened_at).total_seconds() >= self._rotation.seconds
        if aged or (self._hour is not None and stamp(now)[:13] > self._hour):
            self.rotate()

    async def drain(self) -> None:
        """Wait until nothing is pending."""
        while self._flusher is not None:
            await asyncio.wait([self._flusher])

    def _queue(self, entries: Sequence[Entry], size: int) -> asyncio.Future[None]:
        loop = asyncio.get_running_loop()
        work = _Work(entries, size, loop.create_future())
        work.done.add_done_callback(_retrieve)
        self._pending.append(work)
        self.pending_bytes += size
        if self._flusher is None:
            self._flusher = loop.create_task(self._flush())
        return work.done

    async def _flush(self) -> None:
        loop = asyncio.get_running_loop()
        while self._pending:
            group, self._pending = self._pending, []
            began = perf_counter()
            try:
                await loop.run_in_executor(self._executor, self._write_group, group)
            except Exception as error:  # noqa: BLE001 - whatever it is, senders must hear of it
                self._fail(group, error)
            else:
                self._succeed(group)
                if self.on_flushed is not None:
                    records = sum([len(work.entries) for work in group])
                    self.on_flushed(self.name, records, perf_counter() - began)
        self._flusher = None

    def _succeed(self, group: list[_Work]) -> None:
        if self.failure is not None:
            log.warning("Lane %s can be written again", self.name)
            self.failure = None
        for work in group:
            self.pending_bytes -= work.size
            if not work.done.done():
                work.done.set_result(None)

    def _fail(self, group: list[_Work], error: Exception) -> None:
        if self.failure is None:
            log.error("Lane %s cannot be written, senders are told to retry: %s", self.name, error)
        self.failure = error
        if is_full(error):
            self._on_full()
        lost, self._pending = group + self._pending, []
        self.pending_bytes = 0
        self.next_offset = self._durable_offset
        for work in lost:
            if not work.done.done():
                work.done.set_exception(spool_full(self.name, error))

    def _write_group(self, group: list[_Work]) -> None:
        """Write a group in the thread: consecutive batches together, rotations in between."""
        if self._dirty and self._writer is not None:
            self._writer.repair()
            self._dirty = False
        entries: list[Entry] = []
        for work in group:
            hour = work.entries[0].received_at[:13] if work.entries else None
            if hour != self._hour:
                self._write_entries(entries)
                entries = []
                self._close_segment()  # as ordered, or for a new UTC hour: a segment holds one
                self._hour = hour
            entries += work.entries
        self._write_entries(entries)
        if self._writer is not None and self._writer.size >= self._rotation.bytes:
            self._close_segment()

    def _write_entries(self, entries: list[Entry]) -> None:
        if not entries:
            return
        if self._writer is None:
            now = self._clock()
            header = Header(self.name, self.epoch, self._durable_offset, stamp(now))
            self._writer = SegmentWriter(self._folder, header, self._write)
            self._opened_at = now
        self._dirty = True
        self._writer.append(entries)
        self._dirty = False
        self._durable_offset = self._writer.next_offset

    def _close_segment(self) -> None:
        if self._writer is not None and self._writer.records:
            self._dirty = True
            self._writer.close(self._clock())
            self._dirty = False
            self._writer = None


def spool_full(lane: str, error: Exception | None) -> SpoolFull:
    """Return the error of a lane that cannot take more."""
    why = f"cannot be written ({error})" if error else "has too much pending"
    return SpoolFull(f"The lane `{lane}` {why}.", "Nothing was acknowledged: send it again later.")


def disk_full(folder: Path) -> SpoolFull:
    """Return the error of a spool that waits for disk space."""
    return SpoolFull(
        f"The disk of the spool `{folder}` is full.",
        "Nothing was acknowledged: send it again later. Free disk space; collecting goes on by itself.",
    )


def _retrieve(future: asyncio.Future[None]) -> None:
    """Mark a failure as seen: nobody waits for the rotation of a timer."""
    if not future.cancelled():
        future.exception()
