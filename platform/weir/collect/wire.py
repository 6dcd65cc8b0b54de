"""Request bodies as items: decompression within limits, JSON array, NDJSON, one object. Pure.

What an item means is `weir.collect.verdict`'s business; HTTP answers are `weir.collect.answers`'.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import NamedTuple, TypeVar

from weir.collect.jsontext import TooDeep, Unreadable, loads, parts
from weir.collect.judging import Judging, Record
from weir.collect.notjson import diagnose
from weir.collect.quick import judge
from weir.collect.verdict import too_deep, unreadable
from weir.core.told import told

MAX_ITEMS = 10_000
MAX_MEMBERS = 10_000  # of one gzip stream
T = TypeVar("T")
_CHUNK = 16_384
_GZIP = 31  # zlib's window bits for a gzip wrapper
_NDJSON = (b"application/x-ndjson", b"application/ndjson", b"application/jsonl",
           b"application/jsonlines", b"application/x-jsonlines")  # fmt: skip
_FORMS = (b"multipart/", b"text/html", b"text/xml", b"application/xml")


class Refusal(Exception):
    """The whole request is refused; nothing of it was kept.

    Args:
        status: HTTP status.
        code: a stable word for programs.
        message: what was wrong.
        remedy: what to do.
        headers: further headers of the answer.
        details: further fields of the answer.
    """

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        remedy: str,
        headers: tuple[tuple[bytes, bytes], ...] = (),
        details: Mapping[str, object] = MappingProxyType({}),
    ) -> None:
        self.status, self.code, self.message, self.remedy = status, code, message, remedy
        self.headers, self.details = headers, details
        super().__init__(f"{code}: {message} {remedy}")


class Body(NamedTuple):
    """A request's body and the headers that say what it is."""

    data: bytes
    content_type: bytes = b""
    encoding: bytes = b""


def too_large(limit: int) -> Refusal:
    """Return the refusal of a body over the limit."""
    return Refusal(
        413, "body_too_large", f"The body is larger than {limit} bytes after decompression.",
        "Send several smaller batches.",
    )  # fmt: skip


def decompress(body: Body, limit: int) -> bytes:
    """Return the body without its content encoding, never more than `limit` bytes.

    Raises:
        Refusal: 415 for an unknown encoding, 400 for broken gzip, 413 beyond the limit.
    """
    encoding = body.encoding.strip().lower()
    if encoding in {b"", b"identity"}:
        return body.data
    if encoding not in {b"gzip", b"x-gzip"}:
        shown = encoding.decode("latin-1")[:50]
        raise Refusal(
            415, "unknown_encoding", f"The content encoding `{shown}` is not supported.",
            "Compress the body with gzip (`Content-Encoding: gzip`), or send it uncompressed.",
        )  # fmt: skip
    try:
        return b"".join(_members(body.data, limit)) if body.data else b""
    except zlib.error as error:
        raise Refusal(
            400, "broken_gzip", f"The body is no gzip stream: {error}.",
            "Compress it again, or send it uncompressed without Content-Encoding.",
        ) from None  # fmt: skip


def _members(data: bytes, limit: int) -> Iterator[bytes]:
    """Yield what the members of a gzip stream hold, reading a chunk at a time.

    Output is bounded before it is made. So is the number of members: an empty one has 20 bytes and
    costs a thousand times what it takes to send.
    """
    view, at, room = memoryview(data), 0, limit
    for _ in range(MAX_MEMBERS):
        stream = zlib.decompressobj(_GZIP)
        while not stream.eof:
            if at >= len(data):
                raise zlib.error("it ends early")
            chunk = view[at : at + _CHUNK]
            part = stream.decompress(chunk, room + 1)
            at += len(chunk) - len(stream.unused_data)
            room -= len(part)
            if room < 0:
                raise too_large(limit)
            yield part
        if at >= len(data):
            return
    raise zlib.error(f"it has more than {MAX_MEMBERS} members")


def single(data: bytes, judging: Judging) -> list[Record]:
    """Return the verdict on a body that is one event.

    Raises:
        Refusal: 400 if it is no JSON object.
    """
    try:
        item = loads(data)
    except Unreadable as error:
        if data.lstrip()[:1] == b"{" and _is_deep(data, error):
            return [too_deep(data, judging)]
        raise _not_json(data, error) from None
    if isinstance(item, list):
        raise Refusal(
            400, "not_an_object", "The body is a JSON array.",
            "Post the array to /v1/batch, or one of its objects here.",
        )  # fmt: skip
    if not isinstance(item, dict):
        raise Refusal(
            400, "not_an_object", f"The body is JSON, but no object: {told(item)}.",
            _unwrap(item, 'Post one event: {"id": …, "name": …, "time": …, "params": {…}}.'),
        )  # fmt: skip
    return [judge(item, judging)]


