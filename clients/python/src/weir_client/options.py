"""The client's bounds and times, and what its callbacks are told."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Literal

Reason = Literal["queue_full", "too_large", "refused", "queue_failed", "closed"]


@dataclass(frozen=True)
class Options:
    """Sizes in bytes, times in seconds.

    Args:
        batch_events: most events of one request.
        batch_bytes: most bytes of one request (one larger event goes alone).
        linger: how long an event may wait for others to share its request.
        event_bytes: largest event; the collector's own limit is 1,000,000.
        queue_events: most events that wait.
        queue_bytes: most bytes that wait.
        overflow: which event gives way when the queue is full.
        timeout: of one request.
        backoff_first: wait after the first failure; doubles with each.
        backoff_longest: the longest such wait.
        retry_after_longest: the longest Retry-After that is obeyed.
    """

    batch_events: int = 500
    batch_bytes: int = 500_000
    linger: float = 1.0
    event_bytes: int = 1_000_000
    queue_events: int = 100_000
    queue_bytes: int = 100_000_000
    overflow: Literal["newest", "oldest"] = "newest"
    timeout: float = 10.0
    backoff_first: float = 0.5
    backoff_longest: float = 60.0
    retry_after_longest: float = 3600.0

    def __post_init__(self) -> None:
        for name, value in vars(self).items():
            if name != "overflow" and not value > 0 and name != "linger":
                raise ValueError(f"{name}={value!r} must be above 0")
        if self.overflow not in ("newest", "oldest"):
            raise ValueError(f"overflow={self.overflow!r} must be 'newest' or 'oldest'")


@dataclass(frozen=True)
class Problem:
    """A request that was not acknowledged. Its events are kept and sent again.

    Args:
        status: HTTP status; None if there was no answer.
        why: what happened.
        retry_in: seconds until the next try.
        events: how many events the request held.
    """

    status: int | None
    why: str
    retry_in: float
    events: int


@dataclass(frozen=True)
class Dropped:
    """An event that will not be sent.

    Args:
        id: the event's id.
        reason: `queue_full`, `too_large`, `refused` (the collector cannot read it), `queue_failed`
            (the file could not be written) or `closed` (in memory at the end).
        event: its JSON.
    """

    id: str
    reason: Reason
    event: bytes


@dataclass
class Stats:
    """Counts since the client began. tracked + found = delivered + dropped + queued.

    Attributes:
        tracked: events given to `track`.
        found: events that the queue's file held at the start.
        delivered: events that the collector answered for.
        verdicts: delivered events by verdict.
        dropped: events given up, by reason.
        failures: requests that were not acknowledged.
        callback_errors: callbacks that raised.
    """

    tracked: int = 0
    found: int = 0
    delivered: int = 0
    failures: int = 0
    callback_errors: int = 0
    verdicts: Counter[str] = field(default_factory=Counter)
    dropped: Counter[str] = field(default_factory=Counter)
