"""Saving without git: all files or none, also when the process dies between two steps."""

from __future__ import annotations

import json
import multiprocessing
import os
import shutil
from pathlib import Path

import pytest

from weir.core.errors import EditConflict, NotReady, RegistryError, UsageError
from weir.registry import generate, load, outdated
from weir.registry.sync import Change, Edit
from weir.registry.sync.inplace import STAGE, finish, held, write_all

EVENT = "shop/view_item_shop"
V1 = f"{EVENT}/v1.json"


def drafted(world, name="coupon"):
    draft = world.draft()
    value = draft.get(V1)
    value["properties"][name] = {"type": "string", "description": "Said."}
    draft.put(V1, value)
    return draft.change()


def files_of(project: Path) -> dict[str, bytes]:
    return {
        path.relative_to(project).as_posix(): path.read_bytes()
        for path in sorted(project.rglob("*"))
        if path.is_file() and not path.name.endswith(".lock")
    }


def test_files_are_written_where_they_lie(plain):
    saved = plain.save(drafted(plain))
    assert (saved.in_place, saved.branch, saved.commit) == (True, None, None)
    assert "coupon" in json.loads((plain.events / V1).read_text())["properties"]
    dbt = plain.project / "dbt"
    assert outdated(generate(load(plain.events), dbt), dbt) == []
    assert not (plain.project / STAGE).exists()


def test_edits_by_hand_only_need_their_models(plain):
    (plain.events / V1).write_text(json.dumps(drafted_value(plain)))
    saved = plain.save()
    assert saved.files == (
        "dbt/models/event_log/view_item_shop.sql",
        "dbt/models/event_log/view_item_shop.yml",
    )
    assert plain.save().files == ()


def drafted_value(world):
    return json.loads(drafted(world).edits[0].content)


def test_what_others_changed_is_merged_or_told(plain):
    first, second, third = (drafted(plain, name) for name in ("coupon", "voucher", "coupon"))
    plain.save(first)
    plain.save(second)
    plain.save(third)  # says what the first one said
    properties = json.loads((plain.events / V1).read_text())["properties"]
    assert list(properties) == ["item_id", "size", "coupon", "voucher"]
    change = Change((Edit(V1, b'{"type": "object"}', "1" * 40),))
    with pytest.raises(EditConflict, match="not known here"):
        plain.save(change)


def test_there_is_nothing_to_push(plain):
    with pytest.raises(UsageError, match="no git"):
        plain.save(drafted(plain), push=True)
    with pytest.raises(UsageError, match="git init"):
        plain.save(drafted(plain), branch="x")


def test_a_dry_run_writes_nothing(plain):
    before = files_of(plain.project)
    assert len(plain.save(drafted(plain), dry_run=True).files) == 3
    assert files_of(plain.project) == before


def test_removing_an_event_leaves_no_folder(plain):
    draft = plain.draft()
    for name in ("event.json", "v1.json"):
        draft.remove(f"{EVENT}/{name}")
    plain.save(draft.change())
    assert list(plain.events.iterdir()) == [plain.events / "dictionary.json"]
    assert load(plain.events).events == {}


@pytest.mark.parametrize("place", ["assets/events/shop", "assets", f"assets/events/{V1}", "dbt"])
def test_links_are_not_followed(plain, tmp_path: Path, place):
    change = drafted(plain)
    original = plain.project / place
    moved = tmp_path / "moved"
    shutil.move(original, moved)
    original.symlink_to(moved)
    with pytest.raises(RegistryError, match="links are not followed"):
        plain.save(change)


def test_a_device_is_refused_and_not_read(plain):
    os.mkfifo(plain.events / "shop" / "view_item_shop" / "v2.json")
    with pytest.raises(RegistryError, match="A link or a device"):
        plain.save()


def steps_of(world) -> list[str]:
    """The steps of a save of one event, on a copy."""
    copy = world.project.with_name("a copy")
    shutil.copytree(world.project, copy)
    steps: list[str] = []
    other = type(world)(world.settings.model_copy(update={"project": copy}), world.environment)
    other.save(removal(other), at=steps.append)
    shutil.rmtree(copy)
    return steps


