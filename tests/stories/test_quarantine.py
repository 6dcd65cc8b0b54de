"""A schema was too narrow: its fixed version is published, the events are replayed, each counts once.

By the commands a person types, on a project of its own, with a running collector.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from weir.cli.processes import collector, running, wait_until_ready
from weir.cli.up import health_url
from weir.collect.durable import durable
from weir.collect.ownership import live_url
from weir.core.settings import load
from weir.engines.embedded.conservation import conservation
from weir.engines.embedded.lake import Lake

pytestmark = pytest.mark.slow
EVENT = Path("assets") / "events" / "shop" / "purchase_item_shop"


class Person:
    """Types commands in a project."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.env = {k: v for k, v in os.environ.items() if not k.startswith(("WEIR_", "DAGSTER_"))}

    def types(self, *words: str) -> str:
        done = subprocess.run(
            [sys.executable, "-m", "weir", *words], cwd=self.folder, env=self.env, check=False,
            capture_output=True, text=True, timeout=300,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return done.stdout

    def reads(self, *words: str) -> Any:
        return json.loads(self.types(*words, "--json"))


def purchase(n: int, price: float, **changes: Any) -> dict[str, Any]:
    at = datetime.now(UTC).isoformat()
    return {"id": f"p{n}", "name": "purchase_item_shop", "time": at, "user_id": f"u{n}",
            "params": {"quantity": 1, "price": price}, **changes}  # fmt: skip


def test_a_fixed_version_brings_quarantined_events_back_once(tmp_path: Path) -> None:
    person = Person(tmp_path)
    person.types("init", "shop")
    person.folder = tmp_path / "shop"
    settings = load(person.folder, person.folder / ".weir")
    service = collector(settings)
    service.env = {"WEIR_COLLECT_PORT": "0"}
    refunds = [purchase(n, -n) for n in range(1, 6)]
    with running(service):
        wait_until_ready(service, lambda: health_url(settings), 60)
        url = f"{live_url(settings.spool_dir)}/v1/batch"
        sent = [purchase(0, 9.5), *refunds, purchase(6, -6, version=1), refunds[0]]
        told = httpx.post(url, json=sent).json()
        assert (told["accepted"], told["quarantined"]) == (1, 7)
        person.types("seal", "--now")
        (group,) = person.reads("quarantine", "list", "--by", "rule,event")
        assert (group["rule"], group["rows"], group["replayed"]) == ("minimum", 7, 0)
        assert person.reads("quarantine", "replay")["replayed"] == 0

        wider = json.loads((person.folder / EVENT / "v1.json").read_text())
        wider["properties"]["price"]["minimum"] = -1_000
        (person.folder / EVENT / "v2.json").write_text(json.dumps(wider))
        person.types("events", "generate")
        assert person.reads("quarantine", "replay")["replayed"] == 0  # a draft takes nothing
        person.types("events", "activate", "purchase_item_shop", "--by", "growth@example.com")

        report = person.reads("quarantine", "replay")
        assert (report["looked_at"], report["replayed"]) == (7, 6)
        (stays,) = report["examples"]  # it says that it is of version 1
        assert person.reads("quarantine", "replay")["replayed"] == 0
        chosen = ("quarantine", "replay", "--id", stays["receipt"], "--set-version", "2")
        assert person.reads(*chosen)["replayed"] == 1

        for _ in range(100):  # the running collector takes the new version in by itself
            again = httpx.post(url, json=[refunds[1]]).json()
            if again["accepted"]:
                break
        assert again["accepted"] == 1
        person.types("seal", "--now")
    person.types("run")
    with Lake(settings).read() as connection:
        counts = conservation(
            connection, {key: d.records for key, d in durable(settings.spool_dir).items()}
        )
        rows = connection.execute(
            "SELECT event_id, count(*), min(price)::INTEGER FROM event_log.purchase_item_shop"
            " GROUP BY 1 ORDER BY 1"
        ).fetchall()
        origins = connection.execute(
            "SELECT origin, count(*), count(replay_of) FROM accepted.normal GROUP BY 1 ORDER BY 1"
        ).fetchall()
    assert counts.broken == ()
    assert (counts.accepted, counts.duplicates, counts.event_log) == (7, 2, 7)
    assert [row[:2] for row in rows] == [(f"p{n}", 1) for n in range(7)]
    assert origins == [("live", 1, 0), ("replay", 6, 6)]
