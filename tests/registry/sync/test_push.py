"""Pushing to a bare repository, alone and in a race."""

from __future__ import annotations

import json
import multiprocessing
from pathlib import Path

import pytest

from weir.core.errors import EditConflict, GitError, NotReady
from weir.registry.sync.repository import GitRepository

V1 = "shop/view_item_shop/v1.json"


def text(**keywords):
    return {"type": "string", "description": "Said.", **keywords}


def adding(world, *names, base=""):
    draft = world.draft(base)
    value = draft.get(V1)
    value["properties"].update({name: text() for name in names})
    draft.put(V1, value)
    return draft.change()


def pushed_to(world, remote: Path, branch: str, path: str = V1):
    return json.loads(world.git("show", f"{branch}:assets/events/{path}", cwd=remote))


def test_the_remote_gets_the_branch(world, remote):
    saved = world.save(adding(world, "coupon"), push=True)
    assert (saved.pushed, saved.branch, saved.base) == (True, "events/view_item_shop-1", "main")
    assert world.git("rev-parse", saved.branch, cwd=remote) == saved.commit
    assert world.git("rev-parse", saved.branch) == saved.commit


def test_a_save_that_was_not_pushed_is_pushed_the_next_time(world, remote):
    first = world.save(adding(world, "coupon"))
    again = world.save(adding(world, "coupon"), push=True)
    assert (again.branch, again.commit) == (first.branch, first.commit)
    assert world.git("rev-parse", again.branch, cwd=remote) == first.commit
    third = world.save(adding(world, "coupon"), push=True)
    assert (third.pushed, third.commit) == (True, first.commit)


def test_the_newest_base_is_fetched(world, remote, clone):
    change = adding(world, "coupon")
    other = clone("other")
    (other.events / V1).write_text(adding(other, "voucher").edits[0].content.decode())
    other.commit_all()
    other.git("push", "--quiet", "origin", "main")
    saved = world.save(change, push=True)
    assert {"coupon", "voucher"} <= pushed_to(world, remote, saved.branch)["properties"].keys()
    assert world.git("rev-parse", f"{saved.commit}^") == other.git("rev-parse", "main")


def test_a_name_that_the_remote_has_is_not_taken(world, remote, clone):
    other = clone("other")
    theirs = other.save(adding(other, "voucher"), push=True)
    mine = world.save(adding(world, "coupon"), push=True)
    assert (theirs.branch, mine.branch) == ("events/view_item_shop-1", "events/view_item_shop-2")
    assert "coupon" not in pushed_to(world, remote, theirs.branch)["properties"]


def test_a_branch_that_others_pushed_to_is_added_to(world, remote, clone):
    other = clone("other")
    other.save(adding(other, "voucher"), branch="wishes", push=True)
    saved = world.save(adding(world, "coupon"), branch="wishes", push=True)
    assert {"coupon", "voucher"} <= pushed_to(world, remote, "wishes")["properties"].keys()
    assert world.git("rev-parse", "wishes") == saved.commit


def test_a_push_that_lost_the_race_is_merged_and_pushed_again(world, remote, clone):
    other = clone("other")
    other.save(adding(other, "first"), branch="wishes", push=True)
    rivals = iter(["second", "third"])

    def at(step: str) -> None:
        rival = next(rivals, None) if step == "push" else None
        if rival:
            other.save(adding(other, rival), branch="wishes", push=True)

    world.save(adding(world, "coupon"), branch="wishes", push=True, at=at)
    names = pushed_to(world, remote, "wishes")["properties"].keys()
    assert {"first", "second", "third", "coupon"} <= names
    assert world.git("rev-list", "--merges", "wishes") == ""


def test_a_push_that_lost_the_race_for_one_place_is_a_conflict(world, remote, clone):
    other = clone("other")

    def edit(of, length):
        draft = of.draft()
        value = draft.get(V1)
        value["properties"]["size"]["maxLength"] = length
        draft.put(V1, value)
        return draft.change()

    def at(step: str) -> None:
        if step == "push":
            other.save(edit(other, 40), branch="wishes", push=True)

    with pytest.raises(EditConflict) as caught:
        world.save(edit(world, 30), branch="wishes", push=True, at=at)
    assert (caught.value.conflicts[0].mine, caught.value.conflicts[0].theirs) == (30, 40)
    assert pushed_to(world, remote, "wishes")["properties"]["size"]["maxLength"] == 40
    assert world.git("branch", "--list", "wishes") == ""


def test_a_branch_that_git_moved_meanwhile_is_merged_into(world):
    world.save(adding(world, "coupon"), branch="wishes")
    rival = world.save(adding(world, "voucher"), branch="rival").commit
    steps = []

    def at(step: str) -> None:
        if step == "move" and "move" not in steps:
            world.git("update-ref", "refs/heads/wishes", rival)
        steps.append(step)

    world.save(adding(world, "third"), branch="wishes", at=at)
    assert steps.count("move") == 2
    assert world.at("wishes")["properties"].keys() == {"item_id", "size", "voucher", "third"}


def test_a_branch_that_never_rests_is_given_up(world):
    world.save(adding(world, "coupon"), branch="wishes")

    def at(step: str) -> None:
        if step == "move":
            tree = world.git("rev-parse", "wishes^{tree}")
            other = world.git("commit-tree", "-p", "wishes", "-m", "Again", tree)
            world.git("update-ref", "refs/heads/wishes", other)

    with pytest.raises(NotReady, match="each of 10 attempts"):
        world.save(adding(world, "third"), branch="wishes", at=at)


