"""The verdict on one event: accepted, flagged, quarantined or rejected, and why. Pure: no I/O.

`judge` never raises on a JSON value. Whatever the columns of `weir.core.landing` cannot carry (an
undeclared envelope field, a wrong type, an unreadable time) stays in `raw`, so nothing is lost.
Parameters are checked by the registry's compiled schema; where records go is the spool's business.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import orjson

from weir.collect import jsontext
from weir.collect import violations as say
from weir.collect.judging import MAX_FINDINGS, Judging, Record
from weir.collect.notjson import Trouble
from weir.collect.producers import Producer
from weir.collect.rules import EventRule
from weir.collect.violations import Violation
from weir.core.canonical import payload_hash, raw_hash
from weir.core.landing import QUARANTINE, WRITTEN

RAW_LIMIT = 64 * 1024
MAX_ID = 200
ORIGINS = ("live", "replay")
ENVELOPE = (
    "id", "name", "version", "time", "sent_at", "user_id", "device_id", "session_id", "platform",
    "app_version", "params", "origin",
)  # fmt: skip
_ENVELOPE = frozenset(ENVELOPE)
_TRANSPORT = ("sent_at", "origin")  # they say how an event travelled, not what it is
_TEXTS = ("device_id", "session_id", "platform", "app_version")


FATAL, BROKEN, MINOR = range(3)
"""A finding always quarantines, follows the event's policy, or only flags."""


class _Draft:
    """Columns and findings while one event is judged; `lossy` when the columns lose something."""

    __slots__ = (
        "event_id", "findings", "id_assigned", "limit", "lossy", "origin", "params", "sent_at", "strict",
        "texts", "time", "version", "version_assumed", "worst",
    )  # fmt: skip

    def __init__(self, origin: str, limit: int) -> None:
        self.origin, self.limit = origin, limit
        self.event_id = ""
        self.id_assigned = self.version_assumed = self.lossy = self.strict = False
        self.version: int | None = None
        self.time: datetime | None = None
        self.sent_at: datetime | None = None
        self.texts: list[str | None] = []
        self.params: Mapping[str, Any] = {}
        self.worst: int | None = None
        self.findings: list[tuple[int, Violation]] = []

    def find(self, severity: int, violation: Violation, *, lossy: bool = False) -> None:
        if len(self.findings) < self.limit:
            self.findings.append((severity, violation))
        self.worst = severity if self.worst is None else min(self.worst, severity)
        self.lossy |= lossy

    @property
    def violations(self) -> list[Violation]:
        """The findings, the worst first."""
        return [violation for _, violation in sorted(self.findings, key=lambda found: found[0])]


def judge(item: Any, judging: Judging) -> Record:
    """Return the verdict on one parsed item of a request. Never raises on a JSON value."""
    if type(item) is not dict:
        return _unusable(jsontext.exact(item), say.not_an_object(item), judging)
    text = jsontext.dumps(item)
    if text is None:
        return _unusable(jsontext.exact(item), say.not_storable(item), judging, item)
    if len(text) > judging.max_bytes:
        return _unusable(
            text, say.too_large(len(text), judging.max_bytes, RAW_LIMIT), judging, item
        )
    name = item.get("name")
    rule = judging.rules.events.get(name) if type(name) is str else None
    draft = _Draft(judging.origin, judging.budget.per_event if judging.budget else MAX_FINDINGS)
    _identity(draft, item, judging)
    _event(draft, rule, item, judging)
    _times(draft, item, rule, judging)
    _texts(draft, item)
    _params(draft, item.get("params"), rule)
    if not item.keys() <= _ENVELOPE:
        _undeclared(draft, item, rule)
    if judging.producer.exacting:
        _hold(draft, item, judging.producer, rule)
    if judging.budget:
        judging.budget.left -= len(draft.findings)
    return _record(draft, item, text, rule, judging)


def unreadable(line: bytes, reason: str | Trouble, judging: Judging) -> Record:
    """Return the record of a line that is no JSON: quarantined with its text."""
    return _unread(line, say.not_json(reason), judging)


def too_deep(text: bytes, judging: Judging) -> Record:
    """Return the record of an item that is nested deeper than it can be read."""
    return _unread(text, say.too_deep(), judging)


def _unread(text: bytes, found: Violation, judging: Judging) -> Record:
    if (size := len(text)) > judging.max_bytes:
        found = say.too_large(size, judging.max_bytes, RAW_LIMIT)
    return _unusable(text, found, judging)


