"""What waits in one lane of the spool: the next batch to seal. Reads only.

Several epochs may be written at the same time, and a slow writer may complete segments after later
epochs have landed: each epoch is read from where it was sealed. Offsets of an epoch have no gaps.
Whatever does not fit is an error that names the file: nothing is skipped silently.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import groupby, islice
from pathlib import Path

from weir.collect.segments import Segment, footer_of, list_segments, read_segment, scan_file
from weir.collect.writers import try_writer
from weir.core.errors import SpoolError
from weir.engines.ports import Batch, Position

MAX_RECORDS = 500_000
MAX_BYTES = 256_000_000
"""Most records and bytes of one batch: one transaction, held in memory."""


def next_batch(
    spool_dir: Path,
    lane: str,
    at: Position,
    sealed: Mapping[int, int],
    *,
    max_records: int = MAX_RECORDS,
    max_bytes: int = MAX_BYTES,
) -> Batch | None:
    """Return the next records of a lane that have not landed, None where none is complete.

    Args:
        spool_dir: the spool's folder.
        lane: the lane.
        at: the lane's position: the batch's fence.
        sealed: by epoch, the offset before which every record has landed.
        max_records: most records to return.
        max_bytes: bytes of payload after which no further record is taken.

    Raises:
        SpoolError: if a segment is damaged or offsets are missing, and no other epoch waits.
    """
    found = list_segments(spool_dir, lane, complete=None)
    damage: SpoolError | None = None
    for epoch, segments in groupby(found, key=lambda segment: segment.epoch):
        first = sealed.get(epoch, 0)
        try:
            unread = _unread(list(segments), first)
            payloads = list(_records(spool_dir, lane, unread, first, max_records, max_bytes))
        except SpoolError as error:
            damage = damage or error
            continue
        if payloads:
            return Batch(lane, at, epoch, first, payloads)
    if damage is not None:
        raise damage
    return None


def _unread(segments: list[Segment], offset: int) -> list[Segment]:
    """Return an epoch's segments that hold records from an offset on."""
    own = _from(segments, offset)
    head = own[0]
    if head.complete and head.first_offset < offset and footer_of(head.path).next_offset <= offset:
        return own[1:]
    return own


def _records(
    spool_dir: Path,
    lane: str,
    segments: list[Segment],
    offset: int,
    max_records: int,
    max_bytes: int,
) -> Iterator[bytes]:
    size = count = 0
    for segment in segments:
        if not segment.complete:
            if not count:
                _check_readable(spool_dir, segment)
            return
        if segment.first_offset > offset + count:
            raise _gap(lane, segment.epoch, offset + count, segment)
        for _, payload in islice(read_segment(segment.path, offset + count), max_records - count):
            yield payload
            count, size = count + 1, size + len(payload)
            if count >= max_records or size >= max_bytes:
                return


def _check_readable(spool_dir: Path, segment: Segment) -> None:
    """Refuse an incomplete segment that nobody writes any more and that cannot be recovered."""
    taken = try_writer(spool_dir, segment.epoch)
    if taken is None:
        return
    with taken:
        if segment.path.exists():
            scan_file(segment.path)


def _from(segments: list[Segment], offset: int) -> list[Segment]:
    """Return an epoch's segments from the one on that may hold `offset`."""
    holding = [i for i, s in enumerate(segments) if s.first_offset <= offset]
    return segments[holding[-1] if holding else 0 :]


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
    for segment in _from(own, first):
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
