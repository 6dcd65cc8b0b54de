"""Quarantine in the console: groups, single events, dry runs and replays, on a real lake."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from tests.collect.quarantined import collector
from tests.console.conftest import BASE, ROOT
from weir.audit import Wanted as Asked
from weir.audit import log_of
from weir.audit.reading import find
from weir.collect.lastgood import load_rules
from weir.collect.rules import Rules
from weir.console.access import Role
from weir.console.app import create_app
from weir.console.context import Console
from weir.console.pages.quarantine import replaying
from weir.core.settings import Settings, load
from weir.engines.embedded.lake import Lake

EVENT = "purchase_item_shop"
NOW = datetime(2026, 11, 21, 9, 30)
EARLY = NOW - timedelta(hours=4)
Ask = Callable[..., Any]


def purchase(n: int, **changes: Any) -> dict[str, Any]:
    return {
        "id": f"p{n}", "name": EVENT, "version": 1, "time": f"{EARLY.isoformat()}Z", "user_id": f"u{n}",
        "app_version": "2.1", "params": {"quantity": 1, "price": 2.5}, **changes,
    }  # fmt: skip


def none_is_open(rules: Rules) -> Rules:
    """The rules of before the event was registered."""
    return Rules([rule for name, rule in rules.events.items() if name != EVENT])


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A home with five events that are right by now, and three that never will be."""
    found = load(ROOT, tmp_path_factory.mktemp("quarantine"), "")
    Lake(found).create()
    collect, rules = collector(found), load_rules(found)
    collect(*[purchase(n) for n in range(5)], at=EARLY, rules=none_is_open(rules))
    collect(
        purchase(7, params={"quantity": "x", "price": 2.5}), purchase(8, app_version=None, time="never"),
        b'{"name": ', at=EARLY, rules=rules,
    )  # fmt: skip
    return found


@pytest.fixture(scope="module")
def console(settings: Settings) -> Console:
    return Console.of(settings, lambda: NOW)


@pytest.fixture(scope="module")
def ask(console: Console) -> Ask:
    """Ask as somebody with a role; return the JSON, or the error's code."""
    return asking_of(console)


def asking_of(console: Console) -> Ask:
    tokens = {}
    for role in Role:
        console.people.add(role.value, role)
        tokens[role] = console.people.make_token(role.value)[1]
    client = TestClient(create_app(console), base_url=BASE, raise_server_exceptions=False)

    def asking(method: str, path: str, role: Role = Role.VIEWER, **options: Any) -> Any:
        bearer = {"Authorization": f"Bearer {tokens[role]}"}
        answer = client.request(method, f"/api/v1/quarantine{path}", headers=bearer, **options)
        found = answer.json()
        return found["error"]["code"] if answer.status_code >= 400 else found

    return asking


def test_groups_say_what_is_wrong_where_and_how_much_of_all(ask: Ask) -> None:
    found = ask("GET", "")
    assert (found["rows"], found["replayed"]) == (8, 0)
    groups = [(g["event"], g["rule"], g["pointer"], g["rows"]) for g in found["groups"]]
    assert groups[0] == (EVENT, "unknown_event", "/name", 5)
    assert set(groups[1:]) == {
        (EVENT, "bad_time", "/time", 1),
        (EVENT, "type", "/params/quantity", 1),
        (None, "not_json", "", 1),
    }
    assert found["groups"][0]["share"] == 5 / 8
    assert found["choices"]["event"] == [EVENT, "-"]
    assert found["choices"]["app"] == ["2.1", "-"]


@pytest.mark.parametrize(
    ("query", "rows"),
    [
        ({"event": EVENT}, 7),
        ({"event": "-"}, 1),
        ({"rule": "bad_time"}, 1),
        ({"app": "-"}, 2),
        ({"pointer": "/params/quantity"}, 1),
        ({"from": "2026-11-21", "to": "2026-11-21"}, 8),
        ({"to": "2026-11-20"}, 0),
        ({"from": "2026-11-21T05:00:00Z"}, 8),
        ({"from": "2026-11-21T06:00:00+00:00"}, 0),
        ({"state": "replayed"}, 0),
    ],
)
def test_filters_hold_for_groups_and_rows(ask: Ask, query: dict[str, str], rows: int) -> None:
    assert ask("GET", "", params=query)["rows"] == rows
    assert len(ask("GET", "/rows", params=query)["rows"]) == rows


