"""Segment files: written, completed, read from an offset, recovered, listed in order."""

from __future__ import annotations

import logging
from pathlib import Path

import orjson
import pytest

from weir.collect.frames import Header
from weir.collect.segments import (
    Entry,
    SegmentWriter,
    list_segments,
    read_footer,
    read_segment,
    recover,
    recover_orphans,
    scan_file,
    stamp,
)
from weir.core.errors import SpoolError

from datetime import datetime  # isort: skip

NOW = datetime(2026, 11, 21, 5, 40)
AT = stamp(NOW)


def entry(offset: int) -> Entry:
    fp = (offset, 2, 3, 4)
    row = {"received_at": AT, **{f"fp_{i}": v for i, v in enumerate(fp)}}
    return Entry(offset, AT, fp, orjson.dumps(row))


def writer(spool: Path, first: int = 0, epoch: int = 1, **options: object) -> SegmentWriter:
    (spool / "normal").mkdir(parents=True, exist_ok=True)
    return SegmentWriter(spool / "normal", Header("normal", epoch, first, AT), **options)


def test_a_segment_is_written_completed_and_read(tmp_path: Path) -> None:
    segment = writer(tmp_path, first=7)
    segment.append([entry(7), entry(8)])
    segment.append([entry(9)])
    path = segment.close(NOW)
    assert path.name == "0000000001-000000000007.seg"
    footer = read_footer(path)
    assert (footer.records, footer.first_offset, footer.next_offset) == (3, 7, 10)
    assert footer.fp == (24, 6, 9, 12)
    assert (footer.first_received_at, footer.last_received_at, footer.recovered) == (AT, AT, False)
    assert [offset for offset, _ in read_segment(path)] == [7, 8, 9]
    assert [offset for offset, _ in read_segment(path, from_offset=9)] == [9]


def test_an_orphan_with_a_torn_tail_is_cut_logged_and_completed(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    segment = writer(tmp_path)
    segment.append([entry(0), entry(1)])
    segment.abandon()
    with segment.path.open("ab") as file:
        file.write(b"\x10\x00\x00\x00torn")
    with caplog.at_level(logging.WARNING):
        done = recover(segment.path, lambda: NOW)
    assert (done.cut_bytes, done.footer.records, done.footer.recovered) == (8, 2, True)
    assert done.footer.fp == (1, 4, 6, 8)
    assert "cut a torn tail of 8 bytes" in caplog.text
    assert read_footer(done.path) == done.footer
    assert [offset for offset, _ in read_segment(done.path)] == [0, 1]


def test_an_orphan_whose_footer_is_written_is_only_renamed(tmp_path: Path) -> None:
    segment = writer(tmp_path)
    segment.append([entry(0)])
    complete = segment.close(NOW)
    orphan = complete.rename(complete.with_suffix(".open"))
    done = recover(orphan, lambda: NOW)
    assert not done.footer.recovered
    assert read_footer(done.path).records == 1


def test_an_orphan_without_records_is_removed(tmp_path: Path) -> None:
    segment = writer(tmp_path)
    segment.abandon()
    assert recover(segment.path, lambda: NOW).footer.records == 0
    assert list_segments(tmp_path, "normal", complete=None) == []


def test_a_damaged_orphan_is_kept_and_does_not_stop_the_others(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    damaged, good = writer(tmp_path, first=0), writer(tmp_path, first=2)
    damaged.append([entry(0), entry(1)])
    good.append([entry(2)])
    content = bytearray(damaged.path.read_bytes())
    content[-len(entry(1).payload) - 30] ^= 1
    damaged.path.write_bytes(content)
    done = recover_orphans(tmp_path, lambda: NOW, 1)
    assert [r.footer.first_offset for r in done] == [2]
    assert "damaged" in caplog.text
    assert damaged.path.read_bytes() == content
    with pytest.raises(SpoolError):
        recover(damaged.path, lambda: NOW)


def test_a_failed_write_is_cut_back_and_its_offsets_are_used_again(tmp_path: Path) -> None:
    import os

    calls = 0

    def flaky(fd: int, data: bytes) -> int:
        nonlocal calls
        calls += 1
        if calls == 3:
            os.write(fd, data[:10])
            raise OSError(28, "No space left on device")
        return os.write(fd, data)

    segment = writer(tmp_path, write=flaky)
    segment.append([entry(0)])
    with pytest.raises(OSError, match="No space"):
        segment.append([entry(1)])
    assert scan_file(segment.path).torn_bytes == 10
    segment.repair()
    segment.append([entry(1), entry(2)])
    assert [offset for offset, _ in read_segment(segment.close(NOW))] == [0, 1, 2]


def test_a_segment_that_cannot_be_opened_leaves_nothing(tmp_path: Path) -> None:
    def full(fd: int, data: bytes) -> int:
        raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space"):
        writer(tmp_path, write=full)
    assert list_segments(tmp_path, "normal", complete=None) == []


def test_a_seg_file_without_footer_is_an_error(tmp_path: Path) -> None:
    segment = writer(tmp_path)
    segment.append([entry(0)])
    segment.abandon()
    path = segment.path.rename(segment.path.with_suffix(".seg"))
    with pytest.raises(SpoolError, match="footer is missing"):
        read_segment(path)


def test_segments_are_listed_in_the_order_of_their_records(tmp_path: Path) -> None:
    for epoch, first in [(2, 0), (1, 5), (1, 0)]:
        segment = writer(tmp_path, first=first, epoch=epoch)
        segment.append([entry(first)])
        if (epoch, first) != (2, 0):
            segment.close(NOW)
    assert [(s.epoch, s.first_offset) for s in list_segments(tmp_path, "normal")] == [
        (1, 0),
        (1, 5),
    ]
    assert [s.epoch for s in list_segments(tmp_path, "normal", complete=False)] == [2]
    assert len(list_segments(tmp_path, "normal", complete=None)) == 3
    assert list_segments(tmp_path, "bulk") == []


def test_a_foreign_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "normal").mkdir()
    (tmp_path / "normal" / "x.seg").touch()
    with pytest.raises(SpoolError, match="not named like"):
        list_segments(tmp_path, "normal")
