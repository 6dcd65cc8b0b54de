"""The console in a real browser, on a real home: what people do, by mouse and keyboard.

Chromium is Debian's (`apt-get install chromium`); nothing is downloaded. Where it or the built pages are
absent the tests are skipped, and fail in CI.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.environments import tiny
from tests.stories.shops import Shop
from weir.console.access import People, Role
from weir.console.app import create_app
from weir.console.context import Console
from weir.console.http.static import STATIC

WEB = Path(__file__).resolve().parents[2] / "platform" / "weir" / "console" / "web"
AXE = WEB / "node_modules" / "axe-core" / "axe.min.js"
FACT = f"fact/{tiny.FACT}"
_ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip
pytestmark = pytest.mark.slow


def need(found: object, what: str) -> None:
    if found:
        return
    if os.environ.get("WEIR_CI"):
        pytest.fail(f"CI needs {what}")
    pytest.skip(f"{what} is absent")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    chromium = shutil.which("chromium")
    need(chromium, "Chromium (`apt-get install chromium`)")
    need((STATIC / "index.html").is_file() and AXE.is_file(), "the built pages (`make console`)")
    with sync_playwright() as playwright:
        yield playwright.chromium.launch(executable_path=chromium, args=_ARGUMENTS)


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    folder = tmp_path_factory.mktemp("shop")
    shop = Shop.open(tiny.make_project(folder / "project"), folder / "home", tiny.START)
    shop.load(tiny.write(tiny.purchases(), folder / "events.ndjson"))
    shop.weir("run")
    return shop


@pytest.fixture(scope="module")
def address(shop: Shop) -> Iterator[str]:
    """The console of the shop, served as `weir up` does."""
    taken = socket.create_server(("127.0.0.1", 0))
    settings = shop.settings.model_copy(update={"console_port": taken.getsockname()[1]})
    config = uvicorn.Config(create_app(Console.of(settings)), log_config=None)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=lambda: asyncio.run(server.serve([taken])), daemon=True)
    thread.start()
    while not server.started:
        thread.join(0.02)
    yield f"http://127.0.0.1:{settings.console_port}"
    server.should_exit = True
    thread.join(20)


@pytest.fixture(scope="module")
def people(shop: Shop) -> People:
    found = People(shop.home)
    for role in Role:
        found.add(role.value, role)
    return found


@pytest.fixture
def visit(browser: Browser, address: str, people: People) -> Iterator[Callable[..., Page]]:
    """Open a page as somebody who has signed in by a link; no page may tell the log an error."""
    wrong: list[str] = []
    contexts = []

    def open_page(path: str, role: Role = Role.VIEWER, **options: Any) -> Page:
        context = browser.new_context(base_url=address, **options)
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda m: wrong.append(m.text) if m.type == "error" else None)
        page.on("pageerror", lambda error: wrong.append(str(error)))
        _, token = people.make_token(role.value, once=True)
        page.goto(f"/sign-in?to={path}#token={token}")
        expect(page.locator("nav").first).to_be_attached()
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert wrong == []


def test_a_link_signs_in_once_and_leads_to_what_was_asked_for(
    visit: Callable[..., Page], browser: Browser, address: str, people: People
) -> None:
    page = visit("/events")
    expect(page).to_have_url(f"{address}/events")
    expect(page.get_by_role("heading", name="Events", exact=True)).to_be_visible()
    _, token = people.make_token("viewer", once=True)
    people.by_token(token, signing_in=True)
    with browser.new_context(base_url=address) as context:
        late = context.new_page()
        late.goto(f"/#token={token}")
        late.goto("/events")
        late.get_by_label("Token").fill(token)
        late.get_by_role("button", name="Sign in").click()
        expect(late.get_by_text("used up")).to_be_visible()


def test_an_analyst_finds_an_event_by_mouse_and_keyboard(
    visit: Callable[..., Page], address: str
) -> None:
    page = visit("/")
    page.keyboard.press("g")
    page.keyboard.press("e")
    expect(page).to_have_url(f"{address}/events")
    page.keyboard.press("/")
    page.keyboard.type("purch")
    expect(page.get_by_role("link", name=tiny.EVENT)).to_be_visible()
    page.get_by_role("link", name=tiny.EVENT).click()
    expect(page).to_have_title(f"{tiny.EVENT} · Weir")
    expect(page.get_by_text("quantity", exact=True).first).to_be_visible()
    page.get_by_role("tab", name="Readers").click()
    page.get_by_role("link", name=FACT).first.click()
    expect(page.get_by_role("heading", name=FACT)).to_be_visible()
    page.keyboard.press("Control+k")
    page.get_by_placeholder("Events, models, pages, actions").last.fill("bought_activation_daily")
    expect(page.get_by_role("button", name=f"activation/{tiny.LAYER}").first).to_be_visible()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name=f"activation/{tiny.LAYER}", exact=True)).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 390])
def test_pages_have_no_serious_fault_for_anybody(
    visit: Callable[..., Page], scheme: str, width: int
) -> None:
    page = visit("/", color_scheme=scheme, viewport={"width": width, "height": 900})
    source = AXE.read_text()
    for path in ("/", "/events", f"/events/{tiny.EVENT}", "/models", f"/models/{FACT}"):
        page.goto(path)
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        with suppress(Exception):
            page.wait_for_load_state("networkidle", timeout=5_000)
        page.evaluate(source)
        found = page.evaluate("axe.run()")["violations"]
        serious = [
            f"{one['id']}: {one['help']}"
            for one in found
            if one["impact"] in ("serious", "critical")
        ]
        nodes = [
            node["html"]
            for one in found
            for node in one["nodes"]
            if one["impact"] in ("serious", "critical")
        ]
        assert serious == [], (path, nodes)


def test_korean_is_spoken_on_every_page(visit: Callable[..., Page]) -> None:
    page = visit("/", locale="ko-KR")
    expect(page.locator("html")).to_have_attribute("lang", "ko")
    assert any(
        "가" <= letter <= "힣" for letter in page.get_by_role("heading", level=1).inner_text()
    )


def test_who_is_signed_out_elsewhere_signs_in_again_and_is_where_they_were(
    visit: Callable[..., Page], people: People, address: str
) -> None:
    page = visit("/models", Role.EDITOR)
    held, _ = people.make_token("editor")
    people.revoke(held.id)  # ends the person's sessions
    page.goto(f"/models/{FACT}")
    page.get_by_label("Token").fill(people.make_token("editor")[1])
    page.get_by_role("button", name="Sign in").click()
    expect(page).to_have_url(f"{address}/models/{FACT}")
    expect(page.get_by_role("heading", name=FACT)).to_be_visible()


def test_an_address_that_leads_nowhere_says_so(visit: Callable[..., Page]) -> None:
    page = visit("/nothing/here")
    expect(page.get_by_role("heading", name="There is no such page")).to_be_visible()
