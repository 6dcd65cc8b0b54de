"""What collecting needs from outside, and no more: the registry's compiled events."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Protocol


class FoundViolation(Protocol):
    """One way in which parameters break their schema. `pointer` starts inside the parameters."""

    @property
    def pointer(self) -> str:
        """Where, as a JSON pointer inside the parameters."""
        ...

    @property
    def rule(self) -> str:
        """The broken rule, as one word."""
        ...

    @property
    def expected(self) -> str:
        """What was expected."""
        ...

    @property
    def found(self) -> str:
        """What was there."""
        ...

    @property
    def remedy(self) -> str:
        """What to do."""
        ...

    @property
    def flag(self) -> bool:
        """Whether the event is kept as valid and only flagged."""
        ...


class KnownEvent(Protocol):
    """One registered event: where it goes, which versions it has, what its parameters must be."""

    @property
    def tier(self) -> str:
        """Its lane."""
        ...

    @property
    def policy(self) -> str:
        """flag, quarantine or reject."""
        ...

    @property
    def first_event_date(self) -> date | None:
        """No event can be older."""
        ...

    def status_on(self, day: date) -> str:
        """Return the status that holds on a UTC day."""
        ...

    def closed_on(self, day: date) -> Mapping[int, str]:
        """Return the versions that are not taken on a UTC day, each with the reason."""
        ...

    @property
    def versions(self) -> Mapping[int, Any]:
        """Its declared versions."""
        ...


class CompiledEvent(Protocol):
    """An event's validators."""

    def violations(
        self, version: int, params: Mapping[str, Any], limit: int = ...
    ) -> Sequence[FoundViolation]:
        """Return what is wrong with the parameters; empty when nothing is."""
        ...
