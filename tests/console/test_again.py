"""What a request leaves of what was kept: nothing if it may have changed something."""

from __future__ import annotations

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from weir.console.http.again import LookAgain, only_asks


@pytest.fixture
def forgotten() -> list[str]:
    return []


@pytest.fixture
def client(forgotten: list[str]) -> TestClient:
    app = FastAPI()

    @app.post("/api/save")
    @app.get("/api/save")
    def save() -> dict[str, int]:
        return {"forgotten": len(forgotten)}

    @app.post("/api/check")
    @only_asks
    def check() -> None:
        return None

    @app.post("/dagster/graphql")
    def graphql() -> None:
        return None

    app.add_middleware(LookAgain, forget=lambda: forgotten.append("now"), prefix="/api")
    return TestClient(app)


@pytest.mark.parametrize(
    ("method", "path", "times"),
    [
        ("POST", "/api/save", 1),
        ("POST", "/api/nothing", 1),
        ("GET", "/api/save", 0),
        ("POST", "/api/check", 0),
        ("POST", "/dagster/graphql", 0),
    ],
)
def test_only_what_may_change_something_forgets(
    client: TestClient, forgotten: list[str], method: str, path: str, times: int
) -> None:
    client.request(method, path)
    assert len(forgotten) == times


def test_it_forgets_after_the_change_and_before_the_answer(
    client: TestClient, forgotten: list[str]
) -> None:
    assert client.post("/api/save").json() == {"forgotten": 0}
    assert len(forgotten) == 1
