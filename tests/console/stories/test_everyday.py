"""What everybody does in the console: signs in, finds, looks around, in both languages and looks."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.environments import tiny
from weir.console.access import People, Role

FACT = f"fact/{tiny.FACT}"
pytestmark = pytest.mark.slow


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
    visit: Callable[..., Page], faults: Callable[[Page], list[str]], scheme: str, width: int
) -> None:
    page = visit("/", color_scheme=scheme, viewport={"width": width, "height": 900})
    for path in ("/", "/events", f"/events/{tiny.EVENT}", "/models", f"/models/{FACT}"):
        page.goto(path)
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        with suppress(Exception):
            page.wait_for_load_state("networkidle", timeout=5_000)
        assert faults(page) == [], path


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
