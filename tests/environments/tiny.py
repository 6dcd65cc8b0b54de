"""A tiny project for the tests of environments: one event, one fact, its daily layer, some days."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import yaml

from weir.activation.contract import fact_of, tests_of
from weir.activation.layers import files_of
from weir.core.settings import load
from weir.orchestra.manifest import prepare

ROOT = Path(__file__).resolve().parents[2]
EVENT, FACT = "purchase_item_shop", "shoppers_bought"
LAYER = f"{FACT}_activation_daily"
START, DAYS, USERS = date(2026, 1, 5), 6, 5
SQL = """\
select
    user_id,
    {{ local_date("event_time", "UTC") }} as activity_date,
    count(*) as event_count
from {{ ref("purchase_item_shop") }}
where
    user_id is not null
    and {{ event_window("event_time", "UTC") }}
    and {{ landing_days(events=["purchase_item_shop"]) }}
group by 1, 2
"""
META = {
    "kind": "fact", "key": "user_id", "time_zone": "UTC", "start": START,
    "end": START + timedelta(DAYS - 1),
}  # fmt: skip


def make_project(folder: Path) -> Path:
    """Write the project and return its folder."""
    left_out = (
        "__pycache__",
        "target",
        "logs",
        "git",
        "activation",
        "users_purchased_*",
        "users_contributed_*",
        "*_git.*",
    )
    for name in ("assets", "dbt", "sensors", "resources"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns(*left_out))
    for name in ("definitions.py", "workspace.yaml"):
        shutil.copy2(ROOT / name, folder / name)
    models = folder / "dbt" / "models"
    (models / "fact" / f"{FACT}.sql").write_text(SQL)
    (models / "fact" / f"{FACT}.yml").write_text(yaml.safe_dump(_yaml()))
    settings = load(folder, folder / "parse", "")
    manifest = prepare(settings).json
    (node,) = [n for n in manifest["nodes"].values() if n["name"] == FACT]
    for path, text in files_of(
        fact_of(node, tests_of(manifest)[node["unique_id"]]), "daily"
    ).items():
        (folder / "dbt" / path).parent.mkdir(exist_ok=True)
        (folder / "dbt" / path).write_text(text)
    shutil.rmtree(folder / "parse")
    return folder


def edit(project: Path, old: str, new: str) -> None:
    """Change the fact's SQL."""
    file = project / "dbt" / "models" / "fact" / f"{FACT}.sql"
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new))


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


def _yaml() -> dict[str, Any]:
    types = {"user_id": "varchar", "activity_date": "date", "event_count": "bigint"}
    unique = {"part_unique": {"arguments": {"columns": ["user_id", "activity_date"]}}}
    columns = [
        {"name": n, "description": n, "data_type": t, "data_tests": ["part_not_null"]}
        for n, t in types.items()
    ]
    model = {
        "name": FACT, "description": "Who bought on which day.",
        "config": {"meta": {"weir": META}}, "data_tests": [unique], "columns": columns,
    }  # fmt: skip
    return {"version": 2, "models": [model]}
