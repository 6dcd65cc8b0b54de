"""Takes the pictures of the console that are in the documentation, of a home of their own.

Each page is taken four times: light and dark, wide and narrow; `docs/images/pages` has them side by side.
The home is the demo's, with some wrong events in quarantine and a plan that waits.

Run: `python docs/pictures.py` after `make console`, or with the names of some pages; it needs Chromium, and
four minutes for all.
"""

from __future__ import annotations

import base64
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

import httpx
from playwright.sync_api import Browser, Page, ViewportSize, sync_playwright

from weir.cli.processes import collector, console, running, wait_until_ready
from weir.cli.up import health_url
from weir.collect.ownership import live_url
from weir.collect.replay import replay_file
from weir.collect.sealer import seal_now
from weir.console.access import People, Role
from weir.core.settings import Settings, load
from weir.orchestra.planning import plans_of
from weir.orchestra.project import Project

PROJECT = Path(__file__).resolve().parents[1]
FOLDER = PROJECT / "docs" / "images"
EVENT, FACT = "purchase_item_shop", "users_purchased_item"
PAGES = {
    "home": "/",
    "events": "/events",
    "event": f"/events/{EVENT}",
    "violations": f"/events/{EVENT}?tab=violations",
    "builder": f"/events/{EVENT}/edit",
    "tester": f"/tester?event={EVENT}",
    "quarantine": "/quarantine",
    "quarantined": f"/quarantine/events?event={EVENT}",
    "models": "/models",
    "model": f"/models/fact/{FACT}",
    "lineage": f"/lineage?asset=fact/{FACT}",
    "recovery": "/recovery",
    "plan": "/recovery/{plan}",
    "audit": "/audit",
    "activation": f"/activation?fact={FACT}&grain=weekly",
    "search": "/search?q=params.quantity:3",
    "playground": "/playground?q=SELECT activity_date, count(*) AS users FROM fact.users_purchased_item"
    " GROUP BY 1 ORDER BY 1",
    "people": "/settings",
    "tokens": "/settings?tab=tokens",
    "engines": "/settings?tab=engines",
    "health": "/settings?tab=health",
}
"""Name of the picture → the page's address."""
GUIDE = ("builder", "lineage", "activation", "search")
"""Pages whose light and wide picture the guide has alone."""
WIDE: ViewportSize = {"width": 1280, "height": 900}
NARROW: ViewportSize = {"width": 390, "height": 900}
Scheme = Literal["light", "dark"]
SCHEMES: tuple[Scheme, ...] = ("light", "dark")
_RENAME = """names => {
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
  while (walk.nextNode())
    for (const [here, shown] of names)
      walk.currentNode.data = walk.currentNode.data.replaceAll(here, shown)
}"""
"""Shows no folder of this machine."""
WRONG = ("00004,1998-06-29,0,12.50", "00021,1998-06-29,-2,30.00", "00050,1998-06-30,1,-4.99")
_QUALITY = 72  # of JPEG: text stays sharp, and a page's four pictures take some 120 kB


def main() -> None:
    """Make the home, serve it, and take the pictures of the pages that are named, or of all."""
    names = sys.argv[1:] or list(PAGES)
    if unknown := set(names) - PAGES.keys():
        sys.exit(f"No page is called {', '.join(sorted(unknown))}: there are {', '.join(PAGES)}.")
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "home"
        _weir(home, "demo")
        settings = load(PROJECT, home)
        with served(settings) as address:
            take(settings, address, names)


@contextmanager
def served(settings: Settings) -> Iterator[str]:
    """Run collector and console on free ports; wrong events have come, and a plan waits."""
    collecting, shown, port = collector(settings), console(settings), _free_port()
    collecting.env = {"WEIR_COLLECT_PORT": "0"}
    shown.env = {"WEIR_CONSOLE_PORT": str(port)}
    with running(collecting, shown):
        wait_until_ready(collecting, lambda: health_url(settings), 30)
        _spoil(settings)
        _weir(settings.home, "plan", "restate", FACT, "--from", "1998-06-01")
        address = f"http://127.0.0.1:{port}"
        wait_until_ready(shown, lambda: f"{address}/api/v1/session", 60)
        yield address


