"""The short way gives the record of the long way, on plain events and on everything near them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import count
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from weir.collect import quick, verdict
from weir.collect.judging import Judging
from weir.collect.producers import Producer

odd = st.sampled_from(
    [
        None,
        0,
        1,
        2,
        7,
        2**31,
        1.5,
        True,
        "",
        "x",
        "a\0b",
        "x" * 201,
        [],
        {},
        {"a": None},
        [[1]],
        2**70,
    ]
)
times = st.sampled_from(
    ["2026-11-21T05:00:00Z", "2026-11-21T05:00:00.5+09:00", "2026-11-21T05:00:00", "1900-01-01T00:00:00Z",
     "2030-01-01T00:00:00Z", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59Z", "today", 1763700000,
     "2026-11-21T05:00:00.123Z", "2026-W47-5T05:00:00.123Z", "2026-11-21T05:00:00,123Z",
     "2026-13-21T05:00:00.123Z", "2026-11-21T05:00+09.123Z", "2026-11-21T24:00:00.000Z",
     "1899-12-31T23:59:59.999Z", "2026-11-21T05:00:0é.123Z"]
)  # fmt: skip
names = st.sampled_from(
    ["click_item_home", "buy_item_shop", "lax_item_home", "strict_item_home", "draft_item_home",
     "old_item_home", "nobody_knows_it"]
)  # fmt: skip
params = st.dictionaries(st.sampled_from(["item_id", "note", "other"]), odd, max_size=3)
plain = {
    "id": "e1", "name": "click_item_home", "version": 2, "time": "2026-11-21T05:00:00Z",
    "params": {"item_id": 17},
}  # fmt: skip
changes = st.fixed_dictionaries(
    {},
    optional={
        "id": odd, "name": names | odd, "version": odd, "time": times, "sent_at": times | odd,
        "user_id": odd, "device_id": odd, "session_id": odd, "platform": odd, "app_version": odd,
        "params": params | odd | st.just({"item_id": 17, "note": "é"}), "origin": odd, "extra": odd,
    },
)  # fmt: skip
PRODUCERS = (
    Producer(), Producer("shop", channel="client"), Producer("strict", strict=True),
    Producer("test", environment="test"), Producer("one", events=("click_*",)),
)  # fmt: skip


def both(item: Any, judging: Judging, **other: Any) -> tuple[object, object]:
    """Return both records; ids that are given out are the same ones."""
    made = []
    for judge in (quick.judge, verdict.judge):
        numbers = count()
        own = replace(judging, new_id=lambda numbers=numbers: f"n{next(numbers)}", **other)
        made.append(judge(item, own))
    return made[0], made[1]


@given(changes, st.sets(st.sampled_from(list(plain)), max_size=2), st.sampled_from(PRODUCERS))
def test_both_ways_say_the_same(
    judging: Judging, changed: dict, gone: set[str], producer: Producer
) -> None:
    item = {k: v for k, v in {**plain, **changed}.items() if k not in gone}
    short, long = both(item, judging, producer=producer)
    assert short == long


@pytest.mark.parametrize("item", [None, [], "x", 1, {}, {"params": "x" * 20_000}])
def test_what_is_no_event_goes_the_long_way(judging: Judging, item: Any) -> None:
    short, long = both(item, judging)
    assert short == long


def test_plain_events_do_take_the_short_way(judging: Judging, event: Callable[..., dict]) -> None:
    for changed in ({}, {"sent_at": "2026-11-21T05:00:09Z"}, {"platform": "ios"}, {"user_id": ...}):
        assert quick._plain(event(**changed), judging) is not None
    assert quick._plain(event(params={"item_id": "17"}), judging) is None
