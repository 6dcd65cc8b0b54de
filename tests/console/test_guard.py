"""What the console refuses before it looks at who asks, and the headers of what it answers."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
from fastapi.testclient import TestClient

from tests.console.conftest import BASE
from weir.console.access import Role
from weir.console.app import create_app
from weir.console.context import Console
from weir.console.http.errors import Refused
from weir.console.http.guard import MAX_BODY

Visit = Callable[[], TestClient]


def test_every_answer_says_what_a_browser_may_do_with_it(viewer: TestClient) -> None:
    for path in ("/api/v1/home", "/api/v1/nothing", "/"):
        headers = viewer.get(path).headers
        policy = headers["content-security-policy"]
        assert "default-src 'self'" in policy
        assert "script-src" not in policy  # so 'self' holds for scripts too: none inline
        assert "frame-ancestors 'none'" in policy
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["x-frame-options"] == "DENY"
        assert headers["x-request-id"]


@pytest.mark.parametrize(
    ("origin", "status"),
    [
        ("http://127.0.0.1:7500", 401),
        ("http://127.0.0.1:7501", 403),
        ("https://evil.example", 403),
        ("null", 403),
        (None, 401),
    ],
)
def test_a_page_of_another_site_changes_nothing(
    visit: Visit, origin: str | None, status: int
) -> None:
    headers = {"Origin": origin} if origin else {}
    answer = visit().post("/api/v1/session", json={"token": "x"}, headers=headers)
    assert answer.status_code in (status, 429)
    if status == 403:
        assert answer.json()["error"]["code"] == "foreign_origin"
    assert visit().get("/api/v1/session", headers=headers).status_code == 200


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("127.0.0.1:7500", 200), ("localhost:7500", 200), ("[::1]:7500", 200),
        ("evil.example", 421), ("127.0.0.1.evil.example:7500", 421), ("", 421), ("[", 421),
    ],
)  # fmt: skip
def test_only_the_consoles_own_names_are_answered(visit: Visit, host: str, status: int) -> None:
    answer = visit().get("/api/v1/session", headers={"Host": host})
    assert answer.status_code == status
    if status == 421:
        assert "WEIR_CONSOLE_URL" in answer.json()["error"]["remedy"]


def test_the_address_that_people_use_is_answered_too(console: Console) -> None:
    named = console.settings.model_copy(update={"console_url": "https://weir.example.com"})
    app = create_app(Console.of(named))
    client = TestClient(app, base_url="http://weir.example.com")
    assert client.get("/api/v1/session").status_code == 200


def test_a_body_has_an_end(visit: Visit) -> None:
    client = visit()
    answer = client.post("/api/v1/session", content=b"x" * (MAX_BODY + 1))
    assert answer.status_code == 413

    def endless() -> object:
        for _ in range(MAX_BODY // 1000 + 2):
            yield b"x" * 1000

    answer = client.post("/api/v1/session", content=endless())
    assert answer.status_code == 413


def test_errors_have_one_shape(viewer: TestClient) -> None:
    for path, status, code in (
        ("/api/v1/nothing", 404, "not_found"),
        ("/api/v1/events/nothing", 404, "not_found"),
        ("/api/v1/models/fact/nothing", 404, "not_found"),
        ("/api/v1/events?limit=0", 422, "invalid_request"),
        ("/api/v1/events/purchase_item_shop/versions/1/9", 404, "not_found"),
    ):
        answer = viewer.get(path)
        error = answer.json()["error"]
        assert (answer.status_code, error["code"]) == (status, code)
        assert error["message"]
        assert error["request"] == answer.headers["x-request-id"]
    assert viewer.get("/api/v1/events?limit=0").json()["error"]["where"] == {
        "pointer": "/query/limit"
    }
    assert viewer.put("/api/v1/home").status_code == 405


def test_what_breaks_is_told_without_its_insides(
    viewer: TestClient, console: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken() -> None:
        raise RuntimeError("the insides")

    monkeypatch.setattr(console.projects, "picture", broken)
    console.projects.look_again()
    answer = viewer.get("/api/v1/home")
    assert answer.status_code == 500
    assert "insides" not in answer.text
    assert answer.json()["error"]["request"] in answer.headers["x-request-id"]


@pytest.mark.parametrize("path", ["/%00", "/" + "a" * 5_000, "/a%00b/c"])
def test_an_address_that_no_file_can_have_is_a_page(viewer: TestClient, path: str) -> None:
    assert viewer.get(path).status_code in (200, 503)


def test_an_origin_that_is_none_is_foreign(viewer: TestClient) -> None:
    answer = viewer.post("/api/v1/session", headers={"Origin": "http://["}, json={"token": "x"})
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "foreign_origin")


@pytest.mark.parametrize(
    ("path", "field"),
    [
        ("quarantine?from=0001-01-01T00:00:00%2B10:00", "from"),
        ("quarantine/rows?to=9999-12-31", "to"),
        ("quarantine/drops?to=9999-12-31", "to"),
        ("search/all?q=*&from=0001-01-01T00:00:00%2B10:00&to=2026-01-01", "from"),
        ("audit?since=0001-01-01T00:00:00%2B10:00", "since"),
        ("audit?until=9999-12-31T23:00:00-10:00", "until"),
        ("audit?before=99999999999999999999", "before"),
    ],
)
def test_a_time_or_number_that_nothing_can_hold_is_refused_by_name(
    visit: Visit, tokens: dict[Role, str], path: str, field: str
) -> None:
    bearer = {"Authorization": f"Bearer {tokens[Role.OPERATOR]}"}
    answer = visit().get(f"/api/v1/{path}", headers=bearer)
    assert answer.status_code == 422, answer.text
    assert field in answer.json()["error"]["message"]


def test_one_session_takes_no_more_than_its_share(
    visit: Visit, tokens: dict[Role, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("weir.console.http.share.OF_ONE", 1)
    begun, going = threading.Event(), threading.Event()

    def slow(*_: object) -> None:
        begun.set()
        going.wait(10)
        raise Refused(418, "teapot", "No more.")

    monkeypatch.setattr("weir.console.pages.home._home", slow)
    client = visit()
    client.headers["Authorization"] = f"Bearer {tokens[Role.VIEWER]}"
    other = TestClient(client.app, base_url=BASE)
    other.headers["Authorization"] = f"Bearer {tokens[Role.EDITOR]}"
    first = threading.Thread(target=lambda: client.get("/api/v1/home"))
    first.start()
    assert begun.wait(10)
    answer = client.get("/api/v1/session")
    assert (answer.status_code, answer.json()["error"]["code"]) == (429, "busy")
    assert answer.headers["x-request-id"] == answer.json()["error"]["request"]
    assert other.get("/api/v1/session").status_code == 200
    going.set()
    first.join(10)
    assert client.get("/api/v1/session").status_code == 200
