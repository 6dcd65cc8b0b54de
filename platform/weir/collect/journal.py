"""What of a file has been acknowledged: an append-only journal that survives kill -9.

Each line is a CRC and one JSON object, and is on disk before the next batch counts as done. A torn
or broken line ends what is believed: the journal may forget an acknowledgement (the events are then
posted again, with the same ids), but never claims one that was not given.
"""

from __future__ import annotations

import fcntl
import os
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import google_crc32c
import orjson

from weir.collect.segments import sync_folder
from weir.core.errors import SpoolError, UsageError

FORMAT = 1
Range = tuple[int, int]


class Lines:
    """A set of line numbers, kept as ranges (both ends included)."""

    def __init__(self) -> None:
        self._first: list[int] = []
        self._last: list[int] = []

    def __contains__(self, line: object) -> bool:
        if not isinstance(line, int):
            return False
        at = bisect_right(self._first, line) - 1
        return at >= 0 and line <= self._last[at]

    def __len__(self) -> int:
        return sum(b - a + 1 for a, b in self)

    def __iter__(self) -> Iterator[Range]:
        return zip(self._first, self._last, strict=True)

    def add(self, ranges: Iterable[Range]) -> None:
        """Add ranges, merged with those that they touch."""
        merged: list[Range] = []
        for first, last in sorted([*self, *ranges]):
            if merged and first <= merged[-1][1] + 1:
                merged[-1] = (merged[-1][0], max(last, merged[-1][1]))
            else:
                merged.append((first, last))
        self._first, self._last = [a for a, _ in merged], [b for _, b in merged]


def ranges_of(lines: Iterable[int]) -> list[Range]:
    """Return ascending line numbers as ranges.

    >>> ranges_of([2, 3, 4, 7])
    [(2, 4), (7, 7)]
    """
    found: list[Range] = []
    for line in lines:
        if found and line == found[-1][1] + 1:
            found[-1] = (found[-1][0], line)
        else:
            found.append((line, line))
    return found


class Journal:
    """The journal of one file's replay to one collector; open in one process at a time.

    Args:
        path: the journal's file; made when absent.
        digest: the source's digest: a journal of another source is not believed.

    Raises:
        UsageError: if another process replays the same file, or the journal is of another source.
        SpoolError: if it cannot be written.
    """

    def __init__(self, path: Path, digest: str) -> None:
        self.path, self.lines, self.counts = path, Lines(), Counter[str]()
        self._digest = digest
        self.complete = False
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o640)
        except OSError as error:
            raise SpoolError(f"{path} cannot be written: {error}.", "Mend its folder.") from None
        try:
            self._lock()
            self._load(digest)
        except BaseException:
            os.close(self._fd)
            raise

    def acknowledge(self, lines: Iterable[int], verdicts: Mapping[str, int]) -> None:
        """Note, durably, that these lines were acknowledged, with the number of each verdict."""
        ranges = ranges_of(lines)
        self._append({"lines": ranges, "verdicts": dict(verdicts)})
        self._believe(ranges, verdicts)

    def finish(self) -> None:
        """Note that every line of the file was acknowledged: there is nothing left to post."""
        self._append({"complete": True})
        self.complete = True

    def forget(self) -> None:
        """Start over: nothing counts as acknowledged."""
        os.ftruncate(self._fd, 0)
        self.lines, self.counts, self.complete = Lines(), Counter(), False
        self._load(self._digest)

    def close(self) -> None:
        """Let another process have it."""
        if self._fd >= 0:
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
        self.close()

    def _lock(self) -> None:
        try:
            fcntl.flock(self._fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise UsageError(
                "This file is being replayed by another process.", "Wait for its end."
            ) from None

    def _load(self, digest: str) -> None:
        with open(os.dup(self._fd), "rb") as file:  # noqa: PTH123 - of a descriptor
            text = file.read()
        end, entries = _readable(text)
        if end < len(text):
            os.ftruncate(self._fd, end)
        os.lseek(self._fd, end, os.SEEK_SET)
        if not entries:
            self._append({"weir_replay": FORMAT, "digest": digest})
            sync_folder(self.path.parent)
            return
        head, *rest = entries
        if head != {"weir_replay": FORMAT, "digest": digest}:
            raise UsageError(f"{self.path} is the journal of another replay.", "Remove it.")
        for entry in rest:
            self.complete |= bool(entry.get("complete"))
            self._believe([(a, b) for a, b in entry.get("lines", [])], entry.get("verdicts", {}))

    def _believe(self, ranges: list[Range], verdicts: Mapping[str, int]) -> None:
        self.lines.add(ranges)
        self.counts.update(verdicts)

    def _append(self, entry: dict[str, Any]) -> None:
        text = orjson.dumps(entry)
        line = b"%08x %s\n" % (google_crc32c.value(text), text)
        try:
            while line:  # a nearly full disk may take only a part
                line = line[os.write(self._fd, line) :]
            os.fdatasync(self._fd)
        except OSError as error:
            raise SpoolError(
                f"The journal {self.path} cannot be written: {error}.",
                "Free disk space and run again: it goes on from the last line that was noted.",
            ) from None


def _readable(text: bytes) -> tuple[int, list[dict[str, Any]]]:
    """Return the end of what can be believed, and its entries."""
    end, entries = 0, []
    while (stop := text.find(b"\n", end)) >= 0:
        line = text[end:stop]
        if len(line) < 10 or line[:9] != b"%08x " % google_crc32c.value(line[9:]):
            break
        entries.append(orjson.loads(line[9:]))
        end = stop + 1
    return end, entries
