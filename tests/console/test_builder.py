"""The builder's API: an event is opened, judged, saved as a commit, merged, and taken into the checkout."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.console.builders import NAME, NEW, V2, Shown, git, init, lay_out, new_event, texts
from weir.audit import Wanted as Asked
from weir.audit import log_of
from weir.audit.reading import find
from weir.console.access import Role
from weir.console.pages import builder


@pytest.fixture
def shown(tmp_path: Path) -> Shown:
    """A builder on a repository."""
    lay_out(tmp_path / "project")
    init(tmp_path / "project")
    return Shown(tmp_path / "project", tmp_path / "home")


@pytest.fixture
def plain(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shown:
    """A builder on a project without git."""
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path))
    lay_out(tmp_path / "project")
    return Shown(tmp_path / "project", tmp_path / "home")


def test_what_names_are_made_of_is_told(shown: Shown) -> None:
    found = shown.ok("GET", "dictionaries", Role.VIEWER)
    assert "purchase" in {one["name"] for one in found["words"]["action"]}
    assert {"git": True, "remote": False, "branch": "main"}.items() <= found.items()
    assert "user_id" in found["reserved"]
    assert NAME in found["events"]


def test_an_event_is_opened_as_it_is_written(shown: Shown) -> None:
    found = shown.ok("GET", f"events/{NAME}", Role.VIEWER)
    assert (found["version"], found["draft"], found["branch"]) == (1, False, "")
    path = f"shop/{NAME}/v1.json"
    assert json.loads(found["read"][path]) == found["parameters"]
    assert shown.ask("GET", "events/no_such_event").status_code == 404
    assert shown.ask("GET", f"events/{NAME}?branch=events/gone-1").status_code == 404
    assert shown.ask("GET", f"events/{NAME}?branch=--help").status_code == 422


def test_a_new_event_is_judged_as_it_grows(shown: Shown) -> None:
    good = shown.check(new_event())
    assert good["ok"], good["notes"]
    assert [one["name"] for one in good["columns"]] == ["item__id"]
    assert good["columns"][0]["change"] == "added"
    assert good["example"]["params"] == {"item": {"id": "a"}}
    assert good["example_wrong"] == ""
    assert f"+++ b/shop/{NEW}/v1.json" in good["diff"]
    assert good["compatibility"] is None


def test_a_wrong_name_is_told_with_the_right_one(shown: Shown) -> None:
    wrong = new_event()
    wrong["envelope"]["name"] = "itemReleaseStore"
    found = shown.check(wrong)
    assert not found["ok"]
    assert found["suggestion"] == NEW
    assert {"name/name"} <= set(texts(found))
    wrong["envelope"]["name"] = NAME
    assert [one["rule"] for one in shown.check(wrong)["notes"]] == ["exists"]
    wrong["envelope"]["name"] = ""
    assert not shown.check(wrong)["ok"]


def test_mistakes_have_their_place_reason_and_remedy(shown: Shown) -> None:
    said = {"type": "string", "description": "Said.", "mexLength": 3}
    found = shown.check(new_event(itemID={"type": "strin"}, note=said))
    places = texts(found)
    assert "parameters/properties/itemID" in places
    assert "parameters/properties/itemID/type" in places
    assert "parameters/properties/note/mexLength" in places
    assert all(one["remedy"] for one in found["notes"])
    assert found["columns"] == []
    personal = shown.check(
        new_event(email={"type": "string", "description": "Where.", "maxLength": 9})
    )
    assert personal["ok"]
    assert "parameters/properties/email" in texts(personal, "hint")


def test_a_new_word_comes_with_the_event(shown: Shown) -> None:
    wanted = new_event()
    wanted["envelope"]["name"] = "refund_item_shop"
    assert not shown.check(wanted)["ok"]
    wanted["terms"] = [{"section": "action", "name": "refund", "meaning": "Give money back."}]
    assert shown.check(wanted)["ok"]
    saved = shown.save(wanted)
    assert (
        shown.at(saved["branch"], "assets/events/dictionary.json")["action"]["refund"]
        == "Give money back."
    )
    wanted["terms"] = [{"section": "service", "name": "depot", "meaning": "Where things lie."}]
    assert texts(shown.check(wanted))[0] == "dictionary/service/depot"  # it has owners


def test_saving_makes_a_commit_and_leaves_the_checkout_alone(shown: Shown) -> None:
    before = git(shown.project, "rev-parse", "HEAD")
    saved = shown.save(new_event(), message="Tell what is put up", activate=True)
    assert saved["branch"] == f"events/{NEW}-1"
    assert git(shown.project, "log", "-1", "--format=%an %ae %s", saved["commit"]) == (
        "editor editor@example.com Tell what is put up"
    )
    assert git(shown.project, "status", "--porcelain") == ""
    assert git(shown.project, "rev-parse", "HEAD") == before
    assert f"dbt/models/event_log/{NEW}.sql" in saved["files"]
    assert shown.at(saved["branch"], f"assets/events/shop/{NEW}/event.json")["status"] == "active"
    (entry, *_) = find(log_of(shown.console.settings), Asked(action="events.save"))
    assert (entry.name, entry.result) == ("editor@example.com", "ok")


def test_the_same_again_is_nothing_and_more_goes_to_the_same_branch(shown: Shown) -> None:
    saved = shown.save(new_event())
    document = saved["document"]
    assert document["branch"] == saved["branch"]
    more = {key: document[key] for key in ("envelope", "parameters", "read", "branch")}
    assert shown.save(more)["nothing"]
    more["parameters"]["properties"]["size"] = {"type": "integer", "description": "How large."}
    again = shown.save(more)
    assert (again["branch"], again["version"]) == (saved["branch"], 1)
    assert "size" in shown.at(saved["branch"], f"assets/events/shop/{NEW}/v1.json")["properties"]


def test_a_change_of_an_active_version_becomes_the_next_one(shown: Shown) -> None:
    wanted = shown.opened()
    wanted["parameters"]["properties"]["coupon"] = {
        "type": "string", "description": "Which coupon.", "maxLength": 20,
    }  # fmt: skip
    found = shown.check(wanted)
    assert (found["version"], found["compatibility"]["kind"]) == (2, "minor")
    assert {one["name"]: one["change"] for one in found["columns"]}["coupon"] == "added"
    saved = shown.save(wanted)
    assert "coupon" in shown.at(saved["branch"], V2)["properties"]
    assert shown.opened(branch=saved["branch"])["parameters"] == wanted["parameters"]


def test_what_breaks_is_told_and_needs_a_reason(shown: Shown) -> None:
    wanted = shown.opened()
    wanted["parameters"]["properties"]["price"]["type"] = "string"
    for key in ("minimum", "maximum"):
        del wanted["parameters"]["properties"]["price"][key]
    wanted["parameters"]["examples"] = []
    found = shown.check(wanted)["compatibility"]
    assert (found["kind"], found["allowed"]) == ("major", False)
    assert found["differences"][0]["breaking"]
    refused = shown.ask("POST", "save", json={**wanted, "activate": True})
    assert (refused.status_code, refused.json()["error"]["code"]) == (422, "incompatible")
    shown.save(wanted, activate=True, breaking="Prices are texts from now on.")


def test_mistakes_are_not_saved(shown: Shown) -> None:
    answer = shown.ask("POST", "save", json=new_event(itemID={"type": "strin"}))
    error = answer.json()["error"]
    assert (answer.status_code, error["code"]) == (422, "wrong_event")
    assert len(error["details"]) >= 2
    assert git(shown.project, "branch", "--list", "events/*") == ""


def edited(shown: Shown, change: Callable[[dict[str, Any]], None]) -> None:
    """Let somebody else change the draft on the base branch."""
    path = shown.project / f"assets/events/shop/{NEW}/v1.json"
    content = json.loads(path.read_text())
    change(content["properties"])
    path.write_text(json.dumps(content, indent=2) + "\n")
    git(shown.project, "commit", "-qam", "Meanwhile")


@pytest.fixture
def merged(shown: Shown) -> dict[str, Any]:
    """A draft that is on the base branch, as it is opened to be edited."""
    size = {"type": "integer", "description": "How large."}
    saved = shown.save(new_event(size=size))
    shown.ok("POST", "take", Role.OPERATOR, json={"branch": saved["branch"]})
    return shown.opened(NEW)


def test_what_others_changed_elsewhere_is_merged(shown: Shown, merged: dict[str, Any]) -> None:
    edited(shown, lambda it: it["size"].update(minimum=1))
    merged["parameters"]["properties"]["size"]["description"] = "How large it is."
    saved = shown.save(merged)
    size = shown.at(saved["branch"], f"assets/events/shop/{NEW}/v1.json")["properties"]["size"]
    assert size == {"type": "integer", "description": "How large it is.", "minimum": 1}


@pytest.mark.parametrize(("side", "kept"), [("mine", "Mine."), ("theirs", "Theirs.")])
def test_what_both_changed_is_decided_by_node(
    shown: Shown, merged: dict[str, Any], side: str, kept: str
) -> None:
    edited(shown, lambda it: it["size"].update(description="Theirs."))
    merged["parameters"]["properties"]["size"]["description"] = "Mine."
    answer = shown.ask("POST", "save", json=merged)
    error = answer.json()["error"]
    assert (answer.status_code, error["code"]) == (409, "edit_conflict")
    (conflict,) = error["details"]
    assert conflict["pointer"] == "/properties/size/description"
    assert (conflict["base"], conflict["mine"], conflict["theirs"]) == (
        "How large.", "Mine.", "Theirs.",
    )  # fmt: skip
    saved = shown.save(merged, resolutions={conflict["id"]: side})
    path = f"assets/events/shop/{NEW}/v1.json"
    branch = saved["branch"] or "main"
    assert shown.at(branch, path)["properties"]["size"]["description"] == kept


def test_what_is_activated_is_what_was_merged(shown: Shown, merged: dict[str, Any]) -> None:
    edited(shown, lambda it: it["size"].update(minimum=1))
    merged["parameters"]["properties"]["size"]["maximum"] = 9
    saved = shown.save(merged, activate=True)
    base = shown.console.bases.get(saved["branch"])
    assert base.registry.get(NEW).status == "active"  # its record fits its file


def test_a_branch_is_taken_by_who_may_and_where_nothing_is_lost(shown: Shown) -> None:
    saved = shown.save(new_event(), activate=True)
    given = {"branch": saved["branch"]}
    (waits,) = shown.ok("GET", "branches")["branches"]
    assert (waits["branch"], waits["events"], waits["by"]) == (saved["branch"], [NEW], "editor")
    assert shown.ask("POST", "take", Role.EDITOR, json=given).status_code == 403
    assert shown.ask("POST", "take", Role.OPERATOR, json={"branch": "main"}).status_code == 404
    model = shown.project / f"dbt/models/event_log/{NEW}.sql"
    model.write_text("mine\n")
    refused = shown.ask("POST", "take", Role.OPERATOR, json=given)
    assert refused.status_code == 400
    assert f"{NEW}.sql" in refused.json()["error"]["message"]
    model.unlink()
    assert (
        f"dbt/models/event_log/{NEW}.sql"
        in shown.ok("POST", "take", Role.OPERATOR, json=given)["files"]
    )
    assert model.is_file()
    assert git(shown.project, "status", "--porcelain") == ""
    assert shown.ok("POST", "take", Role.OPERATOR, json=given)["files"] == []
    assert NEW in shown.ok("GET", "dictionaries")["events"]
    assert shown.ok("GET", "branches")["branches"] == []


def test_a_branch_that_has_parted_is_left_to_git(shown: Shown) -> None:
    saved = shown.save(new_event())
    git(shown.project, "commit", "-q", "--allow-empty", "-m", "Meanwhile")
    answer = shown.ask("POST", "take", Role.OPERATOR, json={"branch": saved["branch"]})
    assert answer.status_code == 409
    assert "git merge" in answer.json()["error"]["remedy"]


def test_without_git_the_files_lie_where_they_are(plain: Shown) -> None:
    assert plain.ok("GET", "branches")["branches"] == []
    saved = plain.save(new_event())
    assert (saved["in_place"], saved["branch"]) == (True, "")
    folder = plain.project / "assets/events/shop" / NEW
    assert json.loads((folder / "event.json").read_text())["status"] == "draft"
    first, second = plain.opened(NEW), plain.opened(NEW)
    first["envelope"]["description"] = "One."
    plain.save(first)
    second["envelope"]["description"] = "Two."
    answer = plain.ask("POST", "save", json=second)
    assert answer.status_code == 409
    (conflict,) = answer.json()["error"]["details"]
    assert conflict["pointer"] == "/description"


def test_fragments_are_offered_and_judged_by_what_they_name(shown: Shown) -> None:
    folder = shown.project / "assets/events/fragments/money"
    folder.mkdir(parents=True)
    amount = {"type": "number", "minimum": 0, "maximum": 1e9}
    money = {"type": "object", "description": "An amount.", "properties": {"amount": amount}}
    (folder / "v1.json").write_text(json.dumps(money))
    git(shown.project, "add", "-A")
    git(shown.project, "commit", "-qm", "Share money")
    shown.console.bases.get(fresh=True)
    offered = shown.ok("GET", "dictionaries")["fragments"]
    assert offered == [{"ref": "fragment:money/1", "description": "An amount.", "kind": "object"}]
    wanted = new_event(price={"$ref": "fragment:money/1", "description": "What it costs."})
    found = shown.check(wanted)
    assert found["ok"], found["notes"]
    assert {one["name"]: one["duckdb"] for one in found["columns"]}["price__amount"] == "DOUBLE"
    wanted["parameters"]["properties"]["price"]["$ref"] = "fragment:mony/1"
    assert "parameters/properties/price/$ref" in texts(shown.check(wanted))


def test_a_draft_is_activated_as_it_is(shown: Shown) -> None:
    document = shown.save(new_event())["document"]
    again = {key: document[key] for key in ("envelope", "parameters", "read", "branch")}
    saved = shown.save(again, activate=True)
    assert shown.console.bases.get(saved["branch"]).registry.get(NEW).status == "active"


def test_judging_is_bounded(shown: Shown) -> None:
    many = {f"p{i}": {"type": "integer", "description": "A part."} for i in range(1_001)}
    for path in ("check", "save"):
        answer = shown.ask("POST", path, json=new_event(**many))
        assert answer.status_code == 422
        assert "the builder takes 1,000" in answer.json()["error"]["message"]
    with builder._judging.one("somebody"), builder._judging.one("else"):
        answer = shown.ask("POST", "check", json=new_event())
    assert (answer.status_code, answer.json()["error"]["code"]) == (429, "busy")
    assert shown.check(new_event())["ok"]
    assert shown.check(new_event())["ok"]


@pytest.mark.parametrize("mode", [["full"], {"full": 1}, None, 3])
def test_a_mode_that_is_none_is_a_mistake(shown: Shown, mode: Any) -> None:
    wanted = shown.opened()
    wanted["envelope"]["compatibility"] = mode
    assert "event/compatibility" in texts(shown.check(wanted))


def test_half_of_a_character_is_refused(shown: Shown) -> None:
    for part in ("envelope", "parameters"):
        wanted = new_event()
        wanted[part]["description"] = wanted[part]["name"] = "\ud800_item_shop"
        answer = shown.client.post(
            "/api/v1/builder/check", content=json.dumps(wanted),
            headers={
                "Authorization": f"Bearer {shown.tokens[Role.EDITOR]}",
                "Content-Type": "application/json",
            },
        )  # fmt: skip
        assert answer.status_code == 422, answer.text
        assert "half of a character" in answer.json()["error"]["message"]


def test_a_save_moves_no_other_branch_than_those_of_saves(shown: Shown) -> None:
    git(shown.project, "branch", "release")
    before = git(shown.project, "rev-parse", "release")
    for branch in ("release", "events", "release/events/a-1", "events/--x"):
        answer = shown.ask("POST", "save", json={**new_event(), "branch": branch})
        assert answer.status_code == 422, answer.text
    assert git(shown.project, "rev-parse", "release") == before


def test_lesser_roles_and_wrong_input_are_refused(shown: Shown) -> None:
    for path in ("save", "check"):
        answer = shown.ask("POST", path, Role.VIEWER, json=new_event())
        assert (answer.status_code, answer.json()["error"]["code"]) == (403, "not_allowed")
    assert shown.client.post("/api/v1/builder/check", json=new_event()).status_code == 401
    assert shown.ask("POST", "check", json={"envelope": [], "parameters": {}}).status_code == 422
    large = {**new_event(), "read": {"shop/x/v1.json": "x" * 1_600_000}}
    assert shown.ask("POST", "check", json=large).status_code == 422
    odd = {**new_event(), "read": {"../../etc/passwd": "root"}}
    assert shown.ask("POST", "save", json=odd).status_code == 422
    assert git(shown.project, "branch", "--list", "events/*") == ""
