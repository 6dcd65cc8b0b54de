"""What the registry says, in the form that judging an event needs. Pure: no I/O.

Built once per loaded registry; validating parameters itself is the registry's compiled schema.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any

from weir.collect.meant import Meant, Names
from weir.collect.ports import CompiledEvent, FoundViolation, KnownEvent
from weir.registry.dictionary import Dictionary

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
    params: Mapping[int, frozenset[str]] = field(default_factory=dict)

    @classmethod
    def of(cls, name: str, event: KnownEvent, check: Check, day: date) -> EventRule:
        """Return the rule of a registered event on a UTC day.

        Its versions are those that may be sent; `closed` says of the others why not, `params` of
        all which parameters they declare.
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
            params={n: _declared(schema) for n, schema in event.versions.items()},
        )

    @property
    def active(self) -> bool:
        """Whether events of this name are wanted."""
        return self.status in ACTIVE

    def declared(self, version: Any) -> frozenset[str]:
        """Return the parameters that a version declares; the newest where it is none."""
        known = version if type(version) is int else self.newest
        return self.params.get(known, frozenset())


def _declared(schema: Any) -> frozenset[str]:
    return frozenset(schema.get("properties", ()))


class Rules:
    """Every event rule by name, and what an unknown name may mean."""

    def __init__(self, rules: Iterable[EventRule], dictionary: Dictionary | None = None) -> None:
        self.events: dict[str, EventRule] = {rule.name: rule for rule in rules}
        wanted_first = sorted(self.events.values(), key=lambda rule: (not rule.active, rule.name))
        self._names = Names([rule.name for rule in wanted_first], dictionary)

    def meant(self, name: str) -> Meant:
        """Return which known name is meant by an unknown one, or which are like it.

        >>> Rules([]).meant("item_click_home")
        Meant(name=None, like=(), shared=())
        """
        return self._names.meant(name)

    @property
    def some(self) -> tuple[str, ...]:
        """At most twelve names, of as many services as there are."""
        return self._names.some


def rules_of(
    events: Mapping[str, KnownEvent], compiled: Callable[[str], CompiledEvent], day: date,
    dictionary: Dictionary | None = None,
) -> Rules:  # fmt: skip
    """Return the rules of registered events on a day.

    Args:
        events: the events by name.
        compiled: returns the validators of an event, by its name.
        day: the UTC day of arrival, by which events and versions begin and end.
        dictionary: the terms of their names, by which unknown names are understood.
    """
    rules = (
        EventRule.of(name, event, compiled(name).violations, day) for name, event in events.items()
    )
    return Rules(rules, dictionary)
