"""Sealing on the lake: fence, landing hours, closing, and landing again after a power cut."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from tests.engines.spool_records import T0, payloads
from weir.core.errors import FenceLost, LakeError
from weir.core.grains import Grain, floor
from weir.core.landing import LANES
from weir.engines.embedded import manifest
from weir.engines.embedded.commit import read_entries
from weir.engines.embedded.lake import Lake
from weir.engines.embedded.reland import reland_unsynced
from weir.engines.embedded.sealing import EmbeddedLanding
from weir.engines.ports import Batch, Position

HOUR = timedelta(hours=1)
H0 = floor(T0, Grain.HOUR)
NEW = Position(-1, 0)


@pytest.fixture
def store(lake: Lake) -> EmbeddedLanding:
    return EmbeddedLanding(lake)


def batch(first: int, count: int, at=T0, lane="normal", epoch=1, expected=None) -> Batch:
    where = expected or (Position(epoch, first) if first else NEW)
    return Batch(lane, where, epoch, first, payloads(lane, epoch, first, count, at))


def test_a_batch_lands_with_manifest_seal_and_entry(
    lake: Lake, store: EmbeddedLanding, rows: Callable
) -> None:
    done = store.seal(batch(0, 5), T0)
    assert [(g.landing_hour, g.generation, g.rows) for g in done] == [(H0, 1, 5)]
    assert rows(
        'SELECT landing_day, landing_hour, generation, lane, epoch, min("offset"), count(*)'
        " FROM landing.normal GROUP BY ALL"
    ) == [(H0.date(), H0, 1, "normal", 1, 0, 5)]
    sums = "sum(fp_0), sum(fp_1), sum(fp_2), sum(fp_3), count(*)"
    (landed,) = rows(f"SELECT {sums} FROM landing.normal")
    totals = sums.replace("count(*)", "sum(rows)")
    assert rows(f"SELECT {totals} FROM weir.manifest") == [landed]
    assert rows(f"SELECT {totals} FROM weir.seal") == [landed]
    with lake.read() as connection:
        ((_, _, entry),) = read_entries(connection)
    assert entry.asset == "landing/normal"
    assert entry.partitions["2026-11-21-02:00"].rows == 5
    assert entry.partitions["2026-11-21-02:00"].input == "1/0-5"


def test_the_next_generation_adds_to_the_hour(store: EmbeddedLanding, lake: Lake) -> None:
    store.seal(batch(0, 5), T0)
    (second,) = store.seal(batch(5, 3), T0)
    assert second.generation == 2
    with lake.read() as connection:
        *_, (_, _, entry) = read_entries(connection)
    assert entry.partitions["2026-11-21-02:00"].rows == 8


@pytest.mark.parametrize("wrong", [Position(-1, 1), Position(1, 0), Position(2, 0)])
def test_a_lost_fence_writes_nothing(
    store: EmbeddedLanding, rows: Callable, wrong: Position
) -> None:
    with pytest.raises(FenceLost, match="another sealer went first"):
        store.seal(batch(0, 5, expected=wrong), T0)
    assert rows("SELECT count(*) FROM landing.normal") == [(0,)]
    assert store.look().positions["normal"] == NEW


def test_one_batch_over_several_hours(store: EmbeddedLanding) -> None:
    late = batch(0, 3, H0 + HOUR - timedelta(seconds=1))
    assert [(g.landing_hour, g.rows) for g in store.seal(late, T0)] == [(H0, 1), (H0 + HOUR, 2)]


def test_a_closed_hour_never_changes(store: EmbeddedLanding, rows: Callable) -> None:
    store.seal(batch(0, 5), T0)
    (closing,) = store.close(H0 + HOUR, T0 + HOUR)
    assert (closing.landing_hour, closing.generation, closing.rows) == (H0, 2, 0)
    (late,) = store.seal(batch(5, 2), T0 + HOUR)
    assert (late.landing_hour, late.generation) == (H0 + HOUR, 1)
    assert rows("SELECT DISTINCT received_at < landing_hour FROM landing.normal WHERE generation = 1"
                f" AND landing_hour = TIMESTAMP '{H0 + HOUR}'") == [(True,)]  # fmt: skip


def test_closing_covers_all_lanes_and_never_goes_back(lake: Lake, store: EmbeddedLanding) -> None:
    store.seal(batch(0, 5), T0)
    store.close(H0 + 3 * HOUR, T0)
    assert store.close(H0 + HOUR, T0) == []
    with lake.read() as connection:
        states = manifest.landing_state(connection)
        assert {states[lane].closed_until for lane in LANES} == {H0 + 3 * HOUR}
        assert manifest.closed_until(connection) == H0 + 3 * HOUR
        assert [(h.generation, h.closed) for h in manifest.hours(connection)] == [
            (1, True), (2, True),
        ]  # fmt: skip
        assert states["normal"].first_hour == H0
        assert states["bulk"].first_hour is None


def test_an_epoch_follows_another(store: EmbeddedLanding) -> None:
    store.seal(batch(0, 5), T0)
    store.seal(batch(0, 2, epoch=4, expected=Position(1, 5)), T0)
    assert store.look().positions["normal"] == Position(4, 2)


def test_sync_marks_what_was_sealed(lake: Lake, store: EmbeddedLanding) -> None:
    before = store.look()
    done = store.seal(batch(0, 5), T0)
    assert store.look().unsynced == [("normal", 1, 0, 5)]
    assert store.sync(before.mark, done) == 1
    assert store.look().unsynced == []
    assert store.sync(before.mark, []) == 0


def _files(lake: Lake) -> list[Path]:
    return sorted((lake.data_dir / "landing" / "normal").rglob("*.parquet"))


def _truncate(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-200])


LANDED = 'SELECT * FROM landing.normal ORDER BY epoch, "offset"'


@pytest.mark.parametrize("harm", [_truncate, Path.unlink])
def test_lost_files_land_again(
    lake: Lake, store: EmbeddedLanding, rows: Callable, harm: Callable[[Path], None]
) -> None:
    before = store.look()
    store.sync(before.mark, store.seal(batch(0, 5), T0))
    known = set(_files(lake))
    store.seal(batch(5, 4, H0 + HOUR - timedelta(seconds=2)), T0)
    (lost,) = {f for f in _files(lake) if f not in known}
    wanted = rows(LANDED)
    harm(lost)

    def read_range(lane: str, epoch: int, first: int, end: int) -> list[bytes]:
        return payloads(lane, epoch, 5, 4, H0 + HOUR - timedelta(seconds=2))[first - 5 : end - 5]

    assert reland_unsynced(lake, read_range) == 4
    assert rows(LANDED) == wanted
    assert store.look().unsynced == []
    assert reland_unsynced(lake, read_range) == 0
    (after,) = store.seal(batch(9, 1), T0)  # the mended table is written like any other
    assert after.rows == 1
    assert len(rows(LANDED)) == 10


def test_intact_files_are_only_marked(lake: Lake, store: EmbeddedLanding) -> None:
    store.seal(batch(0, 5), T0)
    assert reland_unsynced(lake, lambda *_: pytest.fail("the spool is not needed")) == 0
    assert store.look().unsynced == []


def test_a_lost_file_of_durable_rows_is_an_error(
    lake: Lake, store: EmbeddedLanding, rows: Callable
) -> None:
    before = store.look()
    store.sync(before.mark, store.seal(batch(0, 5), T0))
    (durable,) = _files(lake)
    store.seal(batch(5, 4), T0)
    durable.unlink()
    with pytest.raises(LakeError, match="is durable by the manifest"):
        reland_unsynced(lake, lambda *_: [])
    assert rows("SELECT count(*) FROM weir.seal WHERE NOT synced") == [(1,)]


def test_other_records_than_the_sealed_ones_are_refused(lake: Lake, store: EmbeddedLanding) -> None:
    store.seal(batch(0, 5), T0)
    _files(lake)[0].unlink()
    with pytest.raises(LakeError, match="are not the 5 rows that were sealed"):
        reland_unsynced(lake, lambda *_: payloads("normal", 1, 100, 5))
