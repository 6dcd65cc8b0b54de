"""Who may write the spool: the collector's lock, the writers' locks, and their epochs.

`collector.lock` is held (flock) by the one collector of a spool: its supervisor and, through the
inherited descriptor, its workers. Whoever can take it knows that none of them lives. A collector may
have several writers at a time, each with an epoch of its own (`weir.collect.writers`).
"""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import NamedTuple, Self

import orjson

from weir.collect.segments import sync_folder
from weir.core.errors import SpoolError
from weir.core.processes import lives

LOCK_FILE = "collector.lock"
EPOCH_FILE = "epoch"


class Owner(NamedTuple):
    """What the live collector says about itself; `url` is empty until it listens."""

    pid: int
    epoch: int
    url: str


class FileLock:
    """An flock on an open file, held until `release` or the end of every process that holds it."""

    def __init__(self, fd: int) -> None:
        self._fd = fd

    @property
    def fd(self) -> int:
        """The descriptor; a child that inherits it holds the lock too."""
        return self._fd

    def write(self, body: bytes) -> None:
        """Replace the file's content."""
        os.pwrite(self._fd, body, 0)
        os.ftruncate(self._fd, len(body))

    def release(self) -> None:
        """Give the lock up and empty the file. A second call does nothing."""
        if self._fd >= 0:
            os.ftruncate(self._fd, 0)
            os.close(self._fd)
            self._fd = -1

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.release()


class SpoolLock(FileLock):
    """The exclusive right to collect into a spool."""

    def describe(self, owner: Owner) -> None:
        """Write who holds the lock, for `read_owner`."""
        self.write(orjson.dumps(owner._asdict()))


def take(path: Path) -> int | None:
    """Return a descriptor that holds the flock of a file, or None while another holds it."""
    fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o640)
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(fd)
        return None
    return fd


def try_lock(spool_dir: Path) -> SpoolLock | None:
    """Take the collector's lock, or return None while a live process holds it."""
    spool_dir.mkdir(parents=True, exist_ok=True)
    fd = take(spool_dir / LOCK_FILE)
    if fd is None:
        return None
    os.ftruncate(fd, 0)
    return SpoolLock(fd)


def lock(
    spool_dir: Path, wait_seconds: float = 5.0, sleep: Callable[[float], None] = time.sleep
) -> SpoolLock:
    """Take the collector's lock, waiting for whoever looks whether it is free, not for a collector.

    Raises:
        SpoolError: if another collector owns the spool, or the lock was not free in time.
    """
    for _ in range(max(1, int(wait_seconds / 0.05))):
        if (taken := try_lock(spool_dir)) is not None:
            return taken
        owner = read_owner(spool_dir)
        if owner is not None and lives(owner.pid):  # a dead one's workers hold it until they end
            raise SpoolError(
                f"The spool `{spool_dir}` is in use by the collector with process id {owner.pid}.",
                "Stop that collector, or give this one another WEIR_HOME.",
            )
        sleep(0.05)
    raise SpoolError(
        f"The lock of the spool `{spool_dir}` was not free for {wait_seconds:g} s.",
        "Another process of this home is starting: wait for its end and start again.",
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
    if not spool_dir.is_dir():  # to look makes nothing
        return None
    if (taken := try_lock(spool_dir)) is not None:
        taken.release()
        return None
    return read_owner(spool_dir)


def live_url(spool_dir: Path) -> str | None:
    """Return where the live collector listens; a dead one's lock file is not believed."""
    owner = live_owner(spool_dir)
    return owner.url.rstrip("/") or None if owner else None


def next_epoch(spool_dir: Path) -> int:
    """Count a writer's start and return its epoch, once it is durable. Only with the lock.

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
    replace_durably(path, str(last + 1).encode())
    return last + 1


def replace_durably(path: Path, content: bytes) -> None:
    """Replace a small file: whoever reads it finds the old or the new content, whole."""
    fresh = path.with_suffix(path.suffix + ".new")
    with fresh.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)
    sync_folder(path.parent)
