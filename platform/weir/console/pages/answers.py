"""Parts that several pages' answers have."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import overload

from pydantic import BaseModel, ConfigDict


class Given(BaseModel):
    """What a request brings: a key that it does not have is a mistake, and nothing is done."""

    model_config = ConfigDict(extra="forbid")


class Violation(BaseModel):
    """One thing that is wrong with an event."""

    pointer: str
    rule: str
    expected: str
    found: str
    remedy: str


class Because(BaseModel):
    """Something, and why or how."""

    what: str
    why: str


def because(told: Mapping[str, str]) -> list[Because]:
    """Return a mapping as a list."""
    return [Because(what=what, why=why) for what, why in told.items()]


@overload
def utc(at: datetime) -> datetime: ...
@overload
def utc(at: None) -> None: ...
def utc(at: datetime | None) -> datetime | None:
    """Return a naive UTC time as an aware one, as answers have it."""
    return at.replace(tzinfo=UTC) if at else None
