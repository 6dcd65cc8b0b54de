"""A file that keeps disk space back, so that a full disk still lets segments end and seals commit.

When a write finds the disk full, the ballast is removed: open segments get their footers and the
sealer its transaction from that space, not from senders. While `disk.full` stands beside it, new
records are refused and the sealer removes landed segments at once instead of after a day; it goes
when there is room for the ballast again, and as much besides. Workers of one spool share both.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

FILE, MARK = "ballast", "disk.full"
_FULL = (errno.ENOSPC, errno.EDQUOT)


def free_bytes(folder: Path) -> int:
    """Return the bytes that may still be written on a folder's disk."""
    status = os.statvfs(folder)
    return status.f_bavail * status.f_frsize


class Ballast:
    """The ballast of one spool.

    Args:
        folder: the spool's folder.
        size: bytes to keep back; 0 keeps none.
        free: returns the free bytes of a folder's disk.
    """

    def __init__(self, folder: Path, size: int, free: Callable[[Path], int] = free_bytes) -> None:
        self._path, self._mark = folder / FILE, folder / MARK
        self.size, self._free = size, free

    def drop(self) -> None:
        """Give the space back, because a write found none."""
        self._path.unlink(missing_ok=True)
        with suppress(OSError):  # the others will find the disk full themselves
            self._mark.touch()

    def restore(self) -> bool:
        """Take the space if there is twice as much; tell whether records may be written."""
        if not self._path.exists() and self._free(self._path.parent) < 2 * self.size:
            return False
        try:
            self._write()
        except OSError as error:
            if error.errno not in _FULL:
                raise
            return False
        self._mark.unlink(missing_ok=True)
        return True

    def _write(self) -> None:
        if not self.size or self._path.exists():
            return
        fresh = self._path.with_suffix(f".{os.getpid()}")
        fd = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o640)
        try:
            os.posix_fallocate(fd, 0, self.size)
            os.fsync(fd)
            fresh.replace(self._path)
        except OSError:
            fresh.unlink(missing_ok=True)
            raise
        finally:
            os.close(fd)


def says_full(folder: Path) -> bool:
    """Tell whether a worker of a spool has found the disk full, and no room since."""
    return (folder / MARK).exists()


def is_full(error: BaseException | None) -> bool:
    """Tell whether an error says that the disk or a quota is full."""
    return isinstance(error, OSError) and error.errno in _FULL
