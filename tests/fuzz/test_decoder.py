"""Hypothesis on everything that reads bytes from outside: only the errors that are meant, and soon."""

from __future__ import annotations

import contextlib
import gzip
import json
import time
import zlib
from collections.abc import Callable
from datetime import datetime
from typing import Any

import orjson
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests.collect.conftest import rule
from weir.collect import wire
from weir.collect.answers import VERDICTS, results
from weir.collect.frames import FOOTER, HEADER, RECORD, Footer, Header, encode, last_footer, scan
from weir.collect.judging import Judging
from weir.collect.rules import Rules
from weir.collect.verdict import judge
from weir.collect.wire import Body, Refusal
from weir.core.errors import FormatMismatch, SpoolError
from weir.core.landing import WRITTEN

LIMIT = 100_000
SECONDS = 5.0
RULES = Rules([rule("click_item_home"), rule("strict_item_home", policy="reject")])
JUDGING = Judging(RULES, datetime(2026, 11, 21, 5, 40), lambda: "server-id", 5_000)
_CALM = [HealthCheck.too_slow, HealthCheck.data_too_large]
FEW = settings(max_examples=200, deadline=None, suppress_health_check=_CALM)
MANY = settings(max_examples=5_000, deadline=None, suppress_health_check=_CALM)

KEYS = st.sampled_from(["id", "name", "version", "time", "sent_at", "user_id", "params", "origin",
                        "session_id", "é", "", "a/b~", "\x00"])  # fmt: skip
SCALARS = (
    st.none() | st.booleans() | st.integers(-(2**80), 2**80) | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=20)
    | st.sampled_from(["click_item_home", "strict_item_home", "2026-11-21T05:00:00Z", "live"])
)  # fmt: skip
VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(KEYS | st.text(max_size=5), inner, max_size=4)
    ),
    max_leaves=20,
)
EVENTS = st.dictionaries(KEYS, VALUES, max_size=8)
TEXTS = (
    st.binary(max_size=2_000)
    | VALUES.map(lambda value: json.dumps(value).encode())
    | st.lists(EVENTS, max_size=4).map(lambda value: json.dumps(value).encode())
    | st.lists(EVENTS.map(json.dumps) | st.text(max_size=30), max_size=5).map(
        lambda lines: "\n".join(lines).encode(errors="surrogatepass")
    )
)
TYPES = st.sampled_from([b"", b"application/json", b"application/x-ndjson", b"text/plain",
                         b"text/html", b"multipart/form-data; boundary=x"]) | st.binary(max_size=30)  # fmt: skip
DEEP = [b"[" * depth + b"]" * depth for depth in (99, 101, 500, 1_100, 50_000)]
NASTY = [
    *DEEP, *(b'{"params":' + text + b"}" for text in DEEP), b"[" * 90_000, b'{"a":' * 15_000,
    b"9" * 90_000, b"-0", b"[1e999]", b'"\\ud800"', b"\xef\xbb\xbf{}", b"\xff\xfe{\x00}\x00", b"\n" * 90_000,
    b"{}\n" * 10_001, b"[" + b"1," * 40_000 + b"1]", b'{"id":"' + b"\\u0000" * 10_000 + b'"}',
    b'{"name":"' + b"click_" * 10_000 + b'"}', b'{"time":"' + b"9" * 50_000 + b'"}',
    b"{" + b",".join(b'"k%d":1' % n for n in range(8_000)) + b"}",
]  # fmt: skip


def soon(work: Callable[[], Any]) -> Any:
    """Return what the work returns, or the refusal that it raises; fail if it takes long."""
    began = time.perf_counter()
    try:
        found = work()
    except Refusal as refusal:
        found = refusal
    assert time.perf_counter() - began < SECONDS
    if isinstance(found, Refusal):
        assert 400 <= found.status < 500
        assert found.remedy
    return found


