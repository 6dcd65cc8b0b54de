"""Frames: any truncation reads as a prefix; damage in the middle is never cut."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from weir.collect.frames import FOOTER, RECORD, Footer, Header, decode, encode, scan
from weir.core.errors import FormatMismatch, SpoolError

HEADER = Header("normal", 3, 5, "2026-11-21T05:00:00.000000")
payloads = st.lists(st.binary(max_size=60), max_size=12)


def build(bodies: list[bytes], footer: bool = False) -> bytes:
    data = HEADER.encode() + b"".join(encode(RECORD, 5 + i, b) for i, b in enumerate(bodies))
    if footer:
        data += Footer(len(bodies), 5, 5 + len(bodies), (1, 2, 3, 4), None, None, "x").encode()
    return data


def test_a_frame_round_trips() -> None:
    frame = decode(encode(RECORD, 2**40 - 1, b"abc"), 0)
    assert frame is not None
    assert (frame.kind, frame.offset, frame.payload) == (RECORD, 2**40 - 1, b"abc")


@given(bodies=payloads, data=st.data())
def test_any_truncation_reads_as_a_prefix(bodies: list[bytes], data: st.DataObject) -> None:
    whole = build(bodies, footer=True)
    cut = data.draw(st.integers(0, len(whole)))
    found = scan(whole[:cut], "f")
    expected = [(5 + i, body) for i, body in enumerate(bodies)]
    assert found.records == expected[: len(found.records)]
    assert found.good_bytes <= cut
    if cut == len(whole):
        assert (found.records, found.torn_bytes) == (expected, 0)
        assert found.footer is not None
        assert found.footer.fp == (1, 2, 3, 4)


@given(bodies=payloads.filter(bool), data=st.data())
def test_a_flipped_byte_is_an_error_or_ends_the_prefix(
    bodies: list[bytes], data: st.DataObject
) -> None:
    whole = bytearray(build(bodies))
    at = data.draw(st.integers(0, len(whole) - 1))
    whole[at] ^= data.draw(st.integers(1, 255))
    try:
        found = scan(bytes(whole), "f")
    except SpoolError:
        return
    last = len(whole) - len(encode(RECORD, 5, bodies[-1]))
    assert at >= last, "damage before the last frame must be an error"
    assert found.records == [(5 + i, body) for i, body in enumerate(bodies[:-1])]


def test_damage_in_the_middle_names_file_and_byte() -> None:
    whole = bytearray(build([b"first", b"second", b"third"]))
    at = len(build([b"first"]))
    whole[at + 20] ^= 1
    with pytest.raises(SpoolError, match=rf"`seg/x` is damaged at byte {at}: an intact frame"):
        scan(bytes(whole), "seg/x")


@pytest.mark.parametrize(
    "data",
    [
        encode(RECORD, 5, b"no header"),
        HEADER.encode() + HEADER.encode(),
        HEADER.encode() + encode(RECORD, 6, b"a hole"),
        build([b"a"], footer=True) + encode(RECORD, 6, b"after the footer"),
        HEADER.encode() + encode(RECORD, 5, b"a") + encode(FOOTER, 9, b"{}"),
    ],
)
def test_frames_in_a_wrong_order_are_damage(data: bytes) -> None:
    with pytest.raises(SpoolError, match="damaged"):
        scan(data, "f")


def test_another_format_is_refused() -> None:
    with pytest.raises(FormatMismatch, match="weir-spool 2"):
        scan(encode(0, 0, b'{"magic":"weir-spool","format":2}'), "f")


def test_zeros_behind_the_last_frame_are_a_torn_tail() -> None:
    found = scan(build([b"a"]) + bytes(4096), "f")
    assert (len(found.records), found.torn_bytes) == (1, 4096)
