"""Who may write the spool: the collector's lock, its epoch, and what it says about itself.

`collector.lock` is held (flock) by the one live collector and names it. Whoever can take it knows
that there is none; the sealer takes it to recover orphans. `rotated` says up to which time every
record is in a complete segment. What is written to segments is not this module's business.
"""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import NamedTuple

import orjson

from weir.collect.segments import stamp, sync_folder
from weir.core.errors import SpoolError

LOCK_FILE = "collector.lock"
EPOCH_FILE = "epoch"
ROTATED_FILE = "rotated"


class Owner(NamedTuple):
    """What the live collector says about itself; `url` is empty until it listens."""

    pid: int
    epoch: int
    url: str


class SpoolLock:
    """The exclusive right to write a spool, held until `release` or the process's end."""

    def __init__(self, fd: int) -> None:
        self._fd = fd

    def describe(self, owner: Owner) -> None:
        """Write who holds the lock, for `read_owner`."""
        body = orjson.dumps(owner._asdict())
        os.pwrite(self._fd, body, 0)
        os.ftruncate(self._fd, len(body))

    def release(self) -> None:
        """Give the lock up. A second call does nothing."""
        if self._fd >= 0:
            os.ftruncate(self._fd, 0)
            os.close(self._fd)
            self._fd = -1

    def __enter__(self) -> SpoolLock:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.release()


def try_lock(spool_dir: Path) -> SpoolLock | None:
    """Take the collector's lock, or return None while a live process holds it."""
    spool_dir.mkdir(parents=True, exist_ok=True)
    fd = os.open(spool_dir / LOCK_FILE, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o640)
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(fd)
        return None
    os.ftruncate(fd, 0)
    return SpoolLock(fd)


def lock(
    spool_dir: Path, wait_seconds: float = 5.0, sleep: Callable[[float], None] = time.sleep
) -> SpoolLock:
    """Take the collector's lock, waiting for a sealer that recovers orphans, not for a collector.

    Raises:
        SpoolError: if another collector owns the spool, or the lock was not free in time.
    """
    for _ in range(max(1, int(wait_seconds / 0.05))):
        if (taken := try_lock(spool_dir)) is not None:
            return taken
        if (owner := read_owner(spool_dir)) is not None:
            raise SpoolError(
                f"The spool `{spool_dir}` is in use by the collector with process id {owner.pid}.",
                "Stop that collector, or give this one another WEIR_HOME.",
            )
        sleep(0.05)
    raise SpoolError(
        f"The lock of the spool `{spool_dir}` was not free for {wait_seconds:g} s.",
        "A seal may be recovering it: wait for its end and start again.",
    )


def read_owner(spool_dir: Path) -> Owner | None:
    """Return what the lock file says about its holder, or None where it says nothing.

    The file outlives a killed collector: only whoever fails to take the lock may believe it.
    """
    try:
        return Owner(**orjson.loads((spool_dir / LOCK_FILE).read_bytes()))
    except (FileNotFoundError, orjson.JSONDecodeError, TypeError):
        return None


def live_owner(spool_dir: Path) -> Owner | None:
    """Return the live collector, or None where there is none (or it is just starting)."""
    if (taken := try_lock(spool_dir)) is not None:
        taken.release()
        return None
    return read_owner(spool_dir)


def next_epoch(spool_dir: Path) -> int:
    """Count the collector's start and return its epoch, once it is durable.

    Raises:
        SpoolError: if the epoch file does not hold a number.
    """
    path = spool_dir / EPOCH_FILE
    try:
        last = int(path.read_text())
    except FileNotFoundError:
        last = 0
    except ValueError:
        raise SpoolError(
            f"`{path}` does not hold a number.", "Write the highest epoch of the spool's files."
        ) from None
    _replace(path, str(last + 1).encode())
    return last + 1


class Rotation(NamedTuple):
    """Every record of `epoch` received before `at` is in a complete segment."""

    epoch: int
    at: str


def write_rotation(spool_dir: Path, epoch: int, at: datetime) -> None:
    """Say that every record received before `at` is in a complete segment."""
    _replace(spool_dir / ROTATED_FILE, orjson.dumps(Rotation(epoch, stamp(at))._asdict()))


def read_rotation(spool_dir: Path) -> Rotation | None:
    """Return the last finished rotation of all lanes, or None where there was none.

    A sealer that closes an hour sends SIGUSR1 to the live collector and waits until this is of its
    epoch and at or after the hour's end.
    """
    try:
        return Rotation(**orjson.loads((spool_dir / ROTATED_FILE).read_bytes()))
    except FileNotFoundError:
        return None


def _replace(path: Path, content: bytes) -> None:
    fresh = path.with_suffix(".new")
    with fresh.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)
    sync_folder(path.parent)
