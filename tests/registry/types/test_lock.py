"""Which version a sender's types are for, what is told, and that nothing changes unasked."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from tests.registry.types.conftest import ROOT, SIMPLE, WIDER, event, registry_of
from weir.cli.main import app
from weir.core.errors import NotFound, ServiceUnavailable, UsageError, WeirError
from weir.registry.types import FILE, Lock, generated, node, outdated, read_lock, resolve, write
from weir.registry.types.lock import content_hash

HOME = event("click_item_home", SIMPLE)
GROWN = event("click_item_home", SIMPLE, WIDER)
DRAFT = event("view_page_web", SIMPLE, status="draft")


def lock_of(*events, asked=()) -> Lock:
    return resolve(registry_of(*events), None, "python", "g 1", asked).lock


def versions(lock: Lock) -> dict[str, int]:
    return {name: one.version for name, one in lock.events.items()}


def test_every_active_event_at_its_newest_version() -> None:
    old = event("old_page_web", SIMPLE, status="deprecated")
    assert versions(lock_of(GROWN, DRAFT, old)) == {"click_item_home": 2}


def test_a_locked_version_stays_until_update() -> None:
    held = lock_of(HOME)
    kept = resolve(registry_of(GROWN), held, "python", "g 1")
    assert versions(kept.lock) == {"click_item_home": 1}
    assert kept.notes == ["`click_item_home` is held at version 1; 2 is the newest."]
    assert versions(
        resolve(registry_of(GROWN), held, "python", "g 1", update=True).lock
    ) == {"click_item_home": 2}  # fmt: skip


def test_a_version_may_be_asked_for() -> None:
    assert versions(lock_of(GROWN, asked=["click_item_home@1"])) == {"click_item_home": 1}
    with pytest.raises(UsageError, match="has no version 3"):
        lock_of(GROWN, asked=["click_item_home@3"])
    with pytest.raises(UsageError, match="NAME@VERSION"):
        lock_of(GROWN, asked=["click_item_home@two"])


def test_the_selection_is_remembered() -> None:
    other = event("click_page_web", SIMPLE)
    held = lock_of(HOME, other, asked=["click_item_home"])
    assert versions(resolve(registry_of(HOME, other), held, "python", "g 1").lock) == {
        "click_item_home": 1
    }
    everything = lock_of(HOME)
    assert set(versions(resolve(registry_of(HOME, other), everything, "python", "g 1").lock)) == {
        "click_item_home", "click_page_web",
    }  # fmt: skip


def test_what_cannot_be_sent_is_refused_or_told() -> None:
    with pytest.raises(UsageError, match="is draft: the collector does not accept it"):
        lock_of(DRAFT, asked=["view_page_web"])
    with pytest.raises(NotFound, match="no event `no_such_event`"):
        lock_of(HOME, asked=["no_such_event"])
    archived = event("click_item_home", SIMPLE, status="archived")
    told = resolve(registry_of(archived), lock_of(HOME), "python", "g 1")
    assert versions(told.lock) == {"click_item_home": 1}
    assert "is archived: the collector quarantines it" in told.notes[0]
    gone = event("click_item_home", SIMPLE, status="deprecated", replacement="x_y_z")
    assert "send `x_y_z` instead" in resolve(
        registry_of(gone), lock_of(HOME), "python", "g 1"
    ).notes[0]  # fmt: skip


def test_a_schema_that_changed_in_place_is_named() -> None:
    changed = event("click_item_home", WIDER)
    with pytest.raises(UsageError, match="Version 1 of `click_item_home` is not what was locked"):
        resolve(registry_of(changed), lock_of(HOME), "python", "g 1")
    assert content_hash({"a": 1, "b": 2}) == content_hash({"b": 2, "a": 1})


def test_another_language_has_another_folder() -> None:
    with pytest.raises(UsageError, match="types for python, not for swift"):
        resolve(registry_of(HOME), lock_of(HOME), "swift", "g 1")


def test_a_lock_is_read_as_it_was_written(tmp_path: Path) -> None:
    path = tmp_path / FILE
    assert read_lock(path) is None
    held = lock_of(HOME, GROWN, asked=["click_item_home"])
    path.write_text(held.text())
    assert read_lock(path) == held


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"format": 9}', "\xff", '{"format": 1, "events": 3}']
)
def test_what_is_no_lock_is_not_overwritten(tmp_path: Path, text: str) -> None:
    (tmp_path / FILE).write_text(text, encoding="latin-1")
    with pytest.raises(WeirError, match="is no lock file of types"):
        read_lock(tmp_path / FILE)


def test_without_the_bundle_the_command_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(node, "BUNDLE", Path("absent"))
    monkeypatch.setattr(node, "find_spec", lambda _: None)
    with pytest.raises(ServiceUnavailable) as caught:
        generated(registry_of(HOME), lock_of(HOME))
    assert "make types-bundle" in caught.value.remedy
    assert "pip install 'weir[types]'" in caught.value.remedy


def test_the_npm_lock_files_name_no_host_and_pin_everything() -> None:
    folders = ["platform/weir/registry/types", "clients/typescript"]
    for folder in folders:
        text = (ROOT / folder / "package-lock.json").read_text()
        assert "://" not in text
        assert '"resolved"' not in text
        packages = json.loads(text)["packages"]
        assert all("integrity" in one for name, one in packages.items() if name)
    pinned = json.loads((ROOT / folders[0] / "package.json").read_text())["dependencies"]
    assert node.generator() == f"quicktype-core {pinned['quicktype-core']}"


def test_the_same_input_gives_the_same_bytes(bundle: None) -> None:
    other = event("click_page_web", WIDER)
    first, second = (GROWN, other), (other, GROWN)
    made = [generated(registry_of(*events), lock_of(*events)) for events in (first, second)]
    assert list(made[0].values()) == list(made[1].values())
    assert made[0] == made[1]


def test_an_event_more_changes_no_other_events_file(bundle: None) -> None:
    alone = generated(registry_of(HOME), lock_of(HOME))
    other = event("click_item_homes", SIMPLE)
    both = generated(registry_of(HOME, other), lock_of(HOME, other))
    assert both["click_item_home.py"] == alone["click_item_home.py"]


def test_files_of_others_stay_and_ours_go(tmp_path: Path, bundle: None) -> None:
    other = event("click_page_web", SIMPLE)
    write(generated(registry_of(HOME, other), lock_of(HOME, other)), tmp_path)
    (tmp_path / "mine.py").write_text("x = 1\n")
    files = generated(registry_of(HOME), lock_of(HOME))
    assert "click_page_web.py" in outdated(files, tmp_path)
    write(files, tmp_path)
    assert (tmp_path / "mine.py").exists()
    assert not (tmp_path / "click_page_web.py").exists()
    assert outdated(files, tmp_path) == []


def weir(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["--project", str(ROOT), "events", "types", *arguments])


def test_the_command_writes_then_checks(tmp_path: Path, bundle: None) -> None:
    out = str(tmp_path / "made")
    assert weir("--lang", "typescript", "--out", out, "--check").exit_code == 1
    assert not (tmp_path / "made").exists(), "--check writes nothing"
    made = weir("--lang", "typescript", "--out", out, "--event", "purchase_item_shop")
    assert made.exit_code == 0, made.output
    assert made.stdout.splitlines()[-1] == f"{out}/weir-types.lock.json"
    checked = weir("--lang", "typescript", "--out", out, "--check")
    assert (checked.exit_code, checked.stdout) == (0, "")
    (tmp_path / "made" / "purchase_item_shop.ts").write_text("edited")
    found = weir("--lang", "typescript", "--out", out, "--check", "--json")
    assert found.exit_code == 1
    assert json.loads(found.stdout) == {
        "changed": ["purchase_item_shop.ts"], "events": {"purchase_item_shop": 1}, "notes": [],
    }  # fmt: skip


def test_wrong_use_of_the_command(tmp_path: Path) -> None:
    assert weir("--lang", "cobol").exit_code == 2
    assert isinstance(
        weir("--lang", "swift", "--out", str(tmp_path), "--event", "no_such_event").exception, NotFound
    )  # fmt: skip
    assert list(tmp_path.iterdir()) == []
