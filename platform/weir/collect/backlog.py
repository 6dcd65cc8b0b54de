"""What waits in one lane of the spool: the next batch to seal after a position. Reads only.

Offsets of an epoch have no gaps, and an epoch ends where every file of it is complete and a later
one exists. Whatever does not fit is an error that names the file: nothing is skipped silently.
"""

from __future__ import annotations

from itertools import islice
from pathlib import Path

from weir.collect.ownership import EPOCH_FILE
from weir.collect.segments import Segment, list_segments, read_segment
from weir.core.errors import SpoolError
from weir.engines.ports import Batch, Position

MAX_RECORDS = 500_000
MAX_BYTES = 256_000_000
"""Most records and bytes of one batch: one transaction, held in memory."""


def next_batch(
    spool_dir: Path,
    lane: str,
    at: Position,
    max_records: int = MAX_RECORDS,
    max_bytes: int = MAX_BYTES,
) -> Batch | None:
    """Return the records that follow a lane's position, None where none is complete.

    Args:
        spool_dir: the spool's folder.
        lane: the lane.
        at: how far it has been sealed.
        max_records: most records to return.
        max_bytes: bytes of payload after which no further record is taken.

    Raises:
        SpoolError: if a segment is damaged, or offsets are missing.
    """
    waiting = [s for s in list_segments(spool_dir, lane, complete=None) if s.epoch >= at.epoch]
    start = _start(waiting, at)
    if start is None:
        return None
    epoch, first = start
    payloads: list[bytes] = []
    size, offset = 0, first
    for segment in _from(waiting, epoch, first):
        if not segment.complete and not payloads:
            _check_alive(spool_dir, segment, waiting)
        if not segment.complete or len(payloads) >= max_records or size >= max_bytes:
            break
        if segment.first_offset > offset:
            raise _gap(lane, epoch, offset, segment)
        for _, payload in islice(read_segment(segment.path, offset), max_records - len(payloads)):
            payloads.append(payload)
            size += len(payload)
            if size >= max_bytes:
                break
        offset = first + len(payloads)
    return Batch(lane, at, epoch, first, payloads) if payloads else None


def _check_alive(spool_dir: Path, segment: Segment, waiting: list[Segment]) -> None:
    """Refuse an incomplete segment that nobody writes any more: its recovery has failed."""
    collectors = spool_dir / EPOCH_FILE
    newest = int(collectors.read_text()) if collectors.exists() else 0
    if segment.epoch < max([newest, *(s.epoch for s in waiting)]):
        raise SpoolError(
            f"`{segment.path}` was left incomplete and could not be recovered.",
            "Restore the file from a copy, or move it away to give up its records.",
        )


def _start(waiting: list[Segment], at: Position) -> tuple[int, int] | None:
    """Return (epoch, offset) of the next record, None where there is none yet."""
    own = _from(waiting, at.epoch, at.next_offset)
    if own and not _is_behind(own, at.next_offset):
        return at.epoch, at.next_offset
    later = sorted({s.epoch for s in waiting if s.epoch > at.epoch})
    return (later[0], 0) if later else None


def _is_behind(segments: list[Segment], offset: int) -> bool:
    """Tell whether the last of an epoch's segments ends at or before `offset`."""
    last = segments[-1]
    if not last.complete or last.first_offset >= offset:
        return False
    return next(iter(read_segment(last.path, offset)), None) is None


def _from(waiting: list[Segment], epoch: int, offset: int) -> list[Segment]:
    """Return the epoch's segments from the one on that may hold `offset`."""
    own = [s for s in waiting if s.epoch == epoch]
    holding = [i for i, s in enumerate(own) if s.first_offset <= offset]
    return own[holding[-1] if holding else 0 :]


def _gap(lane: str, epoch: int, offset: int, segment: Segment) -> SpoolError:
    return SpoolError(
        f"The spool's lane `{lane}` has no segment with offset {offset} of epoch {epoch};"
        f" the next one is `{segment.path}`.",
        "Restore the missing file; nothing behind the gap was landed.",
    )


def read_range(spool_dir: Path, lane: str, epoch: int, first: int, end: int) -> list[bytes]:
    """Return the records `[first, end)` of one epoch of a lane.

    Raises:
        SpoolError: if the spool no longer has all of them.
    """
    own = [s for s in list_segments(spool_dir, lane) if s.epoch == epoch]
    payloads: list[bytes] = []
    for segment in _from(own, epoch, first):
        offset = first + len(payloads)
        if offset >= end:
            break
        if segment.first_offset > offset:
            raise _gap(lane, epoch, offset, segment)
        payloads += [p for _, p in islice(read_segment(segment.path, offset), end - offset)]
    if len(payloads) != end - first:
        raise SpoolError(
            f"The spool's lane `{lane}` has no record {first + len(payloads)} of epoch {epoch}.",
            "Restore the segment from a backup: the lake lost these records before they were durable.",
        )
    return payloads