def utc(value: Any) -> datetime | None:
    """Return the naive UTC instant of an ISO 8601 text with an offset, or None.

    >>> utc("2026-11-20T21:00:00+09:00")
    datetime.datetime(2026, 11, 20, 12, 0)
    """
    try:
        at = datetime.fromisoformat(value)
        if at.tzinfo is UTC:
            return at.replace(tzinfo=None)
        offset = at.utcoffset()
        return None if offset is None else at.replace(tzinfo=None) - offset
    except (ValueError, TypeError, OverflowError):
        return None


def _identity(draft: _Draft, item: dict[str, Any], judging: Judging) -> None:
    given = item.get("id")
    if type(given) is str and 0 < len(given) <= MAX_ID:
        draft.event_id = given
    else:
        draft.event_id, draft.id_assigned = judging.new_id(), True
        if given is not None:
            expected = f"string of 1 to {MAX_ID} characters"
            draft.find(BROKEN, say.wrong_type("id", expected, given), lossy=True)
    if "origin" in item:
        _origin(draft, item["origin"], judging)


def _origin(draft: _Draft, origin: Any, judging: Judging) -> None:
    if origin in ORIGINS:
        draft.origin = "replay" if "replay" in {origin, judging.origin} else "live"
    elif origin is not None:
        draft.find(BROKEN, say.wrong_type("origin", " or ".join(ORIGINS), origin), lossy=True)


def _event(draft: _Draft, rule: EventRule | None, item: dict[str, Any], judging: Judging) -> None:
    name, version = item.get("name"), item.get("version")
    known = type(version) is int and 0 < version < 2**31
    if known:
        draft.version = version
    elif version is not None:
        draft.find(BROKEN, say.wrong_type("version", "integer >= 1", version), lossy=True)
    if rule is None:
        draft.find(FATAL, say.unknown_event(item, judging.rules), lossy=type(name) is not str)
        return
    if version is None:
        version, known, draft.version_assumed = rule.newest, True, True
        draft.version = version
    if known and version not in rule.versions:
        draft.find(FATAL, say.unknown_version(rule, version))
    if not rule.active:
        draft.find(FATAL, say.inactive(rule))


def _times(draft: _Draft, item: dict[str, Any], rule: EventRule | None, judging: Judging) -> None:
    at = utc(given := item.get("time"))
    if at is None:
        draft.find(FATAL, say.unreadable_time(item, judging.received_at), lossy=True)
    elif at > judging.latest:
        draft.find(FATAL, say.future_time(given, at, judging.received_at, judging.latest))
    elif rule is not None and at < rule.earliest:
        draft.find(FATAL, say.early_time(given, rule))
    draft.time = at
    if (sent := item.get("sent_at")) is not None:
        draft.sent_at = utc(sent)
        if draft.sent_at is None:
            draft.find(MINOR, say.unreadable_sent_at(sent, judging.received_at), lossy=True)


def _texts(draft: _Draft, item: dict[str, Any]) -> None:
    user = item.get("user_id")
    if type(user) is int:
        user = str(user)
    elif user is not None and type(user) is not str:
        draft.find(BROKEN, say.wrong_type("user_id", "string or integer", user), lossy=True)
        user = None
    draft.texts.append(user)
    for name in _TEXTS:
        value = item.get(name)
        if value is not None and type(value) is not str:
            draft.find(BROKEN, say.wrong_type(name, "string", value), lossy=True)
            value = None
        draft.texts.append(value)


def _params(draft: _Draft, params: Any, rule: EventRule | None) -> None:
    if params is None:
        params = {}
    if type(params) is not dict:
        draft.find(FATAL, say.wrong_type("params", say.OBJECT, params), lossy=True)
        return
    draft.params = params
    if rule is None or draft.version not in rule.versions:
        return
    limited = (1,) if draft.limit == 1 else ()
    for found in rule.check(draft.version, params, *limited):
        violation = Violation(
            f"/params{found.pointer}", found.rule, found.expected, found.found, found.remedy
        )
        draft.find(MINOR if found.flag else BROKEN, violation)


def _hold(draft: _Draft, item: dict[str, Any], producer: Producer, rule: EventRule | None) -> None:
    """Hold an event to what its producer's token asks for."""
    name = item.get("name")
    if producer.events and type(name) is str and not producer.allows(name):
        draft.find(FATAL, say.not_allowed(name, producer))
    if not producer.strict:
        return
    for field_name in ("id", "version"):
        if item.get(field_name) is None:
            draft.find(BROKEN, say.missing(field_name, rule))
    if draft.worst == MINOR:
        draft.worst = BROKEN
    draft.strict = True


def _undeclared(draft: _Draft, item: dict[str, Any], rule: EventRule | None) -> None:
    for name in sorted(item.keys() - _ENVELOPE)[: draft.limit]:
        draft.find(MINOR, say.undeclared(name, item, ENVELOPE, rule), lossy=True)


