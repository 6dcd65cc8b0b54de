"""The new verdict on a quarantined event: what is put together from the columns, what stays and why."""

from __future__ import annotations

from datetime import datetime

import orjson
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.collect.quarantined import AFTER, BEFORE, EARLY, event, rules_with
from weir.collect.judging import Judging
from weir.collect.producers import ANONYMOUS, Producer
from weir.collect.quarantine import Quarantined, Rejudging, kept_event, rejudge
from weir.collect.rules import Rules
from weir.collect.verdict import content_hash, judge, unreadable
from weir.core.landing import COLUMNS, RECORD, Receipt


def quarantined(item: object, rules: Rules = BEFORE, producer: Producer = ANONYMOUS) -> Quarantined:
    """Return an event's row as the lake gives it back."""
    judging = Judging(rules, EARLY, lambda: "server-id", 200_000, "live", producer)
    record = unreadable(item, "no", judging) if type(item) is bytes else judge(item, judging)
    columns = {**dict.fromkeys(COLUMNS), **record.columns}
    for name, kind in RECORD.items():
        if kind == "TIMESTAMP" and columns[name] is not None:
            columns[name] = datetime.fromisoformat(columns[name])
    return Quarantined(Receipt("quarantine", 3, 17), columns, None)


@pytest.mark.parametrize(
    ("sent", "rule"),
    [
        ([1, 2], "not_an_object"),
        (b"{torn", "not_json"),
        (event(1, params={"item_id": 1, "long": "x" * 300_000}), "not_whole"),
        (event(1, params={"item_id": 2**70}), "number_out_of_range"),
        (event(1, time="2026-11-24T00:00:00Z"), "bad_time"),
        (event(1, time="soon", extra=1), "bad_time"),
        (event(1, version=7), "unknown_version"),
    ],
)
def test_what_stays_is_told_why(sent: object, rule: str) -> None:
    outcome = rejudge(quarantined(sent), Rejudging(AFTER, 200_000))
    assert (outcome.tier, outcome.replay) == (None, None)
    assert outcome.violations[0].rule == rule
    assert outcome.violations[0].remedy


def test_an_archived_event_stays() -> None:
    rules = rules_with(1, 2, status="archived")
    assert rejudge(quarantined(event(1)), Rejudging(rules, 9_999)).violations[0].rule == "inactive"


def test_a_limit_that_was_raised() -> None:
    judging = Judging(BEFORE, EARLY, lambda: "server-id", 50)
    record = judge(event(1), judging)
    row = quarantined(event(1))
    row.columns.update(record.columns | {"received_at": EARLY})
    assert rejudge(row, Rejudging(AFTER, 50)).violations[0].rule == "too_large"
    outcome = rejudge(row, Rejudging(AFTER, 9_999))
    assert outcome.tier == "normal"
    landed = orjson.loads(outcome.replay.payload)
    assert landed["payload_hash"] == content_hash(event(1))  # as if it had been taken then


def test_test_traffic_stays_apart() -> None:
    row = quarantined(event(1), AFTER, Producer("app", "test"))
    outcome = rejudge(row, Rejudging(AFTER, 9_999))
    assert (outcome.tier, outcome.verdict) == (None, "quarantined")
    assert outcome.violations[0].rule == "test_traffic"


def test_a_strict_producer_is_held_to_what_its_token_says_today() -> None:
    strict = Producer("app", "prod", strict=True)
    row = quarantined(event(1), AFTER, strict)
    held = rejudge(row, Rejudging(AFTER, 9_999, producer_of=lambda *_: strict))
    assert {v.rule for v in held.violations} == {"missing"}
    free = rejudge(row, Rejudging(AFTER, 9_999))
    assert free.tier == "normal"
    assert orjson.loads(free.replay.payload)["producer"] == "app"


def test_a_chosen_version_is_not_the_senders() -> None:
    row = quarantined(event(1, version=1))
    assert rejudge(row, Rejudging(AFTER, 9_999)).violations[0].rule == "type"
    landed = orjson.loads(rejudge(row, Rejudging(AFTER, 9_999, 2)).replay.payload)
    assert (landed["version"], landed["version_assumed"]) == (2, True)
    assert landed["payload_hash"] == row.columns["payload_hash"]


_TEXT = st.none() | st.integers(-9, 9) | st.text(max_size=4)
_EVENTS = st.fixed_dictionaries(
    {"name": st.sampled_from(["click_item_home", "nobody_item_home", 5])},
    optional={
        "id": _TEXT, "version": st.none() | st.integers(-1, 3), "user_id": _TEXT,
        "session_id": _TEXT, "extra": _TEXT, "sent_at": st.sampled_from(["x", "2026-11-21T02:00:01Z"]),
        "time": st.sampled_from(["x", "2026-11-21T02:00:00.123456789+09:00", None]),
        "params": st.none() | st.dictionaries(st.sampled_from(["item_id", "é", "a/b"]), _TEXT),
    },
)  # fmt: skip


@given(_EVENTS)
@example({"name": "click_item_home", "id": "\x00"})
@example({"name": "click_item_home", "params": {"item_id": "\x00"}})
@settings(max_examples=200, deadline=None)
def test_a_row_is_judged_as_its_event_was(item: dict) -> None:
    """By the same rules, the kept event gets the verdict of the sent one: nothing was made up."""
    row = quarantined(item)
    # What no column can carry is known by its text; once it can be read, by its content, as any event.
    assert kept_event(row).payload_hash == content_hash(item)
    outcome = rejudge(row, Rejudging(BEFORE, 200_000))
    assert outcome.verdict == row.columns["verdict"]
    if outcome.replay is not None:
        landed = orjson.loads(outcome.replay.payload)
        for name in ("event_id", "id_assigned", "params", "payload_hash", "user_id", "version"):
            assert landed[name] == row.columns[name]
        return
    stored = orjson.loads(row.columns["violations"])
    assert [v.rule for v in outcome.violations] == [v["rule"] for v in stored]
