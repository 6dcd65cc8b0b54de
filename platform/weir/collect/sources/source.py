"""A file and a mapping as a stream of wire events with stable ids. Reads only; posts nothing.

An event's id is the column that the mapping names, else the hash of the file's decompressed bytes
and the line's number: the same under another file name or compression, another for every line.
"""

from __future__ import annotations

import hashlib
from collections.abc import Container, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from difflib import get_close_matches
from pathlib import Path
from typing import Any, NamedTuple

import orjson

from weir.collect import jsontext
from weir.collect.sources.files import Content, File, Line
from weir.collect.sources.mapping import Mapping, TimeField, load_mapping
from weir.collect.sources.values import Unmappable, event_of, utc_of
from weir.collect.verdict import ENVELOPE
from weir.core.errors import UsageError, WeirError

KEPT_FAILURES = 100


class SourceEvent(NamedTuple):
    """One event of a file, or, where the whole file counts, the reason why a line is none.

    Args:
        line: number of its line (Parquet: row), from 1.
        event: the wire event; empty when `raw` or `error` is set.
        received_at: its original arrival, naive UTC, where a column was named for it.
        raw: the text of a line that is no JSON object: to be judged as such, never dropped.
        error: why the line is no event; told only by a source with arrival times.
    """

    line: int
    event: dict[str, Any]
    received_at: datetime | None = None
    raw: bytes | None = None
    error: str | None = None

    def text(self) -> bytes:
        """Return the event as one NDJSON line, without its end."""
        if self.raw is not None:
            return self.raw
        return jsontext.dumps(self.event) or jsontext.exact(self.event)


class LineError(NamedTuple):
    """A line that is no event, and why."""

    line: int
    what: str


@dataclass
class Failures:
    """How many lines were no event, with the first hundred."""

    count: int = 0
    first: list[LineError] = field(default_factory=list)

    def add(self, line: int, what: str) -> None:
        """Note one."""
        self.count += 1
        if len(self.first) < KEPT_FAILURES:
            self.first.append(LineError(line, what))


@dataclass
class Source:
    """A file of events. Iterating reads it again from the start.

    Args:
        file: the file.
        mapping: which column is which field; None for NDJSON in the wire form.
        content: the file's digest and size, as measured when it was opened.
        arrival: where the original arrival time is.
        since: leave out what arrived before, naive UTC.
    """

    file: File
    mapping: Mapping | None
    content: Content
    arrival: TimeField | None = None
    since: datetime | None = None
    failures: Failures = field(default_factory=Failures)
    left_out: int = 0
    _stat: tuple[int, int] = (0, 0)

    def __post_init__(self) -> None:
        self._stat = self._stamp()

    @property
    def path(self) -> Path:
        """The file's path."""
        return self.file.path

    @property
    def total(self) -> int:
        """Rows in the file: exact for Parquet, at most this many for CSV and NDJSON."""
        return self.content.rows

    @property
    def digest(self) -> str:
        """The sha256 of all that decides which events come out: content, mapping, selection."""
        mapping = self.mapping.digest if self.mapping else None
        arrival = self.arrival.model_dump(mode="json", exclude_unset=True) if self.arrival else None
        said = [self.content.sha256, mapping, arrival, self.since and self.since.isoformat()]
        return hashlib.sha256(orjson.dumps(said, option=orjson.OPT_SORT_KEYS)).hexdigest()

    def __iter__(self) -> Iterator[SourceEvent]:
        """Yield the events of all lines.

        With arrival times, for an import, a line that is no event is yielded with its `error`: an
        import takes all of a file or nothing, so no failure may pass unseen. Without, see `read`.
        """
        return self.read() if self.arrival is None else self._read((), tell=True)

    def read(self, skip: Container[int] = ()) -> Iterator[SourceEvent]:
        """Yield the events of all lines but those in `skip`.

        Lines that are no event are noted in `failures`, those before `since` counted in `left_out`.

        Raises:
            WeirError: if the file cannot be read to its end, or changed meanwhile.
        """
        return self._read(skip, tell=False)

    def _read(self, skip: Container[int], *, tell: bool) -> Iterator[SourceEvent]:
        self.failures, self.left_out = Failures(), 0
        for line in self.file.rows():
            if line.number in skip:
                continue
            event = self._event(line)
            if event is not None and (tell or event.error is None):
                yield event
        if self._stamp() != self._stat:
            raise WeirError(
                f"{self.path} changed while it was read.", "Let its writer finish, then run again."
            )

    def _event(self, line: Line) -> SourceEvent | None:
        try:
            return self._mapped(line)
        except Unmappable as error:
            self.failures.add(line.number, str(error))
            return SourceEvent(line.number, {}, error=str(error))

    def _mapped(self, line: Line) -> SourceEvent | None:
        if line.problem:
            raise Unmappable(line.problem)
        if line.row is None:
            if self.arrival is not None:
                raise Unmappable("the line is no JSON object, so its arrival is unknown")
            return SourceEvent(line.number, {}, raw=line.raw)
        arrived = None if self.arrival is None else utc_of(line.row, self.arrival)
        if self.since is not None and arrived is not None and arrived < self.since:
            self.left_out += 1
            return None
        event = self._wire(line.row) if self.mapping is None else event_of(line.row, self.mapping)
        if event.get("id") is None:
            event["id"] = self._id(line.number)
        return SourceEvent(line.number, event, arrived)

    def _wire(self, row: dict[str, Any]) -> dict[str, Any]:
        column = self.arrival.column if self.arrival else None
        return {k: v for k, v in row.items() if k in ENVELOPE or k != column}

    def _id(self, line: int) -> str:
        return hashlib.sha256(f"{self.content.sha256}:{line}".encode()).hexdigest()[:32]

    def _stamp(self) -> tuple[int, int]:
        found = self.path.stat()
        return found.st_size, found.st_mtime_ns


