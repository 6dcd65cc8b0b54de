"""Fixtures: a small project in a repository, its bare remote, and git that knows nothing else."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from weir.core.settings import Settings
from weir.registry import generate, load, write
from weir.registry.sync import Author, Change, Draft, Options, Saved, read_draft, save

KIM = Author("Kim Lee", "kim@example.com")
WHEN = datetime(2026, 11, 20, 12, tzinfo=UTC)
EVENT = "shop/view_item_shop"
V1 = f"{EVENT}/v1.json"
ENVELOPE = {
    "name": "view_item_shop",
    "description": "An item is seen.",
    "owner": "growth@example.com",
    "domain": "commerce",
    "tier": "normal",
    "status": "active",
    "sampling": 0.5,
}
DICTIONARY = {
    "action": {"view": "See.", "click": "Press."},
    "object": {"item": "A thing.", "page": "A page."},
    "service": {"shop": "The shop."},
}
PARAMS: dict[str, Any] = {
    "type": "object",
    "required": ["item_id"],
    "properties": {
        "item_id": {"type": "integer", "description": "The item."},
        "size": {"type": "string", "description": "The size.", "maxLength": 20},
    },
}


def pretty(value: object) -> str:
    return json.dumps(value, indent=2) + "\n"


def schema(**properties: Any) -> dict[str, Any]:
    """The parameters with further properties."""
    return {**PARAMS, "properties": {**PARAMS["properties"], **properties}}


def text(description: str = "Said.", **keywords: Any) -> dict[str, Any]:
    return {"type": "string", "description": description, **keywords}


def lay_out(folder: Path) -> None:
    events = folder / "assets" / "events"
    (events / EVENT).mkdir(parents=True)
    (events / "dictionary.json").write_text(pretty(DICTIONARY))
    (events / EVENT / "event.json").write_text(pretty(ENVELOPE))
    (events / V1).write_text(pretty(PARAMS))
    (folder / "workspace.yaml").write_text("")
    (folder / "README.md").write_text("A project.\n")
    write(generate(load(events), folder / "dbt"), folder / "dbt")


@dataclass(frozen=True)
class World:
    """A project, the settings of it, and what git may see."""

    settings: Settings
    environment: dict[str, str]

    @property
    def project(self) -> Path:
        return self.settings.project

    @property
    def events(self) -> Path:
        return self.project / "assets" / "events"

    @property
    def options(self) -> Options:
        return Options(author=KIM, when=WHEN, environment=self.environment)

    def git(self, *arguments: str, cwd: Path | None = None) -> str:
        done = subprocess.run(
            ["git", *arguments],
            cwd=cwd or self.project,
            env=self.environment,
            check=True,
            capture_output=True,
            text=True,
        )
        return done.stdout.rstrip("\n")

    def commit_all(self, message: str = "Work") -> str:
        self.git("add", "--all")
        self.git("commit", "--quiet", "--message", message)
        return self.git("rev-parse", "HEAD")

    def draft(self, base: str = "") -> Draft:
        return read_draft(self.settings, base, self.environment)

    def save(self, change: Change | None = None, **options: Any) -> Saved:
        return save(self.settings, change, replace(self.options, **options))

    def put(self, value: object, path: str = V1, **options: Any) -> Saved:
        """Save one file as read from the base now."""
        draft = self.draft()
        draft.put(path, value)
        return self.save(draft.change(), **options)

    def at(self, ref: str, path: str = V1) -> Any:
        """The JSON of an event file in a commit."""
        prefix = self.git("rev-parse", "--show-prefix")
        return json.loads(self.git("show", f"{ref}:{prefix}assets/events/{path}"))

    def state(self) -> tuple[str, str, str]:
        """What a save must not touch: where HEAD is, the index, and the files."""
        listed = sorted(
            (p.relative_to(self.project).as_posix(), p.read_bytes())
            for p in self.project.rglob("*")
            if p.is_file() and ".git" not in p.relative_to(self.project).parts
        )
        return self.git("rev-parse", "HEAD"), self.git("ls-files", "--stage"), repr(listed)


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    config = tmp_path / "gitconfig"
    config.write_text(
        "[user]\n\tname = Tess Ter\n\temail = tess@example.com\n"
        '[init]\n\tdefaultBranch = main\n[protocol "file"]\n\tallow = always\n'
    )
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(tmp_path),
        "GIT_CONFIG_GLOBAL": str(config),
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CEILING_DIRECTORIES": str(tmp_path.parent),
    }


@pytest.fixture
def plain(tmp_path: Path, environment: dict[str, str]) -> World:
    """A project without git."""
    folder = tmp_path / "my project"
    lay_out(folder)
    return World(Settings(home=tmp_path / "home", project=folder), environment)


@pytest.fixture
def world(plain: World) -> World:
    """A project in a repository, with one commit on `main`."""
    plain.git("init", "--quiet")
    plain.commit_all("Begin")
    return plain


@pytest.fixture
def remote(world: World, tmp_path: Path) -> Path:
    """The bare repository that `origin` names."""
    bare = tmp_path / "origin.git"
    world.git("init", "--quiet", "--bare", str(bare))
    world.git("remote", "add", "origin", str(bare))
    world.git("push", "--quiet", "origin", "main")
    world.git("remote", "set-head", "origin", "main")
    return bare


@pytest.fixture
def clone(world: World, remote: Path, tmp_path: Path) -> Callable[[str], World]:
    """Make another clone of the remote."""

    def make(name: str) -> World:
        folder = tmp_path / name
        world.git("clone", "--quiet", str(remote), str(folder), cwd=tmp_path)
        settings = world.settings.model_copy(update={"project": folder})
        return World(settings, world.environment)

    return make
