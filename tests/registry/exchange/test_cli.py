"""`weir events import` and `export`, run in process on a copy of the example's events."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path
from typing import Any

import pytest

from weir.cli.main import main
from weir.registry import load

ROOT = Path(__file__).parents[3]
PURCHASE = {"type": "struct", "fields": [
    {"name": "item", "type": "string", "nullable": False, "metadata": {"comment": "Which."}},
    {"name": "weight", "type": "float", "nullable": True, "metadata": {"comment": "In kg."}},
]}  # fmt: skip
OWNED = ("--owner", "shop@example.com")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    shutil.copytree(ROOT / "assets" / "events", tmp_path / "assets" / "events")
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


@pytest.fixture
def source(tmp_path: Path):
    def write(content: Any, name: str = "source.json") -> str:
        path = tmp_path / name
        path.write_text(content if isinstance(content, str) else json.dumps(content))
        return str(path)

    return write


def test_an_import_becomes_a_draft(weir, project, source):
    code, out, err = weir("import", source(PURCHASE), "--name", "publish_item_shop", *OWNED)
    assert (code, len(out.splitlines())) == (0, 2)
    assert "lost (spark): /fields/1/type: That it is a 32-bit number" in err
    event = load(project / "assets" / "events").get("publish_item_shop")
    assert (event.status, event.owner, event.domain) == ("draft", "shop@example.com", "shop")
    assert event.versions[1]["required"] == ["item"]


def test_nothing_is_written_over(weir, project, source):
    name = "purchase_item_shop"
    before = {p: p.read_bytes() for p in project.rglob("*.json")}
    code, _, err = weir("import", source(PURCHASE, "s.txt"), "--name", name, *OWNED)
    assert (code, "--next-version" in err) == (2, True)
    assert {p: p.read_bytes() for p in project.rglob("*.json")} == before


def test_a_next_version(weir, project, source):
    name = "purchase_item_shop"
    code, out, _ = weir("import", source(PURCHASE), "--name", name, "--next-version", *OWNED)
    assert (code, out.strip().endswith(f"shop/{name}/v2.json")) == (0, True)
    event = load(project / "assets" / "events").get(name)
    assert (list(event.versions), list(event.drafts)) == ([1], [2])
    code, _, err = weir(
        "import", source(PURCHASE), "--name", "push_item_shop", "--next-version", *OWNED
    )
    assert (code, "There is no event `push_item_shop`" in err) == (2, True)
    (project / "assets" / "events" / "shop" / name / "versions.json").unlink()
    code, _, err = weir("import", source(PURCHASE), "--name", name, "--next-version", *OWNED)
    assert (code, "would be active at once" in err) == (2, True)


WRONG = {"$schema": "http://json-schema.org/draft-07/schema#", "type": "object",
         "properties": {"itemId": {"type": "string", "mexLength": 3, "description": "It."}}}  # fmt: skip


def test_what_the_registry_could_not_load_is_not_written(weir, project, source):
    code, out, err = weir("import", source(WRONG), "--name", "publish_item_shop", *OWNED)
    assert (code, out) == (1, "")
    assert (
        "error: /properties/itemId/mexLength: Unknown keyword `mexLength`. Did you mean `maxLength`?"
        in err
    )
    assert "Try `item_id`" in err
    assert "Nothing was written" in err
    assert not (project / "assets/events/shop/publish_item_shop").exists()
    assert load(project / "assets" / "events")


def test_it_may_be_written_elsewhere(weir, project, source, tmp_path):
    arguments = ("import", source(WRONG), "--name", "publish_item_shop", *OWNED)
    code, out, _ = weir(*arguments, "--out", str(tmp_path / "drafts"))
    assert (code, len(out.splitlines())) == (0, 2)
    draft = json.loads((tmp_path / "drafts/shop/publish_item_shop/v1.json").read_text())
    assert draft["$schema"].endswith("2020-12/schema")
    assert draft["properties"] == WRONG["properties"]
    code, _, err = weir(*arguments, "--out", str(tmp_path / "drafts"))
    assert (code, "exists and is not written over" in err) == (2, True)


def test_a_dry_run_prints_the_files(weir, project, source):
    code, out, _ = weir(
        "import", source(PURCHASE), "--name", "publish_item_shop", *OWNED, "--dry-run"
    )
    assert (code, out.count("# shop/publish_item_shop/")) == (0, 2)
    assert not (project / "assets/events/shop/publish_item_shop").exists()


def test_the_result_as_json(weir, source):
    code, out, err = weir("import", source(WRONG), "--name", "publish_item_shop", *OWNED, "--json")
    said = json.loads(out)
    assert (code, err) == (1, "")
    assert said["format"] == "json-schema"
    assert said["written"] == []
    assert [finding["suggestion"] for finding in said["findings"]] == ["maxLength"]
    assert {error["pointer"] for error in said["errors"]} == {
        "/properties/itemId",
        "/properties/itemId/mexLength",
    }


@pytest.mark.parametrize(
    ("content", "name", "word"),
    [
        ("{", "a.json", "no valid JSON"),
        ('{"a": 1, "a": 2}', "a.json", "twice"),
        ("a: [", "a.yaml", "no valid YAML"),
        ("a: 1\na: 2", "a.yml", "twice"),
        ('{"a": NaN}', "a.json", "NaN is no JSON number"),
    ],
)
def test_a_broken_file_is_told(weir, source, content, name, word):
    code, _, err = weir("import", source(content, name), "--name", "publish_item_shop", *OWNED)
    assert (code, word in err) == (2, True)


@pytest.mark.parametrize(
    ("content", "word"),
    [
        (r'{"type": "object", "description": "\ud800"}', "surrogate pair (at `/description`)"),
        ('{"a":' * 300 + "1" + "}" * 300, "deeper than 100 levels"),
        ('{"maximum": 1e400}', "1e400"),
        ('{"$schema": "urn:mine"}', "`urn:mine` (at `/$schema`) is not known"),
        ('[{"name": "a", "type": "NUMERIC", "precision": "abc"}]', "`/0/precision` is no size"),
    ],
)
def test_what_is_refused_is_told_with_its_place(weir, project, source, content, word):
    code, _, err = weir("import", source(content), "--name", "publish_item_shop", *OWNED)
    assert (code, word in err) == (2, True), err
    assert not (project / "assets/events/shop/publish_item_shop").exists()


def test_a_description_that_cannot_be_written(weir, source):
    name = ("--name", "publish_item_shop", "--description", "\ud800")
    code, _, err = weir("import", source(PURCHASE), *name, *OWNED)
    assert (code, "event.json cannot be written" in err, "`/description`" in err) == (2, True, True)


def test_the_description_of_a_table_is_the_events(weir, source):
    table = {"description": "Orders.", "labels": {"a": "b"},
             "schema": {"fields": [{"name": "item", "type": "STRING", "description": "It."}]}}  # fmt: skip
    code, out, _ = weir(
        "import", source(table), "--name", "publish_item_shop", *OWNED, "--json", "--dry-run"
    )
    said = json.loads(out)
    assert (code, said["files"]["shop/publish_item_shop/event.json"]["description"]) == (
        0,
        "Orders.",
    )
    assert [loss["pointer"] for loss in said["losses"]] == ["/labels"]


def test_yaml_keeps_words_and_dates(weir, source):
    text = 'type: object\nproperties:\n  on: {type: string, enum: [no, 2020-01-01], description: "It."}\n'
    code, out, _ = weir(
        "import", source(text, "a.yaml"), "--name", "publish_item_shop", *OWNED, "--json"
    )
    assert code == 0
    schema = json.loads(out)["files"]["shop/publish_item_shop/v1.json"]
    assert schema["properties"]["on"]["enum"] == ["no", "2020-01-01"]


@pytest.mark.parametrize("form", ["json-schema", "spark", "bigquery", "avro"])
def test_an_export_can_be_imported(weir, source, form, tmp_path):
    target = tmp_path / "out.json"
    code, out, _ = weir("export", "purchase_item_shop", "--format", form, "--out", str(target))
    assert (code, out) == (0, "")
    code, out, _ = weir("import", str(target), "--name", "publish_item_shop", *OWNED, "--json")
    assert code == 0
    assert json.loads(out)["format"] == form
    names = json.loads(out)["files"]["shop/publish_item_shop/v1.json"]["properties"].keys()
    assert list(names) == ["quantity", "price"]


def test_losses_of_an_export_stand_beside_it(weir):
    code, out, err = weir("export", "purchase_item_shop", "--format", "bigquery")
    assert (code, [field["name"] for field in json.loads(out)]) == (0, ["quantity", "price"])
    assert "lost (bigquery): /properties/quantity/minimum:" in err
    code, out, err = weir("export", "purchase_item_shop", "--format", "bigquery", "--json")
    said = json.loads(out)
    assert (code, err, said["version"]) == (0, "", 1)
    assert "/properties/price/maximum" in {loss["pointer"] for loss in said["losses"]}


def test_an_export_resolves_fragments(weir, project):
    events = project / "assets" / "events"
    (events / "fragments" / "money").mkdir(parents=True)
    (events / "fragments" / "money" / "v1.json").write_text('{"type": "number", "minimum": 0}')
    path = events / "shop" / "purchase_item_shop" / "v1.json"
    path.with_name("versions.json").unlink()
    schema = json.loads(path.read_text())
    schema["properties"]["price"] = {"$ref": "fragment:money/1", "description": "Total."}
    path.write_text(json.dumps(schema))
    _, out, _ = weir("export", "purchase_item_shop")
    assert json.loads(out)["properties"]["price"] == {
        "type": "number",
        "minimum": 0,
        "description": "Total.",
    }


def test_what_is_not_there_is_told(weir):
    assert weir("export", "purchase_item_shop", "--version", "9")[0] == 2
    assert weir("export", "no_such_event")[0] == 2
    code, _, err = weir("export", "purchase_item_shop", "--format", "thrift")
    assert (code, "avro" in err) == (2, True)


def test_pii_rules_are_told(weir, project):
    path = project / "assets/events/shop/purchase_item_shop/event.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"pii": {"price": "hash"}}))
    assert (
        "`price` is stored by the rule `hash`"
        in weir("export", "purchase_item_shop", "--format", "spark")[2]
    )