def open_source(
    path: Path,
    mapping: Mapping | Path | None = None,
    received_at: str | None = None,
    since: date | None = None,
) -> Source:
    """Open a file of events; reads it once, for its digest.

    Args:
        path: `.ndjson`, `.jsonl`, `.csv` (also `.gz`, `.zst`) or `.parquet`.
        mapping: a mapping or its file; None when NDJSON lines have the wire form already.
        received_at: column of the original arrival time; without an offset it is read in the zone
            of the mapping's `time`.
        since: leave out what arrived before this day or time (UTC unless it has an offset).

    Raises:
        NotFound: if there is no such file.
        UsageError: if format, mapping and columns do not fit together.
        WeirError: if the file cannot be read to its end.
    """
    file = File(path)
    known = load_mapping(mapping) if isinstance(mapping, Path) else mapping
    if known is None and file.form != "ndjson":
        raise UsageError(
            f"{path.name} has columns, and nothing says which field each one is.",
            "Name a mapping file with --mapping (examples/cdnow/mapping.yml is one).",
        )
    if since is not None and received_at is None:
        raise UsageError("--since is about arrival.", "Name its column with --received-at.")
    _check_columns(file, known, received_at)
    zone = known.time.zone if known else None
    arrival = TimeField(column=received_at, zone=zone) if received_at else None
    return Source(file, known, file.measure(), arrival, _instant(since))


def _check_columns(file: File, mapping: Mapping | None, received_at: str | None) -> None:
    columns = file.columns()
    if columns is None:
        return
    wanted = [*(mapping.columns() if mapping else ())]
    wanted += [("--received-at", received_at)] if received_at else []
    for key, column in wanted:
        if column in columns or (file.form == "parquet" and column.split(".")[0] in columns):
            continue
        near = get_close_matches(column, columns, 1)
        meant = f"Did you mean `{near[0]}`? " if near else f"It has {', '.join(columns)}. "
        raise UsageError(
            f"`{key}` reads column `{column}`, which {file.path.name} does not have.",
            f"{meant}A constant is written `{{value: {column}}}`.",
        )


def _instant(since: date | None) -> datetime | None:
    if since is None:
        return None
    if not isinstance(since, datetime):
        return datetime.combine(since, time())
    return since.astimezone(UTC).replace(tzinfo=None) if since.tzinfo else since
