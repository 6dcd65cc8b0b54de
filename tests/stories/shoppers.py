"""A small shop's project and made-up purchases: one event, one fact in New York, every layer.

The purchases have what real ones have: streaks, pauses, users of one day, days at the change of clocks
and in a leap year, retries of the same event, events without a user, and clocks that were wrong.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from tests.stories import shops

FACT, EVENT, ZONE = shops.FACT, shops.EVENT, "America/New_York"
START, DAYS = date(2023, 11, 1), 200  # over a year's end, 29 February and both changes of clocks
GRAINS = ("daily", "weekly", "monthly")
_ORIGIN = datetime(2022, 1, 1, tzinfo=UTC)
Json = dict[str, Any]


def make_project(folder: Path, days: int = DAYS, grains: Sequence[str] = GRAINS) -> Path:
    """Write the project of a fact of some days with layers of some grains; return its folder."""
    meta = {
        "kind": "fact", "key": "user_id", "time_zone": ZONE, "week_start": "sunday", "spans": True,
        "start": START, "end": START + timedelta(days - 1),
    }  # fmt: skip
    return shops.make_project(folder, meta, grains)


def purchases(seed: int, users: int = 120, days: int = DAYS) -> list[Json]:
    """Return events in the wire form, each with the time at which it was received."""
    chance = random.Random(seed)
    found = [event for user in range(users) for event in _of_user(chance, f"u{user:04}", days)]
    found += [_event(chance, None, _instant(chance, chance.randrange(days))) for _ in range(20)]
    found += [e | {"received_at": _later(e, 3600)} for e in chance.sample(found, len(found) // 50)]
    return found


def late(seed: int, count: int, days_back: int, days: int = DAYS) -> list[Json]:
    """Return purchases of a few days, `days_back` before the end, that arrive after the end."""
    chance = random.Random(seed)
    first = days - days_back
    moments = [
        (_instant(chance, first + chance.randrange(3)), f"u{chance.randrange(160):04}")
        for _ in range(count)
    ]
    received = _text(datetime.combine(START, datetime.min.time(), UTC) + timedelta(days + 20))
    return [_event(chance, user, when) | {"received_at": received} for when, user in moments]


def write(events: Iterable[Json], file: Path) -> Path:
    """Write events as NDJSON, in order of arrival."""
    ordered = sorted(events, key=lambda event: event["received_at"])
    file.write_text("".join(f"{json.dumps(event)}\n" for event in ordered))
    return file


def active_days(events: Iterable[Json]) -> dict[str, set[date]]:
    """Return each user's days in New York from the start on, by plain counting."""
    found: dict[str, set[date]] = {}
    for event in events:
        day = datetime.fromisoformat(event["time"]).astimezone(ZoneInfo(ZONE)).date()
        if event.get("user_id") and day >= START:
            found.setdefault(event["user_id"], set()).add(day)
    return found


def _of_user(chance: random.Random, user: str, count: int) -> Iterator[Json]:
    if user == "u0000":
        days = list(range(count))  # a streak of all days
    else:
        days = sorted({
            day
            for _ in range(chance.randint(1, 4))
            for first in [chance.randrange(count)]
            for step in [chance.choice([1, 1, 7, 30])]
            for day in range(first, min(count, first + step * chance.choice([1, 1, 3, 12])), step)
        })  # fmt: skip
    for day in days:
        for _ in range(chance.choice([1, 1, 2])):
            yield _event(chance, user, _instant(chance, day))
    if chance.random() < 0.05:  # a clock that was 400 days slow: before the fact begins
        event = _event(chance, user, _instant(chance, days[0]))
        yield event | {"time": _later(event, -400 * 86_400, "time")}


def _instant(chance: random.Random, day: int) -> datetime:
    """Return an instant of a day: near its midnights in New York and UTC more often than not."""
    midnight = datetime.combine(START + timedelta(day), datetime.min.time(), ZoneInfo(ZONE))
    second = chance.choice([0, 1, 3_599, 7_200, 10_800, 68_399, 68_400, 82_799, 43_200])
    return midnight.astimezone(UTC) + timedelta(seconds=second)


def _event(chance: random.Random, user: str | None, at: datetime) -> Json:
    who = {"user_id": user} if user else {"device_id": "d1"}
    return {
        "id": str(UUID(int=chance.getrandbits(128), version=4)), "name": EVENT, "version": 1,
        "time": _text(at), "received_at": _text(_batch(at)), **who,
        "params": {"quantity": 1, "price": 2.5},
    }  # fmt: skip


def _batch(at: datetime) -> datetime:
    """Return when an event is received: apps send what they gathered every ten days."""
    since = (at - _ORIGIN).days
    return _ORIGIN + timedelta(days=since - since % 10 + 10)


def _later(event: Json, seconds: int, field: str = "received_at") -> str:
    return _text(datetime.fromisoformat(event[field]) + timedelta(seconds=seconds))


def _text(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")
