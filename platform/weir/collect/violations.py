"""What can be wrong with an event, each said so that its sender can mend it. Pure: sentences only.

Which findings apply, and what follows from them, is `weir.collect.verdict`'s decision.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from weir.collect import jsontext
from weir.collect.producers import Producer
from weir.collect.rules import ACTIVE, EventRule, Rules

TIME = "RFC 3339 text with an offset, such as 2026-11-20T21:00:00.123Z"


class Violation(NamedTuple):
    """One thing that is wrong with an event: where, which rule, what was there, what to do."""

    pointer: str
    rule: str
    expected: str
    found: str
    remedy: str


def show(value: Any) -> str:
    """Return a value as short text for an answer."""
    if value is None:
        return "nothing"
    text = jsontext.dumps(value)
    shown = "?" if text is None else text[:100].decode(errors="replace")
    return shown if len(shown) < 100 else shown + "…"


def wrong_type(name: str, expected: str, value: Any) -> Violation:
    """An envelope field of the wrong type."""
    remedy = f"Send `{name}` as {expected}, or leave it out."
    return Violation(f"/{name}", "wrong_type", expected, show(value), remedy)


def unknown_event(name: Any, rules: Rules) -> Violation:
    """A name that is not registered."""
    if type(name) is not str:
        return wrong_type("name", "the text `action_object_service`", name)._replace(
            rule="unknown_event", remedy="Send the event's name, such as `click_item_home`."
        )
    near = rules.nearest(name)
    hint = f"Did you mean `{near}`? " if near else ""
    return Violation(
        "/name", "unknown_event", "the name of a registered event", show(name),
        f"{hint}Correct the name, or register the event first.",
    )  # fmt: skip


def unknown_version(rule: EventRule, version: int) -> Violation:
    """A version that was never declared."""
    known = ", ".join(str(v) for v in sorted(rule.versions))
    return Violation(
        "/version", "unknown_version", f"a version of `{rule.name}`: {known}", str(version),
        f"Send one of these versions, or declare version {version} first.",
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
        f" {', '.join(producer.events)}", show(name),
        "Send it with another token, or ask for one that allows this event.",
    )  # fmt: skip


def missing(name: str) -> Violation:
    """A field that only strict producers must send."""
    example = {"id": '"id": "0192f0c1-…", made once per event', "version": '"version": 1'}[name]
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


def bad_time(expected: str, found: Any) -> Violation:
    """A time that cannot be when it happened."""
    remedy = "Send when the event happened, by the device's clock, as UTC or with its offset."
    return Violation("/time", "bad_time", expected, show(found), remedy)


def storable(text: Any) -> str:
    """Return text that every engine stores: no NUL, no lone surrogate."""
    return str(text).replace("\0", "\ufffd").encode(errors="replace").decode()


def not_an_object(item: Any) -> Violation:
    """An item that is no event at all."""
    return Violation(
        "", "not_an_object", "one event as a JSON object", show(item),
        'Send events as objects: {"id": …, "name": …, "time": …, "params": {…}}.',
    )  # fmt: skip


def not_storable(item: dict[str, Any]) -> Violation:
    """A value that no engine behind the collector keeps."""
    pointer, rule, found = jsontext.obstacle(item) or ("", "not_storable", "a value")
    expected = {
        "too_deep": f"at most {jsontext.MAX_DEPTH} levels of nesting",
        "number_out_of_range": "whole numbers of at most 64 bits",
        "nul_character": "text without the NUL character",
        "lone_surrogate": "text of valid Unicode",
    }.get(rule, "JSON that can be written back")
    remedy = "Send long numbers as text, flatten deep nesting, and remove such characters."
    return Violation(pointer[:200], rule, expected, storable(found), remedy)


def too_large(size: int, limit: int, kept: int) -> Violation:
    """An item over the size limit."""
    return Violation(
        "", "too_large", f"at most {limit} bytes", f"{size} bytes",
        f"Send a smaller event. Only its first {kept} bytes and its hash were kept.",
    )  # fmt: skip


def undeclared(name: str, value: Any, envelope: Iterable[str]) -> Violation:
    """An envelope field that nobody declared."""
    remedy = f"Move `{name}` into `params` and declare it; until then it is only kept in `raw`."
    pointer, expected = f"/{jsontext.escape(name)}", "one of " + ", ".join(envelope)
    return Violation(pointer, "undeclared", expected, show(value), remedy)


def not_json(reason: str) -> Violation:
    """A line that is no JSON."""
    return Violation(
        "", "not_json", "one JSON object per line", reason[:200],
        "Serialise the event with a JSON library; numbers must be finite and text valid Unicode.",
    )  # fmt: skip
