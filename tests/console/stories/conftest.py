"""The console in a real browser, on a real home: what its stories share.

Chromium is Debian's (`apt-get install chromium`); nothing is downloaded. Where it or the built pages are
absent the stories are skipped, and fail in CI. A story marks itself `slow`; one that needs another
project or home gives a `shop` of its own, the rest follows.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.console.served import listening, port_of, served
from tests.stories.shops import Shop
from weir.console.access import People, Role
from weir.console.app import create_app
from weir.console.context import Console
from weir.console.http.static import STATIC

WEB = Path(__file__).resolve().parents[3] / "platform" / "weir" / "console" / "web"
AXE = WEB / "node_modules" / "axe-core" / "axe.min.js"
_ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip


def need(found: object, what: str) -> None:
    """Skip a test for want of something; in CI, fail it."""
    if found:
        return
    if os.environ.get("WEIR_CI"):
        pytest.fail(f"CI needs {what}")
    pytest.skip(f"{what} is absent")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium, for one file: Playwright's event loop must not stay in the thread of other tests."""
    chromium = shutil.which("chromium")
    need(chromium, "Chromium (`apt-get install chromium`)")
    need((STATIC / "index.html").is_file() and AXE.is_file(), "the built pages (`make console`)")
    with sync_playwright() as playwright:
        yield playwright.chromium.launch(executable_path=chromium, args=_ARGUMENTS)


@contextmanager
def serving(shop: Shop, port: int = 0, **settings: Any) -> Iterator[str]:
    """Serve a shop's console as `weir up` does, and yield its address; at a port, if one is given."""
    taken = listening(port)
    changed = {"console_port": port_of(taken), **settings}
    found = shop.settings.model_copy(update=changed)
    with served(create_app(Console.of(found)), taken):
        yield f"http://127.0.0.1:{found.console_port}"


@pytest.fixture(scope="module")
def address(shop: Shop) -> Iterator[str]:
    """The address of the shop's console."""
    with serving(shop) as found:
        yield found


@pytest.fixture(scope="module")
def people(shop: Shop) -> People:
    """Somebody of each role, called like it."""
    found = People(shop.home)
    for role in Role:
        found.add(role.value, role)
    return found


@pytest.fixture
def visit(browser: Browser, address: str, people: People) -> Iterator[Callable[..., Page]]:
    """Open a page as somebody who has signed in by a link; no page may tell the log an error.

    `told` lists parts of messages that a story causes itself, such as "409" of an answer.
    """
    wrong: list[str] = []
    contexts = []

    def open_page(
        path: str, role: Role = Role.VIEWER, *, told: Collection[str] = (), **options: Any
    ) -> Page:
        context = browser.new_context(base_url=address, **options)
        contexts.append(context)
        page = context.new_page()

        def heard(text: str) -> None:
            if not any(part in text for part in told):
                wrong.append(text)

        page.on("console", lambda m: heard(m.text) if m.type == "error" else None)
        page.on("pageerror", lambda error: heard(str(error)))
        _, token = people.make_token(role.value, once=True)
        page.goto(f"/sign-in?to={path}#token={token}")
        expect(page.locator("nav").first).to_be_attached()
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert wrong == []


@pytest.fixture(scope="session")
def faults() -> Callable[[Page], list[str]]:
    """Return a function: what axe finds serious or critical on a page as it is now."""
    source = AXE.read_text() if AXE.is_file() else ""

    def find(page: Page) -> list[str]:
        page.evaluate(source)
        found = page.evaluate("axe.run()")["violations"]
        return [
            f"{one['id']}: {one['help']}: {node['html']}"
            for one in found
            if one["impact"] in ("serious", "critical")
            for node in one["nodes"]
        ]

    return find
