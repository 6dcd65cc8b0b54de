"""Verdicts: DESIGN's table of bad input, row by row, and no exception on any JSON value."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import duckdb
import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from weir.collect.judging import MAX_FINDINGS, Budget, Judging
from weir.collect.verdict import RAW_LIMIT, judge, unreadable, utc
from weir.core.landing import FINGERPRINT, RECORD

WRITTEN = [name for name in RECORD if name not in {*FINGERPRINT, "replay_of"}]


def test_a_valid_event_fills_its_columns(event: Callable, judging: Judging) -> None:
    record = judge(
        event(time="2026-11-21T14:00:00+09:00", sent_at="2026-11-21T05:10:00Z", user_id=42,
              device_id="d", session_id="s", platform="ios", app_version="3.1"),
        judging,
    )  # fmt: skip
    assert (record.lane, record.verdict, record.violations) == ("normal", "accepted", [])
    columns = record.columns
    assert list(columns) == WRITTEN
    assert columns["received_at"] == "2026-11-21T05:40:00.000000"
    assert columns["event_time"] == "2026-11-21T05:00:00.000000"
    assert columns["event_time_corrected"] == "2026-11-21T05:30:00.000000"
    assert columns["user_id"] == "42"
    assert columns["params"] == '{"item_id":17}'
    assert (columns["raw"], columns["violations"]) == (None, None)
    assert (columns["environment"], columns["producer"], columns["channel"]) == (
        "prod", "anonymous", "server",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "verdict", "lane", "found"),
    [
        ({"name": "buy_item_shop"}, "accepted", "critical", []),
        ({"name": "view_page_web"}, "accepted", "bulk", []),
        ({"user_id": None, "device_id": None}, "accepted", "normal", []),
        ({"name": "tap_item_home"}, "quarantined", "quarantine", ["/name unknown_event"]),
        ({"name": ...}, "quarantined", "quarantine", ["/name unknown_event"]),
        ({"name": 7}, "quarantined", "quarantine", ["/name unknown_event"]),
        ({"version": 9}, "quarantined", "quarantine", ["/version unknown_version"]),
        ({"version": "2"}, "quarantined", "quarantine", ["/version wrong_type"]),
        ({"version": True}, "quarantined", "quarantine", ["/version wrong_type"]),
        ({"name": "draft_item_home"}, "quarantined", "quarantine", ["/name inactive"]),
        ({"name": "old_item_home"}, "quarantined", "quarantine", ["/name inactive"]),
        ({"time": ...}, "quarantined", "quarantine", ["/time bad_time"]),
        ({"time": "yesterday"}, "quarantined", "quarantine", ["/time bad_time"]),
        ({"time": 1763700000}, "quarantined", "quarantine", ["/time bad_time"]),
        ({"time": "2026-11-21T05:00:00"}, "quarantined", "quarantine", ["/time bad_time"]),
        ({"time": "2026-11-22T05:40:01Z"}, "quarantined", "quarantine", ["/time bad_time"]),
        ({"time": "2026-11-22T05:40:00Z"}, "accepted", "normal", []),
        ({"time": "2019-12-31T23:59:59Z"}, "quarantined", "quarantine", ["/time bad_time"]),
        ({"time": "0001-01-01T00:00:00+23:00"}, "quarantined", "quarantine", ["/time bad_time"]),
        ({"time": "99999-01-01T00:00:00Z"}, "quarantined", "quarantine", ["/time bad_time"]),
        ({"sent_at": "now"}, "flagged", "normal", ["/sent_at wrong_type"]),
        ({"user_id": [1]}, "quarantined", "quarantine", ["/user_id wrong_type"]),
        ({"user_id": True}, "quarantined", "quarantine", ["/user_id wrong_type"]),
        ({"platform": 4}, "quarantined", "quarantine", ["/platform wrong_type"]),
        ({"id": 4}, "quarantined", "quarantine", ["/id wrong_type"]),
        ({"id": "x" * 201}, "quarantined", "quarantine", ["/id wrong_type"]),
        ({"params": [1]}, "quarantined", "quarantine", ["/params wrong_type"]),
        ({"params": {}}, "quarantined", "quarantine", ["/params/item_id type"]),
        ({"params": {"item_id": 1, "x": 2}}, "flagged", "normal", ["/params/x undeclared"]),
        ({"colour": "red"}, "flagged", "normal", ["/colour undeclared"]),
        ({"origin": "import"}, "quarantined", "quarantine", ["/origin wrong_type"]),
        ({"name": "lax_item_home", "params": {}}, "flagged", "normal", ["/params/item_id type"]),
        (
            {"name": "lax_item_home", "time": "no"},
            "quarantined",
            "quarantine",
            ["/time bad_time"],
        ),
        ({"name": "strict_item_home", "params": {}}, "rejected", None, ["/params/item_id type"]),
        ({"user_id": "a\0b"}, "quarantined", "quarantine", ["/user_id nul_character"]),
        ({"params": {"item_id": 2**70}}, "quarantined", "quarantine",
         ["/params/item_id number_out_of_range"]),
        ({"user_id": "\ud800"}, "quarantined", "quarantine", ["/user_id lone_surrogate"]),
        ({"params": {"item_id": 1, "note": "x" * 11_000}}, "quarantined", "quarantine",
         [" too_large"]),
    ],
)  # fmt: skip
def test_each_row_of_the_table(
    event: Callable,
    judging: Judging,
    changes: dict,
    verdict: str,
    lane: str | None,
    found: list[str],
) -> None:
    record = judge(event(**changes), judging)
    assert [f"{v.pointer} {v.rule}" for v in record.violations] == found
    assert (record.verdict, record.lane) == (verdict, lane)
    assert list(record.columns) == WRITTEN
    assert all(v.expected and v.found and v.remedy for v in record.violations)


def test_what_the_columns_cannot_carry_stays_in_raw(event: Callable, judging: Judging) -> None:
    for changes in ({"colour": "red"}, {"platform": 4}, {"time": "no"}, {"sent_at": "no"}):
        sent = event(**changes)
        assert orjson.loads(judge(sent, judging).columns["raw"]) == sent
    assert judge(event(params={}), judging).columns["raw"] is None


def test_missing_version_and_id(event: Callable, judging: Judging) -> None:
    columns = judge(event(version=..., id=...), judging).columns
    assert (columns["version"], columns["version_assumed"]) == (2, True)
    assert (columns["event_id"], columns["id_assigned"]) == ("server-id", True)
    assert judge(event(version=..., id=...), judging).verdict == "accepted"


def test_an_unknown_name_is_answered_with_the_nearest(event: Callable, judging: Judging) -> None:
    record = judge(event(name="item_click_home"), judging)
    assert "Did you mean `click_item_home`?" in record.violations[0].remedy


def test_the_hash_is_that_of_the_event_not_of_its_journey(
    event: Callable, judging: Judging
) -> None:
    def hash_of(**changes: object) -> str:
        return judge(event(**changes), judging).columns["payload_hash"]

    assert hash_of() == hash_of(sent_at="2026-11-21T05:00:00Z") == hash_of(origin="replay")
    assert hash_of() != hash_of(user_id="u2")


def test_origin_comes_from_the_event_or_the_request(event: Callable, judging: Judging) -> None:
    replaying = replace(judging, origin="replay")
    assert judge(event(origin="replay"), judging).columns["origin"] == "replay"
    assert judge(event(origin="live"), replaying).columns["origin"] == "replay"
    assert judge(event(), replaying).columns["origin"] == "replay"
    assert judge(event(), judging).columns["origin"] == "live"


def test_a_skewed_clock_beyond_the_calendar_is_not_corrected(
    event: Callable, judging: Judging
) -> None:
    columns = judge(event(sent_at="9999-12-31T00:00:00Z"), judging).columns
    assert columns["event_time_corrected"] is None
    assert columns["sent_at"] == "9999-12-31T00:00:00.000000"


def test_a_deep_event_keeps_its_text(event: Callable, judging: Judging) -> None:
    deep: Any = 1
    for _ in range(1000):
        deep = [deep]
    record = judge(event(params={"item_id": deep}), judging)
    assert record.violations[0].rule == "too_deep"
    assert record.columns["raw"].endswith('{"item_id":' + "[" * 1000 + "1" + "]" * 1000 + "}}")
    assert (record.columns["event_id"], record.columns["event_name"]) == ("e1", "click_item_home")


def test_a_large_event_keeps_its_first_part(event: Callable, judging: Judging) -> None:
    record = judge(event(params={"item_id": 1, "note": "x" * 100_000}), judging)
    assert len(record.columns["raw"]) == RAW_LIMIT
    other = judge(event(params={"item_id": 1, "note": "x" * 100_001}), judging)
    assert record.columns["payload_hash"] != other.columns["payload_hash"]


def test_a_flood_of_findings_is_bounded(event: Callable, judging: Judging) -> None:
    record = judge(event(**{f"x{i}": i for i in range(500)}), judging)
    assert (record.verdict, len(record.violations)) == ("flagged", MAX_FINDINGS)
    assert '"x499":499' in record.columns["raw"]


def test_a_request_full_of_findings_is_bounded(event: Callable, judging: Judging) -> None:
    """Later events are told one finding each, and judged by all of them."""
    bounded = dataclasses.replace(judging, budget=Budget(2 * MAX_FINDINGS))
    wrong = event(**{f"x{i}": i for i in range(50)}, user_id=[])
    records = [judge(wrong, bounded) for _ in range(5)]
    assert [len(record.violations) for record in records] == [MAX_FINDINGS, MAX_FINDINGS, 1, 1, 1]
    assert {record.verdict for record in records} == {judge(wrong, judging).verdict}


def test_a_line_that_is_no_json_keeps_its_text(judging: Judging) -> None:
    record = unreadable(b'{"a": \xff\x00', "why", judging)
    assert (record.lane, record.violations[0].rule) == ("quarantine", "not_json")
    assert record.columns["raw"] == '{"a": \ufffd\ufffd'


@pytest.mark.parametrize("text", ["2026-11-20T21:00:00.123Z", "2026-11-21 06:00:00.123+09:00"])
def test_times_are_normalised_to_utc(text: str) -> None:
    assert str(utc(text)) == "2026-11-20 21:00:00.123000"


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=[]), max_size=20),
    lambda inner: st.lists(inner, max_size=4)
    | st.dictionaries(st.text(st.characters(exclude_categories=[]), max_size=8), inner, max_size=4),
    max_leaves=12,
)  # fmt: skip
fields = st.sampled_from(
    ["id", "name", "version", "time", "sent_at", "user_id", "platform", "params", "origin", "x"]
)


@given(changes=st.dictionaries(fields, values, max_size=4), whole=st.none() | values)
def test_no_json_value_raises_and_every_record_is_storable(
    event: Callable, judging: Judging, changes: dict, whole: Any
) -> None:
    record = judge(event(**changes) if whole is None else whole, judging)
    assert list(record.columns) == WRITTEN
    assert record.lane in {"normal", "quarantine", "critical", "bulk", None}
    text = orjson.dumps(record.columns)
    assert b"\\u0000" not in text.replace(b"\\\\u0000", b"")
    orjson.loads(record.columns["params"])


def test_records_read_back_in_duckdb(event: Callable, judging: Judging, tmp_path: Any) -> None:
    events = [event(), event(user_id="a\0b"), event(params={"item_id": "é😀\n"}), [1], None,
              event(time="no"), event(params={"item_id": 1e300})]  # fmt: skip
    path = tmp_path / "records.ndjson"
    path.write_bytes(b"\n".join(orjson.dumps(judge(e, judging).columns) for e in events))
    columns = ", ".join(f"'{name}': '{RECORD[name]}'" for name in WRITTEN)
    with duckdb.connect() as connection:
        rows = connection.execute(
            f"select count(*), count(event_time), count(raw), sum(length(payload_hash)) "
            f"from read_json('{path}', columns = {{{columns}}})"
        ).fetchone()
    assert rows == (len(events), 3, 4, 32 * len(events))
