"""`weir events`, run in process."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path

import pytest

from weir.cli.main import main

ROOT = Path(__file__).parents[2]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    shutil.copytree(ROOT / "assets" / "events", tmp_path / "assets" / "events")
    shutil.copytree(ROOT / "dbt" / "models" / "event_log", tmp_path / "dbt/models/event_log")
    (tmp_path / "workspace.yaml").write_text("")
    return tmp_path


@pytest.fixture
def weir(project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    def run(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["weir", "--project", str(project), "events", *arguments])
        with pytest.raises(SystemExit) as left:
            main()
        said = capsys.readouterr()
        return int(left.value.code or 0), said.out, said.err

    return run


def test_list(weir):
    code, out, _ = weir("list")
    assert code == 0
    assert out.splitlines()[0].split() == ["event", "tier", "status", "domain", "owner", "version"]
    assert len(out.splitlines()) == 6


def test_list_as_json(weir):
    code, out, _ = weir("list", "--json")
    names = [event["name"] for event in json.loads(out)]
    assert (code, len(names)) == (0, 5)


def test_show(weir):
    code, out, _ = weir("show", "push_commit_git")
    assert code == 0
    assert "files__added" in out
    assert "MAP(VARCHAR, BIGINT)" in out


def test_show_as_json(weir):
    _, out, _ = weir("show", "purchase_item_shop", "--json")
    shown = json.loads(out)
    assert [column["name"] for column in shown["columns"]] == ["quantity", "price"]
    assert shown["versions"]["1"]["required"] == ["quantity", "price"]


def test_show_unknown(weir):
    code, _, err = weir("show", "push")
    assert code == 2
    assert "There is no event `push`" in err
    code, _, err = weir("show", "purchase_item_shp")
    assert err == (
        "error: There is no event `purchase_item_shp`.\n"
        "       Did you mean `purchase_item_shop`? See `weir events list`.\n"
    )


def test_check_passes(weir):
    assert weir("check")[0] == 0
    code, out, _ = weir("check", "--json")
    told = json.loads(out)
    assert (code, told["ok"], told["errors"], told["notes"]) == (0, True, [], [])
    assert told["not_compared"] == "The project has no git. Compatibility was not checked."


def test_a_summary_that_cannot_be_written_is_told(weir):
    code, _, err = weir("check", "--summary", "/nope/x")
    assert code == 2
    assert "The summary cannot be written to /nope/x: No such file or directory." in err
    assert "Name a file in a folder that exists." in err


def test_check_shows_hints_and_passes(weir, project: Path):
    path = project / "assets/events/shop/purchase_item_shop/v1.json"
    path.with_name("versions.json").unlink()
    schema = json.loads(path.read_text())
    schema["properties"]["email"] = {"type": "string", "description": "Where the receipt goes."}
    path.write_text(json.dumps(schema))
    weir("generate")
    code, _, err = weir("check")
    assert code == 0
    assert "hint: assets/events/shop/purchase_item_shop/v1.json#/properties/email" in err
    assert "under `pii`: hash | mask | drop" in err
    code, out, _ = weir("check", "--json")
    (note,) = json.loads(out)["notes"]
    assert (code, note["rule"], note["severity"]) == (0, "personal", "hint")


def test_check_names_every_mistake(weir, project: Path):
    path = project / "assets/events/git/push_commit_git/v1.json"
    path.write_text(path.read_text().replace("minLength", "mnLength").replace('"items"', '"itms"'))
    code, _, err = weir("check")
    assert code == 1
    assert "Did you mean `minLength`?" in err
    assert "Did you mean `items`?" in err
    code, out, _ = weir("check", "--json")
    assert code == 1
    assert [error["pointer"] for error in json.loads(out)["errors"]] == [
        "/properties/repository/mnLength",
        "/properties/top_dirs/itms",
    ]


def test_generate_check_names_stale_files(weir, project: Path):
    path = project / "dbt/models/event_log/push_commit_git.sql"
    path.unlink()
    assert weir("check")[0] == 1
    code, out, _ = weir("generate", "--check")
    assert (code, out) == (1, "dbt/models/event_log/push_commit_git.sql\n")
    assert not path.exists()
    assert weir("generate")[0] == 0
    assert path.exists()
    assert weir("generate", "--check")[:2] == (0, "")


def test_every_command_shows_an_example(weir):
    for command in ("list", "show", "check", "generate"):
        assert f"Example: weir events {command}" in weir(command, "--help")[1]
