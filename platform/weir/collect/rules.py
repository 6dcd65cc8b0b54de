"""What the registry says, in the form that judging an event needs. Pure: no I/O.

Built once per loaded registry; validating parameters itself is the registry's compiled schema.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from itertools import combinations

from weir.collect.ports import CompiledEvent, FoundViolation, KnownEvent

Check = Callable[..., Sequence[FoundViolation]]
"""(version, parameters, how many findings at most) → what is wrong; the last may be left out."""

ACTIVE = ("active", "deprecated")
EARLIEST = date(1900, 1, 1)
"""No event is older, whatever its schema says: every engine can store and index times from here on."""


@dataclass(frozen=True, slots=True)
class EventRule:
    """One event: its lane, policy, versions and parameter check."""

    name: str
    tier: str
    status: str
    policy: str
    earliest: datetime
    newest: int
    versions: frozenset[int]
    check: Check
    closed: Mapping[int, str] = field(default_factory=dict)

    @classmethod
    def of(cls, name: str, event: KnownEvent, check: Check, day: date) -> EventRule:
        """Return the rule of a registered event on a UTC day.

        Its versions are those that may be sent; `closed` says of the others why not.
        """
        first, closed = event.first_event_date, event.closed_on(day)
        open_ = [number for number in event.versions if number not in closed]
        return cls(
            name=name,
            tier=event.tier,
            status=event.status_on(day),
            policy=event.policy,
            earliest=datetime.combine(first or EARLIEST, time()),
            newest=max(open_ or event.versions),
            versions=frozenset(open_),
            check=check,
            closed=closed,
        )

    @property
    def active(self) -> bool:
        """Whether events of this name are wanted."""
        return self.status in ACTIVE


class Rules:
    """Every event rule by name, and the nearest known name of an unknown one."""

    def __init__(self, rules: Iterable[EventRule]) -> None:
        self.events: dict[str, EventRule] = {rule.name: rule for rule in rules}
        self._near: dict[frozenset[str], str] = {}
        for name in sorted(self.events, reverse=True):
            for key in _keys(name):
                self._near[key] = name

    def nearest(self, name: str) -> str | None:
        """Return a known name of the same tokens in any order, or with two of its three tokens.

        >>> Rules([]).nearest("item_click_home") is None
        True
        """
        return next((self._near[key] for key in _keys(name[:200]) if key in self._near), None)


def _keys(name: str) -> list[frozenset[str]]:
    tokens = name.lower().split("_")[:4]
    return [frozenset(tokens), *map(frozenset, combinations(tokens, 2))]


def rules_of(
    events: Mapping[str, KnownEvent], compiled: Callable[[str], CompiledEvent], day: date
) -> Rules:
    """Return the rules of registered events on a day.

    Args:
        events: the events by name.
        compiled: returns the validators of an event, by its name.
        day: the UTC day of arrival, by which events and versions begin and end.
    """
    return Rules(
        EventRule.of(name, event, compiled(name).violations, day) for name, event in events.items()
    )
