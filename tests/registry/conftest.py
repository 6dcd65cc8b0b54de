"""Fixtures: the example events, and a folder of events to break."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from weir.core.errors import RegistryError
from weir.registry import Event, Registry, load

EVENTS = Path(__file__).parents[2] / "assets" / "events"
ENVELOPE = {
    "name": "click_item_home",
    "description": "A click.",
    "owner": "growth@example.com",
    "domain": "home",
    "tier": "normal",
    "status": "active",
    "sampling": 0.5,
}
DICTIONARY = {
    "action": {"click": "Press.", "view": "See."},
    "object": {"item": "A thing.", "page": "A page."},
    "service": {"home": "The home page.", "shop": "The shop."},
}
PARAMS = {"type": "object", "properties": {"item_id": {"type": "integer", "description": "It."}}}


@pytest.fixture(scope="session")
def registry() -> Registry:
    return load(EVENTS)


class Files:
    """A folder of event files."""

    def __init__(self, root: Path) -> None:
        self.root = root / "assets" / "events"
        self.write("dictionary.json", DICTIONARY)

    def write(self, name: str, content: object) -> None:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content if isinstance(content, str) else json.dumps(content))

    def event(self, *versions: object, **changes: object) -> Files:
        envelope = {k: v for k, v in {**ENVELOPE, **changes}.items() if v is not ...}
        name = str(envelope.get("name", "click_item_home"))
        folder = f"{name.rpartition('_')[2]}/{name}"
        self.write(f"{folder}/event.json", envelope)
        for number, schema in enumerate(versions or (PARAMS,), 1):
            self.write(f"{folder}/v{number}.json", schema)
        return self

    def load(self) -> Registry:
        return load(self.root)

    def errors(self) -> list[RegistryError]:
        with pytest.raises(ExceptionGroup) as caught:
            self.load()
        return list(caught.value.exceptions)  # type: ignore[arg-type]


@pytest.fixture
def files(tmp_path: Path) -> Files:
    return Files(tmp_path)


@pytest.fixture
def make_event() -> Callable[..., Event]:
    """Make an event of parameters' properties, one mapping per version."""

    def make(*properties: dict, **schema: object) -> Event:
        versions = {
            number: {"type": "object", "properties": declared, **schema}
            for number, declared in enumerate(properties, 1)
        }
        return Event(**ENVELOPE, service="home", versions=versions)  # type: ignore[arg-type]

    return make
