"""Saving to a branch: what is made, and what stays as it was."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from weir.core.errors import (
    EditConflict,
    GitError,
    InvalidValue,
    NameRejected,
    RegistryError,
    UsageError,
)
from weir.registry.sync import Change, Edit
from weir.registry.sync.change import blob_id

V1 = "shop/view_item_shop/v1.json"
V2 = "shop/view_item_shop/v2.json"


def text(**keywords):
    return {"type": "string", "description": "Said.", **keywords}


def with_(world, **properties):
    value = world.draft().get(V1)
    value["properties"].update(properties)
    return value


def test_a_save_makes_a_branch_with_files_and_models(world):
    before = world.state()
    saved = world.put(with_(world, coupon=text()))
    assert (saved.branch, saved.base) == ("events/view_item_shop-1", "main")
    assert world.git("rev-parse", saved.branch) == saved.commit
    assert world.git("rev-parse", f"{saved.commit}^") == world.git("rev-parse", "main")
    assert world.git("diff", "--name-only", "main", saved.branch).split("\n") == sorted(saved.files)
    assert saved.files == (
        "assets/events/shop/view_item_shop/v1.json",
        "dbt/models/event_log/view_item_shop.sql",
        "dbt/models/event_log/view_item_shop.yml",
    )
    assert "coupon" in world.git("show", f"{saved.branch}:dbt/models/event_log/view_item_shop.sql")
    assert world.state() == before


def test_the_message_shows_the_columns(world):
    value = with_(world, coupon=text())
    value["properties"]["item_id"]["type"] = "number"
    del value["properties"]["size"]
    saved = world.put(value)
    assert world.git("log", "-1", "--format=%B", saved.branch).rstrip() == (
        "Change view_item_shop: ~ item_id, + coupon, - size\n\n"
        "view_item_shop\n"
        "  ~ item_id BIGINT -> DOUBLE (BigQuery INT64 -> FLOAT64)\n"
        "  + coupon VARCHAR (BigQuery STRING)\n"
        "  - size VARCHAR (BigQuery STRING)"
    )
    who = world.git("log", "-1", "--format=%an <%ae> %aI %cn", saved.branch)
    assert who == "Kim Lee <kim@example.com> 2026-11-20T12:00:00+00:00 Kim Lee"


def test_the_same_save_is_the_same_commit(world):
    first = world.put(with_(world, coupon=text()))
    again = world.put(with_(world, coupon=text()))
    assert (again.branch, again.commit, again.existed) == (first.branch, first.commit, True)
    other = world.put(with_(world, voucher=text()))
    assert other.branch == "events/view_item_shop-2"


def test_given_words_come_first(world):
    saved = world.put(with_(world, coupon=text()), message="Ask for coupons\n\n# not a comment")
    body = world.git("log", "-1", "--format=%B", saved.branch)
    assert body.startswith("Ask for coupons\n\n# not a comment\n\nview_item_shop\n  + coupon")
    with pytest.raises(InvalidValue):
        world.put(with_(world, b=text()), message="nul \0")


def test_nothing_to_save_makes_nothing(world):
    saved = world.save(Change())
    assert (saved.branch, saved.commit, saved.files) == (None, None, ())
    assert world.save().branch is None
    assert world.git("branch", "--list", "events/*") == ""


def test_mistakes_are_told_and_nothing_is_made(world):
    with pytest.raises(ExceptionGroup) as caught:
        world.put(with_(world, coupon=text(mexLength=3)))
    (error,) = caught.value.exceptions
    assert isinstance(error, RegistryError)
    assert (error.path, error.pointer) == (f"assets/events/{V1}", "/properties/coupon/mexLength")
    assert world.git("branch", "--list", "events/*") == ""


def test_a_dry_run_stores_nothing(world):
    objects = world.git("count-objects", "-v")
    saved = world.put(with_(world, coupon=text()), dry_run=True)
    assert (saved.branch, saved.commit) == ("events/view_item_shop-1", None)
    assert saved.column_diff[0].columns[0].name == "coupon"
    assert world.git("count-objects", "-v") == objects
    assert world.git("branch", "--list", "events/*") == ""


def test_removing_an_event_removes_its_models(world):
    draft = world.draft()
    for path in (V1, "shop/view_item_shop/event.json"):
        draft.remove(path)
    saved = world.save(draft.change())
    kept = world.git("ls-tree", "-r", "--name-only", saved.branch).split("\n")
    assert kept == [
        "README.md",
        "assets/events/dictionary.json",
        "dbt/models/event_log/_sources.yml",
        "workspace.yaml",
    ]


def test_several_events_and_the_dictionary_name_their_branches(world):
    draft = world.draft()
    draft.put("dictionary.json", draft.get("dictionary.json") | {"parameter": {"size": "A size."}})
    assert world.save(draft.change()).branch == "events/dictionary-1"
    event = draft.get("shop/view_item_shop/event.json")
    draft.put("shop/click_item_shop/event.json", event | {"name": "click_item_shop"})
    draft.put("shop/click_item_shop/v1.json", draft.get(V1))
    assert world.save(draft.change()).branch == "events/click_item_shop-1"
    draft.put(V1, with_(world, coupon=text()))
    saved = world.save(draft.change())
    assert saved.branch == "events/several-1"
    assert saved.message.startswith("Change click_item_shop, view_item_shop\n")


def test_a_branch_collects_saves(world):
    world.put(with_(world, coupon=text()), branch="shop/wishes")
    saved = world.put(with_(world, voucher=text()), branch="shop/wishes")
    assert {"coupon", "voucher"} <= world.at("shop/wishes")["properties"].keys()
    assert world.git("rev-list", "--count", f"main..{saved.branch}") == "2"


def test_the_checked_out_branch_and_the_base_are_left_alone(world):
    with pytest.raises(UsageError, match="saved against"):
        world.put(with_(world, coupon=text()), branch="main")
    world.git("checkout", "--quiet", "-b", "mine")
    with pytest.raises(UsageError, match="checked out"):
        world.put(with_(world, coupon=text()), branch="mine")


def test_a_branch_in_the_way_is_told(world):
    world.git("branch", "events")
    with pytest.raises(GitError, match=r"There can be no branch `events/view_item_shop-1`"):
        world.put(with_(world, coupon=text()))


@pytest.mark.parametrize(
    "name", ["--force", "-x", "a..b", "a b", "a:b", "a.lock", "/a", "a/", "HEAD", "", "a\n", "@{1}"]
)
def test_no_branch_can_be_anything_else(world, name):
    with pytest.raises(NameRejected):
        world.put(with_(world, coupon=text()), branch=name)


@pytest.mark.parametrize(
    "path",
    ["../x.json", "/etc/x.json", "a/../../x.json", "--x.json", ".git/x.json", "a/b/c/d.json",
     "shop/view_item_shop/v1.py", "Shop/a.json", "a\nb.json", "a//b.json", "./a.json", "é.json"],
)  # fmt: skip
def test_no_file_can_lie_elsewhere(path):
    with pytest.raises(NameRejected):
        Edit(path, b"{}", None)


def test_a_hash_has_to_be_one():
    with pytest.raises(NameRejected):
        Edit(V1, b"{}", "--help")
    with pytest.raises(NameRejected):
        Change((Edit(V1, b"{}", None), Edit(V1, b"[]", None)))
    with pytest.raises(RegistryError, match="does not have the hash"):
        Edit(V1, b"{}", blob_id(b"{}"), was=b"[]")


@pytest.mark.parametrize("content", [b"\x89PNG\r\n\x1a\n\0", b"{", b"", b'{"a":1,"a":2}', b"NaN"])
def test_a_binary_or_broken_file_is_refused(world, content):
    draft = world.draft()
    change = Change((Edit(V1, content, draft.hash_of(V1)),))
    with pytest.raises((RegistryError, ExceptionGroup)):
        world.save(change)
    assert world.git("branch", "--list", "events/*") == ""


def test_windows_line_ends_are_no_change(world):
    path = world.events / V1
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    assert world.save().branch is None
    value = with_(world, coupon=text())
    path.write_bytes(json.dumps(value, indent=2).replace("\n", "\r\n").encode())
    saved = world.save()
    assert b"\r" not in world.git("show", f"{saved.branch}:assets/events/{V1}").encode()


def test_a_repository_with_windows_line_ends_is_read(world):
    path = world.events / V1
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    world.git("-c", "core.autocrlf=false", "commit", "--quiet", "-am", "CRLF")
    saved = world.put(with_(world, coupon=text()))
    assert "coupon" in world.at(saved.branch)["properties"]


def test_a_repository_without_commits_is_told(plain):
    plain.git("init", "--quiet")
    with pytest.raises(GitError, match="no commit yet"):
        plain.draft()
    with pytest.raises(GitError, match="git add"):
        plain.save(Change())


def test_a_detached_head_and_a_dirty_index_do_not_matter(world):
    (world.project / "README.md").write_text("Staged.\n")
    world.git("add", "README.md")
    (world.project / "README.md").write_text("Not staged.\n")
    world.git("checkout", "--quiet", "--detach")
    before = world.state()
    saved = world.put(with_(world, coupon=text()))
    assert world.git("show", f"{saved.branch}:README.md") == "A project."
    assert world.state() == before


def test_without_main_the_checked_out_branch_is_the_base(world):
    world.git("branch", "--move", "trunk")
    assert world.put(with_(world, coupon=text())).base == "trunk"


def test_the_project_may_lie_in_a_folder_of_the_repository(plain, tmp_path: Path):
    plain.git("init", "--quiet", cwd=tmp_path)
    plain.git("add", "--", "my project", cwd=tmp_path)
    plain.git("commit", "--quiet", "-m", "Begin", cwd=tmp_path)
    saved = plain.put(with_(plain, coupon=text()))
    assert "coupon" in plain.at(saved.branch)["properties"]
    changed = plain.git("diff", "--name-only", "main", saved.branch).split("\n")
    assert all(path.startswith("my project/") for path in changed)
    (plain.events / V1).write_text(json.dumps(with_(plain, voucher=text())))
    assert "voucher" in plain.at(plain.save().branch)["properties"]


def test_a_linked_worktree_saves_into_the_same_repository(world, tmp_path: Path):
    world.git("worktree", "add", "--quiet", "-b", "side", str(tmp_path / "side tree"))
    settings = world.settings.model_copy(update={"project": tmp_path / "side tree"})
    side = type(world)(settings, world.environment)
    saved = side.put(with_(side, coupon=text()))
    assert world.git("rev-parse", saved.branch) == saved.commit
    with pytest.raises(UsageError, match="checked out"):
        world.put(with_(world, coupon=text()), branch="side")


def test_hooks_and_templates_of_the_user_do_not_run(world, tmp_path: Path):
    ran = tmp_path / "ran"
    hooks = world.project / ".git" / "hooks"
    for name in ("pre-commit", "commit-msg", "post-commit", "reference-transaction", "pre-push"):
        (hooks / name).write_text(f"#!/bin/sh\ntouch '{ran}'\nexit 1\n")
        (hooks / name).chmod(0o755)
    world.git("config", "core.fsmonitor", f"touch '{ran}'")
    world.git("config", "commit.gpgSign", "true")
    world.git("config", "gpg.program", "/nonexistent")
    assert world.put(with_(world, coupon=text())).commit
    assert not ran.exists()


def test_git_is_not_led_astray_by_variables(world, tmp_path: Path):
    astray = {"GIT_DIR": str(tmp_path / "no"), "GIT_INDEX_FILE": "/nonexistent/index"}
    saved = world.put(with_(world, coupon=text()), environment=world.environment | astray)
    assert world.git("rev-parse", saved.branch) == saved.commit


def test_nobody_known_is_told(world):
    environment = world.environment | {"GIT_CONFIG_GLOBAL": "/dev/null"}
    with pytest.raises(GitError, match=r"user\.name"):
        world.put(with_(world, coupon=text()), author=None, environment=environment)
    assert world.git("branch", "--list", "events/*") == ""
    saved = world.put(with_(world, coupon=text()), author=None)
    assert world.git("log", "-1", "--format=%an", saved.branch) == "Tess Ter"


def test_a_link_in_the_repository_is_refused(world, tmp_path: Path):
    (world.events / "shop/view_item_shop/v2.json").symlink_to("/etc/passwd")
    with pytest.raises(RegistryError, match="links are not followed"):
        world.save()
    world.commit_all()
    with pytest.raises(RegistryError, match="A link or another repository"):
        world.draft()


def test_a_file_that_others_changed_is_merged(world):
    draft = world.draft()
    value = draft.get(V1)
    value["properties"]["coupon"] = text()
    draft.put(V1, value)
    theirs = draft.read[V1]
    other = json.loads(theirs)
    other["properties"]["voucher"] = text()
    other["required"].append("size")
    (world.events / V1).write_text(json.dumps(other))
    world.commit_all()
    saved = world.save(draft.change())
    merged = world.at(saved.branch)
    assert list(merged["properties"]) == ["item_id", "size", "voucher", "coupon"]
    assert merged["required"] == ["item_id", "size"]


def test_a_place_that_others_changed_is_a_conflict_until_it_is_resolved(world):
    draft = world.draft()
    value = draft.get(V1)
    value["properties"]["size"]["maxLength"] = 30
    draft.put(V1, value)
    value["properties"]["size"]["maxLength"] = 40
    (world.events / V1).write_text(json.dumps(value))
    world.commit_all()
    with pytest.raises(EditConflict) as caught:
        world.save(draft.change())
    (conflict,) = caught.value.conflicts
    assert (conflict.path, conflict.pointer) == (V1, "/properties/size/maxLength")
    assert (conflict.base, conflict.mine, conflict.theirs) == (20, 30, 40)
    assert conflict.id in str(caught.value)
    assert world.git("branch", "--list", "events/*") == ""

    def saved_with(choice):
        saved = world.save(draft.change(), resolutions={conflict.id: choice})
        return saved.branch and world.at(saved.branch)["properties"]["size"]["maxLength"]

    assert saved_with("mine") == 30
    assert saved_with({"value": 35}) == 35
    assert saved_with("theirs") is None
    with pytest.raises(InvalidValue):
        saved_with("ours")


def test_a_resolution_holds_only_for_what_was_seen(world):
    draft = world.draft()
    value = draft.get(V1)
    value["properties"]["size"]["maxLength"] = 30
    draft.put(V1, value)
    for theirs in (40, 50):
        value["properties"]["size"]["maxLength"] = theirs
        (world.events / V1).write_text(json.dumps(value))
        world.commit_all()
        if theirs == 40:
            with pytest.raises(EditConflict) as caught:
                world.save(draft.change())
    with pytest.raises(EditConflict) as again:
        world.save(draft.change(), resolutions={caught.value.conflicts[0].id: "mine"})
    assert again.value.conflicts[0].theirs == 50


def test_an_unknown_base_overwrites_nothing(world):
    change = Change((Edit(V1, b'{"type": "object"}', "0" * 40),))
    with pytest.raises(EditConflict, match="Read it again"):
        world.save(change)
    absent = Change((Edit(V1, b'{"type": "object"}', None),))
    with pytest.raises(EditConflict, match="Both made this file"):
        world.save(absent)
