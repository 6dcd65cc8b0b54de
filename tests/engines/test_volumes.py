"""Volumes of events on a real lake: by day, version and app version, and what is broken."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import duckdb
import orjson
import pytest

from tests.engines.spool_records import record
from weir.core.settings import Settings
from weir.engines.embedded.lake import Lake
from weir.engines.embedded.sealing import EmbeddedLanding
from weir.engines.embedded.volumes import EmbeddedVolumes
from weir.engines.ports import Batch, Position
from weir.registry.catalogue import overview, volumes

TODAY = date(2026, 11, 21)
NOON = datetime(2026, 11, 21, 12)
MISSING = '[{"rule":"required"},{"rule":"required"},{"rule":"type"}]'
FLAG = '[{"rule":"undeclared"}]'


def land(lake: Lake, lane: str, *groups: tuple[int, int, dict]) -> None:
    """Land rows in a lane: (days ago, number, other columns)."""
    store, first = EmbeddedLanding(lake), 0
    for ago, count, changes in groups:
        at = NOON - timedelta(days=ago)
        rows = [record(lane, 1, first + i, at, **changes) for i in range(count)]
        expected = Position(1, first) if first else Position(-1, 0)
        store.seal(Batch(lane, expected, 1, first, [orjson.dumps(row) for row in rows]), at)
        first += count


@pytest.fixture(scope="module")
def landed(tmp_path_factory: pytest.TempPathFactory) -> EmbeddedVolumes:
    folder = tmp_path_factory.mktemp("volumes")
    lake = Lake(Settings(home=folder / "home", project=folder))
    lake.create()
    land(
        lake,
        "normal",
        (20, 7, {"app_version": "1.0"}),
        (3, 5, {"app_version": "2.0"}),
        (0, 4, {"app_version": "2.1", "version": 2}),
        (0, 2, {"app_version": None, "verdict": "flagged", "violations": FLAG}),
        (0, 9, {"event_name": "view_item_home"}),
    )
    land(
        lake,
        "quarantine",
        (3, 3, {"app_version": "2.0", "violations": MISSING}),
        (0, 1, {"app_version": "2.1", "version": None, "violations": '[{"rule":"type"}]'}),
        (0, 6, {"event_name": None, "violations": '[{"rule":"not_json"}]'}),
    )
    land(lake, "bulk", (40, 1, {"event_name": "open_page_shop"}))
    with lake.write() as connection:
        connection.execute(
            "INSERT INTO weir.drop (minute, code, event_name, events) VALUES"
            " (?, 'rejected', 'click_item_home', 3), (?, 'rejected', 'click_item_home', 40),"
            " (?, 'rejected', 'view_item_home', 5)",
            [NOON, NOON - timedelta(days=20), NOON],
        )
    return EmbeddedVolumes(lake)


def test_a_week_of_one_event(landed: EmbeddedVolumes):
    found = volumes(landed, "click_item_home", TODAY)
    assert found.since == date(2026, 11, 15)
    assert (found.valid, found.quarantined, found.refused) == (5 + 4 + 2, 3 + 1, 3)
    assert found.last_seen == NOON
    assert [(c.day.day, c.version, c.valid, c.quarantined) for c in found.days] == [
        (18, 1, 5, 3),
        (21, 1, 2, 0),
        (21, 2, 4, 0),
        (21, None, 0, 1),
    ]
    assert [
        (a.day.day, a.version, a.app_version, a.valid, a.flagged, a.quarantined) for a in found.apps
    ] == [
        (18, 1, "2.0", 5, 0, 3),
        (21, 1, None, 2, 2, 0),
        (21, 2, "2.1", 4, 0, 0),
        (21, None, "2.1", 0, 0, 1),
    ]
    # a row that breaks a rule twice is one row
    assert found.violations == {"type": 4, "required": 3, "undeclared": 2}


def test_the_parts_add_up_to_the_manifest(landed: EmbeddedVolumes):
    for days in (1, 4, 30):
        found = volumes(landed, "click_item_home", TODAY, days)
        assert sum(app.valid for app in found.apps) == found.valid
        assert sum(app.quarantined for app in found.apps) == found.quarantined
    assert found.valid == 18


def test_an_event_that_went_silent_says_when(landed: EmbeddedVolumes):
    found = volumes(landed, "open_page_shop", TODAY)
    assert (found.valid, found.apps, found.rules) == (0, [], [])
    assert found.last_seen == datetime(2026, 10, 12, 12)
    assert volumes(landed, "never_seen_home", TODAY).last_seen is None


def test_all_events_at_once(landed: EmbeddedVolumes):
    assert overview(landed, TODAY) == {"click_item_home": (11, 4), "view_item_home": (9, 0)}
    assert overview(landed, TODAY, 1) == {"click_item_home": (6, 1), "view_item_home": (9, 0)}


def test_only_the_days_and_tables_that_have_the_event_are_read(
    landed: EmbeddedVolumes, monkeypatch: pytest.MonkeyPatch
):
    asked: list[str] = []
    opened: list[object] = []
    real = landed.lake.read

    class Watched:
        def __init__(self) -> None:
            self.manager = real()
            opened.append(self)

        def __enter__(self) -> Watched:
            self.connection = self.manager.__enter__()
            return self

        def __exit__(self, *error: object) -> None:
            self.manager.__exit__(*error)  # type: ignore[arg-type]

        def begin(self) -> None:
            self.connection.begin()

        def execute(self, sql: str, *bound: object) -> duckdb.DuckDBPyConnection:
            asked.append(sql)
            return self.connection.execute(sql, *bound)

    monkeypatch.setattr(landed.lake, "read", Watched)
    overview(landed, TODAY)
    assert not any("landing." in sql for sql in asked)
    volumes(landed, "view_item_home", TODAY)
    assert len(opened) == 2  # one connection, so one snapshot, for each question
    read = [sql for sql in asked if "landing." in sql]
    assert read
    for sql in read:
        assert "landing.normal" in sql
        assert "landing.quarantine" not in sql
        assert "IN (DATE '2026-11-21')" in sql
