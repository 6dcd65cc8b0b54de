"""`weir quarantine`: what it prints, its JSON, its filters, and an event with its wrong place marked."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest
from click.testing import Result
from rich.text import Text

from weir.cli.quarantine_views import event_text
from weir.collect.drops import Drops
from weir.collect.judging import Judging
from weir.collect.lastgood import load_rules
from weir.collect.sealer import seal_now
from weir.collect.spool import Rotation, Spool
from weir.collect.verdict import judge
from weir.core.clock import utc_now
from weir.core.errors import InvalidValue, NotFound
from weir.core.settings import Settings, load

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A home with two wrong purchases, one right one, and a refused request."""
    made = load(ROOT, tmp_path_factory.mktemp("quarantined"))
    purchase = {"name": "purchase_item_shop", "time": f"{utc_now().isoformat()}Z",
                "params": {"quantity": 1, "price": -2}}  # fmt: skip
    events = [{**purchase, "id": "p1"}, {**purchase, "id": "p2", "name": "purchase_shop_item"},
              {**purchase, "id": "p3", "params": {"quantity": 1, "price": 2}}]  # fmt: skip

    async def collect() -> None:
        spool = Spool(made.spool_dir, Rotation(10**9, 3600), utc_now)
        judging = Judging(load_rules(made), spool.now(), lambda: "x", 10_000)
        await spool.commit([judge(event, judging) for event in events])
        dropped = Drops(made.spool_dir, spool.epoch, utc_now)
        dropped.refused("not_json", "app", 7)
        await dropped.flush()
        await spool.close()

    asyncio.run(collect())
    seal_now(made)
    return made


@pytest.fixture
def run(weir: Callable[..., Result], home: Settings) -> Callable[..., Result]:
    return lambda *arguments: weir("quarantine", *arguments, home=home.home)


def test_list_show_and_dry_run(run: Callable[..., Result]) -> None:
    text = run("list", "--by", "rule,event").stdout
    assert "minimum" in text
    assert "unknown_event" in text
    assert max(map(len, text.splitlines())) <= 80
    groups = json.loads(run("list", "--json").stdout)
    assert {(g["rule"], g["rows"], g["replayed"]) for g in groups} == {
        ("minimum", 1, 0), ("unknown_event", 1, 0)
    }  # fmt: skip
    shown = run("show", "p1").stdout
    assert '"price": -2 ← 1' in shown
    assert "1. /params/price minimum" in shown
    assert "Not replayed." in shown
    (row,) = json.loads(run("show", "quarantine/1/0", "--json").stdout)
    assert row["event"]["params"] == {"quantity": 1, "price": -2}
    tried = json.loads(run("replay", "--dry-run", "--json").stdout)
    assert (tried["looked_at"], tried["valid"], tried["dry_run"]) == (2, 0, True)
    assert "2 stay" in run("replay").stdout
    assert "waits in quarantine" in run("replay", "--id", "quarantine/9/9").stdout


def test_filters_and_labels(run: Callable[..., Result]) -> None:
    hour = json.loads(run("list", "--json").stdout)[0]["hour"]
    label = f"{datetime.fromisoformat(hour):%Y-%m-%d-%H:%M}"
    assert len(json.loads(run("list", "--json", "--hour", label, "--rule", "minimum").stdout)) == 1
    assert len(json.loads(run("list", "--json", "--since", label[:10]).stdout)) == 2
    assert "Nothing of that" in run("list", "--until", "2026-01-02").stderr
    with pytest.raises(InvalidValue, match="landing hour=yesterday"):
        run("list", "--hour", "yesterday")
    with pytest.raises(InvalidValue, match="by=colour"):
        run("list", "--by", "colour")
    with pytest.raises(NotFound, match="no quarantined event"):
        run("show", "nobody")


def test_drops_are_listed_and_in_the_status(run: Callable[..., Result], weir, home) -> None:
    assert "not_json" in run("list", "--drops").stdout
    (drop,) = json.loads(run("list", "--drops", "--json").stdout)
    assert (drop["code"], drop["producer"], drop["requests"], drop["bytes"]) == (
        "not_json",
        "app",
        1,
        7,
    )
    assert run("list", "--drops", "--event", "x").stderr == "Nothing of that was refused.\n"
    assert "Not kept in the last 24 hours: 1 not_json" in weir("status", home=home.home).stderr
    found = json.loads(weir("status", "--json", home=home.home).stdout)
    assert found["dropped_last_day"] == {"not_json": 1}


def violation(pointer: str) -> dict:
    return {"pointer": pointer, "rule": "type", "expected": "a", "found": "[b]", "remedy": "c"}


@pytest.mark.parametrize(
    ("event", "pointer", "line"),
    [
        ({"a": {"b": [1, 2]}}, "/a/b/1", "      2 ← 1"),
        ({"a": {}}, "/a/c", '    "c" is absent ← 1'),
        ({"a/b": "[red]x[/]"}, "/a~1b", '  "a/b": "[red]x[/]" ← 1'),
        ({"a": {"b": 1}}, "/a", '  "a": { ← 1'),
        ([1], "/0", "  1 ← 1"),
    ],
)
def test_the_wrong_place_is_marked(event: object, pointer: str, line: str) -> None:
    row = {"receipt": "quarantine/1/0", "landing_hour": "h", "received_at": "r", "producer": "p",
           "environment": "e", "channel": "c", "event": event, "whole": True,
           "violations": [violation(pointer)], "replayed": None}  # fmt: skip
    assert line in Text.from_markup(event_text(row)).plain.splitlines()


def test_what_was_cut_is_shown_as_text() -> None:
    row = {"receipt": "r", "landing_hour": "h", "received_at": "r", "producer": "p",
           "environment": "e", "channel": "c", "event": '{"a": [b', "whole": False,
           "violations": [violation("")], "replayed": None}  # fmt: skip
    plain = Text.from_markup(event_text(row)).plain
    assert '{"a": [b' in plain
    assert "1. the event type" in plain
