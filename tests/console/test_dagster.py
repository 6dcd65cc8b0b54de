"""Dagster behind the console: who may look, who may change, what is passed on and what is not."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest
from fastapi.testclient import TestClient
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from tests.console.conftest import BASE
from tests.console.served import listening, port_of, served
from weir.audit import Wanted, log_of
from weir.audit.reading import find
from weir.console.access import Role
from weir.console.app import create_app
from weir.console.context import Console
from weir.console.http.graphql import NotGraphQL, mutations

LIVE = f"{BASE.replace('http', 'ws')}/dagster/graphql"
LAUNCH = {"query": "mutation L { launchRun(x: 1) { id } }", "variables": {"token": "weir_secret"}}
READ = {"query": "query Q { runs { id } }"}


@dataclass
class Double:
    """A webserver in Dagster's place: it keeps what came."""

    port: int
    seen: list[dict[str, Any]] = field(default_factory=list)
    live: list[str] = field(default_factory=list)

    async def http(self, request: Request) -> Any:
        body = await request.body()
        self.seen.append({
            "path": request.url.path, "query": request.url.query, "method": request.method,
            "headers": dict(request.headers), "body": body,
        })  # fmt: skip
        if request.url.path.endswith("/moved"):
            return RedirectResponse(f"http://127.0.0.1:{self.port}/dagster/there")
        if request.url.path.endswith("/graphql"):
            return JSONResponse({"data": {}}, headers={"Set-Cookie": "theirs=1"})
        return PlainTextResponse(
            "page", headers={"Content-Security-Policy": "script-src 'nonce-1'"}
        )

    async def socket(self, live: WebSocket) -> None:
        await live.accept("graphql-ws")
        try:
            while True:
                text = await live.receive_text()
                self.live.append(text)
                await live.send_text(json.dumps({"echo": json.loads(text)}))
        except WebSocketDisconnect:
            pass


@pytest.fixture(scope="module")
def dagster() -> Iterator[Double]:
    """The webserver of those who may change something."""
    yield from webserver()


@pytest.fixture(scope="module")
def showing() -> Iterator[Double]:
    """The webserver that was started read-only."""
    yield from webserver()


def webserver() -> Iterator[Double]:
    taken = listening()
    double = Double(port_of(taken))
    routes = [
        WebSocketRoute("/dagster/graphql", double.socket),
        Route("/{path:path}", double.http, methods=["GET", "POST"]),
    ]
    with served(Starlette(routes=routes), taken, lifespan="off"):
        yield double


@pytest.fixture
def proxied(
    console: Console, dagster: Double, showing: Double, tokens: dict[Role, str]
) -> Iterator[Any]:
    """Open Dagster's pages as somebody with a role."""
    for double in (dagster, showing):
        double.seen.clear()
        double.live.clear()
    ports = {"dagster_port": dagster.port, "dagster_viewers_port": showing.port}
    settings = console.settings.model_copy(update=ports)
    app = create_app(Console.of(settings, console.now))
    with TestClient(app, base_url=BASE, follow_redirects=False) as client:

        def visit(role: Role | None) -> TestClient:
            client.cookies.clear()
            if role is not None:
                cookie = console.sessions.open(console.people.by_token(tokens[role]))[1]  # type: ignore[arg-type]
                client.cookies.set("weir_session", cookie)
            return client

        yield visit


def test_nobody_sees_it_without_a_session(proxied: Any, dagster: Double) -> None:
    client = proxied(None)
    assert client.get("/dagster/runs").status_code == 401
    page = client.get("/dagster/runs", headers={"Accept": "text/html"})
    assert (page.status_code, page.headers["location"]) == (303, "/sign-in?to=/dagster/runs")
    assert client.post("/dagster/graphql", json=READ).status_code == 401
    assert dagster.seen == []


