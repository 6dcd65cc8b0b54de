"""Fixtures of the collector's tests: a small set of events, a fixed clock, a spool."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from types import SimpleNamespace

import pytest

from weir.collect.judging import Judging
from weir.collect.rules import EventRule, Rules

NOW = datetime(2026, 11, 21, 5, 40)


def check(version: int, params: dict, limit: int = 20) -> list[SimpleNamespace]:
    """Check the parameters of the example: item_id is a required integer, note is free."""
    found = []
    if type(params.get("item_id")) is not int:
        found.append(
            SimpleNamespace(
                pointer="/item_id", rule="type", expected="integer", found="?", remedy="Send one.",
                flag=False,
            )
        )  # fmt: skip
    found += [
        SimpleNamespace(
            pointer=f"/{name}", rule="undeclared", expected="declared", found=name,
            remedy="Declare it.", flag=True,
        )
        for name in params
        if name not in {"item_id", "note"}
    ]  # fmt: skip
    return found


def rule(name: str, tier: str = "normal", status: str = "active", policy: str = "quarantine"):
    return EventRule(name, tier, status, policy, datetime(2020, 1, 1), 2, frozenset({1, 2}), check)


@pytest.fixture(scope="session")
def rules() -> Rules:
    return Rules(
        [
            rule("click_item_home"),
            rule("buy_item_shop", tier="critical"),
            rule("view_page_web", tier="bulk"),
            rule("draft_item_home", status="draft"),
            rule("old_item_home", status="archived"),
            rule("lax_item_home", policy="flag"),
            rule("strict_item_home", policy="reject"),
        ]
    )


@pytest.fixture(scope="session")
def judging(rules: Rules) -> Judging:
    return Judging(rules, NOW, lambda: "server-id", 10_000)


@pytest.fixture(scope="session")
def event() -> Callable[..., dict]:
    def make(**changes: object) -> dict:
        base = {
            "id": "e1",
            "name": "click_item_home",
            "version": 2,
            "time": "2026-11-21T05:00:00Z",
            "user_id": "u1",
            "params": {"item_id": 17},
        }
        return {k: v for k, v in {**base, **changes}.items() if v is not ...}

    return make


@pytest.fixture
def executor() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(4) as pool:
        yield pool


@pytest.fixture
def run() -> Callable:
    return asyncio.run


@pytest.fixture
def spool_dir(tmp_path: Path) -> Path:
    return tmp_path / "spool"


ROOT = Path(__file__).parents[2]
_SERVE = """
import json, sys
from pathlib import Path
from weir.collect.server import serve
from weir.core.settings import Settings
project, home = map(Path, sys.argv[1:3])
serve(Settings(project=project, home=home, collect_port=0, **json.loads(sys.argv[3])))
"""


@contextmanager
def _served(home: Path, **settings: object) -> Iterator[str]:
    home.mkdir(exist_ok=True)
    paths = os.pathsep.join(p for p in sys.path if p)
    with (home / "log").open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, "-c", _SERVE, str(ROOT), str(home), json.dumps(settings)],
            stdout=subprocess.PIPE, stderr=log, env={**os.environ, "PYTHONPATH": paths},
        )  # fmt: skip
    assert process.stdout is not None
    try:
        ready = process.stdout.readline().decode()
        assert "ready at" in ready, (home / "log").read_text()
        yield ready.split()[-1]
    finally:
        process.terminate()
        assert process.wait(30) == 0
        process.stdout.close()


@pytest.fixture
def served() -> Callable:
    """Run a collector of the example's events, in a process of its own, with any settings."""
    return _served
