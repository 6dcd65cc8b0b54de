"""The wall clock, as Weir keeps time: naive UTC. What depends on time takes a clock as an argument."""

from __future__ import annotations

from datetime import UTC, datetime


def utc_now() -> datetime:
    """Return the naive UTC instant of the wall clock."""
    return datetime.now(UTC).replace(tzinfo=None)
