"""Files of somebody's data as a stream of events: NDJSON, CSV and Parquet, plain or compressed.

Nothing is held but the line at hand. What a column means is `weir.collect.mapping`'s business; who
takes the events is `weir.collect.replay`'s, or the import's.
"""

from __future__ import annotations

import codecs
import csv
import gzip
import hashlib
import io
import math
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from typing import IO, Any, NamedTuple

import zstandard

from weir.collect.jsontext import Unreadable, loads
from weir.collect.mapping import LineError, Mapping, Row, lookup, suggest
from weir.core.errors import InvalidValue, NotFound, UsageError

FORMATS = {".ndjson": "ndjson", ".jsonl": "ndjson", ".csv": "csv", ".parquet": "parquet"}
COMPRESSIONS = (".gz", ".zst")
_CHUNK = 1 << 20
_ROWS = 4096


class Item(NamedTuple):
    """One line as read: its row, or the bytes that are no JSON object, or why it is neither."""

    line: int
    row: Row | None = None
    raw: bytes | None = None
    error: str | None = None


@dataclass(frozen=True, slots=True)
class SourceEvent:
    """One line of a file: exactly one of `event`, `raw` and `error` is set.

    Args:
        line: physical line from 1 (row from 1 in Parquet).
        event: the mapped event, as the wire has it.
        raw: an NDJSON line that is no JSON object, as it is.
        received_at: when it first arrived, naive UTC, if a column says so.
        error: why the line could not be mapped.
    """

    line: int
    event: dict[str, Any] | None = None
    raw: bytes | None = None
    received_at: datetime | None = None
    error: str | None = None


def open_source(
    path: Path, mapping: Mapping, received_at: str | None = None, since: date | None = None
) -> Source:
    """Open a file of events; it can be iterated any number of times.

    Args:
        path: NDJSON (`.ndjson`, `.jsonl`) or CSV, also `.gz` or `.zst`; or Parquet.
        mapping: how a row becomes an event.
        received_at: the column (or dotted path) of the original arrival; without offset it is UTC.
        since: leave out what arrived before this UTC day.

    Raises:
        NotFound: if there is no such file.
        InvalidValue: if its ending is none of those.
        UsageError: if a mapped column is missing from a CSV or Parquet file, or it cannot be read.
    """
    if since and not received_at:
        raise UsageError("`since` needs arrival times.", "Name their column with --received-at.")
    if not path.is_file():
        raise NotFound("file", str(path))
    source = Source(path, mapping, received_at, since)
    source.check_columns()
    return source


class Source:
    """A file of events. Iteration yields a `SourceEvent` per line, blank lines left out."""

    def __init__(
        self, path: Path, mapping: Mapping, received_at: str | None, since: date | None
    ) -> None:
        self.path = path
        self._mapping, self._received_at = mapping, received_at
        self._since = datetime.combine(since, time()) if since else None
        self._format, self._compression = _kind(path)

    @cached_property
    def digest(self) -> str:
        """SHA-256 in hex of the decompressed content and of the mapping."""
        content = hashlib.sha256()
        with self._open() as file:
            while chunk := file.read(_CHUNK):
                content.update(chunk)
        return hashlib.sha256(content.digest() + self._mapping.digest).hexdigest()

    def __iter__(self) -> Iterator[SourceEvent]:
        """Yield the events in the order of the file.

        Raises:
            UsageError: if the file cannot be read to its end.
        """
        prefix = self.digest[:16]
        event = self._mapping.compiled(lambda line: f"{prefix}-{line}")
        for item in self._items():
            if item.row is None:
                yield SourceEvent(item.line, raw=item.raw, error=item.error)
                continue
            try:
                arrived = self._arrival(item.row)
                if arrived and self._since and arrived < self._since:
                    continue
                mapped = event(item.row, item.line)
            except LineError as error:
                yield SourceEvent(item.line, error=str(error))
                continue
            yield SourceEvent(item.line, mapped, None, arrived)

    def check_columns(self) -> None:
        """Refuse a mapping that names columns which a CSV or Parquet file does not have.

        Raises:
            UsageError: naming the first one, with the nearest column.
        """
        if self._format == "ndjson":
            return
        with self._open() as file:
            header = next(_csv_rows(file), (0, []))[1] if self._format == "csv" else _names(file)
        wanted = self._mapping.columns()
        if self._received_at:
            wanted[self._received_at] = "received_at"
        for column, key in wanted.items():
            if column not in header and column.partition(".")[0] not in header:
                raise UsageError(
                    f"{self.path} has no column `{column}` (mapping key `{key}`).",
                    suggest(column, header),
                )

    def _arrival(self, row: Row) -> datetime | None:
        if self._received_at is None:
            return None
        given = lookup(row, self._received_at)
        try:
            at = datetime.fromisoformat(given)
            return at if at.tzinfo is None else at.astimezone(UTC).replace(tzinfo=None)
        except (TypeError, ValueError, OverflowError):
            shown = repr(given)[:80]
            raise LineError(f"received_at: `{self._received_at}` is {shown}, no ISO time") from None

    def _items(self) -> Iterator[Item]:
        readers = {"ndjson": _ndjson, "csv": _csv, "parquet": _parquet}
        with self._open() as file:
            yield from readers[self._format](file)

    @contextmanager
    def _open(self) -> Iterator[IO[bytes]]:
        try:
            with self.path.open("rb") as file, _decompressed(file, self._compression) as plain:
                yield plain
        except (OSError, EOFError, zlib.error, zstandard.ZstdError) as error:
            raise UsageError(
                f"{self.path} cannot be read: {error}.", "Check that it is whole, and its ending."
            ) from None


