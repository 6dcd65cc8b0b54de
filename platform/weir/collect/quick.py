"""The short way to the verdict on an event that has nothing wrong: most events, at half the cost.

It decides nothing of its own: whatever it does not recognise as plain goes to `weir.collect.verdict`,
and where it does answer, the record is the one that the long way gives (tests/collect/test_quick.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from operator import itemgetter
from typing import Any

import orjson

from weir.collect import verdict
from weir.collect.jsontext import MAX_DEPTH
from weir.collect.judging import Judging, Record
from weir.collect.rules import EventRule
from weir.collect.verdict import ENVELOPE, MAX_ID, utc
from weir.core.canonical import payload_hash

_FIELDS = frozenset(ENVELOPE) - {"origin"}
_TEXT_OR_NONE = frozenset({str, type(None)})
_SORTED = orjson.OPT_SORT_KEYS
_marks = itemgetter(10, 13, 16, 19, 23)
_MARKS = ("T", ":", ":", ".", "Z")
_Time = tuple[datetime, str]


def judge(item: Any, judging: Judging) -> Record:
    """Return the verdict on one parsed item of a request. Never raises on a JSON value."""
    return _plain(item, judging) or verdict.judge(item, judging)


def _plain(item: Any, judging: Judging) -> Record | None:
    """Return the record of an event about which there is nothing to say, None of any other."""
    if type(item) is not dict or not item.keys() <= _FIELDS or judging.producer.exacting:
        return None
    rule = _rule(item, judging)
    text = _text(item, judging.max_bytes)
    if rule is None or text is None:
        return None
    params = item.get("params")
    if type(params) is not dict or rule.check(item["version"], params):
        return None
    at, sent = _time(item.get("time")), item.get("sent_at")
    if at is None or not rule.earliest <= at[0] <= judging.latest:
        return None
    sent_at = None if sent is None else _time(sent)
    if sent is not None and sent_at is None:
        return None
    return _record(item, text, rule, judging, at, sent_at)


def _time(given: Any) -> _Time | None:
    """Return a time's naive UTC instant and its text in a record.

    What most senders write, `2026-11-20T21:00:00.123Z`, is nearly that text already.
    """
    if type(given) is str and len(given) == 24 and given[5] in "01" and _marks(given) == _MARKS:
        try:
            return datetime.fromisoformat(given[:23]), given[:23] + "000"
        except ValueError:
            return None
    at = utc(given)
    return None if at is None else (at, at.isoformat(timespec="microseconds"))


def _rule(item: Mapping[str, Any], judging: Judging) -> EventRule | None:
    name, given, version = item.get("name"), item.get("id"), item.get("version")
    if type(name) is not str or type(given) is not str or not 0 < len(given) <= MAX_ID:
        return None
    rule = judging.rules.events.get(name)
    if rule is None or type(version) is not int or version not in rule.versions or not rule.active:
        return None
    return rule


def _text(item: dict[str, Any], limit: int) -> bytes | None:
    """Return the sorted text of an event that is surely storable, see `jsontext.dumps`."""
    try:
        text = orjson.dumps(item, option=_SORTED)
    except TypeError:
        return None
    if len(text) > limit or text.count(b"{") + text.count(b"[") > MAX_DEPTH or b"\\u0000" in text:
        return None
    return text


def _record(
    item: dict[str, Any],
    text: bytes,
    rule: EventRule,
    judging: Judging,
    at: _Time,
    sent_at: _Time | None,
) -> Record | None:
    get = item.get
    user, device, session = get("user_id"), get("device_id"), get("session_id")
    platform, app_version = get("platform"), get("app_version")
    kinds = {type(user), type(device), type(session), type(platform), type(app_version)}
    if not kinds <= _TEXT_OR_NONE:
        return None
    corrected = sent = None
    if sent_at is not None:
        sent = sent_at[1]
        corrected = verdict.corrected(at[0], sent_at[0], judging.received_at)
    producer = judging.producer
    columns: dict[str, Any] = {
        "received_at": judging.stamp,
        "event_id": item["id"],
        "id_assigned": False,
        "event_name": item["name"],
        "version": item["version"],
        "version_assumed": False,
        "event_time": at[1],
        "event_time_corrected": corrected,
        "sent_at": sent,
        "user_id": user,
        "device_id": device,
        "session_id": session,
        "platform": platform,
        "app_version": app_version,
        "params": orjson.dumps(item["params"]).decode(),
        "verdict": "accepted",
        "violations": None,
        "raw": None,
        "origin": judging.origin,
        "producer": producer.name,
        "environment": producer.environment,
        "channel": producer.channel,
        "payload_hash": payload_hash(item, text),
    }
    return Record(rule.tier, "accepted", [], columns)
