"""A full disk: the ballast gives room to end segments, and new records wait until there is room."""

from __future__ import annotations

import asyncio
import errno
import os
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest

from weir.collect.ballast import Ballast, is_full, says_full
from weir.collect.judging import Judging
from weir.collect.segments import list_segments
from weir.collect.spool import Rotation, Spool
from weir.collect.verdict import judge
from weir.core.errors import SpoolFull

NOW = datetime(2026, 11, 21, 5, 40)
SIZE = 100_000


class Disk:
    """A disk with so much room, of which writes to segments take nothing."""

    def __init__(self) -> None:
        self.free, self.full = 10 * SIZE, False

    def write(self, fd: int, data: bytes) -> int:
        if self.full:
            raise OSError(errno.ENOSPC, "No space left on device")
        return os.write(fd, data)

    def ballast(self, folder: Path) -> Ballast:
        folder.mkdir(exist_ok=True)
        return Ballast(folder, SIZE, lambda _: self.free)


def test_it_takes_its_space_once_and_gives_it_back(tmp_path: Path) -> None:
    disk = Disk()
    ballast = disk.ballast(tmp_path)
    assert ballast.restore()
    file = tmp_path / "ballast"
    assert file.stat().st_blocks * 512 >= SIZE, "the space is really taken"
    ballast.drop()
    assert not file.exists()
    assert says_full(tmp_path)
    disk.free = 2 * SIZE - 1
    assert not ballast.restore()
    disk.free = 2 * SIZE
    assert ballast.restore()
    assert not says_full(tmp_path)
    assert list(tmp_path.iterdir()) == [file]


def test_without_a_size_nothing_is_kept_back(tmp_path: Path) -> None:
    ballast = Ballast(tmp_path, 0)
    assert ballast.restore()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("error", "full"),
    [(OSError(errno.ENOSPC, ""), True), (OSError(errno.EDQUOT, ""), True),
     (OSError(errno.EIO, ""), False), (ValueError(), False), (None, False)],
)  # fmt: skip
def test_what_says_that_a_disk_is_full(error: Exception | None, full: bool) -> None:
    assert is_full(error) is full


def test_a_full_disk_ends_segments_refuses_records_and_recovers(
    spool_dir: Path, judging: Judging, event: Callable
) -> None:
    disk = Disk()

    async def story() -> None:
        spool = Spool(
            spool_dir, Rotation(10**6, 10), lambda: NOW,
            ballast=disk.ballast(spool_dir), write=disk.write,
        )  # fmt: skip
        await spool.commit([judge(event(), judging)])
        disk.full, disk.free = True, 0
        with pytest.raises(SpoolFull):
            await spool.commit([judge(event(), judging)])
        assert says_full(spool_dir)
        assert spool.failed_lanes == ["critical", "normal", "bulk", "quarantine"]
        disk.full = False  # the ballast's space
        with pytest.raises(SpoolFull, match="is full"):
            await spool.commit([judge(event(), judging)])
        assert await spool.rotate(), "the segment ends in the ballast's space"
        assert [s.complete for s in list_segments(spool_dir, "normal", complete=None)] == [True]
        disk.free = 10 * SIZE
        await spool.commit([judge(event(), judging)])
        assert spool.failed_lanes == []
        await spool.close()

    asyncio.run(story())


def test_another_workers_full_disk_is_noticed(
    spool_dir: Path, judging: Judging, event: Callable, monkeypatch: pytest.MonkeyPatch
) -> None:
    disk = Disk()
    monkeypatch.setattr("weir.collect.spool.TICK_SECONDS", 0.01)

    async def story() -> None:
        spool = Spool(spool_dir, Rotation(10**6, 10), lambda: NOW, ballast=disk.ballast(spool_dir))
        spool.start()
        disk.free = 0
        disk.ballast(spool_dir).drop()
        await asyncio.sleep(0.1)
        with pytest.raises(SpoolFull, match="is full"):
            await spool.commit([judge(event(), judging)])
        disk.free = 10 * SIZE
        await asyncio.sleep(0.1)
        await spool.commit([judge(event(), judging)])
        await spool.close()

    asyncio.run(story())
