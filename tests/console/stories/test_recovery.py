"""An engineer loses a file, finds it by the Recovery page and repairs it; walks the lineage by keyboard."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.environments import tiny
from tests.stories.shops import Shop
from weir.console.access import Role

FACT, LOG = f"fact/{tiny.FACT}", f"event_log/{tiny.EVENT}"
PATIENCE = 120_000  # milliseconds: a plan's process starts, builds and ends
pytestmark = pytest.mark.slow


def test_an_engineer_deletes_a_partition_file_and_repairs_it(
    visit: Callable[..., Page], shop: Shop, faults: Callable[[Page], list[str]]
) -> None:
    before = shop.hashes()[FACT]
    shop.file(FACT, 1).unlink()
    page = visit("/recovery", Role.OPERATOR, reduced_motion="reduce")
    expect(page.get_by_text("By the records, nothing is wrong")).to_be_visible()
    page.get_by_role("button", name="Look at the files").click()
    expect(page.get_by_text("A file that the catalogue names is not on disk.")).to_be_visible()
    wrong = page.locator("summary", has_text=FACT).first
    wrong.click()
    expect(page.get_by_text("C02 Recorded, not there")).to_be_visible()
    assert faults(page) == []

    page.get_by_role("link", name="Make a plan").first.click()
    expect(page.get_by_label("Asset")).to_have_value(FACT)
    page.get_by_role("button", name="Make the plan").click()
    expect(page).to_have_url(re.compile(r"/recovery/recover-\d{8}-\d{6}-[0-9a-f]{4}"))
    expect(page.get_by_role("cell", name=re.compile("file missing")).first).to_be_visible()
    assert faults(page) == []
    page.get_by_role("button", name="Apply…").click()
    dialog = page.get_by_role("dialog", name="Apply this plan?")
    expect(dialog.get_by_text("Digest")).to_be_visible()
    assert faults(page) == []
    dialog.get_by_role("button", name="Apply", exact=True).click()
    expect(page.get_by_role("progressbar", name="Progress")).to_be_visible()
    expect(page.get_by_text(re.compile(r"^Took .*; planned"))).to_be_visible(timeout=PATIENCE)
    expect(page.get_by_text("done", exact=True).first).to_be_visible()

    assert shop.hashes()[FACT] == before
    assert shop.select(f"select count(*) from lake.{FACT.replace('/', '.')}")[0][0] > 0
    page.get_by_role("link", name="In the audit log").click()
    page.get_by_role("button", name="plan.apply", exact=True).click()
    expect(page.get_by_role("dialog").get_by_text("person operator")).to_be_visible()
    assert faults(page) == []


def test_who_may_only_read_sees_plans_and_makes_none(visit: Callable[..., Page]) -> None:
    page = visit("/recovery?tab=propose", told=["403"])
    expect(page.get_by_role("button", name="Make the plan")).to_be_disabled()
    expect(page.get_by_role("link", name="Audit log")).to_have_count(0)
    page.goto("/audit")
    expect(page.get_by_text("this needs operator")).to_be_visible()


def test_lineage_is_walked_by_keyboard_and_shows_the_path_of_a_column(
    visit: Callable[..., Page], faults: Callable[[Page], list[str]]
) -> None:
    page = visit(f"/models/{FACT}")
    page.get_by_role("tab", name="Lineage").click()
    page.get_by_role("link", name="As a picture, with columns").click()
    canvas = page.get_by_role("application", name=f"Lineage of {FACT}")
    expect(canvas.get_by_text(tiny.FACT, exact=True)).to_be_visible()
    canvas.focus()
    page.keyboard.press("ArrowLeft")
    expect(page.get_by_text(f"{LOG}, current")).to_be_attached()
    page.keyboard.press("Enter")
    expect(page.get_by_role("application", name=f"Lineage of {LOG}")).to_be_visible()
    page.go_back()
    page.get_by_label("Column", exact=True).select_option("user_id")
    path = page.get_by_role("region", name=re.compile("The column’s path"))
    expect(path.get_by_role("cell", name=f"{LOG}.user_id").first).to_be_visible()
    expect(page).to_have_url(re.compile("column=user_id"))
    assert faults(page) == []
    page.get_by_role("button", name="Show all of it").click()
    assert faults(page) == []
