"""A console on an empty home of this project, and clients of people with each role."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from tests.environments import tiny
from tests.stories.shops import Shop
from weir.console.access import People, Role
from weir.console.app import create_app
from weir.console.context import Console
from weir.core.settings import Settings, load
from weir.engines.embedded.lake import Lake

ROOT = Path(__file__).resolve().parents[2]
NOW = datetime(2026, 11, 21, 12)
BASE = "http://127.0.0.1:7500"


class Clock:
    """A clock that is set by hand; naive UTC."""

    def __init__(self) -> None:
        self.at = NOW

    def __call__(self) -> datetime:
        return self.at

    def wait(self, **how_long: float) -> None:
        self.at += timedelta(**how_long)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def people(tmp_path: Path, clock: Clock) -> People:
    return People(tmp_path, clock)


@pytest.fixture(scope="session")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    found = load(ROOT, tmp_path_factory.mktemp("console"), "")
    Lake(found).create()
    return found


@pytest.fixture(scope="session")
def console(settings: Settings) -> Console:
    return Console.of(settings, Clock(), variables={})


@pytest.fixture(scope="session")
def tokens(console: Console) -> dict[Role, str]:
    """A token of somebody with each role."""
    found = {}
    for role in Role:
        console.people.add(f"{role}@example.com", role)
        found[role] = console.people.make_token(f"{role}@example.com")[1]
    return found


@pytest.fixture
def visit(console: Console) -> Callable[[], TestClient]:
    """Open a browser's worth of cookies on the console."""
    return lambda: TestClient(create_app(console), base_url=BASE, raise_server_exceptions=False)


@pytest.fixture
def viewer(visit: Callable[[], TestClient], tokens: dict[Role, str]) -> TestClient:
    """A viewer who has signed in."""
    client = visit()
    assert client.post("/api/v1/session", json={"token": tokens[Role.VIEWER]}).status_code == 200
    return client


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    """A shop of five users and six days, all built. Nobody changes it: stories have copies."""
    folder = tmp_path_factory.mktemp("shop")
    shop = Shop.open(tiny.make_project(folder / "project"), folder / "home", tiny.START)
    shop.load(tiny.write(tiny.purchases(), folder / "events.ndjson"))
    shop.weir("run")
    return shop


@pytest.fixture(scope="module")
def shop(built: Shop, tmp_path_factory: pytest.TempPathFactory) -> Shop:
    """The shop of a file's stories: a project and a home that they may change."""
    folder = tmp_path_factory.mktemp("copy")
    shutil.copytree(built.folder, folder / "project")
    shutil.copytree(built.home, folder / "home")
    return Shop(folder / "project", folder / "home")
