"""A tiny project for the tests of environments: one event, one fact, its daily layer, some days."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from tests.stories import shops

EVENT, FACT = shops.EVENT, shops.FACT
LAYER = f"{FACT}_activation_daily"
START, DAYS, USERS = date(2026, 1, 5), 6, 5


def make_project(folder: Path) -> Path:
    """Write the project and return its folder."""
    meta = {
        "kind": "fact", "key": "user_id", "time_zone": "UTC", "start": START,
        "end": START + timedelta(DAYS - 1),
    }  # fmt: skip
    return shops.make_project(folder, meta, ("daily",))


def edit(project: Path, old: str, new: str) -> None:
    """Change the fact's SQL."""
    shops.Shop(project, project / "no home").edit(shops.FACT_FILE, old, new)


def purchases(
    days: Iterable[int] = range(DAYS), received_day: int = DAYS + 2
) -> list[dict[str, Any]]:
    """Return events: user n buys on every day that n + 1 divides, n + 1 times."""
    return [
        _event(user * 1000 + day * 10 + count, f"u{user}", day, received_day)
        for user in range(USERS)
        for day in days
        if day % (user + 1) == 0
        for count in range(user + 1)
    ]


def write(events: Iterable[dict[str, Any]], file: Path) -> Path:
    """Write events as NDJSON."""
    file.write_text("".join(f"{json.dumps(event)}\n" for event in events))
    return file


def _event(number: int, user: str, day: int, received_day: int) -> dict[str, Any]:
    midnight = datetime.combine(START, datetime.min.time(), UTC)
    at, received = midnight + timedelta(day, hours=9), midnight + timedelta(received_day)
    return {
        "id": str(UUID(int=number + 1, version=4)), "name": EVENT, "version": 1,
        "time": at.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "received_at": received.strftime("%Y-%m-%dT%H:%M:%SZ"), "user_id": user,
        "params": {"quantity": 1, "price": 2.5},
    }  # fmt: skip
