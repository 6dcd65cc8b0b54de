"""Which lines of a file a collector has acknowledged: `<home>/replay/<digest>.journal`.

One line of JSON per acknowledged batch, durable before it counts. A torn last line claims nothing.
What is posted, and in which batches, is `weir.collect.replay`'s business.
"""

from __future__ import annotations

import fcntl
import os
import threading
from bisect import bisect_right
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import TracebackType

import orjson

from weir.collect.segments import sync_folder
from weir.core.errors import UsageError

Range = tuple[int, int]
FOLDER = "replay"


class Journal:
    """The journal of one file, open for one replay. `record` may be called from any thread.

    Args:
        path: the journal's file; made with its folder if absent.

    Raises:
        UsageError: if another process replays the same file.
    """

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.path = path
        self._mutex = threading.Lock()
        self._fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o640)
        try:
            fcntl.flock(self._fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(self._fd)
            raise UsageError(
                "Another replay of this file is running.", "Wait for its end, then run this again."
            ) from None
        data = path.read_bytes()
        self._end = data.rfind(b"\n") + 1
        os.ftruncate(self._fd, self._end)  # the torn tail would spoil the next line
        self.acknowledged = Lines(ranges(data[: self._end]))
        sync_folder(path.parent)

    def record(self, first: int, last: int, counts: Mapping[str, int]) -> None:
        """Write durably that all that is postable in lines `first` to `last` is acknowledged."""
        entry = {"first_line": first, "last_line": last, "counts": dict(counts)}
        line = orjson.dumps(entry) + b"\n"
        with self._mutex:
            written = os.pwrite(self._fd, line, self._end)
            os.fdatasync(self._fd)
            if written != len(line):
                raise OSError(f"{self.path}: the disk took {written} of {len(line)} bytes")
            self._end += written

    def close(self) -> None:
        """Let another replay go on."""
        os.close(self._fd)

    def __enter__(self) -> Journal:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


class Lines:
    """A set of line numbers, as ranges.

    >>> lines = Lines([(10, 20), (1, 4), (15, 25)])
    >>> [n for n in (4, 5, 10, 25, 26) if n in lines]
    [4, 10, 25]
    """

    def __init__(self, given: Iterable[Range]) -> None:
        merged: list[Range] = []
        for first, last in sorted(given):
            if merged and first <= merged[-1][1] + 1:
                merged[-1] = (merged[-1][0], max(last, merged[-1][1]))
            else:
                merged.append((first, last))
        self._firsts = [first for first, _ in merged]
        self._lasts = [last for _, last in merged]

    def __contains__(self, line: int) -> bool:
        """Return whether the line is in one of the ranges."""
        at = bisect_right(self._firsts, line) - 1
        return at >= 0 and line <= self._lasts[at]


def ranges(data: bytes) -> list[Range]:
    """Return the acknowledged ranges that a journal's bytes claim; what is torn claims none."""
    whole, _, _ = data.rpartition(b"\n")
    found = (_entry(line) for line in whole.split(b"\n"))
    return [entry for entry in found if entry is not None]


def _entry(line: bytes) -> Range | None:
    try:
        given = orjson.loads(line)
        first, last = given["first_line"], given["last_line"]
    except (ValueError, KeyError, TypeError):
        return None
    return (first, last) if isinstance(first, int) and isinstance(last, int) else None
