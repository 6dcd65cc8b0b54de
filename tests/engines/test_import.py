"""Import on the lake: where rows land, once only, durable at once, and nothing existing changes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

import orjson
import pytest

from tests.engines.spool_records import payloads, record
from weir.core.errors import InvalidValue
from weir.core.grains import Grain, floor
from weir.engines.embedded import manifest
from weir.engines.embedded.accepted import EmbeddedAccepted
from weir.engines.embedded.importing import EmbeddedImport
from weir.engines.embedded.lake import Lake
from weir.engines.embedded.sealing import EmbeddedLanding
from weir.engines.ports import Batch, ImportRow, Position

NOW = datetime(2026, 11, 21, 2, 30)
OPEN = floor(NOW, Grain.HOUR)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
DIGEST = "0123456789abcdef"


def history(
    *times: datetime, lane: str = "normal", name: str = "import/0123456789ab"
) -> list[ImportRow]:
    return [
        ImportRow(i, lane, at, orjson.dumps(record(name, 0, i, at, origin="import")))
        for i, at in enumerate(times)
    ]


@pytest.fixture
def load(lake: Lake) -> Callable:
    def run(rows: list[ImportRow], digest: str = DIGEST, now: datetime = NOW):
        def read() -> Iterator[ImportRow]:
            yield from rows

        return EmbeddedImport(lake).load(digest, read, now)

    return run


def live(lake: Lake, at: datetime, count: int = 3) -> None:
    batch = Batch("normal", Position(-1, 0), 1, 0, payloads("normal", 1, 0, count, at))
    EmbeddedLanding(lake).seal(batch, at)


def hours(done) -> list[datetime]:
    return [g.landing_hour for g in done.generations]


def test_history_creates_past_hours_that_are_closed_and_synced(lake: Lake, load: Callable) -> None:
    old = datetime(2026, 3, 1, 4, 20)
    done = load(history(old, old + HOUR, NOW))
    assert hours(done) == [floor(old, Grain.HOUR), floor(old + HOUR, Grain.HOUR), OPEN]
    with lake.read() as connection:
        assert manifest.closed_until(connection) == OPEN
        found = manifest.hours(connection)
        assert [(h.closed, h.synced, h.origin) for h in found] == [
            (True, True, "import"), (True, True, "import"), (False, True, "import"),
        ]  # fmt: skip
        states = manifest.landing_state(connection)
        assert states["normal"].first_hour is None
        assert connection.execute("SELECT sum(rows) FROM lake.weir.manifest").fetchall() == [(3,)]


def test_receipts_name_the_import_and_seals_the_lane(rows: Callable, load: Callable) -> None:
    load(history(NOW - HOUR, NOW))
    assert rows('SELECT lane, epoch, "offset", origin FROM landing.normal ORDER BY 3') == [
        ("import/0123456789ab", 0, 0, "import"),
        ("import/0123456789ab", 0, 1, "import"),
    ]
    assert rows("SELECT DISTINCT lane, origin FROM weir.seal") == [("normal", "import")]
    assert rows("SELECT * FROM weir.lane_owner WHERE lane LIKE 'import/%'") == [
        ("import/0123456789ab", 0, 2, None, None)
    ]


def test_a_second_import_does_nothing(rows: Callable, load: Callable) -> None:
    load(history(NOW))
    again = load(history(NOW))
    assert again.already
    assert again.generations == []
    assert rows("SELECT count(*) FROM landing.normal") == [(1,)]
    assert not load(history(NOW, name="import/ffff"), digest="f" * 16).already


@pytest.mark.parametrize(
    ("before", "is_past"),
    [(0 * DAY, False), (7 * DAY, False), (9 * DAY, True), (-DAY, False), (100 * DAY, True)],
)
def test_past_hours_only_where_nothing_is_sealed_there_or_soon_after(
    lake: Lake, load: Callable, before: timedelta, is_past: bool
) -> None:
    sealed = NOW - 30 * DAY
    live(lake, sealed)
    EmbeddedLanding(lake).close(OPEN, NOW)
    at = sealed - before
    expected = floor(at, Grain.HOUR) if is_past or before < timedelta(0) else OPEN
    assert hours(load(history(at))) == [expected]


def test_a_row_that_landed_late_blocks_the_hours_around_its_arrival(
    lake: Lake, load: Callable
) -> None:
    EmbeddedLanding(lake).close(OPEN - 60 * DAY, NOW)
    arrived = NOW - 90 * DAY
    live(lake, arrived)  # lands 60 days ago, in what was the oldest open hour
    EmbeddedLanding(lake).close(OPEN, NOW)
    near, far = arrived - 3 * DAY, arrived - 20 * DAY
    assert hours(load(history(far, near))) == [floor(far, Grain.HOUR), OPEN]


def test_what_was_accepted_before_an_import_stays(lake: Lake, load: Callable) -> None:
    live(lake, NOW - 10 * DAY)
    EmbeddedLanding(lake).close(OPEN, NOW)
    accepted = EmbeddedAccepted(lake)
    span = (OPEN - 11 * DAY, OPEN - 9 * DAY)
    before = accepted.replace_hours("normal", *span)
    load(history(*[NOW - timedelta(days=d) for d in (30, 18, 12, 10, 5)]))
    assert accepted.replace_hours("normal", *span)[: len(before)] == before


def test_all_lanes_and_chunks_in_one_commit(
    lake: Lake, rows: Callable, load: Callable, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("weir.engines.embedded.importing.CHUNK", 2)
    given = [
        ImportRow(i, lane, at, orjson.dumps(record("import/0123456789ab", 0, i, at)))
        for i, (lane, at) in enumerate(
            [
                ("normal", NOW),
                ("bulk", NOW),
                ("normal", NOW),
                ("quarantine", NOW - DAY),
                ("bulk", NOW),
            ]
        )
    ]
    (before,) = rows("SELECT id FROM ducklake_current_snapshot('lake')")
    done = load(given)
    assert {(g.lane, g.generation, g.rows) for g in done.generations} == {
        ("normal", 1, 2), ("bulk", 1, 2), ("quarantine", 1, 1),
    }  # fmt: skip
    assert rows("SELECT id FROM ducklake_current_snapshot('lake')") == [(before[0] + 1,)]


def test_an_arrival_in_the_future_imports_nothing(rows: Callable, load: Callable) -> None:
    with pytest.raises(InvalidValue, match="received_at=2026-11-21 03:30"):
        load(history(NOW, NOW + HOUR))
    assert rows("SELECT count(*) FROM landing.normal") == [(0,)]
    assert rows("SELECT count(*) FROM weir.lane_owner WHERE lane LIKE 'import/%'") == [(0,)]


def test_an_arrival_before_landing_begins_imports_nothing(rows: Callable, load: Callable) -> None:
    """Dagster has no partition for it: nothing after landing could be built."""
    with pytest.raises(
        InvalidValue, match=r"received_at=2025-12-31 23:30.*2026-01-01.*WEIR_LANDING_START"
    ):
        load(history(NOW, datetime(2025, 12, 31, 23, 30)))
    assert rows("SELECT count(*) FROM landing.normal") == [(0,)]
    load(history(datetime(2026, 1, 1)))


def test_an_empty_file_counts_as_imported(load: Callable) -> None:
    assert load([]).generations == []
    assert load([]).already
