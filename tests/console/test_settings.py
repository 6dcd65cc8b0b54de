"""Settings: people and tokens are managed by admins, secrets are told once, facts are told to all."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from weir.audit import Wanted, log_of
from weir.audit.reading import find
from weir.console.access import Role
from weir.console.context import Console
from weir.core.origins import HIDDEN, settings_in_force
from weir.core.settings import Settings

Ask = Callable[..., Any]


@pytest.fixture
def ask(visit: Callable[[], TestClient], tokens: dict[Role, str]) -> Ask:
    client = visit()

    def asking(method: str, path: str, who: Role = Role.ADMIN, /, **json: Any) -> Any:
        bearer = {"Authorization": f"Bearer {tokens[who]}"}
        answer = client.request(
            method, f"/api/v1/settings/{path}", headers=bearer, json=json or None
        )
        found = answer.json() if answer.content else None
        return found["error"]["code"] if answer.status_code >= 400 else found

    return asking


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "people"),
        ("PUT", "people/viewer@example.com/role"),
        ("DELETE", "people/viewer@example.com"),
        ("POST", "people/viewer@example.com/link"),
        ("POST", "people/viewer@example.com/tokens"),
        ("DELETE", "people/tokens/0123456789"),
        ("GET", "tokens"),
        ("POST", "tokens"),
        ("DELETE", "tokens/0123456789"),
        ("POST", "tokens/0123456789/rotate"),
        ("GET", "engines"),
    ],
)
@pytest.mark.parametrize("role", [Role.VIEWER, Role.OPERATOR])
def test_only_admins_change_or_see_secrets_surroundings(
    ask: Ask, method: str, path: str, role: Role
) -> None:
    assert ask(method, path, role, name="x", role="admin", producer="x") == "not_allowed"


def test_somebody_is_let_in_by_a_link_gets_a_role_and_is_removed(
    ask: Ask, console: Console
) -> None:
    made = ask("POST", "people", name="new@example.com", role="editor")
    assert "/sign-in#token=weirp_" in made["link"]
    token = made["link"].partition("#token=")[2]
    person = console.people.by_token(token, signing_in=True)
    assert person is not None
    assert (person.name, person.role) == ("new@example.com", Role.EDITOR)
    assert ask("POST", "people", name="new@example.com") == "usage_error"
    assert ask("POST", "people", name="No Name") == "invalid_value"
    assert ask("PUT", "people/new@example.com/role", role="owner") == "invalid_request"
    assert ask("PUT", "people/new@example.com/role", role="operator")["role"] == "operator"

    held = ask("POST", "people/new@example.com/tokens", expires="1d")
    assert console.people.by_token(held["text"]) is not None
    everybody = {one["name"]: one for one in ask("GET", "people")["people"]}
    assert held["token"] in everybody["new@example.com"]["tokens"]
    assert held["text"] not in str(everybody)
    seen = {one["name"]: one for one in ask("GET", "people", Role.VIEWER)["people"]}
    assert seen["new@example.com"]["role"] == "operator"
    assert seen["new@example.com"]["tokens"] == []
    assert seen["viewer@example.com"]["you"]

    assert ask("DELETE", f"people/tokens/{held['token']['id']}") is None
    assert console.people.by_token(held["text"]) is None
    assert ask("DELETE", "people/new@example.com") is None
    assert ask("POST", "people/new@example.com/link") == "not_found"
    log = find(log_of(console.settings), Wanted(action="people.remove"))
    assert (log[0].name, log[0].result) == ("admin@example.com", "ok")


def test_the_last_admin_stays(ask: Ask, console: Console) -> None:
    assert ask("PUT", "people/admin@example.com/role", role="viewer") == "last_admin"
    assert ask("DELETE", "people/admin@example.com") == "last_admin"
    assert console.people.get("admin@example.com").role is Role.ADMIN


def test_a_producers_token_is_made_once_rotated_and_revoked(ask: Ask, console: Console) -> None:
    made = ask("POST", "tokens", producer="shop-backend", rate=10, events=["*_shop"], expires="90d")
    assert made["text"].endswith(made["token"]["last4"])
    assert made["token"]["state"] == "active"
    assert made["token"]["expires_at"] is not None
    other = ask("POST", f"tokens/{made['token']['id']}/rotate", overlap="0s")
    listed = {one["id"]: one for one in ask("GET", "tokens")["tokens"]}
    assert listed[made["token"]["id"]]["state"] == "expired"
    assert listed[other["token"]["id"]]["rotated_from"] == made["token"]["id"]
    assert "hash" not in listed[other["token"]["id"]]
    assert ask("DELETE", f"tokens/{other['token']['id']}")["state"] == "revoked"
    assert ask("POST", f"tokens/{other['token']['id']}/rotate") == "invalid_request"
    assert ask("POST", f"tokens/{other['token']['id']}/rotate", overlap="1h") == "usage_error"
    assert ask("POST", "tokens", producer="Not A Name") == "invalid_value"
    assert ask("POST", "tokens", producer="x", expires="soon") == "invalid_value"
    assert ask("POST", "tokens", producer="x", tail=True, channel="client") == "invalid_value"
    (entry, *_) = find(log_of(console.settings), Wanted(action="tokens.create"))
    assert made["text"] not in str(entry)


def test_settings_say_where_they_come_from_and_hide_secrets(
    ask: Ask, settings: Settings, tmp_path: Path
) -> None:
    engines = ask("GET", "engines")
    assert "duckdb" in engines["versions"]
    told = {one["name"]: one for one in engines["settings"]}
    assert told["landing_grain"]["origin"] == "file"
    assert told["actor"]["origin"] == "default"
    assert told["home"]["origin"] == "given"
    home = tmp_path / "home"
    home.mkdir()
    (home / "weir.toml").write_text('env_keep_days = 3.0\ngit_host = "gitlab"\n')
    secret = Settings(
        home=home, project=settings.project, git_token="ghp_x",
        ledger_url="postgresql+psycopg2://a:pass@db/x", catalog="postgres:password='a b'",
        kafka_options="sasl.password=pass",
    )  # fmt: skip
    shown = {one.name: one for one in settings_in_force(secret, {"WEIR_GIT_HOST": "github"})}
    assert shown["git_token"].value == HIDDEN
    assert shown["ledger_url"].value == f"postgresql+psycopg2:{HIDDEN}"
    assert shown["catalog"].value == f"postgres:{HIDDEN}"
    assert shown["kafka_options"].value == HIDDEN
    assert shown["git_host"].origin == "environment"
    assert (shown["env_keep_days"].origin, shown["env_keep_days"].default) == ("file", "14.0")
    assert "pass" not in "".join(
        one.value + one.default for one in shown.values() if one.name != "project"
    )


def test_environments_and_health_are_told_to_all(ask: Ask) -> None:
    found = ask("GET", "environments", Role.VIEWER)
    assert (found["here"], found["environments"]) == ("", [])


@pytest.mark.slow
def test_health_is_what_doctor_finds(ask: Ask) -> None:
    found = {one["subject"]: one for one in ask("GET", "health", Role.VIEWER)["findings"]}
    assert found["lake"]["ok"]
    assert found["versions"]["found"].startswith("Python 3")
