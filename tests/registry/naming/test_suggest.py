"""Event names: every kind of finding, the name that is meant, and how fast that is."""

from __future__ import annotations

import random
import string
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from weir.registry.dictionary import SLOTS, Dictionary, Term
from weir.registry.findings import Severity
from weir.registry.naming import suggest
from weir.registry.naming.duplicates import Names


def terms(**said: str) -> dict[str, Term]:
    return {name: Term(name, f"A {name}.", tuple(more.split(","))) for name, more in said.items()}


DICTIONARY = Dictionary(
    {
        "action": terms(click="tap,press", view="see", login="sign in,로그인", share="pass on"),
        "object": terms(
            item="product,상품", page="screen", cart="basket", card="tile", offer="deal"
        ),
        "service": terms(home="start", shop="store", offers="promo"),
    }
)
EXISTING = ("click_item_home", "view_page_shop", "view_cart_shop")


def rules(name: str) -> list[str]:
    return [finding.rule for finding in suggest(name, DICTIONARY, EXISTING).findings]


@pytest.mark.parametrize(
    ("name", "meant", "found"),
    [
        ("click_item_shop", "click_item_shop", []),
        ("click_item_home", "click_item_home", []),
        ("tap_item_shop", "click_item_shop", ["synonym"]),
        ("press_basket_store", "click_cart_shop", ["synonym"] * 3),
        ("sign_in_page_home", "login_page_home", ["synonym"]),
        ("log_in_page_home", "login_page_home", ["synonym"]),
        ("item_click_shop", "click_item_shop", ["order"]),
        ("shop_click_item", "click_item_shop", ["order"]),
        ("product_tap_store", "click_item_shop", ["order", "synonym", "synonym", "synonym"]),
        ("itme_clik_shop", "click_item_shop", ["order", "unknown_term", "unknown_term"]),
        ("clik_item_shop", "click_item_shop", ["unknown_term"]),
        ("click_widget_shop", None, ["unknown_term"]),
        ("widget_click_shop", None, ["order", "unknown_term"]),
        ("a_a_a", None, ["unknown_term"] * 3),
        ("a_a_a_a", None, ["too_many_tokens", *["unknown_term"] * 3]),
        ("item_click", None, ["too_few_tokens", "order"]),
        ("item_wobble", None, ["too_few_tokens", "order", "unknown_term"]),
        ("click_home", None, ["too_few_tokens"]),
        ("click", None, ["too_few_tokens"]),
        ("", None, ["too_few_tokens"]),
        ("click_blue_item_shop", "click_item_shop", ["too_many_tokens"]),
        ("clickItemShop", "click_item_shop", ["form"]),
        ("ClickItemShop", "click_item_shop", ["form"]),
        ("click-item-shop", "click_item_shop", ["form"]),
        ("click item.shop", "click_item_shop", ["form"]),
        ("click__item_shop", "click_item_shop", ["form"]),
        ("로그인_상품_home", "login_item_home", ["form", "synonym", "synonym"]),
        ("click_items_shop", "click_item_shop", ["plural"]),
        ("view_offers_shop", "view_offer_shop", ["plural"]),
        ("click_items_home", "click_item_home", ["plural", "near_duplicate"]),
        ("tap_item_home", "click_item_home", ["synonym", "near_duplicate"]),
        ("item_click_home", "click_item_home", ["order", "near_duplicate"]),
        ("click_itm_home", "click_item_home", ["unknown_term", "near_duplicate"]),
        ("clickItemHome", "click_item_home", ["form", "near_duplicate"]),
        ("click_card_shop", "click_card_shop", []),  # a card is no cart: both are in the dictionary
        ("x" * 200, None, ["too_long", "too_few_tokens", "unknown_term"]),
    ],
)
def test_each_finding(name: str, meant: str | None, found: list[str]):
    said = suggest(name, DICTIONARY, EXISTING)
    assert [finding.rule for finding in said.findings] == found
    assert said.name == meant
    assert said.exists == (meant in EXISTING)
    for finding in said.findings:
        assert finding.pointer == "/name"
        assert meant is None or finding.suggestion == meant
        assert meant or finding.suggestion is None or "…" in finding.suggestion
        assert (finding.severity is Severity.WARNING) == (finding.rule == "near_duplicate")


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("tap_item_shop", "Use `click`, not `tap`, for the action. Name it `click_item_shop`."),
        ("item_click", "Name it `click_item_…`."),
        ("item_wobble", "Name it `wobble_item_…`."),
        ("click_home", "Name it `click_…_home`."),
        ("item_click", "missing: service. Add what is missing (service: home, offers, shop)."),
        ("clik_item_shop", "The nearest is `click`. Name it `click_item_shop`."),
        ("click_widget_shop", "`weir events term add object widget --meaning …`"),
        ("구매_item_shop", "add one with this as its synonym: `weir events term add action …`"),
        ("click_blue_item_shop", "no slot is left for `blue`. Say the rest in a parameter."),
    ],
)
def test_what_is_said(name: str, sentence: str):
    said = suggest(name, DICTIONARY, EXISTING)
    assert sentence in " ".join(f"{f.what} {f.remedy}" for f in said.findings)


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("tap_item_home", "a synonym"),
        ("item_click_home", "the same words in another order"),
        ("click_items_home", "singular and plural"),
        ("clik_item_home", "almost the same letters"),
        ("click-item-home", "another spelling"),
        ("click_big_item_home", "the same words and more"),
    ],
)
def test_a_near_duplicate_is_named_with_both(name: str, why: str):
    finding = suggest(name, DICTIONARY, EXISTING).findings[-1]
    assert finding.rule == "near_duplicate"
    assert finding.what == f"`{name}` reads like the event `click_item_home`, which exists: {why}."


