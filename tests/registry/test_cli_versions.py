"""`weir events new-version|diff|activate|deprecate|review`: what is told of a draft, and refused."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from tests.registry.conftest import Files
from weir.cli.main import main
from weir.registry import load

NAME = "click_item_home"
FOLDER = f"home/{NAME}"
ITEM = {"item_id": {"type": "integer", "description": "It."}}
EMAIL = {"email": {"type": "string", "description": "Where the receipt goes."}}
HINT = f"hint: assets/events/{FOLDER}/v2.json#/properties/email: `email` looks like"


@pytest.fixture
def project(tmp_path: Path, files: Files) -> Path:
    (tmp_path / "workspace.yaml").write_text("")
    (tmp_path / "dbt/models/event_log").mkdir(parents=True)
    files.event({"type": "object", "properties": ITEM}, status="active")
    return tmp_path


@pytest.fixture
def weir(project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    monkeypatch.setenv("COLUMNS", "200")

    def run(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["weir", "--project", str(project), "events", *arguments])
        with pytest.raises(SystemExit) as left:
            main()
        said = capsys.readouterr()
        return int(left.value.code or 0), said.out, said.err

    return run


@pytest.fixture
def draft(weir, files: Files) -> None:
    """Version 2 is a draft with a parameter that looks personal and is called by a synonym."""
    terms = {"parameter": {"product": {"meaning": "What is sold.", "synonyms": ["sku"]}}}
    known = json.loads((files.root / "dictionary.json").read_text())
    files.write("dictionary.json", known | terms)
    assert weir("new-version", NAME, "--by", "me")[0] == 0
    more = {"sku": {"type": "string", "description": "What."}}
    files.write(f"{FOLDER}/v2.json", {"type": "object", "properties": ITEM | EMAIL | more})


@pytest.mark.usefixtures("draft")
@pytest.mark.parametrize(
    "command",
    [
        ("check",),
        ("diff", NAME),
        ("activate", NAME, "--by", "growth@example.com", "--dry-run", "--breaking", "It may."),
    ],
)
def test_what_a_draft_should_mend_is_told_while_it_can_be(weir, command):
    weir("generate")
    _, out, err = weir(*command)
    assert HINT in err, out
    assert "Use `product`, not `sku`." in err
    assert "Name it so before it is activated." in err


@pytest.mark.usefixtures("draft")
def test_activate_tells_it_before_the_version_is_fixed(weir, project: Path):
    weir_activate = ("activate", NAME, "--by", "growth@example.com", "--breaking", "It may.")
    told = json.loads(weir(*weir_activate, "--dry-run", "--json")[1])
    assert [note["rule"] for note in told["notes"]] == ["personal", "synonym"]
    code, _, err = weir(*weir_activate)
    assert code == 0
    assert err.index(HINT) < err.index("is active, and never changes again")
    assert list(load(project / "assets/events").get(NAME).versions) == [1, 2]


def test_a_schema_of_a_file_is_judged_like_a_draft(weir, tmp_path: Path):
    wanted = tmp_path / "wanted.json"
    wanted.write_text(json.dumps({"type": "object", "properties": ITEM | EMAIL}))
    _, _, err = weir("diff", NAME, "--file", str(wanted))
    assert "hint: wanted.json#/properties/email" in err
    told = json.loads(weir("diff", NAME, "--file", str(wanted), "--json")[1])
    assert [note["rule"] for note in told["notes"]] == ["personal"]


def test_a_new_version_tells_what_it_can_mend(weir, files: Files):
    files.event({"type": "object", "properties": ITEM | EMAIL})
    assert HINT in weir("new-version", NAME, "--by", "me")[2]
    notes = json.loads(weir("check", "--json")[1])["notes"]
    assert [note["path"].rpartition("/")[2] for note in notes] == ["v1.json"], "told once"


def test_a_file_that_is_not_there_is_named(weir):
    code, _, err = weir("diff", NAME, "--file", "/nope")
    assert (code, err) == (2, "error: There is no file `/nope`.\n       Check the path.\n")


def test_an_event_cannot_replace_itself(weir):
    code, _, err = weir("deprecate", NAME, "--replacement", NAME)
    assert code == 2
    assert f"`{NAME}` cannot replace itself." in err


def test_a_review_of_what_does_not_exist_says_so_first(weir):
    code, _, err = weir("review", NAME, "--of", "v9", "--approve", "--by", "me@example.com")
    assert code == 2
    assert f"`v9` of `{NAME}` cannot be reviewed." in err
    assert "Known: v1, deprecate, archive." in err
