"""Search over the registry: what is found, where, in which order, and how fast."""

from __future__ import annotations

import random
import string
import time
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from weir.registry import Event, Registry
from weir.registry.catalogue import Catalogue, search
from weir.registry.catalogue.search import WEIGHTS
from weir.registry.dictionary import Dictionary, Term

BASE = Event(
    name="click_item_home",
    service="home",
    description="Pressed once.",
    owner="growth@example.com",
    domain="discovery",
    tier="normal",
    status="active",
    sampling=1.0,
    versions={1: {"type": "object", "properties": {}}},
)


def event(name: str, params: dict[str, str] | None = None, **changes: object) -> Event:
    declared = {
        key: {"type": "string", "description": text} for key, text in (params or {}).items()
    }
    schema = {"type": "object", "properties": declared}
    return replace(BASE, name=name, versions={1: schema}, **changes)  # type: ignore[arg-type]


TERMS = Dictionary(
    {
        "action": {"click": Term("click", "Press something.", ("tap", "클릭"))},
        "object": {"item": Term("item", "What is sold.", ("product",))},
        "service": {"cafe": Term("cafe", "The café.")},
        "parameter": {"item_id": Term("item_id", "Which one.", ("sku",))},
    }
)
REGISTRY = Registry(
    {
        each.name: each
        for each in (
            event("click_item_home", {"item_id": "The number."}),
            event("view_item_home", {"referrer": "Which page led here."}, owner="ads@example.com"),
            event("view_page_cafe", description="상품을 온라인스토어에서 봤다.", domain="Größe"),
            event("open_page_shop", {"visitor": "Who clicked."}, status="deprecated"),
            event("open_page_home", {"visitor": "Who clicked."}),
        )
    },
    TERMS,
)


@pytest.mark.parametrize(
    ("query", "found", "field"),
    [
        ("view", ["view_item_home", "view_page_cafe"], "name"),
        ("page cafe", ["view_page_cafe"], "name"),
        ("open_page_home", ["open_page_home"], "name"),
        ("tap", ["click_item_home"], "synonym"),
        ("클릭", ["click_item_home"], "synonym"),
        ("sku", ["click_item_home"], "synonym"),
        ("referrer", ["view_item_home"], "parameter"),
        ("ads", ["view_item_home"], "owner"),
        ("grösse", ["view_page_cafe"], "domain"),
        ("GRÖSSE", ["view_page_cafe"], "domain"),
        ("led here", ["view_item_home"], "parameter description"),
        ("café", ["view_page_cafe"], "meaning"),
        ("cafe\u0301", ["view_page_cafe"], "meaning"),
        ("상품", ["view_page_cafe"], "description"),
        ("스토어", ["view_page_cafe"], "description"),
        ("ref", ["view_item_home"], "parameter"),
        ("ferrer", ["view_item_home"], "parameter"),
        ("refferer", [], ""),
        ("referer", ["view_item_home"], "parameter"),
        ("deprecated", ["open_page_shop"], "status"),
        ("xyzzy", [], ""),
        ("view xyzzy", [], ""),
        ("", [], ""),
        (" _-!", [], ""),
    ],
)
def test_what_is_found_and_where(query: str, found: list[str], field: str):
    hits = search(REGISTRY, query)
    assert sorted(hit.event for hit in hits) == found
    for hit in hits:
        assert field in {match.field for match in hit.matches}


def test_the_better_place_comes_first():
    names = [hit.event for hit in search(REGISTRY, "click")]
    assert names == ["click_item_home", "open_page_home", "open_page_shop"]
    # the name before a description, and what is no longer sent last


def test_a_match_says_where_it_is():
    (hit,) = search(REGISTRY, "number")
    (match,) = hit.matches
    assert (match.field, match.place, match.text) == (
        "parameter description",
        "item_id",
        "The number.",
    )


def test_every_keystroke_keeps_the_event():
    for length in range(1, len("referrer") + 1):
        assert "view_item_home" in [hit.event for hit in search(REGISTRY, "referrer"[:length])]


def test_only_so_many():
    assert len(search(REGISTRY, "page", limit=2)) == 2


@given(st.text(max_size=30))
def test_any_query_is_answered(query: str):
    for hit in search(REGISTRY, query):
        assert hit.score > 0
        assert {match.field for match in hit.matches} <= WEIGHTS.keys()


def test_a_search_of_a_thousand_events_takes_milliseconds():
    draw = random.Random(3)
    vocabulary = ["".join(draw.choices(string.ascii_lowercase, k=7)) for _ in range(4000)]

    def text(count: int) -> str:
        return " ".join(draw.choices(vocabulary, k=count))

    events = {}
    for index in range(1000):
        params = {f"{draw.choice(vocabulary)}_{i}": text(8) for i in range(10)}
        each = event(f"{draw.choice(vocabulary)}_item{index}_home", params, description=text(20))
        events[each.name] = each
    catalogue = Catalogue(Registry(events))
    seconds = []
    for _ in range(60):
        word = draw.choice(vocabulary)
        began = time.thread_time()
        catalogue.search(f"{draw.choice(vocabulary)} {word[: draw.randint(1, 7)]}")
        seconds.append(time.thread_time() - began)
    assert sorted(seconds)[55] < 0.1
    assert sorted(seconds)[30] < 0.02
