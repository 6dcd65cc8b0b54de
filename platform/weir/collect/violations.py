"""What can be wrong with an event, each said so that its sender can mend it. Pure: sentences only.

Which findings apply, and what follows from them, is `weir.collect.verdict`'s decision.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from weir.collect import badtime, jsontext
from weir.collect.badtime import TIME
from weir.collect.notjson import Trouble
from weir.collect.producers import Producer
from weir.collect.rules import ACTIVE, EventRule, Rules
from weir.core.told import as_text, told
from weir.registry.remedies import KEPT_EXTRA

OBJECT = "an object"
KEPT_RAW = " Until then it is only kept in `raw`."


class Violation(NamedTuple):
    """One thing that is wrong with an event: where, which rule, what was there, what to do."""

    pointer: str
    rule: str
    expected: str
    found: str
    remedy: str


def wrong_type(name: str, expected: str, value: Any) -> Violation:
    """An envelope field of the wrong type."""
    remedy = _rewritten(name, expected, value) or f"Send `{name}` as {expected}, or leave it out."
    return Violation(f"/{name}", "wrong_type", expected, told(value), remedy)


def _rewritten(name: str, expected: str, value: Any) -> str | None:
    """Return how the sender probably meant the value."""
    if isinstance(value, (int, float)) and not isinstance(value, bool) and "string" in expected:
        return f'Put it in quotes: `"{name}": "{as_text(value)}"`.'
    if isinstance(value, str) and value.isdecimal() and len(value) < 10 and "integer" in expected:
        return f'Send it without quotes: `"{name}": {int(value)}`.'
    if expected == OBJECT and isinstance(value, str) and value.lstrip()[:1] == "{":
        return f'Send the object itself, not its text: `"{name}": {{…}}`.'
    return None


def unreadable_sent_at(value: Any, received_at: datetime) -> Violation:
    """A `sent_at` that cannot be read."""
    remedy = badtime.unreadable_time("sent_at", value, received_at)
    return Violation("/sent_at", "wrong_type", TIME, told(value), remedy)


def unknown_event(item: Mapping[str, Any], rules: Rules) -> Violation:
    """A name that is not registered."""
    name = item.get("name")
    if type(name) is not str:
        found = told(name) if "name" in item else "nothing"
        return Violation("/name", "unknown_event", "the name of a registered event", found,
                         _named(item, rules))  # fmt: skip
    return Violation(
        "/name", "unknown_event", "the name of a registered event", told(name),
        _misnamed(name, rules),
    )  # fmt: skip


def _misnamed(name: str, rules: Rules) -> str:
    correct = "Correct the name, or register the event first."
    near, like, shared = rules.meant(name)
    if near:
        return f"Did you mean `{near}`? {correct}"
    if like:
        words = " and ".join(f"`{word}`" for word in shared)
        listed = ", ".join(f"`{one}`" for one in like)
        return f"{correct} Registered with {words}: {listed}."
    return f"{correct}{_known(rules)}"


def _named(item: Mapping[str, Any], rules: Rules) -> str:
    """Return what to do about an event without a name."""
    if (
        wrapper := next((key for key, value in item.items() if _is_event(value)), None)
    ) is not None:
        return _unwrap(wrapper)
    for key, value in item.items():
        if _ALIASES.get(key.lower()) == "name" or key.lower() == "name":
            name = value if isinstance(value, str) and value in rules.events else None
            if isinstance(value, str) and (name := name or rules.meant(value).name):
                return f'Send the name as `name`: `"name": "{name}"`.'
    for key, value in item.items():
        if isinstance(value, list) and value and isinstance(value[0], dict):
            shown = str(key)[:50]
            return f"Post the array of `{shown}` itself to /v1/batch, without an object around it."
    return f"Send the event's name.{_known(rules)}"


def _is_event(value: Any) -> bool:
    """Tell whether a value is a whole event."""
    return isinstance(value, dict) and type(value.get("name")) is str and (
        "params" in value or "time" in value
    )  # fmt: skip


def _unwrap(key: str) -> str:
    return f"The event is inside `{key[:50]}`: post that object itself, without one around it."


def _known(rules: Rules) -> str:
    some, count = rules.some, len(rules.events)
    listed = ", ".join(some) or "none"
    if count > len(some):
        return f" Registered are {count} events, such as {listed}; `weir events list` names all."
    return f" Registered: {listed}."


def unknown_version(rule: EventRule, version: int) -> Violation:
    """A version that was never declared, or may not be sent on this day."""
    known = ", ".join(str(v) for v in sorted(rule.versions)) or "none is open"
    closed = rule.closed.get(version)
    if closed is None:
        remedy = f"Send one of these versions, or declare version {version} first."
        found = told(version)
    else:
        remedy = f"Send one of these versions; version {version} is {closed}."
        found = f"{version}, which is {closed}"
    return Violation(
        "/version", "unknown_version" if closed is None else "closed_version",
        f"a version of `{rule.name}`: {known}", found, remedy,
    )  # fmt: skip


def inactive(rule: EventRule) -> Violation:
    """An event that is a draft or archived."""
    return Violation(
        "/name", "inactive", f"an event that is {' or '.join(ACTIVE)}", rule.status,
        f"Ask the owner of `{rule.name}` to activate it, or send another event.",
    )  # fmt: skip


def not_allowed(name: str, producer: Producer) -> Violation:
    """An event that the producer's token is not for."""
    return Violation(
        "/name", "not_allowed", f"an event that `{producer.name}` may send:"
        f" {', '.join(producer.events)}", told(name),
        "Send it with another token, or ask for one that allows this event.",
    )  # fmt: skip


