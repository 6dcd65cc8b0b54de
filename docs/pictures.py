"""Takes the pictures of the console that are in the documentation, of the demo's home.

Run: `WEIR_HOME=.weir/demo python docs/pictures.py` after `make console` and `make demo`. Needs Chromium.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path

import httpx
from playwright.sync_api import ViewportSize, sync_playwright

from weir.console.access import People, Role
from weir.core.settings import load

PROJECT = Path(__file__).resolve().parents[1]
FOLDER = PROJECT / "docs" / "images"
PAGES = {
    "builder": "/events/purchase_item_shop/edit",
    "lineage": "/lineage?asset=fact/users_purchased_item",
    "activation": "/activation?fact=users_purchased_item&grain=weekly",
    "search": "/search?q=params.quantity:3",
}
"""Name of the picture → the page's address."""
SIZE: ViewportSize = {"width": 1280, "height": 900}
NAME = "pictures"


def main() -> None:
    """Serve the home's console on a free port and take the pictures."""
    settings = load(PROJECT)
    people = People(settings.home)
    if NAME not in {person.name for person in people.all()}:
        people.add(NAME, Role.ADMIN)
    token = people.make_token(NAME, timedelta(minutes=10))[1]
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    where = ["--project", str(PROJECT), "--home", str(settings.home)]
    console = subprocess.Popen(  # noqa: S603 - our own command
        [sys.executable, "-m", "weir.console", *where],
        env={**os.environ, "WEIR_CONSOLE_PORT": str(port)},
    )
    try:
        take(f"http://127.0.0.1:{port}", token)
    finally:
        console.terminate()
        console.wait(20)
        people.remove(NAME)


def take(address: str, token: str) -> None:
    """Take every picture, as somebody with this token sees it."""
    _wait(address)
    FOLDER.mkdir(exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-gpu"]
        )
        page = browser.new_page(viewport=SIZE, color_scheme="light", reduced_motion="reduce")
        page.goto(f"{address}/sign-in#token={token}")
        page.get_by_role("heading", level=1, name="Home").wait_for()
        for name, path in PAGES.items():
            page.goto(address + path)
            page.wait_for_load_state("networkidle")
            page.wait_for_timeout(1_000)  # what is drawn is drawn
            page.screenshot(path=FOLDER / f"console-{name}.png")
        browser.close()


def _wait(address: str) -> None:
    for _ in range(300):
        try:
            httpx.get(f"{address}/api/v1/session", timeout=1)
        except httpx.TransportError:
            time.sleep(0.1)
        else:
            return
    raise SystemExit("The console does not answer.")


if __name__ == "__main__":
    main()
