"""Bodies: whatever bytes come, the end is verdicts or a refusal, and numbers stay exact."""

from __future__ import annotations

import gzip
from collections.abc import Callable

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from weir.collect.jsontext import Unreadable, exact, loads
from weir.collect.judging import Judging, Record
from weir.collect.wire import Body, Refusal, batch, decompress, single

types = st.sampled_from([b"", b"application/json", b"application/x-ndjson; charset=utf-8"])


def verdicts(read: Callable[[], list[Record]]) -> list[str]:
    """Return the verdicts, or none where the whole body is refused. Anything else is a 500."""
    try:
        return [record.verdict for record in read()]
    except Refusal:
        return []


@given(data=st.binary(max_size=80), kind=types)
def test_any_bytes_end_in_verdicts_or_a_refusal(judging: Judging, data: bytes, kind: bytes) -> None:
    for read in (lambda: batch(data, kind, judging), lambda: single(data, judging)):
        assert set(verdicts(read)) <= {"quarantined"}


@given(at=st.integers(0, 10_000), byte=st.integers(0, 255))
def test_a_damaged_byte_costs_at_most_the_lines_it_touches(
    event: Callable, judging: Judging, at: int, byte: int
) -> None:
    whole = bytearray(b"\n".join(orjson.dumps(event(id=str(i))) for i in range(4)))
    whole[at % len(whole)] = byte
    found = verdicts(lambda: batch(bytes(whole), b"application/x-ndjson", judging))
    assert found.count("accepted") + found.count("flagged") >= 2
    assert len(found) in {3, 4, 5}, "a newline lost, none, or one made"


@given(parts=st.lists(st.binary(max_size=300), max_size=4), limit=st.integers(0, 600))
def test_decompression_is_bounded(parts: list[bytes], limit: int) -> None:
    body = Body(b"".join(map(gzip.compress, parts)), b"", b"gzip")
    whole = b"".join(parts)
    if len(whole) > limit:
        with pytest.raises(Refusal, match="body_too_large"):
            decompress(body, limit)
    else:
        assert decompress(body, limit) == whole


@pytest.mark.parametrize("number", [2**63, 2**64 - 1, 2**64, 10**40, -(2**63), -(10**30)])
def test_integers_are_read_exactly(number: int) -> None:
    assert loads(f'{{"a": [{number}]}}'.encode()) == {"a": [number]}


def test_text_of_digits_is_text() -> None:
    assert loads(b'["12345678901234567890123", 1.5]') == ["12345678901234567890123", 1.5]


@pytest.mark.parametrize(
    "text",
    [b"", b"NaN", b"[1e999]", b'"\\ud800"', b"[" * 2000, b"[Infinity, 11111111111111111111]"],
)
def test_what_is_no_json_is_unreadable(text: bytes) -> None:
    with pytest.raises(Unreadable):
        loads(text)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=5),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
        max_leaves=8,
    )
)
def test_the_exact_text_reads_back(value: object) -> None:
    assert orjson.loads(exact(value)) == value
