"""Sessions: how they open and end, what the cookie is, and what a request must bring."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from fastapi.testclient import TestClient

from tests.console.conftest import BASE, Clock
from weir.audit import Wanted, log_of
from weir.audit.reading import find
from weir.console.access import Role
from weir.console.app import create_app
from weir.console.context import Console
from weir.console.http.limits import Attempts
from weir.console.pages import session

SESSION = "/api/v1/session"
Visit = Callable[[], TestClient]


@pytest.fixture(autouse=True)
def _no_attempts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session, "_attempts", Attempts(10, 60.0))


def test_who_is_not_signed_in_sees_nothing_but_how_to(visit: Visit) -> None:
    client = visit()
    told = client.get(SESSION).json()
    assert told["person"] is None
    assert told["sign_in"] == {"token": True, "oidc": None}
    for path in ("home", "events", "events/purchase_item_shop", "models"):
        answer = client.get(f"/api/v1/{path}")
        assert answer.status_code == 401
        assert answer.json()["error"]["code"] == "not_signed_in"
        assert "weir people token" in answer.json()["error"]["remedy"]


def test_a_session_opens_with_a_token_and_ends(visit: Visit, tokens: dict[Role, str]) -> None:
    client = visit()
    answer = client.post(SESSION, json={"token": f" {tokens[Role.EDITOR]}\n"})
    assert answer.json()["person"] == {"name": "editor@example.com", "role": "editor"}
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=lax" in cookie
    assert "secure" not in cookie  # over http, on this machine
    assert client.get("/api/v1/home").status_code == 200
    csrf = answer.json()["csrf"]
    assert client.delete(SESSION).json()["error"]["code"] == "csrf"
    assert client.delete(SESSION, headers={"X-Weir-CSRF": f"{csrf}x"}).status_code == 403
    stolen = dict(client.cookies)
    assert client.delete(SESSION, headers={"X-Weir-CSRF": csrf}).status_code == 204
    client.cookies.update(stolen)
    assert client.get("/api/v1/home").status_code == 401


def test_over_https_the_cookie_is_secure(console: Console, tokens: dict[Role, str]) -> None:
    client = TestClient(create_app(console), base_url=BASE.replace("http:", "https:"))
    answer = client.post(SESSION, json={"token": tokens[Role.VIEWER]})
    assert "; secure" in answer.headers["set-cookie"].lower()


def test_a_session_ends_by_itself(
    console: Console, visit: Visit, tokens: dict[Role, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = Clock()
    monkeypatch.setattr(console.sessions, "_now", clock)
    client = visit()
    client.post(SESSION, json={"token": tokens[Role.VIEWER]})
    clock.wait(hours=11.9)
    assert client.get("/api/v1/models").status_code == 200
    clock.wait(hours=0.2)
    assert client.get("/api/v1/models").status_code == 401


def test_a_new_role_holds_at_once_and_a_removed_person_is_out(
    console: Console, visit: Visit
) -> None:
    console.people.add("eve", Role.VIEWER)
    client = visit()
    client.post(SESSION, json={"token": console.people.make_token("eve")[1]})
    console.people.set_role("eve", Role.ADMIN)
    assert client.get(SESSION).json()["person"]["role"] == "admin"
    console.people.remove("eve")
    assert client.get(SESSION).json()["person"] is None
    assert client.get("/api/v1/home").status_code == 401


def test_scripts_send_their_token_and_need_no_csrf(visit: Visit, tokens: dict[Role, str]) -> None:
    client = visit()
    bearer = {"Authorization": f"Bearer {tokens[Role.VIEWER]}"}
    assert client.get("/api/v1/home", headers=bearer).status_code == 200
    assert client.delete(SESSION, headers=bearer).status_code == 204
    assert client.get("/api/v1/home", headers={"Authorization": "Bearer x"}).status_code == 401


def test_wrong_tokens_are_refused_and_soon_not_even_looked_at(
    visit: Visit, tokens: dict[Role, str]
) -> None:
    client = visit()
    wrong = {"token": tokens[Role.VIEWER][:-1] + "x"}
    assert [client.post(SESSION, json=wrong).status_code for _ in range(10)] == [401] * 10
    answer = client.post(SESSION, json={"token": tokens[Role.VIEWER]})
    assert answer.status_code == 429
    assert "Wait" in answer.json()["error"]["remedy"]


def test_failures_count_for_a_while_and_by_who_tried() -> None:
    now = [0.0]
    attempts = Attempts(2, 60.0, lambda: now[0])
    for _ in range(2):
        attempts.check("a")
        attempts.failed("a")
    with pytest.raises(Exception, match="2 tries failed"):
        attempts.check("a")
    attempts.check("b")
    now[0] = 60.0
    attempts.check("a")


def test_signing_in_is_in_the_audit_log(
    console: Console, visit: Visit, tokens: dict[Role, str]
) -> None:
    visit().post(SESSION, json={"token": tokens[Role.ADMIN]})
    (entry, *_) = find(log_of(console.settings), Wanted(action="console.sign_in"))
    assert (entry.name, entry.result) == ("admin@example.com", "ok")
    assert tokens[Role.ADMIN] not in str(entry)


def test_behind_a_server_with_tls_the_cookie_is_secure_and_each_address_is_its_own(
    console: Console, tokens: dict[Role, str]
) -> None:
    settings = console.settings.model_copy(update={"console_url": "https://weir.example.com"})
    app = create_app(Console.of(settings, console.now))

    def sign_in(token: str, come_from: str) -> Any:
        client = TestClient(app, base_url="http://weir.example.com", client=("127.0.0.1", 1))
        headers = {"X-Forwarded-For": f"6.6.6.6, {come_from}", "Origin": "http://weir.example.com"}
        return client.post("/api/v1/session", json={"token": token}, headers=headers)

    for _ in range(10):
        assert sign_in("wrong", "203.0.113.9").status_code == 401
    assert sign_in("wrong", "203.0.113.9").status_code == 429
    found = sign_in(tokens[Role.VIEWER], "203.0.113.7")
    assert found.status_code == 200
    assert "Secure" in found.headers["set-cookie"]
