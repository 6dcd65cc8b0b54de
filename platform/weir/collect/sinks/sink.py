"""What the collector asks of the place that keeps its events. The spool is one; brokers are others.

A commit that returns means: every record is kept by the sink, so the sender may forget it. One that
raises means nothing for sure: the sender sends again, with the same ids, and `accepted` keeps each
event once.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from weir.collect.judging import Record


class Sink(Protocol):
    """Keeps records. All methods run on the event loop."""

    @property
    def epoch(self) -> int:
        """The number of this writer."""
        ...

    @property
    def failed_lanes(self) -> list[str]:
        """Lanes whose last records were not taken; readiness says them."""
        ...

    def start(self) -> None:
        """Begin; needs the running loop."""
        ...

    def describe(self, url: str) -> None:
        """Say where the collector listens, where that is of use."""
        ...

    def now(self) -> datetime:
        """Return the arrival time, naive UTC; never earlier than the one before."""
        ...

    async def commit(self, records: Sequence[Record]) -> None:
        """Keep the records that have a lane.

        Raises:
            SpoolFull: if the spool cannot.
            SinkFull: if too much is on its way.
            SinkUnavailable: if the broker does not take them in time.
            SinkRefused: if it never will, because one is too large.
        """
        ...

    async def close(self) -> None:
        """Wait for what is on its way, within a deadline, and end."""
        ...