def test_pages_are_passed_on_without_the_consoles_cookie(proxied: Any, dagster: Double) -> None:
    client = proxied(Role.OPERATOR)
    answer = client.get("/dagster/assets/fact/x?view=checks&a=%2F")
    assert (answer.status_code, answer.text) == (200, "page")
    (seen,) = dagster.seen
    assert (seen["path"], seen["query"]) == ("/dagster/assets/fact/x", "view=checks&a=%2F")
    assert "cookie" not in seen["headers"]
    assert answer.headers["content-security-policy"] == "script-src 'nonce-1'"
    assert client.get("/dagster").headers["location"] == "/dagster/"
    assert client.get("/dagster/moved").headers["location"] == "/dagster/there"


@pytest.mark.parametrize(
    ("role", "status"),
    [(Role.VIEWER, 403), (Role.EDITOR, 403), (Role.OPERATOR, 200), (Role.ADMIN, 200)],
)
def test_who_may_change_something(
    proxied: Any, dagster: Double, showing: Double, role: Role, status: int
) -> None:
    client = proxied(role)
    answer = client.post("/dagster/graphql", json=LAUNCH, headers={"Origin": BASE})
    assert answer.status_code == status
    assert (len(dagster.seen), showing.seen) == (status == 200, [])
    assert client.post("/dagster/graphql", json=READ, headers={"Origin": BASE}).status_code == 200
    assert len((dagster if status == 200 else showing).seen) == 1 + (status == 200)
    assert "set-cookie" not in answer.headers


def test_what_is_changed_is_in_the_audit_log_without_secrets(
    proxied: Any, console: Console
) -> None:
    proxied(Role.OPERATOR).post("/dagster/graphql", json=LAUNCH, headers={"Origin": BASE})
    (entry, *_) = find(log_of(console.settings), Wanted(action="dagster.mutation"))
    assert (entry.name, entry.result) == ("operator@example.com", "ok")
    assert "launchRun" in str(entry.as_dict())
    assert "weir_secret" not in str(entry.as_dict())


@pytest.mark.parametrize(
    "send",
    [
        {"json": LAUNCH},  # no page says that it sent it
        {"json": LAUNCH, "headers": {"Origin": "https://evil.example"}},
        {"content": json.dumps(LAUNCH), "headers": {"Content-Type": "text/plain", "Origin": BASE}},
        {"json": {"query": "mutation {"}, "headers": {"Origin": BASE}},
        {"json": {"no": "query"}, "headers": {"Origin": BASE}},
        {"content": b"{", "headers": {"Content-Type": "application/json", "Origin": BASE}},
        {
            "content": b"[" * 200_000,
            "headers": {"Content-Type": "application/json", "Origin": BASE},
        },
    ],
)
def test_what_cannot_be_trusted_or_read_is_not_passed_on(
    proxied: Any, dagster: Double, send: dict[str, Any]
) -> None:
    assert proxied(Role.ADMIN).post("/dagster/graphql", **send).status_code in (400, 403, 415)
    assert dagster.seen == []


def test_a_mutation_by_get_or_beside_a_query_is_one_too(
    proxied: Any, dagster: Double, showing: Double
) -> None:
    client = proxied(Role.VIEWER)
    by_get = client.get("/dagster/graphql", params={"query": LAUNCH["query"]})
    assert by_get.status_code == 403
    both = {"query": f"{READ['query']} {LAUNCH['query']}", "operationName": "Q"}
    for wanted in (both, [READ, LAUNCH]):
        answer = client.post("/dagster/graphql", json=wanted, headers={"Origin": BASE})
        assert answer.status_code == 403
    assert client.post("/dagster/report_runless", json={}).status_code == 403
    assert dagster.seen == showing.seen == []


def test_what_an_operator_changes_comes_by_post_from_the_consoles_own_page(
    proxied: Any, dagster: Double
) -> None:
    client = proxied(Role.OPERATOR)
    for headers in ({"Origin": "http://127.0.0.1:8888"}, {"Origin": BASE}):
        by_get = client.get("/dagster/graphql", params={"query": LAUNCH["query"]}, headers=headers)
        assert by_get.status_code == 405
    basic = client.post("/dagster/graphql", json=LAUNCH, headers={"Authorization": "Basic eDp5"})
    assert basic.status_code == 403  # what a server before it adds is no token
    assert client.post("/dagster/report_asset_materialization/a", json={}).status_code == 403
    assert dagster.seen == []


