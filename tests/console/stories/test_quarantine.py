"""An event is tried and sent; a wrong one is seen in quarantine, its schema mended, and it comes back."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.environments import tiny
from tests.stories.shops import Shop
from weir.cli.processes import collector, running, wait_until_ready
from weir.cli.up import health_url
from weir.console.access import People, Role

pytestmark = pytest.mark.slow
Visit = Callable[..., Page]
FILES = f"assets/events/shop/{tiny.EVENT}"


@pytest.fixture(scope="module", autouse=True)
def _collecting(shop: Shop) -> Iterator[None]:
    """The shop's collector, a process on a free port."""
    service = collector(shop.settings)
    service.env = {"WEIR_COLLECT_PORT": "0"}
    with running(service):
        wait_until_ready(service, lambda: health_url(shop.settings), 60)
        yield


def refund(user: str) -> str:
    """A purchase of a price that nobody had thought of; its newest version judges it."""
    at = datetime.now(UTC).isoformat()
    return json.dumps({
        "id": f"refund-{user}", "name": tiny.EVENT, "time": at, "user_id": user,
        "params": {"quantity": 1, "price": -2.5},
    })  # fmt: skip


def write(page: Page, text: str) -> None:
    page.get_by_label("Event as JSON").fill(text)


def seal(shop: Shop) -> None:
    done = shop.run("seal", "--now")
    assert done.returncode == 0, done.stderr


def mend(shop: Shop) -> None:
    """Publish a version that allows what was sent."""
    wider = json.loads((shop.folder / FILES / "v1.json").read_text())
    wider["properties"]["price"]["minimum"] = -1_000
    (shop.folder / FILES / "v2.json").write_text(json.dumps(wider))
    for words in (("generate",), ("activate", tiny.EVENT, "--by", "growth@example.com")):
        done = shop.run("events", *words)
        assert done.returncode == 0, done.stderr


def test_from_the_tester_to_quarantine_and_back(
    visit: Visit, shop: Shop, faults: Callable[[Page], list[str]]
) -> None:
    page = visit(f"/events/{tiny.EVENT}", Role.EDITOR)
    page.get_by_role("tab", name="Example").click()
    page.get_by_role("link", name="Try it in the live tester").click()
    expect(page.get_by_text("It would be kept as valid.")).to_be_visible()
    tail = page.get_by_role("list", name="Arriving events, the newest first")
    expect(page.get_by_text("live", exact=True)).to_be_visible()
    page.get_by_role("button", name="Send").click()
    answer = page.get_by_role("status", name="The collector answered")
    expect(answer).to_contain_text("accepted")
    expect(tail.get_by_role("button")).to_have_count(1)
    expect(tail.get_by_role("button")).to_contain_text("accepted")

    write(page, refund("bea"))
    expect(page.get_by_text("It would be kept in quarantine.")).to_be_visible()
    expect(page.locator(".cm-lintRange-error")).to_have_text("-2.5")
    page.get_by_role("button", name="Send").click()
    expect(answer).to_contain_text("minimum")
    newest = tail.get_by_role("button").first
    expect(newest).to_contain_text("/params/price minimum")
    newest.click()
    expect(tail.locator("[data-wrong]")).to_contain_text("-2.5")
    assert faults(page) == []
    seal(shop)
    page.get_by_role("link", name="Open quarantine").click()
    page.get_by_role("link", name=tiny.EVENT).first.click()
    expect(page.locator("[data-wrong]").first).to_contain_text('"price": -2.5')
    page.get_by_role("button", name="Try: what is valid now?").click()
    expect(page.get_by_text("None would pass.")).to_be_visible()
    group = page.url

    mend(shop)
    page = visit("/quarantine", Role.OPERATOR, color_scheme="dark")
    expect(page.get_by_role("link", name=tiny.EVENT).first).to_be_visible()
    assert faults(page) == []
    page.goto(group)
    page.get_by_role("button", name="Try: what is valid now?").click()
    expect(page.get_by_text("1 of 1 event would be valid now.")).to_be_visible()
    page.get_by_role("button", name="Replay 1 event").click()
    page.get_by_role("dialog").get_by_role("button", name="Replay").click()
    expect(page.get_by_text("1 event was replayed.")).to_be_visible(timeout=20_000)
    expect(page.get_by_text("Landed again in normal")).to_be_visible()
    assert faults(page) == []
    ((kept,),) = shop.select("SELECT count(*) FROM landing.normal WHERE replay_of IS NOT NULL")
    assert kept == 1


def test_the_server_refuses_a_viewer(visit: Visit) -> None:
    page = visit("/tester", told=["403"])
    expect(page.get_by_role("button", name="Send")).to_be_disabled()
    csrf = page.evaluate("fetch('/api/v1/session').then(a => a.json()).then(a => a.csrf)")
    refused = {
        "tester/send": {"text": refund("cid")},
        "quarantine/dry-run": {},
        "quarantine/replays": {},
        "settings/people": {"name": "cid", "role": "admin"},
        "settings/tokens": {"producer": "cid"},
    }

    def post(path: str, body: Any) -> int:
        status: int = page.evaluate(
            """([path, body, csrf]) => fetch(`/api/v1/${path}`, {method: 'POST',
               headers: {'content-type': 'application/json', 'X-Weir-CSRF': csrf},
               body: JSON.stringify(body)}).then(a => a.status)""",
            [path, body, csrf],
        )
        return status

    assert {path: post(path, body) for path, body in refused.items()} == dict.fromkeys(refused, 403)


def test_an_admin_lets_somebody_in_and_makes_a_token(
    visit: Visit, people: People, faults: Callable[[Page], list[str]]
) -> None:
    page = visit("/settings", Role.ADMIN)
    page.get_by_label("Name or e-mail address").fill("dee@example.com")
    page.get_by_role("button", name="Make a sign-in link", exact=True).click()
    expect(page.get_by_text("#token=weirp_")).to_be_visible()
    assert people.get("dee@example.com").role is Role.VIEWER
    assert faults(page) == []
    page.get_by_role("button", name="I have it").click()
    page.get_by_role("button", name="Remove dee@example.com").click()
    page.get_by_role("dialog").get_by_role("button", name="Remove").click()
    expect(page.get_by_text("dee@example.com")).to_have_count(0)
    page.get_by_role("tab", name="Tokens").click()
    page.get_by_role("button", name="Make a token", exact=True).click()
    page.get_by_label("Producer").fill("shop-app")
    page.get_by_role("button", name="Make the token").click()
    expect(page.get_by_role("region", name="Write token of shop-app")).to_contain_text("weir_")
    for tab in ("Environments", "Engines", "Health"):
        page.get_by_role("tab", name=tab).click()
        expect(page.get_by_role("tabpanel")).to_be_visible()
        page.wait_for_load_state("networkidle")
        assert faults(page) == []
