"""Import with the collector's verdicts: judged at the original arrival, once, all or nothing."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from types import SimpleNamespace

import pytest

from weir.collect.importing import import_events
from weir.collect.rules import Rules
from weir.core.errors import UsageError
from weir.core.settings import Settings
from weir.engines.embedded.lake import Lake

NOW = datetime(2026, 11, 21, 2, 30)
ARRIVED = datetime(2026, 3, 1, 4, 20)


def line(number: int, **changes: object) -> SimpleNamespace:
    event = {
        "id": f"e{number}",
        "name": "click_item_home",
        "version": 1,
        "time": "2026-03-01T04:00:00Z",
        "params": {"item_id": 1},
    }
    given = {"line": number, "event": event, "raw": None, "received_at": ARRIVED, "error": None}
    return SimpleNamespace(**{**given, **changes})


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path / "home", project=tmp_path)


def test_events_are_judged_and_land_where_they_arrived(settings: Settings, rules: Rules) -> None:
    events = [line(1), line(2, event={"name": "nope"}), line(3, event={}, raw=b"[1]")]
    report = import_events(settings, events, "d" * 32, rules, lambda: NOW)
    assert report.verdicts == {"accepted": 1, "quarantined": 2}
    assert (report.name, report.rows, report.already) == ("import/" + "d" * 12, 3, False)
    assert {g.landing_hour for g in report.generations} == {datetime(2026, 3, 1, 4)}
    with Lake(settings).read() as connection:
        found = connection.execute(
            "SELECT event_id, received_at, origin FROM landing.normal"
            " UNION ALL SELECT event_id, received_at, origin FROM landing.quarantine ORDER BY 1"
        ).fetchall()
    ids = ["d" * 12 + "-1", "d" * 12 + "-2", "e1"]
    assert found == [(name, ARRIVED, "import") for name in ids]
    assert import_events(settings, events, "d" * 32, rules, lambda: NOW).already


@pytest.mark.parametrize(
    "wrong", [{"error": "`time` is empty", "event": {}}, {"received_at": None}]
)
def test_a_line_without_event_or_arrival_imports_nothing(
    settings: Settings, rules: Rules, wrong: dict
) -> None:
    with pytest.raises(UsageError, match="Line 2 cannot be imported"):
        import_events(settings, [line(1), line(2, **wrong)], "d" * 32, rules, lambda: NOW)
    with Lake(settings).read() as connection:
        assert connection.execute("SELECT count(*) FROM landing.normal").fetchone() == (0,)
