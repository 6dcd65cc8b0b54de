"""What the spool says it made durable, and the removal of segments that the lake holds for good.

Totals come from segment footers, never from the landed table, so comparing the two means something.
A removed segment's footer is kept in `spool/retired.ndjson`. Several sealers may remove segments at
the same time, beside whoever counts: what another has removed is never an error.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
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
    stamp,
    sync_folder,
)
from weir.core.landing import LANES
from weir.engines.ports import Fingerprint

RETIRED_FILE = "retired.ndjson"

_Key = tuple[str, int, int]  # lane, epoch, first offset


@dataclass(frozen=True)
class Durable:
    """Totals of one lane and epoch in complete segments, removed ones included.

    `closed_at` is when the last of them was completed.
    """

    records: int
    next_offset: int
    fp: Fingerprint
    closed_at: str = ""


def durable(spool_dir: Path) -> dict[tuple[str, int], Durable]:
    """Return the durable totals by (lane, epoch).

    Raises:
        SpoolError: if a complete segment is damaged.
    """
    footers: dict[_Key, Footer] = {}
    for segment in [s for lane in LANES for s in list_segments(spool_dir, lane)]:
        with suppress(FileNotFoundError):  # just removed: `retired.ndjson` has it by now
            footers[_key(segment)] = footer_of(segment.path)
    footers.update(
        retired_footers(spool_dir)
    )  # read last: a footer is noted before its segment goes
    totals: dict[tuple[str, int], Durable] = {}
    for (lane, epoch, _), footer in sorted(footers.items()):
        before = totals.get((lane, epoch), Durable(0, 0, (0, 0, 0, 0)))
        totals[lane, epoch] = Durable(
            before.records + footer.records,
            max(before.next_offset, footer.next_offset),
            _add(before.fp, footer.fp),
            max(before.closed_at, footer.closed_at),
        )
    return totals


def unlike_sealed(
    durable_totals: Mapping[tuple[str, int], Durable],
    lane: str,
    offsets: Mapping[int, int],
    sealed: Mapping[int, tuple[int, Fingerprint]],
    due: datetime,
) -> list[str]:
    """Say where a lane's durable records and its landed ones differ, by count or fingerprint.

    Args:
        durable_totals: what `durable` returned.
        lane: the lane.
        offsets: how far each epoch is sealed; an epoch that goes on behind it is not compared yet.
        sealed: rows and fingerprint sums that the seals took from the spool, by epoch.
        due: what was complete before it must have landed once a later epoch has.
    """
    wrong = []
    newest = max(offsets, default=-1)
    for (name, epoch), total in durable_totals.items():
        overdue = epoch < newest and total.closed_at < stamp(due)
        whole = total.next_offset <= offsets.get(epoch, 0) or overdue
        have = sealed.get(epoch, (0, (0, 0, 0, 0)))
        if name == lane and whole and have != (total.records, total.fp):
            wrong.append(f"epoch {epoch}: durable {total.records}, landed {have[0]}")
    return wrong


def retire(
    spool_dir: Path,
    sealed: Mapping[str, Mapping[int, int]],
    unsynced: Iterable[tuple[str, int, int, int]],
    older_than: datetime,
) -> int:
    """Remove segments that are landed, durable in the lake, and old enough.

    Args:
        spool_dir: the spool's folder.
        sealed: by lane and epoch, the offset before which every record has landed.
        unsynced: (lane, epoch, first offset, next offset) of seals whose files may not be durable.
        older_than: segments completed after it stay.

    Returns:
        The number of removed segments.
    """
    held = list(unsynced)
    done: list[tuple[Segment, Footer]] = []
    for lane, offsets in sealed.items():
        for segment in list_segments(spool_dir, lane):
            footer = _landed(segment, offsets.get(segment.epoch, 0), older_than)
            if footer is not None and not any(_overlaps(h, segment, footer) for h in held):
                done.append((segment, footer))
    if done:
        _note(spool_dir, done)
    removed = sum(_remove(segment.path) for segment, _ in done)
    for folder in {segment.path.parent for segment, _ in done}:
        sync_folder(folder)
    return removed


def _landed(segment: Segment, sealed: int, older_than: datetime) -> Footer | None:
    """Return the footer of a segment that is landed and old enough, None of any other."""
    if segment.first_offset >= sealed:
        return None
    try:
        footer = read_footer(segment.path) if _is_old(segment.path, older_than) else None
    except FileNotFoundError:  # another sealer has removed it
        return None
    return footer if footer and footer.next_offset <= sealed else None


def _remove(path: Path) -> bool:
    try:
        path.unlink()
    except FileNotFoundError:  # another sealer has removed it
        return False
    return True


def _is_old(path: Path, older_than: datetime) -> bool:
    return path.stat().st_mtime < (older_than - datetime(1970, 1, 1)) / timedelta(seconds=1)  # noqa: DTZ001


def _overlaps(seal: tuple[str, int, int, int], segment: Segment, footer: Footer) -> bool:
    lane, epoch, first, end = seal
    same = (lane, epoch) == (segment.lane, segment.epoch)
    return same and first < footer.next_offset and footer.first_offset < end


def _note(spool_dir: Path, done: list[tuple[Segment, Footer]]) -> None:
    """Append the footers to the list of removed segments, durably, before they are removed."""
    path = spool_dir / RETIRED_FILE
    with path.open("ab") as file:
        fcntl.flock(file, fcntl.LOCK_EX)  # until it is closed: each footer is noted once
        noted = dict(retired_footers(spool_dir))
        lines = [
            orjson.dumps({"lane": s.lane, "epoch": s.epoch, **asdict(footer)}) + b"\n"
            for s, footer in done
            if _key(s) not in noted
        ]
        file.seek(0, os.SEEK_END)
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


def _key(segment: Segment) -> _Key:
    return segment.lane, segment.epoch, segment.first_offset


def retired_footers(spool_dir: Path) -> Iterator[tuple[_Key, Footer]]:
    """Yield the footers of removed segments, each with its lane, epoch and first offset."""
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