def _decide(draft: _Draft, rule: EventRule | None) -> str:
    if draft.worst == MINOR:
        return "flagged"
    policy = rule.policy if rule else QUARANTINE
    if policy == "reject":
        return "rejected"
    if draft.strict:
        return "quarantined"
    return "flagged" if policy == "flag" and draft.worst == BROKEN else "quarantined"


def _lane(verdict: str, rule: EventRule | None) -> str | None:
    if verdict == "rejected":
        return None
    return QUARANTINE if verdict == "quarantined" or rule is None else rule.tier


def corrected(at: datetime, sent_at: datetime, received_at: datetime) -> str | None:
    """Return when an event happened by the collector's clock, None where no clock can tell."""
    try:
        return (received_at - (sent_at - at)).isoformat(timespec="microseconds")
    except OverflowError:
        return None


def _record(
    draft: _Draft, item: dict[str, Any], text: bytes, rule: EventRule | None, judging: Judging
) -> Record:
    found = draft.violations if draft.findings else []
    verdict = _decide(draft, rule) if found else "accepted"
    found = say.as_kept(found, verdict) if found else found
    name = item.get("name")
    user, device, session, platform, app_version = draft.texts
    producer = judging.producer
    columns: dict[str, Any] = {
        "received_at": judging.stamp,
        "event_id": draft.event_id,
        "id_assigned": draft.id_assigned,
        "event_name": name if type(name) is str else None,
        "version": draft.version,
        "version_assumed": draft.version_assumed,
        "event_time": draft.time and draft.time.isoformat(timespec="microseconds"),
        "event_time_corrected": draft.sent_at
        and draft.time
        and corrected(draft.time, draft.sent_at, judging.received_at),
        "sent_at": draft.sent_at and draft.sent_at.isoformat(timespec="microseconds"),
        "user_id": user,
        "device_id": device,
        "session_id": session,
        "platform": platform,
        "app_version": app_version,
        "params": orjson.dumps(draft.params).decode() if draft.params else "{}",
        "verdict": verdict,
        "violations": _violations_text(found),
        "raw": text.decode() if draft.lossy else None,
        "origin": draft.origin,
        "producer": producer.name,
        "environment": producer.environment,
        "channel": producer.channel,
        "payload_hash": content_hash(item),
    }
    record = Record(_lane(verdict, rule), verdict, found, columns)
    return _kept(record, producer) if producer.exacting else record


def _kept(record: Record, producer: Producer) -> Record:
    """Keep test traffic apart: in the lane `quarantine`, whatever its verdict.

    What is stored is then quarantined for one reason more, so that no reader of valid rows ever
    sees it and landed = valid + quarantined holds; its sender is told the verdict as in production.
    """
    if producer.environment == "test" and record.lane is not None:
        record.lane = QUARANTINE
        stored = [say.test_traffic(record.verdict), *record.violations]
        record.columns |= {"verdict": "quarantined", "violations": _violations_text(stored)}
    return record


def content_hash(item: dict[str, Any]) -> str:
    """Return the payload hash of an event as sent: what says how it travelled is left out."""
    if "sent_at" in item or "origin" in item:
        item = {k: v for k, v in item.items() if k not in _TRANSPORT}
    return payload_hash(item)


def _violations_text(found: list[Violation]) -> str | None:
    return orjson.dumps([v._asdict() for v in found]).decode() if found else None


def _unusable(
    text: bytes, found: Violation, judging: Judging, item: dict[str, Any] | None = None
) -> Record:
    """Return the record of something that no column but `raw` can carry."""
    given, name = ((item or {}).get(key) for key in ("id", "name"))
    has_id = type(given) is str and 0 < len(given) <= MAX_ID
    columns: dict[str, Any] = dict.fromkeys(WRITTEN)
    columns |= {
        "received_at": judging.stamp,
        "event_id": say.storable(given) if has_id else judging.new_id(),
        "id_assigned": not has_id,
        "event_name": say.storable(name[:MAX_ID]) if type(name) is str else None,
        "version_assumed": False,
        "params": "{}",
        "verdict": "quarantined",
        "violations": _violations_text([found]),
        "raw": say.storable(text[:RAW_LIMIT].decode(errors="replace")),
        "origin": judging.origin,
        "producer": judging.producer.name,
        "environment": judging.producer.environment,
        "channel": judging.producer.channel,
        "payload_hash": raw_hash(text),
    }
    return _kept(Record(QUARANTINE, "quarantined", [found], columns), judging.producer)
