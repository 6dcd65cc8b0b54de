"""What the stages need from a storage engine: small Protocols, and the plain data they exchange.

`engines/embedded` implements them on DuckLake. Nothing here knows a database.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

Fingerprint = tuple[int, int, int, int]


@dataclass(frozen=True)
class Position:
    """Where a lane's last seal ended: before `next_offset` of `epoch`. It is the lane's fence."""

    epoch: int
    next_offset: int


@dataclass(frozen=True)
class Batch:
    """Consecutive records of one lane and epoch, as the spool holds them.

    Attributes:
        lane: the lane.
        expected: the lane's position when the batch was read: the fence.
        epoch: the records' epoch.
        first_offset: the first record's offset.
        payloads: the records, each one JSON object with the columns of `landing.RECORD`.
    """

    lane: str
    expected: Position
    epoch: int
    first_offset: int
    payloads: Sequence[bytes]

    @property
    def next_offset(self) -> int:
        """The offset after the last record."""
        return self.first_offset + len(self.payloads)


@dataclass(frozen=True)
class Generation:
    """What one transaction added to one landing hour of a lane."""

    lane: str
    landing_hour: datetime
    generation: int
    rows: int


@dataclass(frozen=True)
class ImportRow:
    """One judged event of an import.

    Attributes:
        number: its number in the file, from 0: the offset of its receipt id.
        lane: the lane that it belongs in.
        received_at: when it was first received, naive UTC.
        payload: the record, as in a `Batch`.
    """

    number: int
    lane: str
    received_at: datetime
    payload: bytes


@dataclass(frozen=True)
class LandingLook:
    """The state of landing at one moment.

    Attributes:
        positions: each lane's position.
        sealed: by lane and epoch, the offset before which every record has landed.
        closed_until: every landing hour before it is closed, in all lanes; None if none is.
        unsynced: (lane, epoch, first offset, next offset) of seals not known to be durable.
        mark: this moment, for `sync`.
    """

    positions: Mapping[str, Position]
    sealed: Mapping[str, Mapping[int, int]]
    closed_until: datetime | None
    unsynced: Sequence[tuple[str, int, int, int]]
    mark: int


@dataclass(frozen=True)
class HourReport:
    """What became of the valid rows of one landing hour of a tier."""

    landing_hour: datetime
    landed: int
    accepted: int
    duplicates: int
    id_conflicts: int
    hash: str


class LandingStore(Protocol):
    """Where spool records become landed rows."""

    def look(self) -> LandingLook:
        """Return the state of all lanes."""
        ...

    def seal(self, batch: Batch, now: datetime) -> list[Generation]:
        """Land a batch in one transaction.

        Raises:
            FenceLost: if the lane is no longer at `batch.expected`; nothing was written.
        """
        ...

    def sync(self, since: int, done: Sequence[Generation]) -> int:
        """Make durable what was committed after a mark, and mark these seals as synced."""
        ...

    def close(self, until: datetime, now: datetime) -> list[Generation]:
        """Close every landing hour before `until`, in all lanes. Never reopens one."""
        ...


class AcceptedStore(Protocol):
    """Where landed valid rows become accepted ones, once each."""

    def replace_hours(
        self,
        tier: str,
        start: datetime,
        end: datetime,
        *,
        inputs: Mapping[str, str] | None = None,
        run: str = "",
        code: str = "",
        vector: Mapping[str, Any] | None = None,
    ) -> list[HourReport]:
        """Rebuild the landing hours `[start, end)` of a tier in one transaction."""
        ...
