"""The sealer over real segments: batches, epochs, gaps, closing, recovery, removal of segments."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

import duckdb
import orjson
import pytest

from tests.engines.spool_records import T0, payloads, write_segment
from weir.collect.backlog import next_batch, read_range
from weir.collect.durable import durable
from weir.collect.frames import Header
from weir.collect.rotation import complete_segments
from weir.collect.sealer import Sealer, run, seal_now
from weir.collect.segments import Entry, SegmentWriter, stamp
from weir.collect.writers import writer_of
from weir.core.errors import FenceLost, SpoolError
from weir.core.grains import Grain, floor
from weir.core.settings import Settings
from weir.engines.embedded.lake import Lake
from weir.engines.embedded.sealing import EmbeddedLanding
from weir.engines.ports import Batch, Position

HOUR = timedelta(hours=1)
H0 = floor(T0, Grain.HOUR)
START = Position(-1, 0)
TICK = timedelta(microseconds=1)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path / "home", project=tmp_path, keep_segments_hours=24)


@pytest.fixture
def segment(settings: Settings) -> Callable[..., Path]:
    def write(lane: str, epoch: int, first: int, count: int, at: datetime = T0) -> Path:
        records = payloads(lane, epoch, first, count, at)
        return write_segment(settings.spool_dir, lane, epoch, records, first)

    return write


@pytest.fixture
def rows(settings: Settings) -> Callable[[str], list[tuple]]:
    def query(sql: str) -> list[tuple]:
        with Lake(settings).read() as connection:
            return connection.execute(sql).fetchall()

    return query


def test_batches_follow_each_other_over_segments_and_epochs(
    settings: Settings, segment: Callable
) -> None:
    segment("normal", 2, 0, 5)
    segment("normal", 2, 5, 4)
    segment("normal", 7, 0, 2)
    at, sealed, seen = START, {}, []
    while batch := next_batch(settings.spool_dir, "normal", at, sealed, max_records=4):
        assert batch.expected == at
        texts = [orjson.loads(payload)["event_id"] for payload in batch.payloads]
        offsets = range(batch.first_offset, batch.next_offset)
        assert texts == [f"normal-{batch.epoch}-{offset}" for offset in offsets]
        seen.append((batch.epoch, batch.first_offset, batch.next_offset))
        at = Position(batch.epoch, batch.next_offset)
        sealed[batch.epoch] = batch.next_offset
    assert seen == [(2, 0, 4), (2, 4, 8), (2, 8, 9), (7, 0, 2)]


def test_a_batch_is_bounded_in_bytes(settings: Settings, segment: Callable) -> None:
    segment("normal", 1, 0, 9)
    batch = next_batch(settings.spool_dir, "normal", START, {}, max_bytes=1)
    assert batch is not None
    assert len(batch.payloads) == 1


def test_a_gap_names_the_missing_offset(settings: Settings, segment: Callable) -> None:
    segment("normal", 1, 0, 5).unlink()
    segment("normal", 1, 5, 4)
    with pytest.raises(SpoolError, match=r"no segment with offset 0 of epoch 1.*000000000005\.seg"):
        next_batch(settings.spool_dir, "normal", START, {})


def test_a_damaged_orphan_stops_its_epoch_only_and_is_told(
    settings: Settings, segment: Callable
) -> None:
    path = segment("normal", 1, 0, 5)
    damaged = bytearray(path.read_bytes())
    damaged[len(damaged) // 2] ^= 1
    path.unlink()
    path.with_suffix(".open").write_bytes(damaged)
    segment("normal", 2, 0, 4)
    report = Sealer(settings, lambda: T0).seal()
    assert report.rows == 4
    assert report.closed_until is None
    assert "is damaged at byte" in str(report.errors["normal"])
    assert path.with_suffix(".open").read_bytes() == damaged


def test_the_live_writers_segment_is_waited_for(settings: Settings, segment: Callable) -> None:
    path = segment("normal", 1, 0, 5)
    path.rename(path.with_suffix(".open"))
    with writer_of(settings.spool_dir, 1):
        assert next_batch(settings.spool_dir, "normal", START, {}) is None


def test_a_range_is_read_back(settings: Settings, segment: Callable) -> None:
    segment("normal", 1, 0, 5)
    segment("normal", 1, 5, 5)
    wanted = payloads("normal", 1, 0, 5)[3:] + payloads("normal", 1, 5, 5)[:2]
    assert read_range(settings.spool_dir, "normal", 1, 3, 7) == wanted
    with pytest.raises(SpoolError, match="no record 10 of epoch 1"):
        read_range(settings.spool_dir, "normal", 1, 3, 12)


def test_a_pass_seals_and_closes_and_a_second_does_nothing(
    settings: Settings, segment: Callable, rows: Callable
) -> None:
    segment("normal", 1, 0, 30)
    segment("critical", 1, 0, 3)
    segment("quarantine", 1, 0, 2)
    first = seal_now(settings, lambda: T0)
    assert first.lanes == {"critical": 3, "normal": 30, "bulk": 0, "quarantine": 2}
    assert (first.closed, first.closed_until) == ([], H0)
    later = seal_now(settings, lambda: T0 + HOUR)
    assert (later.rows, len(later.closed), later.closed_until) == (0, 3, H0 + HOUR)
    again = seal_now(settings, lambda: T0 + HOUR)
    assert (again.rows, again.closed) == (0, [])
    back = seal_now(settings, lambda: T0 - 5 * HOUR)
    assert back.closed_until == H0 + HOUR
    assert rows("SELECT count(*) FROM weir.seal WHERE NOT synced") == [(0,)]


def test_a_late_segment_lands_in_the_open_hour(
    settings: Settings, segment: Callable, rows: Callable
) -> None:
    seal_now(settings, lambda: T0 + 2 * HOUR)
    segment("bulk", 1, 0, 3)
    (late,) = seal_now(settings, lambda: T0 + 2 * HOUR).sealed
    assert late.landing_hour == H0 + 2 * HOUR
    assert rows("SELECT DISTINCT date_trunc('hour', received_at) FROM landing.bulk") == [(H0,)]


def test_a_day_grain_lake(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path / "home", project=tmp_path, landing_grain="day")
    write_segment(settings.spool_dir, "normal", 1, payloads("normal", 1, 0, 3))
    day = floor(T0, Grain.DAY)
    report = seal_now(settings, lambda: T0 + 30 * HOUR)
    assert [g.landing_hour for g in report.sealed] == [day]
    assert report.closed_until == day + timedelta(days=1)


def test_a_damaged_lane_stops_neither_the_others_nor_is_an_hour_closed(
    settings: Settings, segment: Callable
) -> None:
    path = segment("bulk", 1, 0, 9)
    body = bytearray(path.read_bytes())
    body[len(body) // 2] ^= 1
    path.write_bytes(body)
    segment("normal", 1, 0, 3)
    report = Sealer(settings, lambda: T0 + HOUR).seal()
    assert report.rows == 3
    assert list(report.errors) == ["bulk"]
    assert (report.closed, report.closed_until) == ([], None)
    with pytest.raises(SpoolError, match="damaged"):
        seal_now(settings, lambda: T0 + HOUR)


def test_landed_is_durable(settings: Settings, segment: Callable, rows: Callable) -> None:
    for first in (0, 7):
        segment("normal", 1, first, 7)
    segment("normal", 2, 0, 3)
    Sealer(settings, lambda: T0, max_records=4).seal()
    found = durable(settings.spool_dir)
    landed = rows(
        'SELECT lane, epoch, count(*), max("offset") + 1, sum(fp_0)::BIGINT, sum(fp_3)::BIGINT'
        " FROM landing.normal GROUP BY 1, 2 ORDER BY 2"
    )
    assert landed == [
        (*key, d.records, d.next_offset, d.fp[0], d.fp[3]) for key, d in found.items()
    ]


def test_segments_go_when_landed_durable_and_old_and_stay_counted(
    settings: Settings, segment: Callable
) -> None:
    old, fresh = segment("normal", 1, 0, 5), segment("normal", 1, 5, 5)
    for path, age in ((old, 25), (fresh, 23)):
        at = (T0 - timedelta(hours=age) - datetime(1970, 1, 1)).total_seconds()
        os.utime(path, (at, at))
    before = durable(settings.spool_dir)
    assert seal_now(settings, lambda: T0).removed == 1
    assert (old.exists(), fresh.exists()) == (False, True)
    assert durable(settings.spool_dir) == before


def test_segments_of_seals_that_are_not_durable_stay(
    settings: Settings, segment: Callable, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = segment("normal", 1, 0, 5)
    os.utime(path, (0, 0))
    monkeypatch.setattr(EmbeddedLanding, "sync", lambda *_: 0)
    assert seal_now(settings, lambda: T0).removed == 0
    assert path.exists()
    monkeypatch.undo()
    assert seal_now(settings, lambda: T0).removed == 1  # the start of a pass checks and marks


def test_lost_files_are_landed_again_from_the_spool(
    settings: Settings, segment: Callable, rows: Callable, monkeypatch: pytest.MonkeyPatch
) -> None:
    segment("normal", 1, 0, 5)
    with monkeypatch.context() as patched:
        patched.setattr(EmbeddedLanding, "sync", lambda *_: 0)
        seal_now(settings, lambda: T0)
    (file,) = (settings.lake_dir / "data" / "landing" / "normal").rglob("*.parquet")
    file.write_bytes(file.read_bytes()[:100])
    report = seal_now(settings, lambda: T0)
    assert report.relanded == 5
    assert rows("SELECT count(*) FROM landing.normal") == [(5,)]


def test_orphans_are_recovered_where_no_collector_lives(settings: Settings) -> None:
    folder = settings.spool_dir / "normal"
    folder.mkdir(parents=True)
    writer = SegmentWriter(folder, Header("normal", 1, 0, stamp(T0)))

    for offset, payload in enumerate(payloads("normal", 1, 0, 4)):
        row = orjson.loads(payload)
        writer.append(
            [Entry(offset, row["received_at"], tuple(row[f"fp_{i}"] for i in range(4)), payload)]
        )
    writer.abandon()
    with writer.path.open("ab") as file:
        file.write(b"torn")
    assert seal_now(settings, lambda: T0).rows == 4


@pytest.fixture
def deaf() -> Iterator[int]:
    """Process id of a process that takes no notice of SIGUSR1."""
    code = (
        "import signal, time; signal.signal(signal.SIGUSR1, signal.SIG_IGN);"
        " print(flush=True); time.sleep(60)"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE) as child:
        assert child.stdout is not None
        child.stdout.readline()
        yield child.pid
        child.kill()


def test_a_silent_writer_closes_nothing_until_it_is_revoked(settings: Settings, deaf: int) -> None:
    spool, waits = settings.spool_dir, []
    with writer_of(spool, 1) as writer:
        writer.write(b'{"pid": %d, "ready": true}' % deaf)
        report = Sealer(settings, lambda: T0, waits.append, wait_seconds=0.1).seal()
        assert report.waited_out
        assert report.closed_until is None
        assert waits
        later = T0 + timedelta(seconds=301)
        assert complete_segments(spool, lambda: later, waits.append, 0.1) == later - TICK


def test_a_writer_that_is_only_starting_is_not_waited_for(settings: Settings) -> None:
    with writer_of(settings.spool_dir, 1):
        assert complete_segments(settings.spool_dir, lambda: T0, time.sleep) == T0 - TICK


def test_each_live_writer_is_asked_and_waited_for(settings: Settings) -> None:
    spool = settings.spool_dir
    child = subprocess.Popen(
        [sys.executable, "-c", "import signal; signal.sigwait([signal.SIGUSR1])"],
    )
    try:
        with writer_of(spool, 3) as third, writer_of(spool, 4) as fourth:
            for writer in (third, fourth):
                writer.write(b'{"pid": %d, "ready": true}' % child.pid)
            third.note_rotation(T0 + timedelta(seconds=1))
            fourth.note_rotation(T0 - HOUR)  # an older one does not count
            asked: list[float] = []

            def sleep(seconds: float) -> None:
                asked.append(seconds)
                fourth.note_rotation(T0 + timedelta(seconds=1))

            done = complete_segments(spool, lambda: T0, sleep)
    finally:
        child.kill()
        child.wait()
    assert asked
    assert done == T0 - TICK


def test_a_slow_writer_of_an_earlier_epoch_lands_after_a_later_one(
    settings: Settings, segment: Callable, rows: Callable
) -> None:
    segment("normal", 1, 0, 3)
    segment("normal", 2, 0, 4)
    seal_now(settings, lambda: T0)
    seal_now(settings, lambda: T0 + 2 * HOUR)  # the hour is closed
    segment("normal", 1, 3, 5)  # frames of the zombie, received in the closed hour
    assert seal_now(settings, lambda: T0 + 2 * HOUR).rows == 5
    assert seal_now(settings, lambda: T0 + 2 * HOUR).rows == 0
    found = rows(
        'SELECT epoch, landing_hour, count(*), count(DISTINCT "offset")'
        " FROM landing.normal GROUP BY ALL ORDER BY ALL"
    )
    hour = T0.replace(minute=0, second=0, microsecond=0)
    assert [(epoch, at <= hour, n, d) for epoch, at, n, d in found] == [
        (1, True, 3, 3), (1, False, 5, 5), (2, True, 4, 4),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "error", [duckdb.IOException("No space left"), FenceLost("bulk", 1, 0), FileNotFoundError("x")]
)
def test_whatever_stops_a_lane_does_not_stop_the_others(
    settings: Settings, segment: Callable, error: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    for lane in ("bulk", "normal"):
        segment(lane, 1, 0, 3)
    seal = EmbeddedLanding.seal

    def flaky(self: EmbeddedLanding, batch: Batch, now: datetime) -> list:
        if batch.lane == "bulk":
            raise error
        return seal(self, batch, now)

    with monkeypatch.context() as patched:
        patched.setattr(EmbeddedLanding, "seal", flaky)
        report = Sealer(settings, lambda: T0).seal()
    assert (report.lanes["normal"], report.errors) == (3, {"bulk": error})
    assert seal_now(settings, lambda: T0).lanes["bulk"] == 3


def test_seals_of_a_failed_pass_are_synced_by_the_next(
    settings: Settings, segment: Callable, rows: Callable, monkeypatch: pytest.MonkeyPatch
) -> None:
    segment("normal", 1, 0, 3)
    sync, failures, reports = EmbeddedLanding.sync, [OSError("disk")], []

    def flaky(self: EmbeddedLanding, *arguments: object) -> int:
        if failures:
            raise failures.pop()
        return sync(self, *arguments)

    monkeypatch.setattr(EmbeddedLanding, "sync", flaky)
    run(settings, lambda: bool(reports), lambda: T0, lambda _: None, reports.append)
    assert rows("SELECT count(*) FROM weir.seal WHERE NOT synced") == [(0,)]
