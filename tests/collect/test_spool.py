"""The spool on one loop: durable before done, offsets, rotation, failing lanes, one owner."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import os
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import orjson
import pytest

from weir.collect.judging import Judging
from weir.collect.ownership import live_owner, read_owner, try_lock
from weir.collect.segments import list_segments, read_footer, read_segment
from weir.collect.spool import Rotation, Spool
from weir.collect.verdict import judge
from weir.collect.writers import read_rotation
from weir.core.canonical import fingerprint
from weir.core.errors import SpoolError, SpoolFull
from weir.core.landing import LANES, RECORD

NOW = datetime(2026, 11, 21, 5, 40)


class Disk:
    """A disk that can be full for some lanes; what is written before stays torn."""

    def __init__(self) -> None:
        self.full: set[str] = set()

    def write(self, fd: int, data: bytes) -> int:
        path = Path(f"/proc/self/fd/{fd}").readlink()
        if path.parent.name in self.full:
            os.write(fd, data[: len(data) // 2])
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return os.write(fd, data)


class Clock:
    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


def make(folder: Path, clock: Callable[[], datetime] | None = None, **options: object) -> Spool:
    rotation = options.pop("rotation", Rotation(10**9, 3600))
    return Spool(folder, rotation, clock or Clock(), wait_seconds=0.1, **options)


def rows(folder: Path, lane: str) -> list[dict]:
    found = []
    for segment in list_segments(folder, lane, complete=None):
        found += [orjson.loads(payload) for _, payload in read_segment(segment.path)]
    return found


@pytest.fixture
def records(event: Callable, judging: Judging) -> Callable:
    return lambda *names: [
        judge(event(id=f"{n}-{i}", name=n), judging) for i, n in enumerate(names)
    ]


def test_a_commit_is_on_disk_in_every_lane(spool_dir: Path, records: Callable) -> None:
    async def story() -> None:
        spool = make(spool_dir)
        names = ["click_item_home", "buy_item_shop", "view_page_web", "no_such_event"]
        await spool.commit(records(*names))
        assert [len(rows(spool_dir, lane)) for lane in LANES] == [1, 1, 1, 1]
        await spool.commit(records(*names))
        row = rows(spool_dir, "normal")[1]
        assert list(row) == [name for name in RECORD if name != "replay_of"]
        fp = tuple(row[f"fp_{i}"] for i in range(4))
        assert fp == fingerprint("normal", spool.epoch, 1, row["payload_hash"])
        await spool.close()

    asyncio.run(story())
    for lane in LANES:
        (segment,) = list_segments(spool_dir, lane, complete=None)
        assert segment.complete
        assert read_footer(segment.path).records == 2
    assert try_lock(spool_dir) is not None


def test_concurrent_commits_share_fsyncs_and_keep_order(
    spool_dir: Path, records: Callable, monkeypatch: pytest.MonkeyPatch
) -> None:
    syncs = 0
    real = os.fdatasync

    def counting(fd: int) -> None:
        nonlocal syncs
        syncs += 1
        real(fd)

    monkeypatch.setattr(os, "fdatasync", counting)

    async def story() -> None:
        spool = make(spool_dir)
        await asyncio.gather(*[spool.commit(records("click_item_home")) for _ in range(200)])
        await spool.close()

    asyncio.run(story())
    (segment,) = list_segments(spool_dir, "normal")
    assert [offset for offset, _ in read_segment(segment.path)] == list(range(200))
    assert syncs < 20


def test_size_age_hour_and_order_rotate(spool_dir: Path, records: Callable) -> None:
    clock = Clock()

    def segments() -> list[int]:
        return [s.first_offset for s in list_segments(spool_dir, "normal")]

    async def commit(spool: Spool, at: datetime) -> None:
        kept = records("click_item_home")
        kept[0].columns["received_at"] = at.isoformat(timespec="microseconds")
        await spool.commit(kept)

    async def story() -> None:
        spool = make(spool_dir, clock, rotation=Rotation(10**9, 10))
        lane = spool.lanes["normal"]
        await commit(spool, NOW)
        lane.rotate_if_due(NOW + timedelta(seconds=9))
        await lane.drain()
        assert segments() == []
        lane.rotate_if_due(NOW + timedelta(seconds=10))
        await lane.drain()
        assert segments() == [0]
        await commit(spool, NOW)
        await commit(spool, NOW + timedelta(minutes=20))  # another hour
        assert segments() == [0, 1]
        assert await spool.rotate()
        assert segments() == [0, 1, 2]
        assert read_rotation(spool_dir, spool.epoch) == NOW
        clock.now = NOW - timedelta(hours=1)
        assert spool.now() == NOW, "arrival never goes back"
        await spool.close()

    asyncio.run(story())


def test_a_full_segment_is_rotated(spool_dir: Path, records: Callable) -> None:
    async def story() -> None:
        spool = make(spool_dir, rotation=Rotation(2000, 3600))
        for _ in range(8):
            await spool.commit(records("click_item_home"))
        await spool.close()

    asyncio.run(story())
    found = list_segments(spool_dir, "normal")
    assert len(found) > 1
    assert sum(read_footer(s.path).records for s in found) == 8


def test_a_full_disk_answers_no_and_loses_nothing(spool_dir: Path, records: Callable) -> None:
    disk = Disk()

    async def story() -> None:
        spool = make(spool_dir, write=disk.write)
        await spool.commit(records("click_item_home"))
        disk.full = {"normal"}
        with pytest.raises(SpoolFull, match="lane `normal` cannot be written"):
            await spool.commit(records("click_item_home"))
        with pytest.raises(SpoolFull):
            await spool.commit(records("buy_item_shop", "click_item_home"))
        await spool.commit(records("buy_item_shop"))  # another lane goes on
        assert spool.failed_lanes == ["normal"]
        assert not await spool.rotate()
        assert read_rotation(spool_dir, spool.epoch) is None
        disk.full = set()
        await spool.commit(records("click_item_home"))
        assert spool.failed_lanes == []
        await spool.close()

    asyncio.run(story())
    assert len(rows(spool_dir, "normal")) == 2
    assert len(rows(spool_dir, "critical")) == 2  # one unacknowledged: its sender retries
    (segment,) = list_segments(spool_dir, "normal", complete=None)
    assert [o for o, _ in read_segment(segment.path)] == [0, 1]
    assert read_footer(segment.path).records == 2


def test_the_timer_finds_out_that_the_disk_is_free_again(
    spool_dir: Path, records: Callable
) -> None:
    disk = Disk()

    async def story() -> None:
        spool = make(spool_dir, write=disk.write)
        disk.full = {"normal"}
        with pytest.raises(SpoolFull):
            await spool.commit(records("click_item_home"))
        spool.start()
        for _ in range(40):
            await asyncio.sleep(0.05)
            if not spool.failed_lanes:
                break
        assert spool.failed_lanes == []
        await spool.close()

    asyncio.run(story())


def test_pending_bytes_are_bounded(spool_dir: Path, records: Callable) -> None:
    async def story() -> None:
        spool = make(spool_dir, pending_bytes=1000)
        outcomes = await asyncio.gather(
            *[spool.commit(records("click_item_home")) for _ in range(50)], return_exceptions=True
        )
        refused = [o for o in outcomes if isinstance(o, SpoolFull)]
        assert 0 < len(refused) < 50
        assert "too much pending" in str(refused[0])
        await spool.close()
        assert len(rows(spool_dir, "normal")) == 50 - len(refused)
        assert spool.lanes["normal"].pending_bytes == 0

    asyncio.run(story())


def test_a_second_collector_is_refused(spool_dir: Path) -> None:
    async def story() -> None:
        first = make(spool_dir)
        first.describe("http://127.0.0.1:1")
        with pytest.raises(SpoolError, match=f"process id {os.getpid()}"):
            make(spool_dir)
        assert live_owner(spool_dir) == (os.getpid(), first.epoch, "http://127.0.0.1:1")
        await first.close()
        assert live_owner(spool_dir) is None
        assert read_owner(spool_dir) is None
        second = make(spool_dir)
        assert second.epoch == first.epoch + 1
        await second.close()

    asyncio.run(story())


def test_a_start_recovers_the_orphans_of_the_one_before(spool_dir: Path, records: Callable) -> None:
    async def story() -> None:
        first = make(spool_dir)
        await first.commit(records("click_item_home"))
        first._lock.release()  # as if it had been killed
        first._writer.release()
        second = make(spool_dir)
        (orphan,) = list_segments(spool_dir, "normal")
        assert read_footer(orphan.path).recovered
        await second.close()
        first._executor.shutdown()

    asyncio.run(story())
    assert [s.complete for s in list_segments(spool_dir, "normal", complete=None)] == [True]


@pytest.mark.skipif(os.geteuid() != 0, reason="mounting a small tmpfs needs root")
def test_a_really_full_disk(tmp_path: Path, records: Callable) -> None:
    import subprocess

    small = tmp_path / "small"
    small.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", str(small)],
        check=False,
        capture_output=True,
    )
    if mounted.returncode:
        pytest.skip(f"tmpfs cannot be mounted here: {mounted.stderr.decode()}")
    folder = small / "spool"

    async def story() -> int:
        spool = make(folder)
        acked = 0
        while not spool.failed_lanes:
            with contextlib.suppress(SpoolFull):
                await spool.commit(records(*["click_item_home"] * 10))
                acked += 10
        subprocess.run(["mount", "-o", "remount,size=1m", str(small)], check=True)
        await spool.commit(records("click_item_home"))
        await spool.close()
        return acked + 1

    try:
        acked = asyncio.run(story())
        assert acked > 10
        assert len(rows(folder, "normal")) == acked
    finally:
        subprocess.run(["umount", str(small)], check=True)