def test_an_open_slot_is_completed_with_existing_events_first():
    assert suggest("item_view", DICTIONARY, ["view_item_shop"]).completions == (
        "view_item_shop",
        "view_item_home",
        "view_item_offers",
    )
    assert suggest("view_item_shop", DICTIONARY, ()).completions == ()
    assert suggest("wobble_item", DICTIONARY, ()).completions == ()


def test_two_events_of_the_registry_that_read_alike():
    names = Names(
        ["click_item_home", "home_item_click", "tap_item_home", "view_page_shop"], DICTIONARY
    )
    assert [(one, other) for one, other, _ in names.pairs()] == [
        ("click_item_home", "home_item_click"),
        ("click_item_home", "tap_item_home"),
        ("home_item_click", "tap_item_home"),
    ]
    assert Names(["view_card_shop", "view_cart_shop"], DICTIONARY).pairs() == []


WORDS = st.sampled_from(
    ["click", "tap", "item", "items", "itme", "product", "home", "shop", "store", "share", "offer",
     "offers", "cart", "card", "x1", "sign", "in", "Item", "상품", "1st", "ß", "view_page", ""]
)  # fmt: skip
NAMES = st.one_of(
    st.text(max_size=40),
    st.builds("_".join, st.lists(WORDS, max_size=8)),
    st.builds("-".join, st.lists(WORDS, max_size=5)),
)
EVENTS = st.lists(
    st.one_of(
        st.builds(
            "_".join,
            st.tuples(*(st.sampled_from(sorted(DICTIONARY.of(slot))) for slot in SLOTS)),
        ),
        st.builds("_".join, st.lists(WORDS, min_size=3, max_size=3)),  # older than the dictionary
    ),
    max_size=6,
)


@settings(max_examples=400)
@given(NAMES, EVENTS)
def test_a_suggested_name_has_no_findings(name: str, existing: list[str]):
    said = suggest(name, DICTIONARY, existing)
    if said.name is None:
        assert said.findings
        return
    again = suggest(said.name, DICTIONARY, existing)
    assert (again.name, again.findings) == (said.name, ())
    assert (said.name == name) == (not said.findings)
    assert again.exists == said.exists == (said.name in existing)


@given(NAMES)
def test_the_order_of_the_tokens_does_not_matter_for_what_is_meant(name: str):
    del name
    for action, thing, service in (("click", "item", "shop"), ("view", "cart", "home")):
        for tokens in (
            (action, thing, service),
            (thing, service, action),
            (service, thing, action),
        ):
            assert suggest("_".join(tokens), DICTIONARY, ()).name == f"{action}_{thing}_{service}"


def test_a_keystroke_takes_less_than_five_milliseconds():
    draw = random.Random(7)

    def word() -> str:
        return "".join(draw.choices(string.ascii_lowercase, k=draw.randint(4, 10)))

    large = Dictionary({slot: terms(**{word(): word() for _ in range(300)}) for slot in SLOTS})
    parts = [sorted(large.of(slot)) for slot in SLOTS]
    events = ["_".join(draw.choice(part) for part in parts) for _ in range(1000)]
    suggest("", large, events)
    seconds = []
    for name in draw.sample(events, 100):
        typed = name[: draw.randint(1, len(name))] + draw.choice(["", "x", "_y", "z_q"])
        began = time.thread_time()
        suggest(typed, large, events)
        seconds.append(time.thread_time() - began)
    assert sorted(seconds)[95] < 0.005
