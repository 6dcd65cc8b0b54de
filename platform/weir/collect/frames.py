"""Spool frames as bytes: encoding, decoding, and where a torn file ends. Pure: no I/O.

A segment is a header frame, record frames with consecutive offsets, and a footer frame once it is
complete. One frame is `<IIBQ>` (payload length, crc32c over kind ‖ offset ‖ payload, kind, offset)
and the payload. Files, names and durability are in `weir.collect.segments`.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any, NamedTuple

import google_crc32c
import orjson

from weir.core.errors import FormatMismatch, SpoolError

MAGIC = "weir-spool"
FORMAT = 1
HEADER, RECORD, FOOTER = 0, 1, 2
_KINDS = b"\x00\x01\x02"

_PREFIX = struct.Struct("<IIBQ")
_HEAD = struct.Struct("<II")
_TAIL = struct.Struct("<BQ")


class Frame(NamedTuple):
    """One decoded frame and the position of the byte after it."""

    kind: int
    offset: int
    payload: bytes
    end: int


@dataclass(frozen=True, slots=True)
class Header:
    """What a segment says about itself before its first record."""

    lane: str
    epoch: int
    first_offset: int
    created_at: str

    def encode(self) -> bytes:
        """Return the header frame."""
        body = {"magic": MAGIC, "format": FORMAT, **asdict(self)}
        return encode(HEADER, self.first_offset, orjson.dumps(body))


@dataclass(frozen=True, slots=True)
class Footer:
    """What a complete segment holds: the durable truth that landing is compared with.

    `fp` are the sums of the records' four fingerprint numbers; times are as in the records.
    """

    records: int
    first_offset: int
    next_offset: int
    fp: tuple[int, int, int, int]
    first_received_at: str | None
    last_received_at: str | None
    closed_at: str
    recovered: bool = False

    def encode(self) -> bytes:
        """Return the footer frame."""
        return encode(FOOTER, self.next_offset, orjson.dumps(asdict(self)))


@dataclass(frozen=True, slots=True)
class Scan:
    """What a segment file holds up to its last whole frame.

    `good_bytes` is the durable prefix without the footer's frame; `torn_bytes` follow it and are no
    whole frame. `header` is None where not even the header is whole.
    """

    header: Header | None
    records: list[tuple[int, bytes]]
    footer: Footer | None
    good_bytes: int
    torn_bytes: int


def encode(kind: int, offset: int, payload: bytes) -> bytes:
    """Return one frame."""
    checked = _TAIL.pack(kind, offset) + payload
    return _HEAD.pack(len(payload), google_crc32c.value(checked)) + checked


def decode(data: bytes, at: int) -> Frame | None:
    """Return the frame that starts at byte `at`, or None where no whole, intact frame does."""
    body = at + _PREFIX.size
    if body > len(data):
        return None
    length, crc, kind, offset = _PREFIX.unpack_from(data, at)
    end = body + length
    if end > len(data) or kind not in _KINDS or google_crc32c.value(data[at + 8 : end]) != crc:
        return None
    return Frame(kind, offset, data[body:end], end)


def walk(data: bytes, at: int = 0) -> Iterator[Frame]:
    """Yield whole frames from byte `at` until the first that is not."""
    while (frame := decode(data, at)) is not None:
        yield frame
        at = frame.end


def last_footer(data: bytes) -> Footer | None:
    """Return the footer whose frame ends where `data`, a file's tail, ends; None if none does."""
    for at in range(len(data) - _PREFIX.size, -1, -1):
        if data[at + 8] != FOOTER:
            continue
        frame = decode(data, at)
        if frame is not None and frame.end == len(data):
            return _footer(frame.payload, "the end of a segment", 0)
    return None


def next_frame(data: bytes, after: int) -> int | None:
    """Return the first position behind byte `after` where an intact frame starts, or None.

    It tells a torn tail (None) from damage in the middle. Candidates are positions whose kind byte
    is known and whose offset is below 2^40: a JSON payload holds no zero bytes, so they are few.
    """
    for match in re.finditer(rb"(?=[\x00-\x02].{5}\x00\x00\x00)", data[after + 9 :], re.DOTALL):
        if decode(data, after + 1 + match.start()) is not None:
            return after + 1 + match.start()
    return None


def scan(data: bytes, name: str) -> Scan:
    """Read a segment's bytes up to the last whole frame.

    Args:
        data: the file's bytes.
        name: the file's name, for errors.

    Raises:
        SpoolError: if an intact frame follows a damaged one, an offset is missing, something
            follows the footer, or header or footer are not what they should be.
        FormatMismatch: if the header is of another format.
    """
    header: Header | None = None
    footer: Footer | None = None
    records: list[tuple[int, bytes]] = []
    end = good = 0
    for frame in walk(data):
        _check_order(frame, header, footer, len(records), name, end)
        end = frame.end
        if frame.kind == RECORD:
            records.append((frame.offset, frame.payload))
        elif frame.kind == HEADER:
            header = parse_header(frame.payload, name)
        else:
            footer = _footer(frame.payload, name, frame.end)
        good = end if footer is None else good
    if end < len(data) and (found := next_frame(data, end)) is not None:
        raise damaged(name, end, f"an intact frame follows at byte {found}")
    return Scan(header, records, footer, good, len(data) - end)


def parse_header(payload: bytes, name: str) -> Header:
    """Return the header, once its magic and format are known ones."""
    fields = _object(payload, name, 0)
    magic, version = fields.pop("magic", None), fields.pop("format", None)
    if (magic, version) != (MAGIC, FORMAT):
        raise FormatMismatch(
            f"Spool file `{name}` is of format `{magic} {version}`; this is `{MAGIC} {FORMAT}`.",
            "Land it with the Weir version that wrote it.",
        )
    try:
        return Header(**fields)
    except TypeError:
        raise damaged(name, 0, "its header lacks a field") from None


def damaged(name: str, at: int, why: str) -> SpoolError:
    """Return the error for damage that is no torn tail: the one that must never be cut."""
    return SpoolError(
        f"Spool file `{name}` is damaged at byte {at}: {why}.",
        "Nothing was cut. Restore the file from a copy, or move it away to give up its records.",
    )


def _check_order(
    frame: Frame, header: Header | None, footer: Footer | None, count: int, name: str, at: int
) -> None:
    if footer is not None:
        raise damaged(name, at, "a frame follows the footer")
    if (frame.kind == HEADER) != (header is None):
        raise damaged(name, at, "the header is missing or repeated")
    if header is not None and frame.offset != header.first_offset + count:
        raise damaged(name, at, f"offset {frame.offset}, not {header.first_offset + count}")


def _footer(payload: bytes, name: str, at: int) -> Footer:
    fields = _object(payload, name, at)
    try:
        return Footer(**{**fields, "fp": tuple(fields["fp"])})
    except (TypeError, KeyError):
        raise damaged(name, at, "its footer lacks a field") from None


def _object(payload: bytes, name: str, at: int) -> dict[str, Any]:
    """Return the object of an intact frame; one that holds another thing was not written by us."""
    try:
        fields = orjson.loads(payload)
    except orjson.JSONDecodeError:
        fields = None
    if type(fields) is not dict:
        raise damaged(name, at, "a header or footer holds no JSON object")
    return fields
