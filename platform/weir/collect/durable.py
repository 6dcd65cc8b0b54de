"""What the spool says it made durable, and the removal of segments that the lake holds for good.

Totals come from segment footers, never from the landed table, so comparing the two means something.
A removed segment's footer is kept in `spool/retired.ndjson`.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path

import orjson

from weir.collect.segments import (
    Footer,
    Segment,
    footer_of,
    list_segments,
    read_footer,
    sync_folder,
)
from weir.core.landing import LANES
from weir.engines.ports import Fingerprint, Position

RETIRED_FILE = "retired.ndjson"


@dataclass(frozen=True)
class Durable:
    """Totals of one lane and epoch in complete segments, removed ones included."""

    records: int
    next_offset: int
    fp: Fingerprint


def durable(spool_dir: Path) -> dict[tuple[str, int], Durable]:
    """Return the durable totals by (lane, epoch).

    Raises:
        SpoolError: if a complete segment is damaged.
    """
    footers = dict(_retired(spool_dir))
    for lane in LANES:
        for segment in list_segments(spool_dir, lane):
            key = (lane, segment.epoch, segment.first_offset)
            footers[key] = footer_of(segment.path)
    totals: dict[tuple[str, int], Durable] = {}
    for (lane, epoch, _), footer in sorted(footers.items()):
        before = totals.get((lane, epoch), Durable(0, 0, (0, 0, 0, 0)))
        totals[lane, epoch] = Durable(
            before.records + footer.records,
            max(before.next_offset, footer.next_offset),
            _add(before.fp, footer.fp),
        )
    return totals


def unlike_sealed(
    durable_totals: Mapping[tuple[str, int], Durable],
    lane: str,
    position: Position,
    sealed: Mapping[int, tuple[int, Fingerprint]],
) -> list[str]:
    """Say where a lane's durable records and its landed ones differ, by count or fingerprint.

    Args:
        durable_totals: what `durable` returned.
        lane: the lane.
        position: how far the lane is sealed; what is durable after it is not compared yet.
        sealed: rows and fingerprint sums that the seals took from the spool, by epoch.
    """
    wrong = []
    for (name, epoch), total in durable_totals.items():
        whole = epoch < position.epoch or (
            epoch == position.epoch and total.next_offset == position.next_offset
        )
        have = sealed.get(epoch, (0, (0, 0, 0, 0)))
        if name == lane and whole and have != (total.records, total.fp):
            wrong.append(f"epoch {epoch}: durable {total.records}, landed {have[0]}")
    return wrong


def retire(
    spool_dir: Path,
    positions: Mapping[str, Position],
    unsynced: Iterable[tuple[str, int, int, int]],
    older_than: datetime,
) -> int:
    """Remove segments that are landed, durable in the lake, and old enough.

    Args:
        spool_dir: the spool's folder.
        positions: how far each lane has been sealed.
        unsynced: (lane, epoch, first offset, next offset) of seals whose files may not be durable.
        older_than: segments completed after it stay.

    Returns:
        The number of removed segments.
    """
    held = list(unsynced)
    done: list[tuple[Segment, Footer]] = []
    for lane, at in positions.items():
        for segment in list_segments(spool_dir, lane):
            if segment.epoch > at.epoch or not _is_old(segment.path, older_than):
                continue
            footer = read_footer(segment.path)
            landed = segment.epoch < at.epoch or footer.next_offset <= at.next_offset
            if landed and not any(_overlaps(h, segment, footer) for h in held):
                done.append((segment, footer))
    if done:
        _note(spool_dir, done)
    for segment, _ in done:
        segment.path.unlink()
    for folder in {segment.path.parent for segment, _ in done}:
        sync_folder(folder)
    return len(done)


def _is_old(path: Path, older_than: datetime) -> bool:
    return path.stat().st_mtime < (older_than - datetime(1970, 1, 1)) / timedelta(seconds=1)  # noqa: DTZ001


def _overlaps(seal: tuple[str, int, int, int], segment: Segment, footer: Footer) -> bool:
    lane, epoch, first, end = seal
    same = (lane, epoch) == (segment.lane, segment.epoch)
    return same and first < footer.next_offset and footer.first_offset < end


def _note(spool_dir: Path, done: list[tuple[Segment, Footer]]) -> None:
    """Append the footers to the list of removed segments, durably, before they are removed."""
    path = spool_dir / RETIRED_FILE
    lines = [
        orjson.dumps({"lane": s.lane, "epoch": s.epoch, **asdict(footer)}) + b"\n"
        for s, footer in done
    ]
    with path.open("ab") as file:
        if file.tell() and not _ends_with_newline(path):
            file.write(b"\n")  # a power cut tore the last line
        file.write(b"".join(lines))
        file.flush()
        os.fsync(file.fileno())
    sync_folder(spool_dir)


def _ends_with_newline(path: Path) -> bool:
    with path.open("rb") as file:
        file.seek(-1, os.SEEK_END)
        return file.read(1) == b"\n"


def _retired(spool_dir: Path) -> Iterator[tuple[tuple[str, int, int], Footer]]:
    path = spool_dir / RETIRED_FILE
    for line in path.read_bytes().splitlines() if path.exists() else ():
        try:
            body = orjson.loads(line)
        except orjson.JSONDecodeError:
            continue  # torn by a power cut: its segments were not removed yet
        lane, epoch = body.pop("lane"), body.pop("epoch")
        footer = Footer(**{**body, "fp": tuple(body["fp"])})
        yield (lane, epoch, footer.first_offset), footer


def _add(a: Fingerprint, b: Fingerprint) -> Fingerprint:
    return a[0] + b[0], a[1] + b[1], a[2] + b[2], a[3] + b[3]
