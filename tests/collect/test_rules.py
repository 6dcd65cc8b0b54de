"""Rules from a registry, and the nearest name of an unknown one."""

from __future__ import annotations

from datetime import date, datetime
from types import SimpleNamespace

import pytest

from weir.collect.rules import EventRule, Rules, rules_of


def test_rules_come_from_the_registry() -> None:
    event = SimpleNamespace(
        tier="bulk", status="deprecated", policy="flag", first_event_date=date(2000, 1, 2),
        newest=3, versions={1: None, 3: None},
    )  # fmt: skip
    compiled = SimpleNamespace(violations=lambda version, params: [version])
    rule = rules_of({"push_commit_git": event}, lambda name: compiled).events["push_commit_git"]
    assert rule.active
    assert rule.earliest == datetime(2000, 1, 2)
    assert rule.versions == {1, 3}
    assert rule.check(3, {}) == [3]
    event.first_event_date = None
    assert EventRule.of("a", event, compiled.violations).earliest == datetime(1900, 1, 1)


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
