"""A commit's files in a folder of their own: where a change is compared with its base."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from weir.core.errors import UsageError
from weir.core.settings import Settings, load
from weir.registry.sync.worktree import parted, require_committed, uncommitted, worktree


def git(folder: Path, *words: str) -> str:
    known = ("-c", "user.name=a", "-c", "user.email=a@example.com")
    done = subprocess.run(
        ["git", "-C", str(folder), *known, *words], capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A project below the top of a repository, with a branch `change` that left `main`."""
    project = tmp_path / "repo" / "shop"
    (project / "dbt").mkdir(parents=True)
    (project / "workspace.yaml").touch()
    (project / "dbt" / "model.sql").write_text("select 1")
    git(tmp_path, "init", "-q", "-b", "main", "repo")
    commit(project, "base")
    git(project, "switch", "-qc", "change")
    (project / "dbt" / "model.sql").write_text("select 2")
    commit(project, "change")
    return load(project, tmp_path / "home")


def commit(folder: Path, message: str) -> None:
    git(folder, "add", "-A")
    git(folder, "commit", "-qm", message)


def nothing(folder: Path) -> str:
    """Return a commit without files and without a parent."""
    tree = git(folder, "hash-object", "-t", "tree", "-w", "/dev/null")
    return git(folder, "commit-tree", tree, "-m", "nothing")


def test_the_base_is_read_where_the_branch_left_it(settings: Settings) -> None:
    git(settings.project, "switch", "-q", "main")
    (settings.project / "dbt" / "model.sql").write_text("select 3")
    commit(settings.project, "others")
    git(settings.project, "switch", "-q", "change")
    repository, base, start = parted(settings, "main")
    assert base.said == "main"
    with worktree(repository, start) as folder:
        assert (folder / "dbt" / "model.sql").read_text() == "select 1"
        place = folder
    assert not place.exists()
    assert git(settings.project, "worktree", "list").count("\n") == 0
    assert git(settings.project, "status", "--porcelain") == ""


def test_no_hook_runs(settings: Settings, tmp_path: Path) -> None:
    hook = tmp_path / "repo" / ".git" / "hooks" / "post-checkout"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(f"#!/bin/sh\ntouch {tmp_path}/ran\n")
    hook.chmod(0o755)
    repository, _, start = parted(settings, "main")
    with worktree(repository, start):
        assert not (tmp_path / "ran").exists()


def test_it_is_removed_when_reading_fails(settings: Settings) -> None:
    repository, _, start = parted(settings, "main")
    with pytest.raises(ZeroDivisionError), worktree(repository, start):
        raise ZeroDivisionError
    assert git(settings.project, "worktree", "list").count("\n") == 0


def test_a_base_without_the_project_is_told(settings: Settings) -> None:
    empty = nothing(settings.project)
    repository, _, _ = parted(settings, "main")
    with (
        pytest.raises(UsageError, match="has no Weir project in `shop/`"),
        worktree(repository, empty),
    ):
        pass


def test_what_is_not_committed_is_told(settings: Settings) -> None:
    repository, _, _ = parted(settings, "main")
    require_committed(repository, ("dbt", "assets"))
    (settings.project / "dbt" / "model.sql").write_text("select 4")
    (settings.project / "dbt" / "new.sql").touch()
    (settings.project / "notes.md").touch()
    assert sorted(Path(name).name for name in uncommitted(repository, ("dbt", "assets"))) == [
        "model.sql", "new.sql",
    ]  # fmt: skip
    with pytest.raises(UsageError, match=r"Not committed: .*--allow-dirty"):
        require_committed(repository, ("dbt",))


def test_no_base_and_no_common_commit(settings: Settings) -> None:
    with pytest.raises(UsageError, match="There is no commit `nowhere` here"):
        parted(settings, "nowhere")
    git(settings.project, "branch", "other", nothing(settings.project))
    with pytest.raises(UsageError, match="have no commit in common"):
        parted(settings, "other")


def test_without_git(tmp_path: Path) -> None:
    (tmp_path / "workspace.yaml").touch()
    with pytest.raises(UsageError, match="lies in no git repository"):
        parted(load(tmp_path, tmp_path / "home"), "main")