def removal(world) -> Change:
    """A change that adds, edits and removes files."""
    draft = world.draft()
    event, params = draft.get(f"{EVENT}/event.json"), draft.get(V1)
    draft.remove(V1)
    draft.put(f"{EVENT}/v2.json", params)
    draft.put(f"{EVENT}/event.json", event | {"description": "It is seen."})
    draft.put("shop/click_item_shop/event.json", event | {"name": "click_item_shop"})
    draft.put("shop/click_item_shop/v1.json", params)
    return draft.change()


def _die_at(world, change, step):
    def at(reached: str) -> None:
        if reached == step:
            os._exit(9)

    world.save(change, at=at)
    os._exit(0)


def test_an_interruption_leaves_the_old_or_the_new_state(plain):
    steps = steps_of(plain)
    assert len(steps) > 15
    old = files_of(plain.project)
    context = multiprocessing.get_context("fork")
    outcomes = []
    for step in steps:
        change = removal(plain)
        child = context.Process(target=_die_at, args=(plain, change, step))
        child.start()
        child.join()
        assert child.exitcode == 9
        with held(plain.project / ".weir-save.lock"):  # the dead process holds nothing
            finish(plain.project)
        now = files_of(plain.project)
        outcomes.append(now == old)
        if now != old:
            plain.save(change)  # the same change again: nothing is left to do
            assert files_of(plain.project) == now
            assert set(load(plain.events).events) == {"view_item_shop", "click_item_shop"}
            restore(plain.project, old)
    first_new = outcomes.index(False)
    assert steps[first_new - 1] == "commit"
    assert not any(outcomes[first_new:])


def restore(project: Path, files: dict[str, bytes]) -> None:
    shutil.rmtree(project)
    for path, content in files.items():
        (project / path).parent.mkdir(parents=True, exist_ok=True)
        (project / path).write_bytes(content)


def test_a_full_disk_while_staging_changes_nothing(plain, monkeypatch):
    old = files_of(plain.project)

    def full(step: str) -> None:
        if step == "journal":
            raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space"):
        plain.save(drafted(plain), at=full)
    assert files_of(plain.project) == old


def test_a_read_only_folder_changes_nothing(plain, monkeypatch):
    old, change = files_of(plain.project), drafted(plain)
    models = str(plain.project / "dbt/models/event_log")
    monkeypatch.setattr(os, "access", lambda path, mode: str(path) != models)  # root may write
    with pytest.raises(PermissionError, match="cannot be written"):
        plain.save(change)
    assert files_of(plain.project) == old


def test_a_forged_journal_writes_nothing_outside(plain, tmp_path: Path):
    (plain.project / STAGE).mkdir()
    (plain.project / STAGE / "0").write_text("evil")
    (plain.project / STAGE / "journal.json").write_text('["../evil.json"]')
    with pytest.raises(RegistryError, match="outside the project"):
        plain.save()
    assert not (tmp_path / "evil.json").exists()


def test_saves_wait_for_each_other(plain):
    with held(plain.project / ".weir-save.lock"), pytest.raises(NotReady, match="Another save"):
        waiting(plain.project)


def waiting(project: Path) -> None:
    with held(project / ".weir-save.lock", seconds=0.05):
        raise AssertionError


def test_write_all_refuses_a_link_on_the_way(plain, tmp_path: Path):
    (plain.project / "assets/events/x").symlink_to(tmp_path)
    with pytest.raises(RegistryError):
        write_all(plain.project, {"assets/events/x/y.json": b"{}"})
    assert not (tmp_path / "y.json").exists()


def _race(world, name, started):
    change = drafted(world, name)
    started.wait()
    world.save(change)


def test_savers_without_git_lose_nothing(plain):
    context = multiprocessing.get_context("fork")
    started = context.Barrier(4)
    names = ["ada", "bob", "cyd", "dan"]
    savers = [context.Process(target=_race, args=(plain, name, started)) for name in names]
    for saver in savers:
        saver.start()
    for saver in savers:
        saver.join()
    assert [saver.exitcode for saver in savers] == [0] * 4
    properties = json.loads((plain.events / V1).read_text())["properties"]
    assert set(names) < properties.keys()
