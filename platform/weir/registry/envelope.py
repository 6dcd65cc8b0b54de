"""The closed form of `event.json`: its keys, their types and their defaults."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from itertools import pairwise
from typing import Any, NamedTuple

from weir.registry.findings import Findings, did_you_mean, show
from weir.registry.model import COMPATIBILITY, PII, POLICIES, STATUSES, TIERS


class Key(NamedTuple):
    """One key: whether a value fits, what fits in words, and the default (`...` when required)."""

    fits: Callable[[Any], bool]
    expected: str
    default: Any = ...


def _text(value: Any) -> bool:
    return type(value) is str and bool(value.strip())


def _share(value: Any) -> bool:
    return type(value) in (int, float) and 0 < value <= 1


def _day(value: Any) -> bool:
    try:
        return value is None or bool(date.fromisoformat(value))
    except (ValueError, TypeError):
        return False


def _pii(value: Any) -> bool:
    return type(value) is dict and all(v in PII for v in value.values())


def _one_of(values: tuple[str, ...], default: Any = ...) -> Key:
    return Key(lambda value: value in values, "one of " + ", ".join(values), default)


KEYS: Mapping[str, Key] = {
    "name": Key(_text, "the text `action_object_service`"),
    "description": Key(_text, "a sentence"),
    "owner": Key(_text, "an address"),
    "domain": Key(_text, "a word"),
    "tier": _one_of(TIERS),
    "status": _one_of(STATUSES),
    "replacement": Key(lambda v: v is None or _text(v), "an event's name, or null", None),
    "sampling": Key(_share, "a number above 0 and up to 1"),
    "sampling_floor": Key(lambda v: type(v) is int and v >= 0, "a whole number from 0", 0),
    "pii": Key(_pii, "an object field: " + "|".join(PII), {}),
    "compatibility": _one_of(COMPATIBILITY, "backward"),
    "policy": _one_of(POLICIES, "quarantine"),
    "first_event_date": Key(_day, "a date like 2026-01-31, or null", None),
    "active_from": Key(_day, "a date like 2026-01-31, or null", None),
    "deprecated_from": Key(_day, "a date like 2026-01-31, or null", None),
    "archived_from": Key(_day, "a date like 2026-01-31, or null", None),
}
_DATES = ("first_event_date", "active_from", "deprecated_from", "archived_from")
_STAGES = _DATES[1:]


def check_envelope(content: object, found: Findings) -> dict[str, Any] | None:
    """Return the values of an envelope with defaults, or None when something is wrong with it."""
    before = len(found.errors)
    if not isinstance(content, dict):
        found.add("", "An event file is one JSON object.", f"Give {', '.join(KEYS)}.")
        return None
    for key in content.keys() - KEYS:
        found.add(f"/{key}", f"Unknown key `{key}`.", did_you_mean(key, KEYS))
    values = {name: content.get(name, key.default) for name, key in KEYS.items()}
    for name, value in values.items():
        if value is ...:
            found.add("", f"`{name}` is missing.", f"Give `{name}`: {KEYS[name].expected}.")
        elif not KEYS[name].fits(value):
            what = f"Received invalid value `{name}={show(value)}`."
            found.add(f"/{name}", what, f"Give {KEYS[name].expected}.")
    if len(found.errors) > before:
        return None
    days = {name: values[name] and date.fromisoformat(values[name]) for name in _DATES}
    _check_stages(values, days, found)
    return None if len(found.errors) > before else values | days


def _check_stages(
    values: Mapping[str, Any], days: Mapping[str, date | None], found: Findings
) -> None:
    """Check that the stages follow each other, and that a deprecated event names another."""
    given = [(name, day) for name in _STAGES if (day := days[name])]
    for (first, day), (then, later) in pairwise(given):
        if later < day:
            what = f"`{then}` ({later}) is before `{first}` ({day})."
            found.add(f"/{then}", what, "An event is activated, then deprecated, then archived.")
    deprecated = values["status"] == "deprecated" or days["deprecated_from"] is not None
    if deprecated and values["replacement"] is None:
        what = "A deprecated event names what to send instead."
        remedy = "Give `replacement`; or, if there is none, `archived_from` and the status active."
        found.add("/replacement", what, remedy)
