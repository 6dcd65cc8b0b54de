"""Rows of a file, one at a time: NDJSON, CSV and Parquet, the first two also as .gz and .zst.

Nothing is held in memory but a line (or, for Parquet, a batch of rows). What the columns mean is
not known here.
"""

from __future__ import annotations

import codecs
import csv
import gzip
import hashlib
import io
import zlib
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple, cast

import zstandard

from weir.collect import jsontext
from weir.core.errors import InvalidValue, NotFound, UsageError, WeirError

MAX_LINE = 16 * 1024 * 1024
"""The longest line that is read, in bytes; the collector takes far smaller events."""

_BLOCK = 1 << 20
_ZST_BLOCK = 1 << 14  # compressed: what one read may expand to stays bounded
_PARQUET_ROWS = 2_000
_SUFFIXES = {".ndjson": "ndjson", ".jsonl": "ndjson", ".csv": "csv", ".parquet": "parquet"}
_COMPRESSED = {".gz", ".zst"}


class Line(NamedTuple):
    """One row: its values, or the raw text that is no JSON object, or why it has neither."""

    number: int
    row: dict[str, Any] | None = None
    raw: bytes | None = None
    problem: str = ""


class Content(NamedTuple):
    """The sha256 of a file's decompressed bytes, and how many rows it has at most."""

    sha256: str
    rows: int


class File:
    """A file of rows.

    Raises:
        NotFound: if there is no such file.
        InvalidValue: if its name ends in no known format.
    """

    def __init__(self, path: Path) -> None:
        if not path.is_file():
            raise NotFound("file", str(path), remedy="Check the path.")
        self.path = path
        packed = path.suffix.lower() in _COMPRESSED
        self.compression = path.suffix.lower() if packed else ""
        form = _SUFFIXES.get(Path(path.stem if packed else path.name).suffix.lower(), "")
        if not form or (packed and form == "parquet"):
            known = [*_SUFFIXES, *(f"{s}{c}" for s in (".ndjson", ".csv") for c in (".gz", ".zst"))]
            raise InvalidValue("FILE", path.name, known)
        self.form = form

    def measure(self) -> Content:
        """Read the file once for its digest and its number of rows.

        Raises:
            WeirError: if it cannot be read or its compression is broken.
        """
        digest, lines, last = hashlib.sha256(), 0, b"\n"
        with self._open() as stream:
            while block := stream.read(_BLOCK):
                digest.update(block)
                lines += block.count(b"\n")
                last = block[-1:]
        rows = lines + (last != b"\n") - (self.form == "csv")
        if self.form == "parquet":
            rows = self._parquet_rows()
        return Content(digest.hexdigest(), max(rows, 0))

    def columns(self) -> list[str] | None:
        """Return the file's columns; None for NDJSON, which has none of its own.

        Raises:
            UsageError: if a CSV file has no header or names a column twice.
        """
        if self.form == "ndjson":
            return None
        if self.form == "csv":
            with self._open() as stream:
                return self._header(self._csv(stream))
        with self._parquet() as file:
            return list(file.schema_arrow.names)

    def rows(self) -> Iterator[Line]:
        """Yield every row. Lines are numbered from 1, a CSV file's header included.

        Raises:
            WeirError: if the file cannot be read to its end.
        """
        if self.form == "parquet":
            yield from self._parquet_lines()
            return
        with self._open() as stream:
            yield from (
                self._json_lines(stream) if self.form == "ndjson" else self._csv_lines(stream)
            )

    @contextmanager
    def _open(self) -> Iterator[BinaryIO]:
        try:
            with self.path.open("rb") as raw, closing(self._unpacked(raw)) as stream:
                yield stream
        except (OSError, EOFError, zlib.error, zstandard.ZstdError) as error:
            raise WeirError(
                f"{self.path} cannot be read to its end: {error}.",
                "Fetch or compress the file again.",
            ) from None

    def _unpacked(self, raw: BinaryIO) -> BinaryIO:
        if self.compression == ".gz":
            return cast("BinaryIO", gzip.GzipFile(fileobj=raw, mode="rb"))
        return cast("BinaryIO", io.BufferedReader(_Zst(raw), _BLOCK)) if self.compression else raw

    def _json_lines(self, stream: BinaryIO) -> Iterator[Line]:
        for number, text in _bounded(stream):
            if text is None:
                yield Line(number, problem=f"the line is longer than {MAX_LINE:,} bytes")
            elif text.strip():
                yield _json_line(number, text)

    def _csv(self, stream: BinaryIO) -> Any:
        csv.field_size_limit(MAX_LINE)
        return csv.reader(_decoded(stream), strict=True)

    def _header(self, reader: Any) -> list[str]:
        header = _next(reader) or []
        twice = {name for name in header if header.count(name) > 1}
        if not header or twice:
            what = f"names {', '.join(sorted(twice))} twice" if twice else "is empty"
            raise UsageError(
                f"The header of {self.path} {what}.",
                "The first line of a CSV file names each column once.",
            )
        return [str(name) for name in header]

    def _csv_lines(self, stream: BinaryIO) -> Iterator[Line]:
        reader = self._csv(stream)
        names = self._header(reader)
        while True:
            number = reader.line_num + 1
            try:
                cells = _next(reader)
            except csv.Error as error:
                yield Line(number, problem=f"the line is no CSV: {error}")
                continue
            if cells is None:
                return
            if cells and len(cells) != len(names):
                problem = f"the line has {len(cells)} cells, the header {len(names)}"
                yield Line(number, problem=problem)
            elif cells:
                pairs = zip(names, cells, strict=True)
                yield Line(number, {name: cell for name, cell in pairs if cell})

    @contextmanager
    def _parquet(self) -> Iterator[Any]:
        import pyarrow as pa  # noqa: PLC0415 - loads 30 MB of libraries that CSV does not need
        import pyarrow.parquet as pq  # noqa: PLC0415

        try:
            with pq.ParquetFile(self.path) as file:
                yield file
        except (pa.lib.ArrowException, OSError) as error:
            raise WeirError(
                f"{self.path} cannot be read as Parquet: {error}.", "Fetch the file again."
            ) from None

    def _parquet_rows(self) -> int:
        with self._parquet() as file:
            return int(file.metadata.num_rows)

    def _parquet_lines(self) -> Iterator[Line]:
        number = 0
        with self._parquet() as file:
            for batch in file.iter_batches(batch_size=_PARQUET_ROWS, use_threads=False):
                for row in batch.to_pylist(maps_as_pydicts="strict"):
                    number += 1
                    yield Line(number, row)