def missing(name: str, rule: EventRule | None) -> Violation:
    """A field that only strict producers must send."""
    version = f'"version": {rule.newest if rule else 1}'
    example = {"id": '"id": "0192f0c1-…", made once per event', "version": version}[name]
    return Violation(
        f"/{name}", "missing", f"a `{name}`: the token is strict", "nothing",
        f"Send {example}.",
    )  # fmt: skip


def test_traffic(verdict: str) -> Violation:
    """The reason why an event of a test token is kept in quarantine."""
    return Violation(
        "", "test_traffic", "a token of the environment prod", f"one of test; verdict {verdict}",
        "Nothing is to be done: test traffic is kept apart. Send with a prod token to produce.",
    )  # fmt: skip


def bad_time(expected: str, found: str, remedy: str) -> Violation:
    """A time that cannot be when it happened."""
    return Violation("/time", "bad_time", expected, found, remedy)


def unreadable_time(item: Mapping[str, Any], received_at: datetime) -> Violation:
    """A time that is missing, or no time."""
    value = item.get("time")
    found = told(value) if "time" in item else "nothing"
    return bad_time(TIME, found, badtime.unreadable_time("time", value, received_at))


def future_time(value: Any, at: datetime, judged_at: datetime, latest: datetime) -> Violation:
    """A time that no clock can have shown."""
    bound = f"at most 24 h ahead, until {latest.isoformat()}Z"
    return bad_time(bound, told(value), badtime.ahead(at, judged_at))


def early_time(value: Any, rule: EventRule) -> Violation:
    """A time before there were such events."""
    bound = f"at or after {rule.earliest.date()}, the first date of `{rule.name}`"
    return bad_time(bound, told(value), badtime.before(rule.name))


def storable(text: Any) -> str:
    """Return text that every engine stores: no NUL, no lone surrogate."""
    return str(text).replace("\0", "\ufffd").encode(errors="replace").decode()


def not_an_object(item: Any) -> Violation:
    """An item that is no event at all."""
    return Violation(
        "", "not_an_object", "one event as a JSON object", told(item),
        'Send events as objects: {"id": …, "name": …, "time": …, "params": {…}}.',
    )  # fmt: skip


_STORABLE: dict[str, tuple[str, str]] = {
    "too_deep": (
        f"at most {jsontext.MAX_DEPTH} levels of nesting",
        "Flatten the value, or send the inner part as text.",
    ),
    "number_out_of_range": (
        "whole numbers of at most 64 bits", "Send the number as text, in quotes, or as 1.2e30.",
    ),
    "nul_character": (
        "text without the NUL character", "Remove \\u0000 from the text; send bytes as base64.",
    ),
    "lone_surrogate": (
        "text of valid Unicode",
        "Half a character stands in the text, often where it was cut: cut by characters.",
    ),
}  # fmt: skip
_UNSTORABLE = ("JSON that can be written back", "Serialise the event with a JSON library.")


