"""The open project, asked by many at once."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.console.conftest import Clock
from weir.console.context import Console
from weir.console.projects import Projects
from weir.core.settings import Settings


def test_many_look_at_the_lake_while_what_was_kept_is_forgotten(console: Console) -> None:
    def look(_: int) -> int:
        console.projects.look_again()
        return len(console.projects.picture().nodes)

    with ThreadPoolExecutor(6) as pool:
        found = set(pool.map(look, range(24)))
    assert found == {len(console.projects.current().nodes)}


def test_who_changes_files_twice_waits_for_the_last_of_them(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    files, begun, going = ["one"], threading.Event(), threading.Event()

    def opened(*_: Any) -> Any:
        found = files[-1]
        if found == "two":
            begun.set()
            going.wait(10)
        return found

    monkeypatch.setattr("weir.console.projects.stamp", lambda _: tuple(files))
    monkeypatch.setattr("weir.console.projects._opened", opened)
    projects = Projects(settings, Clock())
    projects.renew()  # nothing is open, and nothing is opened
    assert projects.current() == "one"
    files.append("two")
    projects.look_again()
    assert projects.current() == "one"
    assert begun.wait(10)
    files.append("three")
    waiting = threading.Thread(target=projects.renew)
    waiting.start()
    going.set()
    waiting.join(10)
    assert projects.current() == "three"
