"""The rows of the activation page's answer, out of the analysis' frames."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

import pandas as pd
from pydantic import BaseModel, Field

from weir.activation.decomposition import records

_COUNTS = (
    "active", "new_users", "retained", "reactivated", "went", "inactive", "active_before",
)  # fmt: skip
_RATIOS = ("churn_rate", "pulse")


class Figures(BaseModel):
    """One period. What is not known is null: who went, before a period is complete."""

    period: date
    is_complete: bool
    active: int | None
    new_users: int | None
    retained: int | None
    reactivated: int | None
    went: int | None = Field(description="Became Inactive.")
    inactive: int | None
    active_before: int | None = Field(description="Active users of the period before.")
    new_share: float | None
    retained_share: float | None
    reactivated_share: float | None
    churn_rate: float | None = Field(description="went ÷ active_before")
    pulse: float | None = Field(description="(new_users + reactivated) ÷ went")


class ValueFigures(Figures):
    """One period of one value of the dimension."""

    value: str


class Difference(BaseModel):
    """How a period differs from the one it is compared with; null where one of them is not known."""

    period: date
    before: date
    active: int | None
    new_users: int | None
    retained: int | None
    reactivated: int | None
    went: int | None
    inactive: int | None
    active_before: int | None
    churn_rate: float | None
    pulse: float | None


class Move(BaseModel):
    """How many users went from a state to a state."""

    previous_state: str
    state: str
    users: int | None
    share: float | None = Field(description="Of all who were in the previous state.")


class Length(BaseModel):
    """A length in periods, and how many users have it."""

    periods: int
    users: int
    share: float | None


class Survival(BaseModel):
    """How many of the visits were followed by another one by then."""

    periods: int
    users: int
    at_risk: int
    returned: float


def figures(frame: pd.DataFrame) -> list[Figures]:
    """Return the rows of a decomposition."""
    return [Figures(**_renamed(row)) for row in _plain(frame)]


def value_figures(frame: pd.DataFrame) -> list[ValueFigures]:
    """Return the rows of a decomposition by a dimension."""
    return [ValueFigures(value=row["dim_value"], **_renamed(row)) for row in _plain(frame)]


def differences(now: list[Figures], before: list[Figures]) -> list[Difference]:
    """Return what changed, place by place."""
    return [
        Difference(
            period=one.period,
            before=other.period,
            **{name: _less(getattr(one, name), getattr(other, name)) for name in _COUNTS + _RATIOS},
        )
        for one, other in zip(now, before, strict=False)
    ]


def moves(frame: pd.DataFrame) -> list[Move]:
    """Return the transition matrix."""
    return [Move(**row) for row in _plain(frame)]


def lengths(frame: pd.DataFrame) -> list[Length]:
    """Return a histogram."""
    return [Length(**row) for row in _plain(frame)]


def survivals(frame: pd.DataFrame) -> list[Survival]:
    """Return the return curve."""
    return [Survival(**row) for row in _plain(frame)]


def _less(one: float | None, other: float | None) -> Any:
    return None if one is None or other is None else one - other


def _renamed(row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "period" if name == "period_start" else name: value
        for name, value in row.items()
        if name != "dim_value"
    }


def _plain(frame: pd.DataFrame) -> Iterator[dict[str, Any]]:
    yield from records(frame.astype(object).where(frame.notna(), None))
