"""The writers of a spool: one lock file an epoch, and up to when its records are complete.

`writers/<epoch>.lock` is held (flock) by the process that writes the epoch's segments. Whoever can
take it knows that the writer is dead, and may recover what it left. `writers/<epoch>.rotated` says
before which instant every record of the epoch is in a complete segment; `<epoch>.asked` since when
a rotation is waited for. Both go with the writer.
"""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

import orjson

from weir.collect.ownership import FileLock, replace_durably, take
from weir.collect.segments import list_segments, recover_orphans, stamp
from weir.core.errors import SpoolError
from weir.core.landing import LANES

FOLDER = "writers"
_NAME = re.compile(r"^(\d{10})\.lock$")
_ASKED, _ROTATED = ".asked", ".rotated"


class Writer(NamedTuple):
    """What a writer says about itself; it takes orders by signal only once it is `ready`."""

    pid: int
    ready: bool


class WriterLock(FileLock):
    """The right to write one epoch's segments.

    Args:
        fd: holds the flock.
        path: the lock file.
        epoch: the epoch.
    """

    def __init__(self, fd: int, path: Path, epoch: int) -> None:
        super().__init__(fd)
        self.path, self.epoch = path, epoch
        self.describe(ready=False)

    def describe(self, *, ready: bool) -> None:
        """Say who writes, and whether it takes orders."""
        self.write(orjson.dumps(Writer(os.getpid(), ready)._asdict()))

    def note_rotation(self, at: datetime) -> None:
        """Say that every record received before `at` is in a complete segment."""
        replace_durably(self.path.with_suffix(_ROTATED), stamp(at).encode())

    def retire(self) -> None:
        """Remove the epoch's files and give the lock up: nothing of it is incomplete any more."""
        if self.fd >= 0:
            for suffix in (_ROTATED, _ASKED, ".lock"):
                self.path.with_suffix(suffix).unlink(missing_ok=True)
            self.release()


def lock_path(spool_dir: Path, epoch: int) -> Path:
    """Return the lock file of an epoch's writer."""
    return spool_dir / FOLDER / f"{epoch:010d}.lock"


def try_writer(spool_dir: Path, epoch: int) -> WriterLock | None:
    """Take an epoch's lock, or return None while its writer lives."""
    path = lock_path(spool_dir, epoch)
    path.parent.mkdir(parents=True, exist_ok=True)
    while (fd := take(path)) is not None:
        if _is(fd, path):
            return WriterLock(fd, path, epoch)
        os.close(fd)  # its holder removed the file between our open and our flock
    return None


def writer_of(
    spool_dir: Path, epoch: int, sleep: Callable[[float], None] = time.sleep
) -> WriterLock:
    """Take the lock of a new epoch, waiting for whoever looks whether it is free.

    Raises:
        SpoolError: if another process writes this epoch.
    """
    for _ in range(100):
        if (taken := try_writer(spool_dir, epoch)) is not None:
            return taken
        sleep(0.02)
    raise SpoolError(
        f"Epoch {epoch} of the spool `{spool_dir}` is written by another process.",
        "Start the collector again: each start takes an epoch of its own.",
    )


def read_writer(spool_dir: Path, epoch: int) -> Writer | None:
    """Return what an epoch's lock file says, or None where it says nothing (yet)."""
    try:
        return Writer(**orjson.loads(lock_path(spool_dir, epoch).read_bytes()))
    except (FileNotFoundError, orjson.JSONDecodeError, TypeError):
        return None


def read_rotation(spool_dir: Path, epoch: int) -> datetime | None:
    """Return the instant before which an epoch's records are complete, None where none is noted."""
    try:
        text = lock_path(spool_dir, epoch).with_suffix(_ROTATED).read_text()
    except FileNotFoundError:
        return None
    return datetime.fromisoformat(text)


def epochs(spool_dir: Path) -> list[int]:
    """Return the epochs that have a writer's file or an incomplete segment, oldest first."""
    folder = spool_dir / FOLDER
    files = folder.iterdir() if folder.is_dir() else iter(())
    known = {int(match[1]) for file in files if (match := _NAME.match(file.name))}
    left = {s.epoch for lane in LANES for s in list_segments(spool_dir, lane, complete=False)}
    return sorted(known | left)


def recover_dead(spool_dir: Path, clock: Callable[[], datetime]) -> list[int]:
    """Recover what dead writers left; return the epochs whose writers live.

    A damaged segment is left as it is and logged as an error; its epoch's files stay.
    """
    living = []
    for epoch in epochs(spool_dir):
        taken = try_writer(spool_dir, epoch)
        if taken is None:
            living.append(epoch)
            continue
        recover_orphans(spool_dir, clock, epoch)
        if incomplete(spool_dir, epoch):
            taken.release()
        else:
            taken.retire()
    return living


def incomplete(spool_dir: Path, epoch: int) -> bool:
    """Tell whether an epoch has an incomplete segment."""
    found = (s for lane in LANES for s in list_segments(spool_dir, lane, complete=False))
    return any(segment.epoch == epoch for segment in found)


def asked_since(spool_dir: Path, epoch: int, now: datetime) -> datetime:
    """Return since when a rotation of the epoch is waited for; the first to ask notes it."""
    path = lock_path(spool_dir, epoch).with_suffix(_ASKED)
    try:
        with path.open("x") as file:
            file.write(stamp(now))
    except FileExistsError:
        text = path.read_text()
        return datetime.fromisoformat(text) if text else now
    return now


def answered(spool_dir: Path, epoch: int) -> None:
    """Forget that a rotation was waited for."""
    lock_path(spool_dir, epoch).with_suffix(_ASKED).unlink(missing_ok=True)


def _is(fd: int, path: Path) -> bool:
    """Tell whether the descriptor is the file that the path names now."""
    try:
        return os.path.samestat(os.fstat(fd), path.stat())
    except FileNotFoundError:
        return False
