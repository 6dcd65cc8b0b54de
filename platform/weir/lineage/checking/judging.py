"""Says what is wrong with one asset's partitions, from what was seen of them. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from functools import cached_property

from weir.engines.storage import DataFile
from weir.lineage.checking.faults import Fault, Finding, Level
from weir.lineage.checking.looking import Broken, Seen
from weir.lineage.checking.schema import file_differs, table_differs
from weir.lineage.checking.spans import within
from weir.lineage.checking.subject import Recorded, Subject

_Told = tuple[Fault, str, Level]


def judge(subject: Subject, seen: Seen) -> list[Finding]:
    """Return what is wrong with the content of an asset's partitions and with its files.

    A partition has at most one fault of its content; what follows from a fault is not told again.
    """
    return [*_Contents(subject, seen), *_of_asset(subject, seen)]


class _Contents:
    """The faults of one table's partitions.

    Args:
        subject: what is known of the asset.
        seen: what was seen of its table.
    """

    def __init__(self, subject: Subject, seen: Seen) -> None:
        self.subject, self.seen, self.live = subject, seen, subject.live

    def __iter__(self) -> Iterator[Finding]:
        subject = self.subject
        for label in sorted({*self.live, *self.seen.counts}):
            told = self._of(label) if subject.inside(label) else None
            if told is not None:
                yield Finding(subject.asset, subject.key(label), *told, (label,))

    def _of(self, label: datetime) -> _Told | None:
        said = self.live.get(label, Recorded(0)).rows
        if not self.seen.table.exists or not within(label, self.seen.counted):
            return self._uncounted(label, said) or self._drifted(label)
        rows = self.seen.counts.get(label, 0)
        if rows != said:
            return self._miscounted(label, rows, said)
        if label in self.seen.doubles:
            return Fault.DUPLICATED, f"{self.seen.doubles[label]:,} rows repeat a key", Level.ROWS
        return self._drifted(label) or self._rehashed(label)

    def _uncounted(self, label: datetime, said: int) -> _Told | None:
        """Judge by the catalogue alone: what no file can hold is not there."""
        if not said:
            return None
        if not self._held(label):
            where = "no file" if self.seen.table.exists else "no table"
            return Fault.RECORDED_BUT_ABSENT, f"{said:,} rows recorded, {where}", Level.METADATA
        broken = self.seen.breaks(label)
        return _of_file(broken) if broken else None

    def _miscounted(self, label: datetime, rows: int, said: int) -> _Told | None:
        broken = self.seen.breaks(label)
        told = f"{rows:,} rows, {said:,} recorded"
        if rows < said and broken:
            fault, evidence, level = _of_file(broken)
            left = f"; other files hold {rows:,} of {said:,} rows" if rows else ""
            return fault, f"{evidence}{left}", level
        if not said:
            return Fault.PRESENT_BUT_UNKNOWN, f"{rows:,} rows, none recorded", Level.ROWS
        if rows > said:
            return Fault.DUPLICATED, told, Level.ROWS
        if not self._held(label):
            return self._uncounted(label, said)
        return (Fault.SHORT if rows else Fault.EMPTY), told, Level.ROWS

    def _held(self, label: datetime) -> bool:
        return within(label, self.seen.held)

    def _rehashed(self, label: datetime) -> _Told | None:
        part = self.live.get(label)
        if part is None or not part.rows or not within(label, self.seen.hashed):
            return None
        found = self.seen.hashes.get(label, "")
        if found == part.hash or not self.subject.comparable(part):
            return None
        return Fault.HASH_DIFFERS, f"{found}, {part.hash} recorded", Level.HASH

    def _drifted(self, label: datetime) -> _Told | None:
        """Return how the columns of a partition's table or files differ from what they should be."""
        if label not in self.live or not self.live[label].rows:
            return None
        if self._declared and label not in self.subject.stale:
            return Fault.SCHEMA_DRIFT, self._declared, Level.METADATA
        told = (what for file, what in self._drifts if file.touches((label, label)))
        found = next(told, "")
        return (Fault.SCHEMA_DRIFT, found, Level.FOOTER) if found else None

    @cached_property
    def _declared(self) -> str:
        if not self.seen.table.exists:
            return ""
        return table_differs(self.subject.columns, self.seen.table.columns)

    @cached_property
    def _drifts(self) -> list[tuple[DataFile, str]]:
        columns, broken = self.seen.table.columns, {one.file.path for one in self.seen.broken}
        found = (
            (file, file_differs(columns, file, self.seen.footers[file.path]))
            for file in self.seen.table.files
            if file.path in self.seen.footers and file.path not in broken
        )
        return [(file, what) for file, what in found if what]


def _of_file(broken: Broken) -> _Told:
    level = Level.FOOTER if broken.fault is Fault.FOOTER_DIFFERS else Level.LISTING
    return broken.fault, broken.evidence, level


def _of_asset(subject: Subject, seen: Seen) -> Iterator[Finding]:
    """Yield what hits no partition: strays, and broken files whose rows are elsewhere, too."""
    for path in seen.strays:
        yield Finding(subject.asset, "", Fault.STRAY_FILE, path, Level.LISTING)
    for one in seen.broken:
        hit = (label for label, part in subject.live.items() if part.rows)
        if not any(one.file.touches((label, label)) for label in hit):
            fault, evidence, level = _of_file(one)
            yield Finding(subject.asset, "", fault, evidence, level)
