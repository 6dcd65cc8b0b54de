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
COMPATIBILITY = ("none", "backward", "forward", "full")
POLICIES = ("flag", "quarantine", "reject")
PII = ("hash", "mask", "drop")


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
        versions: the schemas of the parameters, with every `$ref` resolved.
        replacement: the event to send instead, if deprecated.
        sampling_floor: documents that search keeps of each stratum at least, in expectation.
        pii: what is done to a field before it is stored: hash, mask or drop.
        compatibility: what a new version may change.
        policy: what becomes of an invalid one: flag, quarantine or reject.
        first_event_date: none can be older.
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

    @property
    def newest(self) -> int:
        """The version that an event sent without one gets."""
        return max(self.versions)

    @property
    def folder(self) -> str:
        """Its folder, relative to the events folder."""
        return f"{self.service}/{self.name}"


@dataclass(frozen=True)
class Registry:
    """All events by name, and the dictionary that their names are made of."""

    events: Mapping[str, Event]
    dictionary: Dictionary = field(default_factory=Dictionary, compare=False)

    def get(self, name: str) -> Event:
        """Return an event.

        Raises:
            NotFound: if there is none of this name.
        """
        if name not in self.events:
            raise NotFound("event", name, self.events, "See `weir events list`.")
        return self.events[name]
