"""The closed form of an event's `versions.json`: activated versions, reviews, and who did what.

A version that stands in it is fixed: its schema's meaning has the recorded hash, or the event does
not load. One that does not stand in it is a draft. An event without the file has no drafts.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from weir.registry.findings import Findings, did_you_mean, escape, show
from weir.registry.meaning import meaning_hash
from weir.registry.model import Event, Schema, VersionRecord

RECORDS = "versions.json"
STATES = ("active", "deprecated", "archived")
REVIEW_STATES = ("requested", "approved", "rejected")
_VERSION_KEYS = ("status", "hash", "active_from", "archived_from", "breaking")
_REVIEW_KEYS = ("state", "hash", "by", "at", "note")
_AUDIT_KEYS = ("at", "by", "action", "version", "note")


@dataclass(frozen=True)
class Review:
    """What was said of a change before it took effect.

    Args:
        state: requested, approved or rejected.
        hash: of what was looked at: another content needs another review.
        by: who said it.
        at: when, ISO 8601 in UTC.
        note: why.
    """

    state: str
    hash: str
    by: str
    at: str
    note: str = ""


@dataclass(frozen=True)
class Audit:
    """One thing that was done to an event: when, by whom, what, to which version (0: to the event)."""

    at: str
    by: str
    action: str
    version: int = 0
    note: str = ""


@dataclass(frozen=True)
class History:
    """The content of a `versions.json`.

    Args:
        records: the activated versions, by number.
        reviews: by what they are of: `v2`, `deprecate`, `archive`.
        audit: the oldest first.
    """

    records: Mapping[int, VersionRecord] = field(default_factory=dict)
    reviews: Mapping[str, Review] = field(default_factory=dict)
    audit: tuple[Audit, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """Return it as it stands in the file."""
        return {
            "versions": {str(n): _record(record) for n, record in sorted(self.records.items())},
            "reviews": {name: vars(review) for name, review in sorted(self.reviews.items())},
            "audit": [vars(entry) for entry in self.audit],
        }


def check_history(content: object, found: Findings) -> History | None:
    """Return a file's content, or None when something is wrong with it."""
    before = len(found.errors)
    if not isinstance(content, dict):
        found.add("", "A file of versions is one JSON object.", "Restore it from version control.")
        return None
    _closed(content, ("versions", "reviews", "audit"), "", found)
    versions, reviews, audit = (
        _part(content, name, kind, found)
        for name, kind in (("versions", dict), ("reviews", dict), ("audit", list))
    )
    for name, one in versions.items():
        _check_record(name, one, found)
    for name, one in reviews.items():
        _check_texts(one, _REVIEW_KEYS, f"/reviews/{escape(name)}", found)
    for index, one in enumerate(audit):
        _check_texts(one, _AUDIT_KEYS, f"/audit/{index}", found)
    if len(found.errors) > before:
        return None
    return History(
        {int(name): _parsed(one) for name, one in versions.items()},
        {name: Review(**one) for name, one in reviews.items()},
        tuple(Audit(**one) for one in audit),
    )


def broken_records(
    versions: Mapping[int, Schema], history: History
) -> Iterator[tuple[int | None, str, str, str]]:
    """Yield (version or None, pointer, what, remedy) where files and records disagree."""
    for number, record in history.records.items():
        schema = versions.get(number)
        if schema is None:
            what = f"Version {number} was activated, and v{number}.json is missing."
            yield None, f"/versions/{number}", what, "Restore the file from version control."
        elif meaning_hash(schema) != record.hash:
            what = f"Version {number} is {record.status}, and says something else than it did."
            remedy = (
                "Put it back, and write the change into a new version: `weir events new-version`."
            )
            yield number, "", what, remedy


def with_records(event: Event, history: History, found: Findings) -> Event | None:
    """Return an event whose unrecorded versions are drafts."""
    if event.status == "draft":
        return replace(event, records=history.records)
    versions = {n: schema for n, schema in event.versions.items() if n in history.records}
    if not versions:
        what = f"The event is {event.status}, and none of its versions was activated."
        found.add("/versions", what, f"Run `weir events activate {event.name}`.")
        return None
    drafts = {n: schema for n, schema in event.versions.items() if n not in history.records}
    return replace(event, versions=versions, drafts=drafts, records=history.records)


def _part(content: Mapping[str, Any], name: str, kind: type, found: Findings) -> Any:
    value = content.get(name, kind())
    if not isinstance(value, kind):
        found.add(f"/{name}", f"Received invalid value `{name}={show(value)}`.", "Restore it.")
        return kind()
    return value


def _closed(content: Mapping[str, Any], known: tuple[str, ...], at: str, found: Findings) -> None:
    for key in content.keys() - set(known):
        found.add(f"{at}/{escape(key)}", f"Unknown key `{key}`.", did_you_mean(key, known))


def _check_record(name: str, one: Any, found: Findings) -> None:
    place = f"/versions/{escape(name)}"
    if not name.isdecimal() or not isinstance(one, dict):
        found.add(place, "A version is a number with its record.", "Restore it.")
        return
    _closed(one, _VERSION_KEYS, place, found)
    if one.get("status") not in STATES:
        found.add(f"{place}/status", "Its status is unknown.", f"Give {', '.join(STATES)}.")
    if not str(one.get("hash", "")).startswith("sha256:"):
        found.add(f"{place}/hash", "Its hash is missing.", "Restore it from version control.")
    for key in ("active_from", "archived_from"):
        if not _is_day(one.get(key)):
            found.add(f"{place}/{key}", "It is no date.", "Give a date like 2026-01-31, or null.")


def _is_day(value: Any) -> bool:
    try:
        return value is None or bool(date.fromisoformat(value))
    except (ValueError, TypeError):
        return False


def _check_texts(one: Any, known: tuple[str, ...], at: str, found: Findings) -> None:
    if not isinstance(one, dict):
        found.add(at, "An entry is one JSON object.", "Restore it from version control.")
        return
    _closed(one, known, at, found)
    for key in ("by", "at"):
        if not isinstance(one.get(key), str):
            found.add(f"{at}/{key}", f"`{key}` is missing.", "Restore it from version control.")
    if known is _REVIEW_KEYS and one.get("state") not in REVIEW_STATES:
        found.add(f"{at}/state", "Its state is unknown.", f"Give {', '.join(REVIEW_STATES)}.")
    if known is _REVIEW_KEYS and not isinstance(one.get("hash"), str):
        found.add(f"{at}/hash", "`hash` is missing.", "Restore it from version control.")
    if known is _AUDIT_KEYS and not isinstance(one.get("action"), str):
        found.add(f"{at}/action", "`action` is missing.", "Restore it from version control.")


def _parsed(one: Mapping[str, Any]) -> VersionRecord:
    days = {
        key: date.fromisoformat(one[key]) if one.get(key) else None
        for key in ("active_from", "archived_from")
    }
    return VersionRecord(one["status"], one["hash"], breaking=one.get("breaking"), **days)


def _record(record: VersionRecord) -> dict[str, Any]:
    return {
        key: value.isoformat() if isinstance(value, date) else value
        for key in _VERSION_KEYS
        if (value := getattr(record, key)) is not None
    }


def stamp(at: datetime) -> str:
    """Return an instant as the file keeps it.

    >>> stamp(datetime(2026, 11, 21, 9, 30))
    '2026-11-21T09:30:00Z'
    """
    return at.replace(microsecond=0, tzinfo=None).isoformat() + "Z"