def test_branches_that_have_parted_are_told(world, remote, clone):
    other = clone("other")
    world.save(adding(world, "coupon"), branch="wishes")
    other.save(adding(other, "voucher"), branch="wishes", push=True)
    with pytest.raises(GitError, match="have parted"):
        world.save(adding(world, "third"), branch="wishes", push=True)
    assert "voucher" in pushed_to(world, remote, "wishes")["properties"]


def test_a_former_branch_that_others_went_on_with_is_not_overwritten(world, remote, clone):
    saved = world.save(adding(world, "coupon"), push=True)
    other = clone("other")
    other.save(adding(other, "voucher"), branch=saved.branch, push=True)
    theirs = world.git("rev-parse", saved.branch, cwd=remote)
    again = world.save(adding(world, "coupon"), push=True)
    assert (again.branch, again.pushed) == (saved.branch, True)
    assert world.git("rev-parse", saved.branch, cwd=remote) == theirs


def test_a_remote_that_refuses_is_told_in_its_words(world, remote):
    hook = remote / "hooks" / "pre-receive"
    hook.write_text("#!/bin/sh\necho 'Only on weekdays.'\nexit 1\n")
    hook.chmod(0o755)
    with pytest.raises(GitError, match="Only on weekdays"):
        world.save(adding(world, "coupon"), push=True)
    assert world.git("branch", "--list", "events/*") == ""


def test_no_remote_and_an_unreachable_one_are_told(world, tmp_path):
    with pytest.raises(GitError, match="no remote `origin`"):
        world.save(adding(world, "coupon"), push=True)
    world.git("remote", "add", "origin", str(tmp_path / "nowhere.git"))
    with pytest.raises(GitError, match="fetch"):
        world.save(adding(world, "coupon"), push=True)
    assert world.git("branch", "--list", "events/*") == ""


def test_secrets_of_an_address_are_not_told(world):
    world.git("remote", "add", "origin", "https://me:hush@127.0.0.1:1/shop/events.git")
    with pytest.raises(GitError) as caught:
        world.save(adding(world, "coupon"), push=True)
    assert "hush" not in str(caught.value)
    assert "127.0.0.1" in str(caught.value)


def test_a_remote_that_hangs_is_given_up(world, tmp_path):
    slow = tmp_path / "slow"
    slow.write_text("#!/bin/sh\nsleep 60\n")
    slow.chmod(0o755)
    world.git("remote", "add", "origin", "ssh://nowhere.invalid/events.git")
    git = GitRepository.find(_git(world, slow))
    assert git is not None
    with pytest.raises(GitError, match=r"did not end within 0\.5 s"):
        git.fetch("main")


def _git(world, ssh: Path):
    from weir.registry.sync.git import Git

    environment = world.environment | {"GIT_SSH_COMMAND": str(ssh)}
    return Git(world.project, environment, network_seconds=0.5)


def _race(world, names, started, push):
    started.wait()
    for name in names:
        while True:
            try:
                world.save(adding(world, name), branch="wishes", push=push)
                break
            except EditConflict:
                continue


def race(worlds, names, *, push):
    context = multiprocessing.get_context("fork")
    started = context.Barrier(len(worlds))
    savers = [
        context.Process(target=_race, args=(world, own, started, push))
        for world, own in zip(worlds, names, strict=True)
    ]
    for saver in savers:
        saver.start()
    for saver in savers:
        saver.join()
    assert [saver.exitcode for saver in savers] == [0] * len(worlds)


NAMES = [[f"{who}{number}" for number in range(5)] for who in ("ada", "bob")]


def test_two_processes_on_one_repository_lose_nothing(world):
    race([world, world], NAMES, push=False)
    assert {name for own in NAMES for name in own} <= world.at("wishes")["properties"].keys()
    assert world.git("rev-list", "--count", "main..wishes") == "10"


def test_two_clones_of_one_remote_lose_nothing(world, remote, clone):
    race([world, clone("other")], NAMES, push=True)
    names = pushed_to(world, remote, "wishes")["properties"].keys()
    assert {name for own in NAMES for name in own} <= names
    assert world.git("rev-list", "--count", "main..wishes", cwd=remote) == "10"


def test_two_processes_make_two_branches(world):
    context = multiprocessing.get_context("fork")
    started = context.Barrier(2)
    savers = [
        context.Process(target=_new_branch, args=(world, name, started)) for name in ("ada", "bob")
    ]
    for saver in savers:
        saver.start()
    for saver in savers:
        saver.join()
    branches = ["events/view_item_shop-1", "events/view_item_shop-2"]
    made = [world.at(branch)["properties"].keys() - {"item_id", "size"} for branch in branches]
    assert sorted(map(sorted, made)) == [["ada"], ["bob"]]


def _new_branch(world, name, started):
    change = adding(world, name)
    started.wait()
    world.save(change)


@pytest.mark.parametrize("step", ["tree", "commit", "push", "move"])
def test_a_save_that_dies_leaves_a_whole_branch_or_none(world, remote, step):
    context = multiprocessing.get_context("fork")
    before = world.state()
    child = context.Process(target=_die_at, args=(world, adding(world, "coupon"), step))
    child.start()
    child.join()
    assert child.exitcode == 9
    assert world.state() == before
    there = world.git("branch", "--list", "events/*", cwd=remote)
    assert bool(there) == (step == "move")
    saved = world.save(adding(world, "coupon"), push=True)
    assert (saved.branch, saved.existed) == ("events/view_item_shop-1", step == "move")
    assert world.git("rev-parse", saved.branch, cwd=remote) == saved.commit
    assert world.git("rev-parse", saved.branch) == saved.commit


def _die_at(world, change, step):
    import os

    def at(reached: str) -> None:
        if reached == step:
            os._exit(9)

    world.save(change, push=True, at=at)
