"""What `weir quarantine list` and `show` find on a real lake: groups, filters, single events."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.collect.quarantined import (
    EARLY,
    H,
    again,
    collected,
    collector,
    event,
    rows,
    settings,
)
from weir.collect.quarantine import (
    Wanted,
    find,
    groups,
)
from weir.core.errors import InvalidValue, NotFound
from weir.core.landing import Receipt
from weir.core.settings import Settings
from weir.engines.embedded.lake import Lake
from weir.engines.embedded.quarantine import EmbeddedQuarantine

__all__ = ["collected", "rows", "settings"]


@pytest.fixture(scope="module")
def looked_at(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A lake with quarantined events of two hours, for tests that only read."""
    home = tmp_path_factory.mktemp("quarantine")
    settings = Settings(home=home / "home", project=home)
    collect = collector(settings)
    collect(event(1), event(2), event(3, name="nobody_item_home"))
    collect(event(4, version=1), event(5, time="never"), at=EARLY + H)
    return settings


def test_groups_say_what_is_wrong_where_and_since_when(looked_at: Settings) -> None:
    found = groups(looked_at, Wanted())
    keys = [(g.rule, g.event, g.version, g.hour.hour, g.rows, g.replayed) for g in found]
    assert keys == [
        ("type", "click_item_home", 1, 2, 2, 0),
        ("type", "click_item_home", 1, 3, 2, 0),
        ("bad_time", "click_item_home", 1, 3, 1, 0),
        ("unknown_event", "nobody_item_home", None, 2, 1, 0),
    ]
    assert found[0].first_seen == found[0].last_seen == EARLY
    assert found[0].sample == "quarantine/1/1"
    by_rule = groups(looked_at, Wanted(), ["rule"])
    assert [(g.rule, g.rows) for g in by_rule] == [
        ("type", 4), ("bad_time", 1), ("unknown_event", 1)
    ]  # fmt: skip
    assert groups(looked_at, Wanted(), ["rule"], limit=1) == by_rule[:1]
    only = groups(looked_at, Wanted(rules=("bad_time",)), ["rule"])
    assert only == by_rule[1:2]  # the same row breaks another rule too, which was not asked for
    places = groups(looked_at, Wanted(), ["rule", "pointer", "app"])
    assert [(g.rule, g.pointer, g.app, g.rows) for g in places] == [
        ("type", "/params/item_id", None, 4), ("bad_time", "/time", None, 1),
        ("unknown_event", "/name", None, 1),
    ]  # fmt: skip
    assert groups(looked_at, Wanted(pointers=("/time",)), ["rule", "pointer"]) == [
        replace(places[1], app=None)
    ]
    assert [g.rows for g in groups(looked_at, Wanted(pointers=("/time",)), ["pointer"])] == [1]
    with pytest.raises(InvalidValue, match="by=colour"):
        groups(looked_at, Wanted(), ["colour"])


@pytest.mark.parametrize(
    ("wanted", "ids"),
    [
        (Wanted(rules=("bad_time",)), ["e5"]),
        (Wanted(events=("nobody_item_home",)), ["e3"]),
        (Wanted(versions=(1,), until=EARLY.replace(minute=0) + H), ["e1", "e2"]),
        (Wanted(since=EARLY.replace(minute=0) + H), ["e4", "e5"]),
        (Wanted(since=EARLY.replace(minute=0) + 2 * H), []),
        (Wanted(producers=("nobody",)), []),
        (Wanted(producers=("anonymous",), rules=("type",)), ["e1", "e2", "e4", "e5"]),
        (Wanted(event_ids=("e1",), receipts=(Receipt("quarantine", 2, 1),)), ["e1", "e5"]),
        (Wanted(replayed=True), []),
        (Wanted(pointers=("/time", "/nowhere")), ["e5"]),
        (Wanted(apps=("1.0",)), []),
    ],
)
def test_filters(looked_at: Settings, wanted: Wanted, ids: list) -> None:
    store = EmbeddedQuarantine(Lake(looked_at))
    assert [row.columns["event_id"] for row in store.rows(wanted)] == ids
    assert store.count(wanted) == len(ids)


def test_single_events_are_found_by_receipt_and_by_id(looked_at: Settings) -> None:
    assert find(looked_at, "quarantine/1/0")[0].columns["event_id"] == "e1"
    assert find(looked_at, "e5")[0].receipt.text == "quarantine/2/1"
    with pytest.raises(NotFound, match="no quarantined event `e9`"):
        find(looked_at, "e9")
    assert again(looked_at, Wanted(events=("other_item_home",))).looked_at == 0
