"""The columns that every event log begins with; no parameter may be called like one."""

from __future__ import annotations

from collections.abc import Mapping

from weir.core.names import RESERVED

BASE_COLUMNS: Mapping[str, tuple[str, str]] = {
    "landing_day": ("date", "Day of the landing hour."),
    "landing_hour": ("timestamp", "Landing partition: when the event was sealed, UTC."),
    "received_at": ("timestamp", "When the collector first had the event, UTC."),
    "event_id": ("varchar", "The event's id, from its sender or given by the collector."),
    "version": ("integer", "Version of the event's parameters."),
    "event_time": ("timestamp", "When it happened by the sender's clock, UTC."),
    "event_time_corrected": (
        "timestamp",
        "When it happened, corrected by the difference of the sender's clock; NULL if unknown.",
    ),
    "user_id": ("varchar", "The user, if known."),
    "device_id": ("varchar", "The device, if known."),
    "session_id": ("varchar", "The session, if known."),
    "platform": ("varchar", "The sender's platform, e.g. ios."),
    "app_version": ("varchar", "The sender's version."),
}
"""Name → (DuckDB type, description), in order."""

EXTRA = "_extra"
EXTRA_COLUMN = ("json", "Parameters that were sent but not declared, as JSON; NULL if none.")

TAKEN = frozenset(
    name for name in BASE_COLUMNS if name not in RESERVED and not name.startswith("event_")
)
"""The names among them that the naming rule alone would allow."""
