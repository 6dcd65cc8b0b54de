"""Gathers what an engine shows of one table, level by level. Asks; does not judge."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

from weir.engines.storage import EVERYTHING, DataFile, Footer, Span, Storage, Table
from weir.lineage.checking.faults import Fault, Level
from weir.lineage.checking.spans import clipped, doubtful, joined, span_of, within, without
from weir.lineage.checking.subject import Subject

UNBOUNDED = "a file without label bounds is broken: no partition of the table can be told apart"


@dataclass(frozen=True)
class Broken:
    """A file that cannot be trusted."""

    file: DataFile
    fault: Fault
    evidence: str


@dataclass
class Seen:
    """What was seen of one table.

    Attributes:
        table: what the catalogue says.
        broken: files that are not as the catalogue says.
        strays: files that the catalogue does not know.
        footers: what sound files say of themselves, by path.
        counted: the spans in which `counts` is complete.
        counts: rows by label; around broken files, what the others hold.
        doubles: rows that repeat a key, by label.
        hashed: the spans in which `hashes` is complete.
        hashes: content hashes by label.
        unchecked: level → why a part of it was not looked at.
    """

    table: Table = field(default_factory=Table)
    broken: list[Broken] = field(default_factory=list)
    strays: list[str] = field(default_factory=list)
    footers: dict[str, Footer] = field(default_factory=dict)
    counted: list[Span] = field(default_factory=list)
    counts: dict[datetime, int] = field(default_factory=dict)
    doubles: dict[datetime, int] = field(default_factory=dict)
    hashed: list[Span] = field(default_factory=list)
    hashes: dict[datetime, str] = field(default_factory=dict)
    unchecked: dict[Level, str] = field(default_factory=dict)

    @property
    def holes(self) -> list[Span]:
        """The spans that broken files may hold."""
        return joined(span_of(one.file) for one in self.broken)

    @cached_property
    def held(self) -> list[Span]:
        """The spans that the catalogue's files may hold."""
        return joined(map(span_of, self.table.files))

    def breaks(self, label: datetime) -> Broken | None:
        """Return the first broken file that may hold a label."""
        return next((one for one in self.broken if one.file.touches((label, label))), None)


def look(subject: Subject, storage: Storage, level: Level) -> Seen:
    """Look at a table as closely as asked.

    Rows are counted below level `rows`, too, where totals of catalogue and ledger disagree, and
    around files that are broken: the fault is then told of the partitions that it hits, and no others.
    """
    seen = Seen(storage.table(subject.asset, subject.column))
    if not seen.table.exists:
        return seen
    files = [file for file in seen.table.files if file.touches(subject.span)]
    if level.reaches(Level.LISTING):
        seen.broken += _listed(files, storage)
        if subject.span == EVERYTHING:  # a file that nobody knows belongs to no partition
            seen.strays = storage.strays(subject.asset)
    if level.reaches(Level.FOOTER):
        _read_footers(seen, files, storage)
    wanted = [subject.span]
    if not level.reaches(Level.ROWS):
        wanted = clipped(doubtful(seen.table.files, subject.live), subject.span)
    _count(subject, seen, storage, wanted)
    if level.reaches(Level.ROWS):
        _find_doubles(subject, seen, storage)
    if level.reaches(Level.HASH):
        _hash(subject, seen, storage)
    return seen


def broken_files(files: Sequence[DataFile], storage: Storage) -> list[DataFile]:
    """Return the files that are not there or have another size than the catalogue says."""
    return [one.file for one in _listed(files, storage)]


def _listed(files: Sequence[DataFile], storage: Storage) -> list[Broken]:
    sizes = storage.sizes(path for file in files for path in _paths(file))
    found = (_by_size(file, sizes) for file in files)
    return [one for one in found if one is not None]


def _paths(file: DataFile) -> list[str]:
    return [path for path in (file.path, file.delete_path) if path]


def _by_size(file: DataFile, sizes: Mapping[str, int | None]) -> Broken | None:
    for path, wanted in zip(_paths(file), (file.size, file.delete_size), strict=False):
        found = sizes[path]
        if found is None:
            return Broken(file, Fault.FILE_MISSING, f"{path} is not there")
        if found != wanted:
            told = f"{path} has {found:,} bytes, the catalogue says {wanted:,}"
            return Broken(file, Fault.FILE_WRONG_SIZE, told)
    return None


def _read_footers(seen: Seen, files: Iterable[DataFile], storage: Storage) -> None:
    """Read the footers of files that are not known to be broken; what they say breaks some more."""
    known = {one.file.path for one in seen.broken} | set(seen.footers)
    fresh = [file for file in files if file.path not in known]
    footers = storage.footers(file.path for file in fresh)
    seen.footers |= footers
    for file in fresh:
        footer = footers[file.path]
        if footer.problem:
            told = f"{file.path}: {footer.problem}"
        elif footer.rows != file.rows:
            told = f"{file.path} has {footer.rows:,} rows, the catalogue says {file.rows:,}"
        else:
            continue
        seen.broken.append(Broken(file, Fault.FOOTER_DIFFERS, told))


def _count(subject: Subject, seen: Seen, storage: Storage, wanted: Sequence[Span]) -> None:
    """Count rows in spans; around broken files in what is left, whether wanted or not."""
    if not seen.broken and wanted:  # a query would fail on a file that is gone: look first
        touched = [f for f in seen.table.files if any(f.touches(span) for span in wanted)]
        seen.broken += _listed(touched, storage)
    _count_around(subject, seen, storage)
    if Level.ROWS in seen.unchecked:
        return
    for span in without(wanted, seen.holes, subject.node.grain):
        seen.counts |= storage.counts(subject.asset, subject.column, span)
        seen.counted.append(span)
    seen.counted = sorted([*seen.counted, *clipped(seen.holes, subject.span)])


def _count_around(subject: Subject, seen: Seen, storage: Storage) -> None:
    for hole in seen.holes:
        _read_footers(seen, [f for f in seen.table.files if f.touches(hole)], storage)
    if any(one.file.first is None for one in seen.broken):
        seen.unchecked |= dict.fromkeys((Level.ROWS, Level.HASH), UNBOUNDED)
        return
    lost = {one.file.path for one in seen.broken}
    for hole in clipped(seen.holes, subject.span):
        sound = [f for f in seen.table.files if f.touches(hole) and f.path not in lost]
        seen.counts |= storage.counts_in(subject.asset, subject.column, hole, sound)


def _find_doubles(subject: Subject, seen: Seen, storage: Storage) -> None:
    if not subject.unique:
        seen.unchecked.setdefault(Level.ROWS, "its rows have no key that could be there twice")
        return
    for span in _whole(subject, seen):
        seen.doubles |= storage.doubles(subject.asset, subject.column, subject.unique, span)


def _hash(subject: Subject, seen: Seen, storage: Storage) -> None:
    """Hash what is whole: rows around broken files cannot be read all."""
    for span in _whole(subject, seen):
        seen.hashes |= storage.hashes(subject.asset, subject.column, span)
        seen.hashed.append(span)
    live = {at: part for at, part in subject.live.items() if part.rows and subject.inside(at)}
    left = sum(within(label, seen.holes) for label in live)
    older = sum(not subject.comparable(part) for part in live.values())
    if left:
        seen.unchecked.setdefault(Level.HASH, f"{left} partitions lie around broken files")
    if older:
        seen.unchecked.setdefault(Level.HASH, f"{older} partitions have a hash of an older form")


def _whole(subject: Subject, seen: Seen) -> list[Span]:
    return without([subject.span], seen.holes, subject.node.grain)