def _decoded(stream: BinaryIO) -> Iterator[str]:
    """Yield lines as text. A byte that is no UTF-8 becomes a lone surrogate: the collector says so."""
    mark = codecs.BOM_UTF8
    while line := stream.readline(MAX_LINE):
        yield line.removeprefix(mark).decode("utf-8", "surrogateescape")
        mark = b""


def _next(reader: Any) -> list[str] | None:
    return next(reader, None)


def _json_line(number: int, text: bytes) -> Line:
    try:
        row = jsontext.loads(text)
    except jsontext.Unreadable:
        return Line(number, raw=text)
    return Line(number, row) if isinstance(row, dict) else Line(number, raw=text)


def _bounded(stream: BinaryIO) -> Iterator[tuple[int, bytes | None]]:
    """Yield (number, line without its end), None in place of one that is too long."""
    number = 0
    while text := stream.readline(MAX_LINE + 1):
        number += 1
        whole = len(text) <= MAX_LINE or text.endswith(b"\n")
        while not text.endswith(b"\n") and (rest := stream.readline(MAX_LINE)):
            text = rest
        yield number, text.rstrip(b"\r\n") if whole else None


class _Zst(io.RawIOBase):
    """A Zstandard stream of any number of frames. Unlike the library's, it notices a cut end."""

    def __init__(self, raw: BinaryIO) -> None:
        self._blocks = self._unpack(raw)
        self._rest = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        while not self._rest:
            block = next(self._blocks, None)
            if block is None:
                return 0
            self._rest = block
        size = min(len(buffer), len(self._rest))
        buffer[:size] = self._rest[:size]
        self._rest = self._rest[size:]
        return size

    @staticmethod
    def _unpack(raw: BinaryIO) -> Iterator[bytes]:
        frame = None
        while data := raw.read(_ZST_BLOCK):
            while data:
                frame = frame or zstandard.ZstdDecompressor().decompressobj()
                yield frame.decompress(data)
                data, frame = (frame.unused_data, None) if frame.eof else (b"", frame)
        if frame is not None:
            raise EOFError("it ends in the middle of a Zstandard frame")
