"""What a registered event is. Plain values: reading the files is `weir.registry.load`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from weir.core.errors import NotFound
from weir.registry.dictionary import Dictionary

Schema = Mapping[str, Any]
"""A JSON Schema as parsed JSON."""

TIERS = ("critical", "normal", "bulk")
STATUSES = ("draft", "active", "deprecated", "archived")
COMPATIBILITY = (
    "none", "backward", "backward_transitive", "forward", "forward_transitive", "full",
    "full_transitive",
)  # fmt: skip
POLICIES = ("flag", "quarantine", "reject")
PII = ("hash", "mask", "drop")


@dataclass(frozen=True)
class VersionRecord:
    """What is recorded of a version that was activated: it never changes again but for its words.

    Args:
        status: active, deprecated or archived.
        hash: `weir.registry.meaning.meaning_hash` of its schema.
        active_from: the first UTC day on which it is taken; None: since ever.
        archived_from: the first UTC day on which it is no longer taken.
        breaking: why it may break what the event's mode protects.
    """

    status: str
    hash: str
    active_from: date | None = None
    archived_from: date | None = None
    breaking: str | None = None

    def closed_on(self, day: date) -> str | None:
        """Return why the version is not taken on a day; None if it is."""
        if self.active_from and day < self.active_from:
            return f"active from {self.active_from}"
        if self.archived_from and day >= self.archived_from:
            return f"archived since {self.archived_from}"
        return "archived" if self.status == "archived" else None


@dataclass(frozen=True)
class Event:
    """One event: its envelope and its parameters' schemas by version.

    Args:
        name: `action_object_service`.
        service: the name's last slot; also the folder.
        description: when it is sent.
        owner: whom to ask.
        domain: the business area.
        tier: the lane.
        status: draft, active, deprecated or archived.
        sampling: share of documents kept in search, above 0 and up to 1.
        versions: the schemas of the parameters, with every `$ref` resolved; drafts are not in it,
            unless the event is one itself.
        replacement: the event to send instead, if deprecated.
        sampling_floor: documents that search keeps of each stratum at least, in expectation.
        pii: what is done to a field before it is stored: hash, mask or drop.
        compatibility: what a new version may change.
        policy: what becomes of an invalid one: flag, quarantine or reject.
        first_event_date: none can be older.
        active_from: the first UTC day on which it is taken.
        deprecated_from: the day from which `replacement` is to be sent.
        archived_from: the first UTC day on which it is no longer taken.
        drafts: versions that nobody may send yet.
        records: what is recorded of the activated versions; empty if nothing ever was.
    """

    name: str
    service: str
    description: str
    owner: str
    domain: str
    tier: str
    status: str
    sampling: float
    versions: Mapping[int, Schema]
    replacement: str | None = None
    sampling_floor: int = 0
    pii: Mapping[str, str] = field(default_factory=dict)
    compatibility: str = "backward"
    policy: str = "quarantine"
    first_event_date: date | None = None
    active_from: date | None = None
    deprecated_from: date | None = None
    archived_from: date | None = None
    drafts: Mapping[int, Schema] = field(default_factory=dict)
    records: Mapping[int, VersionRecord] = field(default_factory=dict)

    @property
    def newest(self) -> int:
        """The newest version that is not archived (the newest of all, if all are)."""
        kept = [n for n in self.versions if not self._archived(n)]
        return max(kept or self.versions)

    @property
    def latest(self) -> int:
        """The newest version of all that can still be sent, a draft of it included."""
        return max((self.newest, *self.drafts))

    def is_draft(self, number: int) -> bool:
        """Tell whether a version can still be changed."""
        return number in self.drafts or self.status == "draft"

    def schema_of(self, number: int) -> Schema:
        """Return the schema of a version or draft."""
        return self.drafts[number] if number in self.drafts else self.versions[number]

    def status_on(self, day: date) -> str:
        """Return the status that holds on a UTC day, by `status` and the dates."""
        if self.status == "active" and self.active_from and day < self.active_from:
            return "draft"
        live = self.status in ("active", "deprecated")
        if live and self.archived_from and day >= self.archived_from:
            return "archived"
        if self.status == "active" and self.deprecated_from and day >= self.deprecated_from:
            return "deprecated"
        return self.status

    def closed_on(self, day: date) -> dict[int, str]:
        """Return the versions that are not taken on a UTC day, each with the reason."""
        closed = dict.fromkeys(self.drafts, "a draft")
        for number in self.versions:
            record = self.records.get(number)
            if record and (reason := record.closed_on(day)):
                closed[number] = reason
        return closed

    def _archived(self, number: int) -> bool:
        record = self.records.get(number)
        return record is not None and record.status == "archived"

    @property
    def folder(self) -> str:
        """Its folder, relative to the events folder."""
        return f"{self.service}/{self.name}"


@dataclass(frozen=True)
class Registry:
    """All events by name, and the dictionary that their names are made of.

    Args:
        events: all events.
        dictionary: the terms.
        broken: events of which a version is wrong: it is missing, or a stand-in takes its place.
    """

    events: Mapping[str, Event]
    dictionary: Dictionary = field(default_factory=Dictionary, compare=False)
    broken: frozenset[str] = field(default=frozenset(), compare=False)

    def get(self, name: str) -> Event:
        """Return an event.

        Raises:
            NotFound: if there is none of this name.
        """
        if name not in self.events:
            raise NotFound("event", name, self.events, "See `weir events list`.")
        return self.events[name]
