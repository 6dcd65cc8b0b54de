"""Rules from a registry, and the nearest name of an unknown one."""

from __future__ import annotations

from datetime import date, datetime
from types import SimpleNamespace
from typing import Any

import pytest

from weir.collect.rules import EventRule, Rules, rules_of
from weir.registry.model import Event, VersionRecord

DAY = date(2026, 11, 21)
COMPILED = SimpleNamespace(violations=lambda version, params: [version])


def rule_of(event: Event, day: date = DAY) -> EventRule:
    return rules_of({event.name: event}, lambda name: COMPILED, day).events[event.name]


def event(*versions: int, **changes: Any) -> Event:
    values: dict[str, Any] = {
        "name": "push_commit_git", "service": "git", "description": "A push.", "owner": "a@b.com",
        "domain": "git", "tier": "bulk", "status": "active", "sampling": 1,
        "versions": {number: {"type": "object"} for number in versions or (1,)},
    }  # fmt: skip
    return Event(**{**values, **changes})


def test_rules_come_from_the_registry() -> None:
    rule = rule_of(
        event(1, 3, status="deprecated", policy="flag", first_event_date=date(2000, 1, 2))
    )
    assert (rule.active, rule.tier, rule.policy, rule.newest) == (True, "bulk", "flag", 3)
    assert rule.earliest == datetime(2000, 1, 2)
    assert rule.versions == {1, 3}
    assert rule.check(3, {}) == [3]
    assert rule_of(event()).earliest == datetime(1900, 1, 1)


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"active_from": date(2026, 11, 22)}, "draft"),
        ({"active_from": DAY}, "active"),
        ({"deprecated_from": DAY}, "deprecated"),
        ({"deprecated_from": date(2026, 11, 22)}, "active"),
        ({"archived_from": date(2026, 11, 22)}, "active"),
        ({"archived_from": DAY}, "archived"),
        ({"status": "deprecated", "archived_from": DAY}, "archived"),
        ({"status": "draft", "active_from": date(2020, 1, 1)}, "draft"),
        ({"status": "archived", "archived_from": date(2030, 1, 1)}, "archived"),
    ],
)
def test_events_begin_and_end_by_the_day(changes: dict[str, Any], status: str) -> None:
    assert rule_of(event(**changes)).status == status


def test_versions_begin_and_end_by_the_day() -> None:
    records = {
        1: VersionRecord("archived", "sha256:1"),
        2: VersionRecord("deprecated", "sha256:2", archived_from=date(2026, 11, 22)),
        3: VersionRecord("active", "sha256:3", active_from=date(2026, 11, 22)),
    }
    known = event(1, 2, 3, records=records, drafts={4: {}})
    today, tomorrow = rule_of(known), rule_of(known, date(2026, 11, 22))
    assert (today.versions, today.newest) == ({2}, 2)
    assert (tomorrow.versions, tomorrow.newest) == ({3}, 3)
    assert today.closed == {1: "archived", 3: "active from 2026-11-22", 4: "a draft"}
    assert tomorrow.closed == {1: "archived", 2: "archived since 2026-11-22", 4: "a draft"}


@pytest.mark.parametrize(
    ("sent", "nearest"),
    [
        ("item_click_home", "click_item_home"),
        ("Click_Item_Home", "click_item_home"),
        ("tap_item_home", "click_item_home"),
        ("click_item", "click_item_home"),
        ("something_else_entirely", None),
        ("", None),
        ("x" * 10_000, None),
    ],
)
def test_the_nearest_name(sent: str, nearest: str | None) -> None:
    rule = EventRule(
        "click_item_home", "normal", "active", "flag", datetime(1900, 1, 1), 1, frozenset(), None
    )
    assert Rules([rule]).nearest(sent) == nearest
