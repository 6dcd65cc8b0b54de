"""`weir events search|readers|volume|name|term`, run in process."""

from __future__ import annotations

import json
import shutil
import sys
from datetime import UTC, datetime
from pathlib import Path

import orjson
import pytest

from tests.engines.spool_records import record
from weir.cli.main import main
from weir.core.settings import Settings
from weir.engines.embedded.lake import Lake
from weir.engines.embedded.sealing import EmbeddedLanding
from weir.engines.ports import Batch, Position

ROOT = Path(__file__).parents[2]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    shutil.copytree(ROOT / "assets" / "events", tmp_path / "assets" / "events")
    (tmp_path / "workspace.yaml").write_text("")
    return tmp_path


@pytest.fixture
def weir(project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    # `readers` parses dbt's project and leaves its variables behind: monkeypatch takes them away
    monkeypatch.setenv("WEIR_HOME", str(project / ".weir"))
    monkeypatch.setenv("WEIR_DBT_TARGET", "sqlite")
    monkeypatch.setenv("WEIR_CLOSE_LAG_MINUTES", "60")

    def run(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["weir", "--project", str(project), "events", *arguments])
        with pytest.raises(SystemExit) as left:
            main()
        said = capsys.readouterr()
        return int(left.value.code or 0), said.out, said.err

    return run


def test_search(weir):
    code, out, _ = weir("search", "buy", "price")
    assert code == 0
    assert out.splitlines()[1].split()[0] == "purchase_item_shop"
    hits = json.loads(weir("search", "buy", "--json")[1])
    assert [(hit["event"], hit["matches"][0]["field"]) for hit in hits] == [
        ("purchase_item_shop", "synonym")
    ]
    code, out, err = weir("search", "xyzzy")
    assert (code, out) == (0, "")
    assert "No event has all these words" in err


def test_name(weir):
    code, out, _ = weir("name", "product_buy_store")
    assert code == 1
    assert "Use `purchase`, not `buy`" in out
    assert out.splitlines()[-1] == "purchase_item_shop (exists already)"
    assert weir("name", "purchase_item_shop")[:2] == (0, "purchase_item_shop exists already.\n")
    assert weir("name", "revert_item_shop")[:2] == (
        0,
        "revert_item_shop is a good name, and free.\n",
    )
    said = json.loads(weir("name", "item_purchase", "--json")[1])
    assert said["name"] is None
    assert said["completions"] == ["purchase_item_shop", "purchase_item_git"]


def test_a_term_is_added_and_used(weir, project: Path):
    before = (project / "assets/events/dictionary.json").read_text()
    assert weir("name", "tap_item_shop")[0] == 1
    code, _, err = weir("term", "add", "action", "click", "--meaning", "Press.", "--synonym", "tap")
    assert code == 0, err
    assert json.loads(weir("name", "tap_item_shop", "--json")[1])["name"] == "click_item_shop"
    rows = weir("term", "list", "action")[1].splitlines()
    assert rows[1].split() == ["action", "click", "tap", "Press."]
    after = (project / "assets/events/dictionary.json").read_text()
    assert [line for line in before.splitlines() if line not in after.splitlines()] == []
    assert weir("list")[0] == 0


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("action", "push"), "The action `push` exists: Send finished work"),
        (("action", "buy"), "`buy` says what the action `purchase` says"),
        (("object", "items"), "`items` says what the object `item` says"),
        (("action", "Click"), "`Click` is no term"),
        (("verb", "click"), "Valid values are: action, object, service, parameter"),
        (("service", "home"), "Not everybody may add a term to the slot `service`"),
        (("service", "home", "--by", "me@example.com"), "`me@example.com` may not"),
        (("action", "click", "--synonym", "push"), "leads to `push` already"),
        (("parameter", "article_id"), "says what the parameter `item_id` says"),
    ],
)
def test_a_term_is_refused_with_a_reason(weir, project: Path, arguments: tuple, said: str):
    path = project / "assets/events/dictionary.json"
    before = path.read_bytes()
    code, _, err = weir("term", "add", *arguments, "--meaning", "Something.")
    assert code in (1, 2)
    assert said in err
    assert path.read_bytes() == before


