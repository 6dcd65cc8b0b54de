"""The one lock that every write transaction on a SQLite catalogue holds, dbt's included.

Two uncoordinated writers have corrupted SQLite catalogues, and COMMIT can fail in spite of a busy
timeout. The lock file is an advisory `flock`: kill -9 of its holder frees it. Local disks only.
"""

from __future__ import annotations

from pathlib import Path

from filelock import FileLock, Timeout

from weir.core.errors import LakeError

LOCK_FILE = "write.lock"
TIMEOUT_SECONDS = 600.0
_POLL_SECONDS = 0.01


def write_lock(path: Path) -> FileLock:
    """Return the write lock at `path`, not yet taken. It is not re-entrant across objects."""
    return FileLock(path, timeout=TIMEOUT_SECONDS, poll_interval=_POLL_SECONDS, thread_local=False)


def acquire(lock: FileLock) -> None:
    """Take the lock, waiting for other writers.

    Raises:
        LakeError: after 600 s.
    """
    try:
        lock.acquire()
    except Timeout:
        raise LakeError(
            f"Another writer has held {lock.lock_file} for {TIMEOUT_SECONDS:.0f} s.",
            "See which process it is (`weir doctor`), end it, and run this again.",
        ) from None
