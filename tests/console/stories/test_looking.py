"""What a growth analyst, somebody who looks an event up, and somebody who writes SQL do in the console."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.environments import tiny
from tests.stories.shops import Shop

pytestmark = pytest.mark.slow
FACT = tiny.FACT


def test_a_growth_analyst_reads_the_weekly_transition_matrix_and_downloads_it(
    visit: Callable[..., Page], shop: Shop, faults: Callable[[Page], list[str]]
) -> None:
    """The shop has no weekly layer: it is computed from the fact, and says so."""
    page = visit("/activation")
    page.get_by_label("Fact").select_option(FACT)
    page.get_by_text("Weekly", exact=True).click()
    expect(page.get_by_text(f"weir activation add {FACT} --grain weekly")).to_be_visible()
    matrix = page.get_by_role("table", name="From state to state")
    expect(
        matrix.get_by_role("row", name="Not seen before").get_by_role("cell").first
    ).to_have_text(f"{tiny.USERS}100%")
    with page.expect_download() as waiting:
        page.get_by_role("link", name="From state to state as CSV").click()
    rows = list(csv.DictReader(Path(waiting.value.path()).read_text(encoding="utf-8").splitlines()))
    assert waiting.value.suggested_filename.startswith(f"{FACT}_weekly_transitions_")
    came = {(row["previous_state"], row["state"]): row["users"] for row in rows}
    assert came["Not seen before", "New"] == str(tiny.USERS)
    page.get_by_text("Daily", exact=True).click()
    expect(page).to_have_url(re.compile("grain=daily"))
    told = shop.weir("activation", "show", FACT, "--grain", "daily")
    pairs = {(one["previous_state"], one["state"]): one["users"] for one in told["transitions"]}
    row = page.get_by_role("table", name="From state to state").get_by_role(
        "row", name=re.compile("^Retained")
    )
    shown = [text.split("\n")[0] for text in row.get_by_role("cell").all_inner_texts()]
    states = ("New", "Retained", "Reactivated", "Inactive")
    assert shown == [str(pairs["Retained", state]) for state in states]
    assert faults(page) == []


def test_search_finds_a_document_and_its_re_scaled_count(
    visit: Callable[..., Page], shop: Shop, faults: Callable[[Page], list[str]]
) -> None:
    told = shop.weir("search", "user_id:u1")
    page = visit("/search")
    page.get_by_role("searchbox", name="Query").fill("user_id:u1")
    page.keyboard.press("Enter")
    found = re.compile(rf"^\D*\b{round(told['estimate'])} events$")
    expect(page.get_by_text(found)).to_be_visible()
    offered = f"{len(tiny.purchases()):,} events"
    expect(page.get_by_role("status").filter(has_text=offered)).to_be_visible()
    page.get_by_role("button", name="the whole event").first.click()
    whole = page.get_by_role("region", name="The whole event")
    expect(whole).to_contain_text('"user_id": "u1"')
    document = json.loads(whole.inner_text())
    assert document["event_id"] in {hit["event_id"] for hit in told["hits"]}
    assert faults(page) == []
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Search every event instead").click()
    expect(page.get_by_text("Every event was searched")).to_be_visible(timeout=60_000)
    mine = sum(event["user_id"] == "u1" for event in tiny.purchases())
    expect(page.get_by_text(f"{mine} events", exact=True)).to_be_visible()


def test_the_playground_answers_a_select_and_refuses_a_write_and_a_file(
    visit: Callable[..., Page], shop: Shop, faults: Callable[[Page], list[str]]
) -> None:
    page = visit("/playground", told=["422"])
    editor = page.get_by_role("textbox", name="SQL")
    slow = {"timeout": 60_000}

    def run(sql: str) -> None:
        editor.fill(sql)
        editor.press("Control+Enter")

    run(f"select count(*) as days from fact.{FACT}")
    ((days,),) = shop.select(f"select count(*) from fact.{FACT}")
    expect(page.get_by_role("cell", name=str(days), exact=True)).to_be_visible(**slow)
    for refused, why in (
        (f"drop table fact.{FACT}", "a DROP statement"),
        ("select * from read_text('/etc/passwd')", "the table function `read_text`"),
    ):
        run(refused)
        expect(page.get_by_role("alert")).to_contain_text(why, **slow)
    run("select nothing_like_it from fact." + FACT)
    expect(page.get_by_text("Line 1, column 8")).to_be_visible(**slow)
    assert faults(page) == []
    assert shop.select(f"select count(*) from fact.{FACT}") == [(days,)]
    expect(page.get_by_role("button", name="Save as a draft model")).to_have_count(0)
