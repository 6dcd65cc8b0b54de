"""The API's description: the file is as the application says, and every answer is as it is described."""

from __future__ import annotations

import json

from fastapi.testclient import TestClient

from weir.console.app import PREFIX
from weir.console.context import Console
from weir.console.description import FILE, description


def test_the_file_is_up_to_date(console: Console) -> None:
    assert FILE.read_bytes() == description(console), "run `make console-api`"


def test_every_operation_says_what_it_is_and_how_it_fails(console: Console) -> None:
    paths = json.loads(description(console))["paths"]
    assert set(paths) >= {f"{PREFIX}/{page}" for page in ("session", "home", "events", "models")}
    for path, operations in paths.items():
        for method, one in operations.items():
            assert one["summary"], (method, path)
            assert one["description"], (method, path)
            assert "default" in one["responses"], (method, path)


def test_it_is_served(viewer: TestClient) -> None:
    assert viewer.get(f"{PREFIX}/openapi.json").json()["info"]["title"] == "Weir console"