def _unwrap(item: object, remedy: str) -> str:
    encoded = isinstance(item, str) and item.lstrip()[:1] in ("{", "[")
    return (
        "It was encoded as JSON twice: send the object itself, not its text." if encoded else remedy
    )


def _is_deep(data: bytes, error: Unreadable) -> bool:
    return isinstance(error, TooDeep) and parts(data) is not None


def batch(data: bytes, content_type: bytes, judging: Judging) -> list[Record]:
    """Return the verdicts on a body of many events: a JSON array, or NDJSON.

    The content type decides, else the first byte: `[` is an array, `{` one object or NDJSON. An
    empty array and an empty NDJSON body are batches of none.

    Raises:
        Refusal: 400 if the body is neither, 413 for more than `MAX_ITEMS` events, 415 for a content
            type that cannot be one.
    """
    check_type(content_type)
    kind = content_type.partition(b";")[0].strip().lower()
    if kind in _NDJSON:
        return _lines(data, judging)
    head = data.lstrip()[:1]
    if head != b"{":
        return _array(data, judging)
    try:
        return [judge(loads(data), judging)]
    except Unreadable:
        return _lines(data, judging)


def check_type(content_type: bytes) -> None:
    """Refuse what is surely no JSON; curl's and browsers' wrong but usual types pass.

    Raises:
        Refusal: 415.
    """
    kind = content_type.strip().lower()
    if kind.startswith(_FORMS):
        shown = kind.decode("latin-1")[:50]
        raise Refusal(
            415, "unknown_type", f"The content type `{shown}` is not supported.",
            "Send JSON with the header `Content-Type: application/json` (curl -d, not -F), or"
            " `application/x-ndjson` for one event per line.",
        )  # fmt: skip


def _not_json(data: bytes, error: Unreadable) -> Refusal:
    trouble = diagnose(data, str(error), error.at)
    return Refusal(
        400, "not_json", f"The body is not JSON: {trouble.said}.", trouble.remedy,
        details=trouble.place,
    )  # fmt: skip


def _array(data: bytes, judging: Judging) -> list[Record]:
    try:
        items = loads(data)
    except Unreadable as error:
        found = parts(data) if isinstance(error, TooDeep) else None
        if found is None:
            raise _not_json(data, error) from None
        return [_part(text, data, judging) for text in _bounded(found)]
    if not isinstance(items, list):
        raise Refusal(
            400, "not_a_batch", f"The body is JSON, but neither array nor object: {told(items)}.",
            _unwrap(items, "Send a JSON array of events, or one event per line."),
        )  # fmt: skip
    return [judge(item, judging) for item in _bounded(items)]


def _part(text: bytes, data: bytes, judging: Judging) -> Record:
    """Return the verdict on one item of an array that is too deep to be read as a whole."""
    try:
        return judge(loads(text), judging)
    except TooDeep:
        return too_deep(text.strip(), judging)
    except Unreadable as error:
        at = (
            None
            if error.at is None
            else len(data[: data.index(text)].decode(errors="replace")) + error.at
        )
        raise _not_json(data, Unreadable(str(error), at)) from None


def _lines(data: bytes, judging: Judging) -> list[Record]:
    lines = [line for line in data.split(b"\n") if line.strip()]
    return [_line(line, judging) for line in _bounded(lines)]


def _bounded(items: list[T]) -> list[T]:
    if len(items) > MAX_ITEMS:
        raise Refusal(
            413, "too_many_events", f"The batch holds {len(items)} events.",
            f"Send at most {MAX_ITEMS} per batch.",
        )  # fmt: skip
    return items


def _line(line: bytes, judging: Judging) -> Record:
    try:
        item = loads(line)
    except Unreadable as error:
        if _is_deep(line, error):
            return too_deep(line, judging)
        return unreadable(line, diagnose(line, str(error), error.at, ndjson=True), judging)
    return judge(item, judging)


Reader = Callable[[bytes, bytes, Judging], list[Record]]
