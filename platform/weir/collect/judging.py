"""What a verdict depends on, and what it comes to. Plain values: judging is `weir.collect.verdict`'s."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from weir.collect.producers import ANONYMOUS, Producer
from weir.collect.rules import Rules
from weir.collect.violations import Violation

AHEAD = timedelta(hours=24)
MAX_FINDINGS = 20  # told per event; its verdict counts them all
REQUEST_FINDINGS = 2_000  # told per request; after them one per event


class Budget:
    """How many findings may still be told of one request: wrong events cost more than right ones."""

    __slots__ = ("left",)

    def __init__(self, left: int = REQUEST_FINDINGS) -> None:
        self.left = left

    @property
    def per_event(self) -> int:
        """How many may be told of the next event."""
        return MAX_FINDINGS if self.left > 0 else 1


@dataclass(frozen=True, slots=True)
class Judging:
    """What a verdict depends on besides the event itself.

    Args:
        rules: the registry's events.
        received_at: when the collector had the event, naive UTC.
        new_id: makes an id for an event that came without one.
        max_bytes: the largest event that is kept whole.
        origin: `live` or `replay`, for the whole request.
        producer: who sends.
        budget: how much may be told of the request as a whole; None for no bound.
    """

    rules: Rules
    received_at: datetime
    new_id: Callable[[], str]
    max_bytes: int
    origin: str = "live"
    producer: Producer = ANONYMOUS
    budget: Budget | None = None
    stamp: str = field(init=False)
    latest: datetime = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "stamp", self.received_at.isoformat(timespec="microseconds"))
        object.__setattr__(self, "latest", self.received_at + AHEAD)


@dataclass(slots=True)
class Record:
    """An event with its verdict. `lane` is None when a rejecting policy keeps nothing of it.

    `columns` are those of `weir.core.landing.RECORD` but the fingerprint, which the spool adds. Of
    test traffic `verdict` is what the sender is told; the columns say `quarantined` (see `_kept`).
    """

    lane: str | None
    verdict: str
    violations: list[Violation]
    columns: dict[str, Any]