@pytest.mark.parametrize(
    "path",
    [
        "x%2f..%2fgraphql", "%2567raphql", "x/%2e%2e/graphql", "/graphql", "graphql%3Fa", "a%5cb",
        "x%2f..%2f..%2fserver_info", "%00",
    ],
)  # fmt: skip
def test_a_path_that_means_another_place_is_not_passed_on(
    proxied: Any, dagster: Double, path: str
) -> None:
    answer = proxied(Role.OPERATOR).get(f"/dagster/{path}", params={"query": LAUNCH["query"]})
    assert answer.status_code in (404, 405)
    assert dagster.seen == []


def test_other_changes_are_audited_too(proxied: Any, console: Console, dagster: Double) -> None:
    client = proxied(Role.OPERATOR)
    path = "/dagster/report_asset_materialization/fact/x"
    assert client.post(path, json={}, headers={"Origin": BASE}).status_code == 200
    (entry, *_) = find(log_of(console.settings), Wanted(action="dagster.mutation"))
    assert path in str(entry.as_dict())
    assert len(dagster.seen) == 1


def test_live_updates_are_passed_on_and_mutations_among_them_are_not(
    proxied: Any, showing: Double
) -> None:
    client = proxied(Role.VIEWER)
    headers = {"Origin": BASE}
    with client.websocket_connect(LIVE, ["graphql-ws"], headers=headers) as live:
        assert live.accepted_subprotocol == "graphql-ws"
        live.send_json({"type": "connection_init", "payload": {}})
        assert live.receive_json()["echo"]["type"] == "connection_init"
        live.send_json({"id": "1", "type": "start", "payload": READ})
        assert live.receive_json()["echo"]["id"] == "1"
        live.send_json({"id": "2", "type": "start", "payload": LAUNCH})
        refused = live.receive_json()
        assert (refused["id"], refused["type"]) == ("2", "error")
        assert "operator" in refused["payload"][0]["message"]
    assert [json.loads(text).get("id") for text in showing.live] == [None, "1"]


def test_live_updates_end_with_the_session(
    proxied: Any, console: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("weir.console.http.dagster_live.LOOK_SECONDS", 0.05)
    client = proxied(Role.VIEWER)
    with client.websocket_connect(LIVE, ["graphql-ws"], headers={"Origin": BASE}) as live:
        live.send_json({"type": "connection_init"})
        assert live.receive_json()["echo"]["type"] == "connection_init"
        console.sessions.close(client.cookies["weir_session"])
        with pytest.raises(WebSocketDisconnect):
            live.receive_json()


def test_live_updates_need_a_session_and_the_consoles_own_page(proxied: Any) -> None:
    for role, origin in ((None, BASE), (Role.ADMIN, "https://evil.example")):
        client = proxied(role)
        with (
            pytest.raises(WebSocketDisconnect),
            client.websocket_connect(LIVE, headers={"Origin": origin}),
        ):
            pass


def test_without_dagster_the_console_says_so(console: Console, viewer: TestClient) -> None:
    assert not _answers(console.settings.dagster_viewers_port)
    answer = viewer.get("/dagster/")
    assert (answer.status_code, answer.json()["error"]["code"]) == (503, "dagster_away")


def _answers(port: int) -> bool:
    try:
        return bool(httpx.get(f"http://127.0.0.1:{port}/", timeout=1))
    except httpx.HTTPError:
        return False


def test_every_operation_of_a_document_counts() -> None:
    assert mutations({"query": "mutation A { a b: c } mutation B { d }"}) == ["a", "c", "d"]
    assert mutations({"query": "mutation { ...F } fragment F on M { a }"}) == ["fragment"]
    assert mutations({"query": "subscription { s }"}) == []
    for wrong in ({}, [], "x", None, {"query": 1}, {"query": "{"}, {"query": "{a " * 30_000}):
        if wrong == []:
            assert mutations(wrong) == []
            continue
        with pytest.raises(NotGraphQL):
            mutations(wrong)