def test_an_owner_may_add_to_the_slot(weir):
    arguments = ("service", "home", "--meaning", "The first page.", "--by", "platform@example.com")
    code, out, _ = weir("term", "add", *arguments, "--json")
    assert (code, json.loads(out)["path"]) == (0, "assets/events/dictionary.json")


def test_the_first_term_makes_the_dictionary(weir, project: Path):
    shutil.rmtree(project / "assets/events")
    assert weir("term", "add", "action", "click", "--meaning", "Press.")[0] == 0
    assert json.loads((project / "assets/events/dictionary.json").read_text())["action"] == {
        "click": "Press."
    }
    assert weir("list")[0] == 0


def test_volume(weir, project: Path):
    lake = Lake(Settings(home=project / ".weir", project=project))
    lake.create()
    now = datetime.now(UTC).replace(tzinfo=None)
    flag = '[{"rule":"undeclared"}]'
    rows = [
        record(
            "normal", 1, i, now, event_name="purchase_item_shop", app_version=f"3.{i % 2}",
            verdict="flagged" if i == 0 else "accepted", violations=flag if i == 0 else None,
        )
        for i in range(5)
    ]  # fmt: skip
    EmbeddedLanding(lake).seal(
        Batch("normal", Position(-1, 0), 1, 0, [orjson.dumps(row) for row in rows]), now
    )
    code, out, err = weir("volume", "purchase_item_shop")
    assert code == 0
    assert "5 valid, 0 quarantined since" in err
    table = [line.split() for line in out.splitlines() if line]
    assert [row[1:6] for row in table[1:3]] == [
        ["v1", "3.0", "3", "1", "0"],
        ["v1", "3.1", "2", "0", "0"],
    ]
    assert table[-1] == ["undeclared", "1"]
    found = json.loads(weir("volume", "purchase_item_shop", "--days", "1", "--json")[1])
    assert (found["valid"], found["violations"]) == (5, {"undeclared": 1})
    assert "0 valid, 0 quarantined since" in weir("volume", "push_commit_git")[2]


def test_volume_without_a_lake(weir):
    code, _, err = weir("volume", "purchase_item_shop")
    assert code == 1
    assert "There is no lake" in err


def test_readers(weir, project: Path):
    shutil.copytree(ROOT / "dbt", project / "dbt", ignore=shutil.ignore_patterns("target", "logs"))
    code, out, _ = weir("readers", "purchase_item_shop")
    assert code == 0
    assert out.splitlines()[1].split()[:2] == ["fact/users_purchased_item", "1"]
    found = json.loads(weir("readers", "purchase_item_shop", "--json")[1])
    assert {reader["stage"] for reader in found} == {"fact", "activation"}
    assert weir("readers", "purchase_item")[0] == 2


def test_every_command_shows_an_example(weir):
    for command in ("search", "readers", "volume", "name"):
        assert f"Example: weir events {command}" in weir(command, "--help")[1]
    for command in ("list", "add"):
        assert f"Example: weir events term {command}" in weir("term", command, "--help")[1]


def test_a_slot_that_does_not_exist_is_refused(weir):
    code, out, err = weir("term", "list", "nope")
    assert (code, out) == (2, "")
    assert "Valid values are: action, object, service, parameter." in err


@pytest.mark.parametrize(
    ("candidate", "said"),
    [
        ("구매_item_shop", "Write each token in a-z and 0-9, a letter first."),
        ("_".join("a" * 5_000), "no slot is left for `a`, `a`, `a`, `a`, `a`, …"),
        ("a" * 10_000, "The name has 10000 characters"),
    ],
)
def test_a_name_far_from_one_is_answered_in_a_few_full_lines(weir, candidate: str, said: str):
    code, out, _ = weir("name", candidate)
    assert code == 1
    assert said in out
    assert len(out) < 3_000
    assert all(line.strip() for line in out.splitlines())
    assert "Name it" not in out