def test_one_event_is_told_as_it_was_sent_with_its_wrong_places(ask: Ask) -> None:
    (row,) = ask("GET", "/rows", params={"rule": "type"})["rows"]
    assert row["sent"]["params"] == {"quantity": "x", "price": 2.5}
    (wrong,) = row["violations"]
    assert (wrong["pointer"], wrong["rule"]) == ("/params/quantity", "type")
    assert (row["app"], row["landing"], row["replayed"]) == ("2.1", "2026-11-21-05:00", None)
    assert ask("GET", "/rows", params={"receipt": row["receipt"]})["rows"] == [row]
    (torn,) = ask("GET", "/rows", Role.EDITOR, params={"event": "-"})["rows"]
    assert (torn["sent"], torn["raw"], torn["hidden"]) == (None, '{"name": ', False)
    (torn,) = ask("GET", "/rows", params={"event": "-"})["rows"]
    assert (torn["sent"], torn["raw"], torn["hidden"]) == (None, "", True)
    assert '{"name"' not in str(torn["violations"])


def test_a_viewer_sees_nothing_of_a_malformed_event_that_may_be_personal(
    tmp_path: Path,
) -> None:
    settings = load(ROOT, tmp_path, "")
    Lake(settings).create()
    ask = asking_of(Console.of(settings, lambda: NOW))
    secret, name = "ann@example.com", "open_page_nowhere"
    collector(settings)(
        purchase(20, params=[{"mail": secret}]),
        purchase(21, params=f'{{"mail": "{secret}"}}'),
        purchase(22, name=name, params={"mail": secret}),
        purchase(23, params={"quantity": "x", "price": 2.5}, mail=secret),
        purchase(24, user_id={"mail": secret}),
        at=EARLY, rules=load_rules(settings),
    )  # fmt: skip
    rows = ask("GET", "/rows")["rows"]
    assert len(rows) == 5
    assert secret not in str(rows)
    assert all(row["hidden"] for row in rows)
    assert str(ask("GET", "/rows", Role.EDITOR)).count(secret) >= 5


def test_wrong_input_is_refused(ask: Ask) -> None:
    assert ask("GET", "", params={"from": "yesterday"}) == "invalid_value"
    assert ask("GET", "", params={"state": "lost"}) == "invalid_request"
    assert ask("GET", "", params={"event": "x" * 501}) == "invalid_request"
    assert ask("GET", "/rows", params={"limit": 101}) == "invalid_request"
    assert ask("GET", "/replays/99") == "not_found"
    assert ask("POST", "/dry-run", Role.EDITOR, json={"version": 0}) == "invalid_request"
    assert ask("POST", "/dry-run", Role.EDITOR, json={"ids": ["x"] * 101}) == "invalid_request"


def test_only_who_may_tries_or_replays(ask: Ask) -> None:
    assert ask("POST", "/dry-run", Role.VIEWER, json={}) == "not_allowed"
    for role in (Role.VIEWER, Role.EDITOR):
        assert ask("POST", "/replays", role, json={}) == "not_allowed"
    assert ask("GET", "/replays") == {"replays": []}


def test_a_dry_run_counts_a_replay_lands_and_its_rows_say_so(ask: Ask, settings: Settings) -> None:
    tried = ask("POST", "/dry-run", Role.EDITOR, json={"event": EVENT})
    assert (tried["total"], tried["looked_at"], tried["valid"], tried["replayed"]) == (7, 7, 5, 0)
    assert tried["reasons"] == {"bad_time": 1, "type": 1}
    assert {one["pointer"] for one in tried["examples"]} == {"/time", "/params/quantity"}
    assert ask("GET", "")["rows"] == 8

    chosen = {"rule": "unknown_event", "event": EVENT}
    begun = ask("POST", "/replays", Role.OPERATOR, json=chosen)
    assert (begun["state"], begun["total"], begun["by"]) == ("running", 5, "operator")
    for _ in range(200):
        done = ask("GET", f"/replays/{begun['id']}")
        if done["state"] != "running":
            break
        time.sleep(0.05)
    assert (done["state"], done["report"]["replayed"]) == ("done", 5), done
    assert len(done["report"]["landed"]) == 1

    assert ask("GET", "")["rows"] == 3
    rows = ask("GET", "/rows", params={"state": "replayed"})["rows"]
    assert {row["replayed"]["by"] for row in rows} == {"operator"}
    assert len(rows) == 5
    entry = find(log_of(settings), Asked(action="quarantine.replay"))[0]
    assert (entry.name, entry.result) == ("operator", "ok")
    assert ask("POST", "/dry-run", Role.EDITOR, json=chosen)["looked_at"] == 0


def test_few_dry_runs_are_under_way_at_once(ask: Ask) -> None:
    with replaying._trying.one("somebody"), replaying._trying.one("else"):
        assert ask("POST", "/dry-run", Role.EDITOR, json={}) == "busy"
    assert ask("POST", "/dry-run", Role.EDITOR, json={})["replayed"] == 0


def test_drops_are_told(ask: Ask) -> None:
    assert ask("GET", "/drops", params={"from": str(date(2026, 11, 1))}) == {"drops": []}
