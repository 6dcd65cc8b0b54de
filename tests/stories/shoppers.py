"""A small shop's project and made-up purchases: one event, one fact in New York, every layer.

The purchases have what real ones have: streaks, pauses, users of one day, days at the change of clocks
and in a leap year, retries of the same event, events without a user, and clocks that were wrong.
"""

from __future__ import annotations

import json
import random
import shutil
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import yaml

from weir.activation.contract import fact_of, tests_of
from weir.activation.layers import files_of
from weir.core.settings import load
from weir.orchestra.manifest import prepare

ROOT = Path(__file__).resolve().parents[2]
FACT, EVENT, ZONE = "shoppers_bought", "purchase_item_shop", "America/New_York"
START, DAYS = date(2023, 11, 1), 200  # over a year's end, 29 February and both changes of clocks
GRAINS = ("daily", "weekly", "monthly")
META = {
    "kind": "fact", "key": "user_id", "time_zone": ZONE, "week_start": "sunday", "spans": True,
    "start": START, "end": START + timedelta(DAYS - 1),
}  # fmt: skip
SQL = """\
select user_id, {{ local_date("event_time", "America/New_York") }} as activity_date, count(*) as event_count
from {{ ref("purchase_item_shop") }}
where
    user_id is not null
    and {{ event_window("event_time", "America/New_York") }}
    and {{ landing_days(events=["purchase_item_shop"]) }}
group by 1, 2
"""
_ORIGIN = datetime(2022, 1, 1, tzinfo=UTC)
Json = dict[str, Any]


def make_project(folder: Path) -> Path:
    """Write the project and return its folder."""
    for name in ("assets", "dbt", "sensors", "resources"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns(
            "__pycache__", "target", "logs", "git", "activation", "users_purchased_*", "users_contributed_*", "*_git.*"
        ))  # fmt: skip
    for name in ("definitions.py", "workspace.yaml"):
        shutil.copy2(ROOT / name, folder / name)
    models = folder / "dbt" / "models"
    (models / "fact" / f"{FACT}.sql").write_text(SQL)
    (models / "fact" / f"{FACT}.yml").write_text(yaml.safe_dump(_yaml()))
    settings = load(folder, folder / "parse")
    manifest = prepare(settings).json
    (node,) = [n for n in manifest["nodes"].values() if n["name"] == FACT]
    fact = fact_of(node, tests_of(manifest)[node["unique_id"]])
    for grain in GRAINS:
        for path, text in files_of(fact, grain).items():
            (folder / "dbt" / path).parent.mkdir(exist_ok=True)
            (folder / "dbt" / path).write_text(text)
    shutil.rmtree(folder / "parse")
    return folder


def _yaml() -> Json:
    types = {"user_id": "varchar", "activity_date": "date", "event_count": "bigint"}
    unique = {"part_unique": {"arguments": {"columns": ["user_id", "activity_date"]}}}
    columns = [
        {"name": n, "description": n, "data_type": t, "data_tests": ["part_not_null"]}
        for n, t in types.items()
    ]
    model = {
        "name": FACT, "description": "Who bought on which day, in New York.",
        "config": {"meta": {"weir": META}}, "data_tests": [unique], "columns": columns,
    }  # fmt: skip
    return {"version": 2, "models": [model]}


def purchases(seed: int, users: int = 120) -> list[Json]:
    """Return events in the wire form, each with the time at which it was received."""
    chance = random.Random(seed)
    found = [event for user in range(users) for event in _of_user(chance, f"u{user:04}")]
    found += [_event(chance, None, _instant(chance, chance.randrange(DAYS))) for _ in range(20)]
    found += [e | {"received_at": _later(e, 3600)} for e in chance.sample(found, len(found) // 50)]
    return found


def late(seed: int, count: int, days_back: int) -> list[Json]:
    """Return purchases of a few days, `days_back` before the end, that arrive after the end."""
    chance = random.Random(seed)
    first = DAYS - days_back
    moments = [
        (_instant(chance, first + chance.randrange(3)), f"u{chance.randrange(160):04}")
        for _ in range(count)
    ]
    received = _text(datetime.combine(START, datetime.min.time(), UTC) + timedelta(DAYS + 20))
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


def _of_user(chance: random.Random, user: str) -> Iterator[Json]:
    if user == "u0000":
        days = list(range(DAYS))  # a streak of all days
    else:
        days = sorted({
            day
            for _ in range(chance.randint(1, 4))
            for first in [chance.randrange(DAYS)]
            for step in [chance.choice([1, 1, 7, 30])]
            for day in range(first, min(DAYS, first + step * chance.choice([1, 1, 3, 12])), step)
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
