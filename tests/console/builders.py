"""The builder's API on a project of its own, asked by people of each role."""

from __future__ import annotations

import json
import shutil
import subprocess
from datetime import datetime
from pathlib import Path
from typing import Any

from fastapi.testclient import TestClient

from tests.console.conftest import BASE, ROOT
from weir.console.access import Role
from weir.console.app import create_app
from weir.console.context import Console
from weir.core.settings import load

NOW = datetime(2026, 11, 21, 12)
NAME = "purchase_item_shop"
NEW = "publish_item_shop"
V2 = f"assets/events/shop/{NAME}/v2.json"


def git(folder: Path, *words: str) -> str:
    done = subprocess.run(["git", *words], cwd=folder, check=True, capture_output=True, text=True)
    return done.stdout.rstrip("\n")


def lay_out(folder: Path) -> None:
    shutil.copytree(ROOT / "assets" / "events", folder / "assets" / "events")
    shutil.copytree(ROOT / "dbt" / "models" / "event_log", folder / "dbt" / "models" / "event_log")


def init(folder: Path) -> None:
    git(folder, "init", "-q", "-b", "main")
    git(folder, "config", "user.name", "Kim Lee")
    git(folder, "config", "user.email", "kim@example.com")
    git(folder, "add", "-A")
    git(folder, "commit", "-qm", "Start")


class Shown:
    """The builder of one project, as people of each role ask it."""

    def __init__(self, project: Path, home: Path) -> None:
        self.project = project
        self.console = Console.of(load(project, home), lambda: NOW)
        self.client = TestClient(create_app(self.console), base_url=BASE)
        self.tokens = {}
        for role in Role:
            self.console.people.add(f"{role}@example.com", role)
            self.tokens[role] = self.console.people.make_token(f"{role}@example.com")[1]

    def ask(self, method: str, path: str, role: Role = Role.EDITOR, **more: Any) -> Any:
        headers = {"Authorization": f"Bearer {self.tokens[role]}"}
        return self.client.request(method, f"/api/v1/builder/{path}", headers=headers, **more)

    def ok(self, method: str, path: str, role: Role = Role.EDITOR, **more: Any) -> Any:
        answer = self.ask(method, path, role, **more)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def opened(self, name: str = NAME, branch: str = "") -> dict[str, Any]:
        found = self.ok("GET", f"events/{name}", params={"branch": branch})
        kept = ("envelope", "parameters", "read", "branch")
        return {key: found[key] for key in kept}

    def check(self, wanted: dict[str, Any]) -> Any:
        return self.ok("POST", "check", json=wanted)

    def save(self, wanted: dict[str, Any], **more: Any) -> Any:
        return self.ok("POST", "save", json={**wanted, **more})

    def at(self, ref: str, path: str) -> Any:
        return json.loads(git(self.project, "show", f"{ref}:{path}"))


def new_event(**properties: Any) -> dict[str, Any]:
    return {
        "envelope": {
            "name": NEW, "description": "An item is put up for sale.", "owner": "growth@example.com",
            "domain": "commerce", "tier": "normal", "sampling": 0.1,
        },
        "parameters": {
            "type": "object",
            "required": ["item"],
            "properties": {
                "item": {
                    "type": "object", "description": "What is sold.", "required": ["id"],
                    "properties": {"id": {"type": "string", "maxLength": 64}},
                },
                **properties,
            },
        },
    }  # fmt: skip


def texts(found: Any, severity: str = "error") -> list[str]:
    return [
        f"{one['part']}{one['pointer']}" for one in found["notes"] if one["severity"] == severity
    ]
