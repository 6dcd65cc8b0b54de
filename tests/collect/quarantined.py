"""A lake with quarantined events of two tiers, under rules of which the second version mends them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import orjson
import pytest

from tests.engines.spool_records import write_segment
from weir.collect.durable import durable
from weir.collect.judging import Judging
from weir.collect.quarantine import (
    Rejudging,
    Wanted,
    replay,
)
from weir.collect.rules import EventRule, Rules
from weir.collect.sealer import Sealer
from weir.collect.verdict import judge, unreadable
from weir.core.canonical import fingerprint
from weir.core.landing import FINGERPRINT
from weir.core.settings import Settings
from weir.engines.embedded.accepted import EmbeddedAccepted
from weir.engines.embedded.conservation import conservation
from weir.engines.embedded.lake import Lake

EARLY = datetime(2026, 11, 21, 2, 10)
LATER = datetime(2026, 11, 21, 9, 30)
H = timedelta(hours=1)


def strict(version: int, params: dict) -> list:
    """Version 1 wants a text; version 2, published later, a whole number."""
    wanted = {1: str, 2: int}[version]
    if type(params.get("item_id")) is wanted:
        return []
    return [SimpleNamespace(pointer="/item_id", rule="type", expected=wanted.__name__,
                            found=repr(params.get("item_id")), remedy="Send it so.", flag=False)]  # fmt: skip


def rules_with(*versions: int, status: str = "active") -> Rules:
    return Rules(
        EventRule(name, tier, status, "quarantine", datetime(2020, 1, 1), max(versions),
                  frozenset(versions), strict)
        for name, tier in (("click_item_home", "normal"), ("buy_item_shop", "critical"))
    )  # fmt: skip


BEFORE, AFTER = rules_with(1), rules_with(1, 2)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path / "home", project=tmp_path)


@pytest.fixture
def rows(settings: Settings) -> Callable[[str], list[tuple]]:
    def query(sql: str) -> list[tuple]:
        with Lake(settings).read() as connection:
            return connection.execute(sql).fetchall()

    return query


@pytest.fixture
def collected(settings: Settings) -> Callable[..., None]:
    return collector(settings)


def collector(settings: Settings) -> Callable[..., None]:
    """Return what judges events, spools them and seals them, each call under an epoch of its own."""
    epochs = iter(range(1, 100))

    def collect(*events: object, at: datetime = EARLY, rules: Rules = BEFORE) -> None:
        epoch, lanes = next(epochs), {}
        judging = Judging(rules, at, lambda: f"server-{epoch}", 200_000)
        for item in events:
            torn = isinstance(item, bytes)
            record = unreadable(item, "no JSON", judging) if torn else judge(item, judging)
            lanes.setdefault(record.lane, []).append(record.columns)
        for lane, columns in lanes.items():
            payloads = []
            for offset, row in enumerate(columns):
                prints = fingerprint(lane, epoch, offset, row["payload_hash"])
                payloads.append(orjson.dumps(row | dict(zip(FINGERPRINT, prints, strict=True))))
            write_segment(settings.spool_dir, lane, epoch, payloads)
        Sealer(settings, lambda: at, lambda _: None).seal()

    return collect


def event(n: int = 1, **changes: object) -> dict:
    base = {"id": f"e{n}", "name": "click_item_home", "time": "2026-11-21T02:00:00.5Z",
            "user_id": 7, "params": {"item_id": n}}  # fmt: skip
    return {k: v for k, v in {**base, **changes}.items() if v is not ...}


def again(settings: Settings, wanted: Wanted | None = None, rules: Rules = AFTER, **options):
    rejudging = Rejudging(rules, 200_000, options.pop("version", None))
    given = {"by": "tester", "clock": lambda: LATER, **options}
    return replay(settings, wanted or Wanted(), rejudging, **given)


def accept(settings: Settings, tier: str = "normal") -> list[tuple[int, int]]:
    start = EARLY.replace(minute=0) - 24 * H
    reports = EmbeddedAccepted(Lake(settings)).replace_hours(tier, start, start + 48 * H)
    return [(report.accepted, report.duplicates) for report in reports]


def holds(settings: Settings) -> None:
    """Check what has landed against the spool; event logs are not built here."""
    for tier in ("normal", "critical"):
        accept(settings, tier)
    with Lake(settings).read() as connection:
        totals = {key: total.records for key, total in durable(settings.spool_dir).items()}
        found = conservation(connection, totals)
    assert [line for line in found.broken if "event log" not in line] == []
