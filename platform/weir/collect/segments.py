"""Segment files of the spool: written, completed, listed, read, and recovered after a crash.

`spool/<lane>/<epoch>-<first offset>.open` is being written; with its footer it becomes `.seg` and
never changes again. Sealing reads segments through this module; when to rotate is the lane's
decision (`weir.collect.lane`), who may write is `weir.collect.ownership`.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

import orjson

from weir.collect.frames import RECORD, Footer, Header, Scan, damaged, encode, last_footer, scan
from weir.core.errors import SpoolError
from weir.core.landing import FINGERPRINT, LANES

__all__ = [
    "Entry",
    "Footer",
    "Header",
    "Recovery",
    "Segment",
    "SegmentWriter",
    "footer_of",
    "list_segments",
    "read_footer",
    "read_segment",
    "recover",
    "recover_orphans",
    "scan_file",
    "stamp",
]

log = logging.getLogger(__name__)

_FOOTER_BYTES = 2048  # a footer's frame is below 500 bytes

Clock = Callable[[], datetime]
"""Returns the naive UTC time."""


class Entry(NamedTuple):
    """One record to append: its offset, arrival, fingerprint and serialised form."""

    offset: int
    received_at: str
    fp: tuple[int, int, int, int]
    payload: bytes


class Segment(NamedTuple):
    """One segment file, ordered as its records are: by epoch, then first offset."""

    epoch: int
    first_offset: int
    lane: str
    path: Path
    complete: bool


@dataclass(frozen=True, slots=True)
class Recovery:
    """What recovering one orphan did."""

    path: Path
    footer: Footer
    cut_bytes: int


def stamp(at: datetime) -> str:
    """Return a time as the spool writes it: always six digits of seconds' fraction.

    >>> stamp(datetime(2026, 11, 21, 5))
    '2026-11-21T05:00:00.000000'
    """
    return at.isoformat(timespec="microseconds")


def list_segments(spool_dir: Path, lane: str, *, complete: bool | None = True) -> list[Segment]:
    """Return a lane's segments in the order of their records.

    Args:
        spool_dir: the spool's folder.
        lane: the lane.
        complete: True for `.seg`, False for `.open` (a live collector's, or an orphan), None for
            both.
    """
    suffixes = {True: (".seg",), False: (".open",), None: (".seg", ".open")}[complete]
    folder = spool_dir / lane
    found = folder.iterdir() if folder.is_dir() else iter(())
    return sorted(_segment(path, lane) for path in found if path.suffix in suffixes)


def _segment(path: Path, lane: str) -> Segment:
    epoch, _, first = path.stem.partition("-")
    try:
        return Segment(int(epoch), int(first), lane, path, path.suffix == ".seg")
    except ValueError:
        raise SpoolError(
            f"`{path}` is not named like a spool segment.", "Move it out of the spool."
        ) from None


def read_segment(path: Path, from_offset: int = 0) -> Iterator[tuple[int, bytes]]:
    """Yield (offset, payload) of a segment's records from `from_offset` on, in order.

    A `.seg` file must be whole. Of an `.open` file the records before the torn tail are yielded.

    Raises:
        SpoolError: if the file is damaged, or complete by its name and not by its content.
    """
    found = scan_file(path)
    if path.suffix == ".seg":
        _check_complete(found, path)
    return (record for record in found.records if record[0] >= from_offset)


def read_footer(path: Path) -> Footer:
    """Return the footer of a complete segment, after checking the whole file.

    Raises:
        SpoolError: if the file is damaged or has no footer.
    """
    return _check_complete(scan_file(path), path)


def footer_of(path: Path) -> Footer:
    """Return the footer of a complete segment from its last bytes, without reading its records.

    Raises:
        SpoolError: if the file is damaged or has no footer.
    """
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - _FOOTER_BYTES))
        return last_footer(file.read()) or read_footer(path)


def scan_file(path: Path) -> Scan:
    """Read a segment file up to its last whole frame. See `weir.collect.frames.scan`."""
    return scan(path.read_bytes(), str(path))


def _check_complete(found: Scan, path: Path) -> Footer:
    footer = found.footer
    if footer is None or found.torn_bytes:
        raise damaged(str(path), found.good_bytes, "the footer is missing or something follows it")
    if footer.records != len(found.records):
        why = f"the footer counts {footer.records} records, there are {len(found.records)}"
        raise damaged(str(path), found.good_bytes, why)
    return footer


class SegmentWriter:
    """Writes one segment. Not for several threads at once.

    Args:
        folder: the lane's folder.
        header: what the segment is.
        write: writes bytes to a descriptor (`os.write`); a test passes one that fails.

    Raises:
        OSError: if the file cannot be made durable; nothing is left behind.
    """

    def __init__(
        self, folder: Path, header: Header, write: Callable[[int, bytes], int] = os.write
    ) -> None:
        self.path = folder / f"{header.epoch:010d}-{header.first_offset:012d}.open"
        self._write = write
        self._header = header
        self._fp = [0, 0, 0, 0]
        self._first: str | None = None
        self._last: str | None = None
        self.next_offset = header.first_offset
        self.size = 0
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND | os.O_CLOEXEC
        self._fd = os.open(self.path, flags, 0o640)
        try:
            self._durable(header.encode())
            sync_folder(folder)
        except OSError:
            os.close(self._fd)
            self.path.unlink(missing_ok=True)
            raise

    @property
    def records(self) -> int:
        """Records written and durable."""
        return self.next_offset - self._header.first_offset

    def append(self, entries: Sequence[Entry]) -> None:
        """Write records and make them durable (one write, one fdatasync).

        Raises:
            OSError: if they are not durable. The file may then hold a part of them: call `repair`.
        """
        self._durable(b"".join([encode(RECORD, e.offset, e.payload) for e in entries]))
        self._first = self._first or entries[0].received_at
        self._last = entries[-1].received_at
        self.next_offset = entries[-1].offset + 1
        for i in range(4):
            self._fp[i] += sum([e.fp[i] for e in entries])

    def repair(self) -> None:
        """Cut what a failed write left behind the last durable record.

        Raises:
            OSError: if the disk does not even allow that.
        """
        os.ftruncate(self._fd, self.size)
        os.fdatasync(self._fd)

    def close(self, closed_at: datetime) -> Path:
        """Complete the segment: footer, fdatasync, rename to `.seg`, folder fsync.

        Raises:
            OSError: if that failed; the segment is still open and may be tried again.
        """
        good = self.size
        footer = Footer(
            self.records, self._header.first_offset, self.next_offset, _four(self._fp),
            self._first, self._last, stamp(closed_at),
        )  # fmt: skip
        complete = self.path.with_suffix(".seg")
        try:
            self._durable(footer.encode())
            self.path.rename(complete)
        except OSError:
            self.size = good
            self.repair()
            raise
        os.close(self._fd)
        try:
            sync_folder(complete.parent)
        except OSError:  # the records are durable under either name, and recovery knows both
            log.warning("%s: its new name is not durable yet", complete, exc_info=True)
        return complete

    def abandon(self) -> None:
        """Let go of the file as it is; recovery completes it."""
        os.close(self._fd)

    def _durable(self, data: bytes) -> None:
        done = self._write(self._fd, data)
        while done < len(data):
            done += self._write(self._fd, data[done:])
        os.fdatasync(self._fd)
        self.size += len(data)


def recover(path: Path, clock: Clock) -> Recovery:
    """Complete an orphan segment: cut its torn tail, write its footer, rename it to `.seg`.

    An orphan without a whole record is removed: nothing in it was ever acknowledged.

    Raises:
        SpoolError: if it is damaged before its last frame; the file is left as it is.
    """
    found = scan_file(path)
    footer = found.footer or _recovered_footer(found, clock())
    with path.open("r+b") as file:
        if found.torn_bytes:
            log.warning("%s: cut a torn tail of %d bytes", path, found.torn_bytes)
        if found.footer is None:
            file.truncate(found.good_bytes)
            file.seek(found.good_bytes)
            file.write(footer.encode())
        else:
            file.truncate(path.stat().st_size - found.torn_bytes)
        file.flush()
        os.fdatasync(file.fileno())
    if not footer.records:
        log.warning("%s: removed, it holds no record", path)
        path.unlink()
        sync_folder(path.parent)
        return Recovery(path, footer, found.torn_bytes)
    log.warning("%s: recovered %d records", path, footer.records)
    return Recovery(_complete(path), footer, found.torn_bytes)


def recover_orphans(spool_dir: Path, clock: Clock, epoch: int) -> list[Recovery]:
    """Recover an epoch's orphans in every lane. Only while holding the lock of its writer.

    A damaged orphan is left as it is and logged as an error: collecting goes on beside it.
    """
    done: list[Recovery] = []
    for lane in LANES:
        orphans = list_segments(spool_dir, lane, complete=False)
        for segment in (s for s in orphans if s.epoch == epoch):
            try:
                done.append(recover(segment.path, clock))
            except SpoolError as error:
                log.error("An orphan was not recovered: %s", error)  # noqa: TRY400 - it says all
    return done


def sync_folder(folder: Path) -> None:
    """Make a folder's entries (a new, renamed or removed file) durable."""
    fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


def _complete(path: Path) -> Path:
    complete = path.with_suffix(".seg")
    path.rename(complete)
    sync_folder(path.parent)
    return complete


def _four(values: Sequence[int]) -> tuple[int, int, int, int]:
    a, b, c, d = values
    return a, b, c, d


def _recovered_footer(found: Scan, closed_at: datetime) -> Footer:
    rows = [orjson.loads(payload) for _, payload in found.records]
    first = found.header.first_offset if found.header else 0
    return Footer(
        records=len(rows),
        first_offset=first,
        next_offset=first + len(rows),
        fp=_four([sum(row[name] for row in rows) for name in FINGERPRINT]),
        first_received_at=rows[0]["received_at"] if rows else None,
        last_received_at=rows[-1]["received_at"] if rows else None,
        closed_at=stamp(closed_at),
        recovered=True,
    )