def _spoil(settings: Settings) -> None:
    wrong = settings.home / "wrong.csv"
    wrong.write_text("\n".join(("user_id,date,cds,value", *WRONG)) + "\n")
    url = live_url(settings.spool_dir)
    assert url is not None
    replay_file(settings, wrong, PROJECT / "examples" / "cdnow" / "mapping.yml", url=url)
    seal_now(settings)


def take(settings: Settings, address: str, names: list[str]) -> None:
    """Take these pages in every way."""
    people = People(settings.home)
    for name, role in (("ann@example.com", Role.ADMIN), ("bob@example.com", Role.VIEWER)):
        people.add(name, role)
    token = people.make_token("ann@example.com")[1]
    (plan,) = plans_of(Project(settings)).names()
    paths = {name: PAGES[name].format(plan=plan) for name in names}
    (FOLDER / "pages").mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-gpu"]
        )
        ways = [(scheme, size) for size in (WIDE, NARROW) for scheme in SCHEMES]
        pages = [_signed_in(browser, f"{address}/sign-in#token={token}", *way) for way in ways]
        for name, path in paths.items():
            pictures = [_picture(page, address + path, settings) for page in pages]
            if name in GUIDE:
                (FOLDER / f"console-{name}.png").write_bytes(pictures[0])
            _side_by_side(browser, pictures, FOLDER / "pages" / f"{name}.jpg")
        browser.close()


def _signed_in(browser: Browser, link: str, scheme: Scheme, size: ViewportSize) -> Page:
    page = browser.new_page(viewport=size, color_scheme=scheme, reduced_motion="reduce")
    page.goto(link)
    page.get_by_role("heading", level=1, name="Home").wait_for()
    return page


def _picture(page: Page, address: str, settings: Settings) -> bytes:
    page.goto(address)
    if "/tester" in address:
        page.get_by_text("It would be kept as valid.").wait_for()
        _arrive(settings)
    else:
        page.wait_for_load_state("networkidle")
    if "/playground" in address:
        page.get_by_role("button", name="Run").click()
        page.get_by_text("rows in").wait_for()
    page.wait_for_timeout(1_200)  # what is drawn is drawn
    page.evaluate(_RENAME, [[str(settings.home), "/srv/weir/.weir"], [str(PROJECT), "/srv/weir"]])
    return page.screenshot()


def _arrive(settings: Settings) -> None:
    """Let a right and a wrong event arrive, for the tail."""
    for price in (19.9, -1):
        params = {"quantity": 2, "price": price}
        time = f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"
        event = {"name": EVENT, "user_id": "00042", "version": 1, "time": time, "params": params}
        httpx.post(f"{live_url(settings.spool_dir)}/v1/events", json=event, timeout=10)


def _side_by_side(browser: Browser, pictures: list[bytes], file: Path) -> None:
    """Put the four pictures of a page into one."""
    shown = "".join(
        f'<img src="data:image/png;base64,{base64.b64encode(one).decode()}">' for one in pictures
    )
    page = browser.new_page(viewport={"width": 1720, "height": 474}, color_scheme="light")
    page.set_content(
        "<style>body {margin: 12px; display: flex; gap: 12px; background: #8a8f98}"
        f" img {{height: 450px; border-radius: 4px}}</style>{shown}"
    )
    page.screenshot(path=file, type="jpeg", quality=_QUALITY)
    page.close()


def _weir(home: Path, *words: str) -> None:
    where = ("--project", str(PROJECT), "--home", str(home))
    subprocess.run([sys.executable, "-m", "weir", *where, *words], check=True)  # noqa: S603 - our own


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


if __name__ == "__main__":
    main()
