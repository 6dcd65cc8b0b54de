"""Checks the search index, which is no part of the lake: what its documents say against the ledger."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Protocol

from weir.lineage.checking.faults import Fault, Finding, Level
from weir.lineage.checking.subject import Recorded, Subject

_NO_FILES = "the index checks its own files when it opens them"
_UNREADABLE = "the search index was not given"


class Index(Protocol):
    """The calls that the checker needs of the search index."""

    def rows(self) -> Mapping[datetime, int]:
        """Return the documents of every landing partition, as they were committed."""
        ...

    def content(self, label: datetime) -> tuple[int, str]:
        """Return documents and content hash of a landing partition, read again."""
        ...


def judge_index(
    subject: Subject, index: Index | None, level: Level
) -> tuple[list[Finding], dict[Level, str]]:
    """Return what is wrong with the index's partitions, and what was not looked at."""
    if index is None:
        return [], dict.fromkeys(Level, _UNREADABLE)
    missed = {Level.LISTING: _NO_FILES, Level.FOOTER: _NO_FILES}
    return list(_findings(subject, index, level)), missed


def _findings(subject: Subject, index: Index, level: Level) -> Iterator[Finding]:
    live, there = subject.live, index.rows()
    for label in sorted({*live, *there}):
        if subject.inside(label) and label not in subject.expired:
            said = live.get(label, Recorded(0))
            told = _told(label, said, there, index, level)
            if told is not None:
                yield Finding(subject.asset, subject.key(label), *told, (label,))


def _told(
    label: datetime, said: Recorded, there: Mapping[datetime, int], index: Index, level: Level
) -> tuple[Fault, str, Level] | None:
    rows, found = there.get(label, 0), said.hash
    if rows and level.reaches(Level.ROWS):
        rows, found = index.content(label)
    if rows != said.rows:
        evidence = f"{rows:,} documents, {said.rows:,} recorded"
        return _by_rows(label, rows, said.rows, there), evidence, Level.METADATA
    if level.reaches(Level.HASH) and rows and said.hash and found != said.hash:
        return Fault.HASH_DIFFERS, f"{found}, {said.hash} recorded", Level.HASH
    return None


def _by_rows(label: datetime, rows: int, said: int, there: Mapping[datetime, int]) -> Fault:
    if not said:
        return Fault.PRESENT_BUT_UNKNOWN
    if label not in there:
        return Fault.RECORDED_BUT_ABSENT
    return Fault.DUPLICATED if rows > said else Fault.SHORT if rows else Fault.EMPTY
