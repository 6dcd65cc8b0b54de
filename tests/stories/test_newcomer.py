"""Somebody breaks a home on purpose and repairs it with `weir why` and `weir plan` alone.

What docs/guides/repair.md tells, on a small shop: a file is deleted, a model edited, events come late.
The home ends with the hashes of one that was never broken.
"""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.stories import shoppers
from tests.stories.shops import FACT_FILE, Shop

pytestmark = pytest.mark.slow
FACT, LAYER = f"fact/{shoppers.FACT}", f"activation/{shoppers.FACT}_activation_daily"
DAYS, BACK = 45, 20
Hashes = dict[str, dict[str, tuple[int, str]]]


def why(shop: Shop) -> list[dict[str, Any]]:
    """Ask what is wrong with the fact."""
    asked = shop.run("why", FACT, "--json")
    causes: list[dict[str, Any]] = json.loads(asked.stdout)["causes"]
    assert asked.returncode == bool(causes), asked.stderr
    return causes


def repair(shop: Shop, code: str) -> dict[str, Any]:
    """Do what `weir why` says: plan, and carry the plan out."""
    (cause,) = why(shop)
    assert cause["cause"].startswith(code)
    plan = shop.weir("plan", "recover", FACT, "--downstream")
    done = shop.weir("plan", "apply", plan["id"], "--digest", plan["digest"])
    assert why(shop) == []
    return {"plan": plan, **done}


def test_what_a_newcomer_breaks_is_repaired(tmp_path: Path) -> None:
    events = shoppers.write(shoppers.purchases(1, 20, DAYS), tmp_path / "events.ndjson")
    late = shoppers.write(shoppers.late(2, 30, BACK, DAYS), tmp_path / "late.ndjson")
    project = shoppers.make_project(tmp_path / "project", DAYS, ("daily",))
    shop = Shop.open(project, tmp_path / "home", shoppers.START)
    shop.load(events)
    shop.weir("run")
    healthy = shop.hashes()

    shop.file(FACT, 11).unlink()
    done = repair(shop, "C02")
    assert done["plan"]["faults"] == {"broken": 30}
    assert {line["step"] for line in done["journal"] if "run" in line} == {1}
    assert shop.hashes() == healthy

    shop.load(late)
    repair(shop, "C08")
    with_late = shop.hashes()
    assert_kept(healthy, with_late, str(shoppers.START + timedelta(DAYS - BACK)))

    shop.edit(FACT_FILE, "user_id is not null", "user_id is not null and user_id <> 'u0000'")
    repair(shop, "C06")
    assert shop.run("partitions", "check", "--level", "hash").returncode == 0
    fresh = Shop.open(project, tmp_path / "fresh", shoppers.START)
    fresh.load(events)
    fresh.load(late)
    fresh.weir("run")
    assert shop.hashes() == fresh.hashes() != with_late


def assert_kept(before: Hashes, after: Hashes, first: str) -> None:
    """Days before the first late one are as they were; of the later ones some are not."""
    for asset in (FACT, LAYER):
        assert before[asset].keys() == after[asset].keys()
        changed = {key for key, found in after[asset].items() if before[asset][key] != found}
        assert min(changed) == first