def whole(records: Any) -> None:
    """Check that the verdicts can be stored and answered."""
    if isinstance(records, Refusal):
        return
    answer, _ = results(records)
    orjson.loads(answer)
    for record in records:
        assert record.verdict in VERDICTS
        assert list(record.columns) == list(WRITTEN)
        orjson.loads(orjson.dumps(record.columns))
        assert "\0" not in (record.columns["raw"] or "")


def _batch(text: bytes, kind: bytes) -> None:
    whole(soon(lambda: wire.batch(text, kind, JUDGING)))


def _single(text: bytes) -> None:
    whole(soon(lambda: wire.single(text, JUDGING)))


@given(TEXTS, TYPES)
@FEW
def test_any_batch(text: bytes, kind: bytes) -> None:
    _batch(text, kind)


@given(TEXTS)
@FEW
def test_any_single(text: bytes) -> None:
    _single(text)


@pytest.mark.parametrize("text", NASTY, ids=lambda text: f"{text[:12]!r}*{len(text)}")
def test_nasty_bodies_end_soon(text: bytes) -> None:
    _single(text)
    _batch(text, b"")
    _batch(text, b"application/x-ndjson")


@given(VALUES | EVENTS)
@FEW
def test_any_value_is_judged(value: Any) -> None:
    whole(soon(lambda: [judge(value, JUDGING)]))


COMPRESSED = st.binary(max_size=3_000).map(gzip.compress)
BROKEN = st.tuples(COMPRESSED, st.integers(0, 3_000), st.integers(0, 255)).map(
    lambda given: given[0][: given[1]] + bytes([given[2]]) + given[0][given[1] + 1 :]
)


@given(
    st.binary(max_size=500) | COMPRESSED | BROKEN, st.sampled_from([b"gzip", b"br", b"", b"GZIP "])
)
@example(gzip.compress(b"\0" * 10_000_000), b"gzip")
@example(gzip.compress(b"") * 3_000, b"gzip")
@example(b"".join(gzip.compress(b"x" * 9) for _ in range(2_000)), b"gzip")
@example(zlib.compress(b"{}"), b"gzip")
@FEW
def test_any_compressed_body(data: bytes, encoding: bytes) -> None:
    found = soon(lambda: wire.decompress(Body(data, b"", encoding), LIMIT))
    assert isinstance(found, Refusal) or len(found) <= LIMIT


HEADER_FRAME = Header("normal", 1, 0, "2026-11-21T05:40:00").encode()
FOOTER_FRAME = Footer(2, 0, 2, (1, 2, 3, 4), None, None, "2026-11-21T05:40:00").encode()
FRAMES = st.lists(
    st.just(HEADER_FRAME) | st.just(FOOTER_FRAME) | st.binary(max_size=60)
    | st.builds(encode, st.sampled_from([HEADER, RECORD, FOOTER]), st.integers(0, 3),
                st.binary(max_size=40) | st.sampled_from([b"{}", b"[]", b"5", b'{"fp":1}'])),
    max_size=6,
).map(b"".join)  # fmt: skip


def _scan(data: bytes) -> None:
    try:
        found = soon(lambda: scan(data, "fuzzed.open"))
    except (SpoolError, FormatMismatch):
        return
    assert found.good_bytes + found.torn_bytes <= len(data)


@given(FRAMES)
@example(HEADER_FRAME + b"\0" * 200_000)
@example(HEADER_FRAME + b"\x01\0\0\0\0\0\0\0\0" * 20_000)
@FEW
def test_any_segment_file(data: bytes) -> None:
    _scan(data)
    with contextlib.suppress(SpoolError):
        soon(lambda: last_footer(data[-400:]))


@pytest.mark.slow
@given(TEXTS, TYPES, FRAMES, BROKEN)
@MANY
def test_many_of_everything(text: bytes, kind: bytes, data: bytes, broken: bytes) -> None:
    _batch(text, kind)
    _single(text)
    _scan(data)
    soon(lambda: wire.decompress(Body(broken, b"", b"gzip"), LIMIT))
