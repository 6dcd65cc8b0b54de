"""What has landed, as plain data: the planner's view of the manifest. Engines fill it in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True)
class Counted:
    """Rows and the additive fingerprint of a set of landed events."""

    rows: int
    fingerprint: tuple[int, int, int, int]

    @property
    def text(self) -> str:
        """A stable text of both, for digests."""
        return ":".join(map(str, (self.rows, *self.fingerprint)))


@dataclass(frozen=True)
class LandedHour:
    """What one lane holds in one landing hour."""

    generation: int
    counted: Counted
    closed: bool

    @property
    def version(self) -> str:
        """Changes when something landed there or the hour closed."""
        return f"g{self.generation}:{'closed' if self.closed else 'open'}:{self.counted.text}"


@dataclass(frozen=True)
class Expiry:
    """A range of an asset's partitions that retention dropped.

    Attributes:
        first: the first label; None: from the beginning.
        end: the first label that stayed.
        at: when; naive UTC.
    """

    first: datetime | None
    end: datetime
    at: datetime

    def covers(self, label: datetime) -> bool:
        """Tell whether a label is in the range."""
        return (self.first is None or self.first <= label) and label < self.end


@dataclass(frozen=True)
class LandingHistory:
    """Everything the manifest knows, aggregated as the planner needs it.

    Attributes:
        hours: (lane, landing hour) → what landed there.
        by_event: event name → (landing hour, event hour) → valid rows.
        first_hour: the first landing hour that was ever open to live events.
        closed_until: every landing hour before it is closed, in all lanes.
        expired: asset → what retention dropped of it; the rest speaks of what landed, dropped or not.
    """

    hours: Mapping[tuple[str, datetime], LandedHour] = field(default_factory=dict)
    by_event: Mapping[str, Mapping[tuple[datetime, datetime], Counted]] = field(
        default_factory=dict
    )
    first_hour: datetime | None = None
    closed_until: datetime | None = None
    expired: Mapping[str, Sequence[Expiry]] = field(default_factory=dict)

    def lane(self, lane: str) -> dict[datetime, LandedHour]:
        """Return one lane's landing hours."""
        return {hour: landed for (name, hour), landed in self.hours.items() if name == lane}
