"""Rules from a registry, and the nearest name of an unknown one."""

from __future__ import annotations

from datetime import date, datetime
from types import SimpleNamespace
from typing import Any

import pytest

from weir.collect import meant as meant_module
from weir.collect.meant import Names
from weir.collect.rules import EventRule, Rules, rules_of
from weir.registry.dictionary import Dictionary, Term
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


SHOP = ("view_item_shop", "cancel_item_shop", "purchase_item_shop", "like_item_shop",
        "publish_release_git", "push_commit_git")  # fmt: skip
TERMS = {
    "action": {
        "purchase": Term("purchase", "Pay.", ("buy", "check_out")),
        "publish": Term("publish", "Make available.", ("release",)),
        "return": Term("return", "Send back."),
        "view": Term("view", "See."),
    },
    "object": {
        "item": Term("item", "What is sold.", ("product",)),
        "release": Term("release", "…"),
    },
    "service": {"shop": Term("shop", "The shop.", ("store",))},
}


@pytest.mark.parametrize(
    ("sent", "meant"),
    [
        ("purchse_item_shop", "purchase_item_shop"),
        ("prchse_itm_shp", "purchase_item_shop"),
        ("purchasing_item_shop", "purchase_item_shop"),
        ("buy_item_shop", "purchase_item_shop"),
        ("buy_products_store", "purchase_item_shop"),
        ("purchaseItemShop", "purchase_item_shop"),
        ("PurchaseItemShop", "purchase_item_shop"),
        ("PURCHASE_ITEM_SHOP", "purchase_item_shop"),
        ("purchase-item-shop", "purchase_item_shop"),
        ("purchase.item.shop ", "purchase_item_shop"),
        ("purchaseitemshop", "purchase_item_shop"),
        ("purchase_item_shop_v2", "purchase_item_shop"),
        ("shop_item_purchased", "purchase_item_shop"),
        ("purchase_item", "purchase_item_shop"),
        ("cancelled_item_shop", "cancel_item_shop"),
        ("viewed_item_shop", "view_item_shop"),
        ("release_release_git", "publish_release_git"),
        ("push_git", "push_commit_git"),
    ],
)
def test_the_event_that_an_unknown_name_means(sent: str, meant: str) -> None:
    assert Names(SHOP, Dictionary(TERMS)).meant(sent).name == meant


@pytest.mark.parametrize(
    ("sent", "shared", "like"),
    [
        ("return_item_shop", ("item", "shop"), 4),  # a term of its own, and no typing error
        ("unlike_item_shop", ("item", "shop"), 4),  # the opposite of `like`
        ("gift_item_shop", ("item", "shop"), 4),
        ("item_shop", ("item", "shop"), 4),
        ("open_door_git", ("git",), 2),
        ("something_else_entirely", (), 0),
        ("", (), 0),
        ("___", (), 0),
        ("\ud800_item", ("item",), 4),
        ("x" * 100_000, (), 0),
        ("_".join(["item"] * 1000), ("item",), 4),
    ],
)
def test_events_like_an_unknown_name(sent: str, shared: tuple[str, ...], like: int) -> None:
    found = Names(SHOP, Dictionary(TERMS)).meant(sent)
    assert (found.name, found.shared, len(found.like)) == (None, shared, like)


def test_without_a_dictionary_only_letters_and_words_count() -> None:
    names = Names(SHOP)
    assert names.meant("purchse_item_shop").name == "purchase_item_shop"
    assert names.meant("buy_item_shop").name is None
    assert names.meant("click_item_home").like == (
        "view_item_shop", "cancel_item_shop", "purchase_item_shop", "like_item_shop",
    )  # fmt: skip


def test_events_that_are_wanted_come_first() -> None:
    rules = Rules([_rule("aaa_item_shop", "archived"), _rule("view_item_shop", "active")])
    assert rules.meant("gift_item_shop").like == ("view_item_shop", "aaa_item_shop")
    assert rules.meant("aaaa_item_shop").name == "aaa_item_shop"


def test_some_events_of_every_service() -> None:
    names = Names([*(f"view_a{chr(97 + n)}_shop" for n in range(20)), "push_commit_git"])
    assert len(names.some) == 12
    assert "push_commit_git" in names.some
    assert Names([]).some == ()


def test_an_unknown_name_costs_the_same_among_many_events(monkeypatch: pytest.MonkeyPatch) -> None:
    """A flood of unknown names stays cheap: few words are compared, and asking again costs nothing."""
    compared: list[str] = []
    near = meant_module.distance
    monkeypatch.setattr(
        meant_module, "distance", lambda a, b, n: compared.append(b) or near(a, b, n)
    )
    letters = "abcdefghijklmnopqrst"
    names = Names([f"{a}{b}click_{b}{a}item_home" for a in letters for b in letters])  # all alike
    names.meant("zzclick_zzitem_home")
    first = len(compared)
    assert 0 < first <= 3 * 100
    names.meant("zzclick_zzitem_home")
    assert len(compared) == first


def _rule(name: str, status: str) -> EventRule:
    return EventRule(name, "bulk", status, "flag", datetime(1900, 1, 1), 1, frozenset(), None)


def test_the_declared_parameters_of_a_version() -> None:
    known = event(1)
    known.versions[1]["properties"] = {"a": {}}
    rule = rule_of(known)
    assert rule.declared(1) == rule.declared(None) == rule.declared([1]) == {"a"}
    assert rule.declared(2) == frozenset()
