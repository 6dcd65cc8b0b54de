"""Counts in windows of time, shared by all processes that open the same file. What they limit is not known here.

A count belongs to a name and a length: it holds the running window and the one before, and is worthless
after two lengths. The table has a fixed size and its space is taken at once, so neither many names nor a
full disk breaks it. It is memory that outlives a process, not durable storage: after a crash of the
machine it may begin anew.
"""

from __future__ import annotations

import fcntl
import logging
import mmap
import os
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from hashlib import blake2b
from pathlib import Path
from typing import NamedTuple

log = logging.getLogger(__name__)

FILE = "rates-1"
"""The table's file in a spool; its number is the format's."""
SLOTS = 4_096
_PROBES = 8
_SLOT = struct.Struct("<16sqqq")
_BYTES = SLOTS * _SLOT.size


class Slot(NamedTuple):
    """One count: whose it is, the number of its running window and its end, and both sums."""

    key: bytes
    until: int
    before: int
    now: int


class Windows:
    """The table.

    Args:
        path: its file; without one, or where it cannot be had, this process counts alone.
    """

    def __init__(self, path: Path | None = None) -> None:
        self._fd = -1
        self._table = mmap.mmap(-1, _BYTES) if path is None else self._shared(path)

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Keep other processes out: what is read inside stays true until it is written."""
        if self._fd < 0:
            yield
            return
        fcntl.flock(self._fd, fcntl.LOCK_EX)
        try:
            yield
        finally:
            fcntl.flock(self._fd, fcntl.LOCK_UN)

    def read(self, name: str, seconds: int, at: float) -> tuple[int, int]:
        """Return (sum of the window before, sum of the running one) at a time of the epoch."""
        key = _key(name, seconds)
        slot = self._slot(self._place(key))
        return _sums(slot, int(at // seconds), seconds) if slot.key == key else (0, 0)

    def add(self, name: str, seconds: int, at: float, amount: int) -> None:
        """Count an amount in the window that runs at a time of the epoch."""
        key, window = _key(name, seconds), int(at // seconds)
        place = self._place(key)
        slot = self._slot(place)
        before, now = _sums(slot, window, seconds) if slot.key == key else (0, 0)
        until = (window + 2) * seconds
        _SLOT.pack_into(self._table, place, key, until, before, now + amount)

    def _place(self, key: bytes) -> int:
        """Return where a key's slot is, or else where it may be: in place of what ends first."""
        first = int.from_bytes(key[:4], "little")
        places = [(first + step) % SLOTS * _SLOT.size for step in range(_PROBES)]
        for place in places:
            if self._table[place : place + 16] == key:
                return place
        return min(places, key=lambda place: self._slot(place).until)

    def _slot(self, place: int) -> Slot:
        return Slot._make(_SLOT.unpack_from(self._table, place))

    def _shared(self, path: Path) -> mmap.mmap:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o640)
            try:
                os.posix_fallocate(fd, 0, _BYTES)
                table = mmap.mmap(fd, _BYTES)
            except OSError:
                os.close(fd)
                raise
        except OSError as error:
            log.warning("This process counts rates alone, %s cannot be had: %s", path, error)
            return mmap.mmap(-1, _BYTES)
        self._fd = fd
        return table


def _sums(slot: Slot, window: int, seconds: int) -> tuple[int, int]:
    """Return a slot's sums as of a window; a clock that is set back by one window changes nothing."""
    passed = window + 2 - slot.until // seconds
    if passed in {0, -1}:
        return slot.before, slot.now
    return (slot.now, 0) if passed == 1 else (0, 0)


@lru_cache(SLOTS)
def _key(name: str, seconds: int) -> bytes:
    return blake2b(f"{seconds} {name}".encode(), digest_size=16).digest()