def not_storable(item: dict[str, Any]) -> Violation:
    """A value that no engine behind the collector keeps."""
    pointer, rule, found = jsontext.obstacle(item) or ("", "not_storable", "a value")
    expected, remedy = _STORABLE.get(rule, _UNSTORABLE)
    return Violation(pointer[:200], rule, expected, storable(found), remedy)


def too_deep() -> Violation:
    """An item that is nested deeper than the reader goes."""
    return Violation("", "too_deep", _STORABLE["too_deep"][0], "more than 1,000 levels",
                     _STORABLE["too_deep"][1])  # fmt: skip


def too_large(size: int, limit: int, kept: int) -> Violation:
    """An item over the size limit."""
    return Violation(
        "", "too_large", f"at most {limit} bytes", f"{size} bytes",
        f"Send a smaller event. Only its first {kept} bytes and its hash were kept.",
    )  # fmt: skip


_ALIASES = {
    "event": "name", "event_name": "name", "eventname": "name", "type": "name",
    "timestamp": "time", "ts": "time", "event_time": "time", "occurred_at": "time",
    "created_at": "time", "sentat": "sent_at", "event_id": "id", "eventid": "id",
    "messageid": "id", "message_id": "id", "insert_id": "id", "uuid": "id", "userid": "user_id",
    "uid": "user_id", "distinct_id": "user_id", "deviceid": "device_id",
    "anonymousid": "device_id", "anonymous_id": "device_id", "sessionid": "session_id",
    "properties": "params", "parameters": "params", "data": "params", "payload": "params",
    "appversion": "app_version", "os": "platform",
}  # fmt: skip
"""What other systems call the envelope's fields."""


def undeclared(
    name: str, item: Mapping[str, Any], envelope: Iterable[str], rule: EventRule | None
) -> Violation:
    """An envelope field that nobody declared."""
    pointer, expected = f"/{jsontext.escape(name)}", "one of " + ", ".join(envelope)
    remedy = _placed(name, item, envelope, rule) + KEPT_RAW
    return Violation(pointer, "undeclared", expected, told(item[name]), remedy)


def _placed(
    name: str, item: Mapping[str, Any], envelope: Iterable[str], rule: EventRule | None
) -> str:
    """Return where an undeclared field of the envelope belongs."""
    if _is_event(item[name]):
        return _unwrap(name)
    meant = _ALIASES.get(name.lower()) or _same(name, envelope)
    if rule and name in rule.declared(item.get("version")) and (meant is None or meant in item):
        return f"Move `{name}` into `params`: it is declared there."
    return f"Did you mean `{meant}`?" if meant else f"Move `{name}` into `params` and declare it."


def as_kept(found: list[Violation], verdict: str) -> list[Violation]:
    """Return the findings without what they say of where a value is kept, where it is not."""
    if verdict == "flagged":
        return found
    untrue = (KEPT_EXTRA, KEPT_RAW) if verdict == "rejected" else (KEPT_EXTRA,)
    return [one._replace(remedy=_without(one.remedy, untrue)) for one in found]


def _without(remedy: str, endings: Iterable[str]) -> str:
    for ending in endings:
        remedy = remedy.removesuffix(ending)
    return remedy


def _same(name: str, envelope: Iterable[str]) -> str | None:
    folded = name.lower().replace("-", "").replace("_", "")
    return next((field for field in envelope if field.replace("_", "") == folded), None)


def not_json(reason: str | Trouble) -> Violation:
    """A line that is no JSON."""
    if isinstance(reason, str):
        found, remedy = reason[:200], "Serialise the event with a JSON library."
    else:
        place = f", column {reason.column}: {reason.excerpt}" if reason.excerpt else ""
        found, remedy = storable(f"{reason.why}{place}"), reason.remedy
    return Violation("", "not_json", "one JSON object per line", found, remedy)
