"""The builder in a real browser: a nested event is designed, mended, saved, and becomes model and asset."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.environments import tiny
from tests.stories.shops import Shop
from weir.console.access import Role

NAME = "publish_item_shop"
BRANCH = f"events/{NAME}-1"
pytestmark = pytest.mark.slow


def git(folder: Path, *words: str) -> str:
    done = subprocess.run(["git", *words], cwd=folder, check=True, capture_output=True, text=True)
    return done.stdout.rstrip("\n")


@pytest.fixture(scope="module")
def shop(built: Shop, tmp_path_factory: pytest.TempPathFactory) -> Shop:
    """The shop, its project in a repository of its own."""
    folder = tmp_path_factory.mktemp("builder")
    shutil.copytree(built.folder, folder / "project")
    shutil.copytree(built.home, folder / "home")
    project = folder / "project"
    (project / ".gitignore").write_text("dbt/target/\ndbt/logs/\n__pycache__/\n")
    git(project, "init", "-q", "-b", "main")
    git(project, "config", "user.name", "Kim Lee")
    git(project, "config", "user.email", "kim@example.com")
    git(project, "add", "-A")
    git(project, "commit", "-qm", "Start")
    return Shop(project, folder / "home")


def row(page: Page, name: str) -> Locator:
    return page.get_by_role("row", name=name)


def add(page: Page, key: str, name: str, meaning: str = "") -> None:
    """Add a parameter by keyboard, next to the one at hand or inside it."""
    page.keyboard.press(key)
    page.keyboard.type(name)
    page.keyboard.press("Enter")
    if meaning:
        page.get_by_label("Meaning").fill(meaning)
        row(page, f"{name}, text").last.focus()


def name_it(page: Page, verdict: Locator) -> None:
    """Put a wrong name together, and mend it by what the verdict says."""
    for slot, word in (("Action", "publish"), ("Object", "item"), ("Service", "shpo")):
        page.get_by_role("combobox", name=slot).fill(word)
    page.keyboard.press("Escape")
    expect(verdict.get_by_text("`shpo` is no service of the dictionary")).to_be_visible()
    verdict.get_by_role("button", name=f"Use {NAME}").click()
    expect(verdict.get_by_text("is no service")).to_have_count(0)
    page.get_by_label("When it is sent").fill("A seller puts an item up for sale.")
    page.get_by_role("combobox", name="Owner").fill("growth@example.com")
    page.get_by_role("combobox", name="Domain").fill("commerce")
    page.keyboard.press("Escape")


def grow_by_keyboard(page: Page, verdict: Locator) -> None:
    """Add an object with what is in it; a name that is none is told and mended."""
    page.get_by_role("button", name="Add a parameter").click()
    page.keyboard.type("item")
    page.keyboard.press("Enter")
    page.get_by_label("Kind").select_option("object")
    page.get_by_label("Meaning").fill("What is sold.")
    row(page, "item, object").focus()
    add(page, "Shift+Insert", "id", "The item in the catalogue.")
    add(page, "Insert", "itemTags")
    page.get_by_label("Kind").select_option("array")
    expect(verdict.get_by_text("“itemTags” is not in snake_case").or_(
        verdict.get_by_text("parameter is in snake_case")
    )).to_be_visible()  # fmt: skip
    expect(page.get_by_role("button", name="Save…")).to_be_disabled()
    row(page, "item.itemTags, list").focus()
    page.keyboard.press("F2")
    page.keyboard.type("tags")
    page.keyboard.press("Enter")
    expect(row(page, "item.tags, list")).to_be_focused()


def move_by_mouse(page: Page) -> None:
    """Drag a parameter into an object, take it back, and do it again."""
    page.get_by_role("button", name="Add a parameter").click()
    page.keyboard.type("price")
    page.keyboard.press("Enter")
    page.get_by_label("Kind").select_option("number")
    page.get_by_label("Meaning").fill("What it costs, in US dollars.")
    page.get_by_label("At least").fill("0")
    row(page, "price, number").drag_to(
        row(page, "item.id, text"), target_position={"x": 40, "y": 3}
    )
    expect(row(page, "item.price, number")).to_be_visible()
    page.keyboard.press("Control+z")
    expect(row(page, "item.price, number")).to_have_count(0)
    page.keyboard.press("Control+y")
    expect(row(page, "item.price, number")).to_be_visible()


def save_it(page: Page, verdict: Locator) -> None:
    """Look at what it becomes, and save it as active."""
    expect(verdict.get_by_text("Nothing stands against it: version 1")).to_be_visible()
    verdict.get_by_role("tab", name="Columns").click()
    expect(verdict.get_by_role("row", name="item__tags")).to_contain_text("VARCHAR[]")
    verdict.get_by_role("tab", name="Example").click()
    expect(verdict.get_by_role("region", name="Example")).to_contain_text(f'"name": "{NAME}"')
    page.keyboard.press("Control+s")
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("What you did").fill("Tell what is put up for sale")
    dialog.get_by_label("Activate this version").check()
    dialog.get_by_role("button", name="Save", exact=True).click()

    expect(page.get_by_text(f"Version 1 of `{NAME}` is active")).to_be_visible()


def test_a_nested_event_is_designed_mended_saved_and_becomes_model_and_asset(
    visit: Callable[..., Page], shop: Shop, address: str
) -> None:
    page = visit("/events", Role.EDITOR, viewport={"width": 1280, "height": 900})
    page.get_by_role("link", name="New event").click()
    verdict = page.get_by_role("region", name="Verdict")
    name_it(page, verdict)
    grow_by_keyboard(page, verdict)
    move_by_mouse(page)
    save_it(page, verdict)
    expect(page).to_have_url(f"{address}/events/{NAME}/edit?branch=events%2F{NAME}-1")
    told = git(shop.folder, "log", "-1", "--format=%an: %s", BRANCH)
    assert told == "editor: Tell what is put up for sale"
    files = git(shop.folder, "show", "--name-only", "--format=", BRANCH).split("\n")
    assert f"dbt/models/event_log/{NAME}.sql" in files
    schema = json.loads(git(shop.folder, "show", f"{BRANCH}:assets/events/shop/{NAME}/v1.json"))
    assert list(schema["properties"]["item"]["properties"]) == ["price", "id", "tags"]
    assert git(shop.folder, "status", "--porcelain") == ""

    page = visit("/events", Role.OPERATOR)
    waiting = page.get_by_role("region", name="Saved, and not merged")
    expect(waiting).to_contain_text("Tell what is put up for sale")
    waiting.get_by_role("link", name=NAME).click()
    page.get_by_role("button", name="Take it into this checkout").click()
    expect(page.get_by_text("It is checked out here now.")).to_be_visible()
    assert (shop.folder / f"dbt/models/event_log/{NAME}.sql").is_file()
    page.get_by_role("link", name=f"Open {NAME}").click()
    expect(page.get_by_text("A seller puts an item up for sale.")).to_be_visible()
    page.goto(f"/models/event_log/{NAME}")
    expect(page.get_by_role("heading", name=NAME)).to_be_visible()
    expect(page.get_by_role("tab").first).to_be_visible()


def test_what_both_changed_is_decided_by_node(visit: Callable[..., Page], shop: Shop) -> None:
    page = visit(f"/events/{tiny.EVENT}/edit", Role.EDITOR, told=("409",))
    said = page.get_by_label("When it is sent")
    said.fill("Mine.")
    path = shop.folder / f"assets/events/shop/{tiny.EVENT}/event.json"
    theirs = {**json.loads(path.read_text()), "description": "Theirs.", "tier": "bulk"}
    path.write_text(json.dumps(theirs, indent=2) + "\n")
    git(shop.folder, "commit", "-qm", "Meanwhile", "--", str(path))
    page.get_by_role("button", name="Save…").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name="Save", exact=True).click()
    expect(dialog.get_by_text("One place was changed by others too").or_(
        dialog.get_by_text("1 place was changed by others too")
    )).to_be_visible()  # fmt: skip
    expect(dialog.get_by_text("Theirs.")).to_be_visible()
    dialog.get_by_label("Mine").check()
    dialog.get_by_role("button", name="Save with these sides").click()
    expect(page.get_by_text(f"Version 1 of `{tiny.EVENT}` is saved")).to_be_visible()
    branch = f"events/{tiny.EVENT}-1"
    saved = git(shop.folder, "show", f"{branch}:assets/events/shop/{tiny.EVENT}/event.json")
    assert {"description": "Mine.", "tier": "bulk"}.items() <= json.loads(saved).items()


def test_nothing_is_lost_when_the_server_is_away(visit: Callable[..., Page]) -> None:
    page = visit(f"/events/{tiny.EVENT}/edit", Role.EDITOR, told=("ERR_INTERNET_DISCONNECTED",))
    expect(page.get_by_role("treegrid")).to_be_visible()
    page.context.set_offline(True)
    page.get_by_label("When it is sent").fill("Typed without a server.")
    page.get_by_role("button", name="Add a parameter").click()
    page.keyboard.type("coupon")
    page.keyboard.press("Enter")
    expect(page.get_by_text("The connection to the server is lost")).to_be_visible()
    expect(page.get_by_role("button", name="Save…")).to_be_disabled()
    page.context.set_offline(False)
    page.reload()
    page.get_by_role("button", name="Restore the draft").click()
    expect(page.get_by_label("When it is sent")).to_have_value("Typed without a server.")
    expect(row(page, "coupon, text")).to_be_visible()
    expect(page.get_by_text("The parameter `coupon` has no description")).to_be_visible()
    page.get_by_role("row", name="coupon").focus()
    page.keyboard.press("Delete")


def test_a_viewer_is_refused_by_the_server(visit: Callable[..., Page], shop: Shop) -> None:
    page = visit(f"/events/{tiny.EVENT}/edit", Role.VIEWER, told=("403",))
    expect(page.get_by_text("you need to be an editor")).to_be_visible()
    before = git(shop.folder, "for-each-ref", "refs/heads")
    answer = page.evaluate(
        """async () => {
          const read = async (path, options) => (await fetch('/api/v1/' + path, options))
          const { csrf } = await (await read('session')).json()
          const { envelope, parameters, read: texts } = await (
            await read('builder/events/purchase_item_shop')).json()
          envelope.description = 'Changed.'
          const answer = await read('builder/save', {
            method: 'POST', headers: { 'content-type': 'application/json', 'x-weir-csrf': csrf },
            body: JSON.stringify({ envelope, parameters, read: texts }),
          })
          return [answer.status, (await answer.json()).error.code]
        }"""
    )
    assert answer == [403, "not_allowed"]
    assert git(shop.folder, "for-each-ref", "refs/heads") == before


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "dark")])
def test_the_builder_has_no_serious_fault_for_anybody(
    visit: Callable[..., Page], faults: Callable[[Page], list[str]], scheme: str, width: int
) -> None:
    page = visit(
        "/events/new", Role.ADMIN, color_scheme=scheme, viewport={"width": width, "height": 900}
    )
    page.get_by_role("combobox", name="Action").fill("buy")
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Add a parameter").click()
    page.keyboard.type("userEmail")
    expect(page.get_by_text("things to mend")).to_be_visible()
    assert faults(page) == []
    page.goto(f"/events/{tiny.EVENT}/edit?tab=diff")
    page.get_by_label("When it is sent").fill("Otherwise.")
    expect(page.get_by_role("region", name="Changes")).to_be_visible()
    assert faults(page) == []
    page.get_by_role("button", name="Save…").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    assert faults(page) == []