def _kind(path: Path) -> tuple[str, str]:
    suffixes = [suffix.lower() for suffix in path.suffixes]
    compression = suffixes.pop() if suffixes and suffixes[-1] in COMPRESSIONS else ""
    found = FORMATS.get(suffixes[-1]) if suffixes else None
    if found is None or (found == "parquet" and compression):
        valid = [*FORMATS, *(f"{s}{c}" for s in FORMATS if s != ".parquet" for c in COMPRESSIONS)]
        raise InvalidValue("file", path.name, valid)
    return found, compression


def _decompressed(file: IO[bytes], compression: str) -> IO[bytes]:
    if compression == ".gz":
        return gzip.open(file)  # type: ignore[return-value]
    if compression == ".zst":
        reader = zstandard.ZstdDecompressor().stream_reader(file, read_across_frames=True)
        return io.BufferedReader(reader, _CHUNK)
    return file


def _ndjson(file: IO[bytes]) -> Iterator[Item]:
    for number, line in enumerate(file, 1):
        text = (line.removeprefix(codecs.BOM_UTF8) if number == 1 else line).strip()
        if not text:
            continue
        try:
            row = loads(text)
        except Unreadable:
            row = None
        yield Item(number, row) if isinstance(row, dict) else Item(number, raw=text)


def _csv_rows(file: IO[bytes]) -> Iterator[tuple[int, list[str]]]:
    """Yield (line it begins on, cells); a row that is no CSV comes with its error as only cell."""
    text = io.TextIOWrapper(file, "utf-8-sig", errors="surrogateescape", newline="")
    rows = csv.reader(text, strict=True)
    while True:
        line = rows.line_num + 1
        try:
            cells = next(rows)
        except StopIteration:
            return
        except csv.Error as error:
            cells = [f"{_BROKEN}{error}"]
        if cells:
            yield line, cells


_BROKEN = "\0broken: "


def _csv(file: IO[bytes]) -> Iterator[Item]:
    rows = _csv_rows(file)
    _, header = next(rows, (0, []))
    for line, cells in rows:
        if why := _csv_problem(header, cells):
            yield Item(line, error=why)
        else:  # an empty cell is how CSV says null
            pairs = zip(header, cells, strict=True)
            yield Item(line, {name: cell for name, cell in pairs if cell})


def _csv_problem(header: list[str], cells: list[str]) -> str | None:
    if cells[0].startswith(_BROKEN):
        return f"it is no CSV: {cells[0].removeprefix(_BROKEN)}"
    if len(cells) != len(header):
        return f"it has {len(cells)} cells, the header {len(header)}"
    if any("\udc80" <= char <= "\udcff" for cell in cells if not cell.isascii() for char in cell):
        return "it is not UTF-8"
    return None


def _names(file: IO[bytes]) -> list[str]:
    return list(_parquet_file(file).schema_arrow.names)


def _parquet_file(file: IO[bytes]) -> Any:
    import pyarrow.parquet as pq  # noqa: PLC0415  (half a second that CSV and NDJSON need not pay)

    with _arrow_errors():
        return pq.ParquetFile(file)  # type: ignore[no-untyped-call]


@contextmanager
def _arrow_errors() -> Iterator[None]:
    from pyarrow.lib import ArrowException  # noqa: PLC0415

    try:
        yield
    except ArrowException as error:
        raise EOFError(str(error)) from None


def _parquet(file: IO[bytes]) -> Iterator[Item]:
    number = 0
    batches = _parquet_file(file).iter_batches(_ROWS)
    while True:
        with _arrow_errors():
            batch = next(batches, None)
        if batch is None:
            return
        for row in batch.to_pylist(maps_as_pydicts="lossy"):
            number += 1
            try:
                yield Item(number, _plain(row))
            except LineError as error:
                yield Item(number, error=str(error))


def _plain(value: Any) -> Any:
    """Return a Parquet value as JSON has it; times as ISO 8601 text, not-a-number as null."""
    if isinstance(value, dict):
        return {str(k): _plain(v) for k, v in value.items()}
    if isinstance(value, list):
        return [_plain(v) for v in value]
    return _scalar(value)


def _scalar(value: Any) -> Any:
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, (datetime, date, time)):
        return value.isoformat()
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    return value if isinstance(value, (str, int, type(None))) else _text(value)


def _text(value: Any) -> str:
    try:
        return value.decode() if isinstance(value, bytes) else str(value)
    except UnicodeDecodeError:
        raise LineError("it holds bytes that are no text") from None
