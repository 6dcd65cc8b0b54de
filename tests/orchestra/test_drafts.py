"""A draft is a commit on a branch of its own, and never moves one that somebody works on."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.console.builders import git, init, lay_out
from weir.core.errors import UsageError
from weir.core.settings import load
from weir.orchestra.drafts import save_draft
from weir.registry.sync import Author

NAME, SQL = "users_bought_often", "select 1 as n"


def test_a_branch_that_is_checked_out_somewhere_is_not_moved(tmp_path: Path) -> None:
    project = tmp_path / "project"
    lay_out(project)
    init(project)
    settings, author = load(project, tmp_path / "home"), Author("Kim", "kim@example.com")
    made = save_draft(settings, {"nodes": {}}, NAME, SQL, author)
    git(project, "worktree", "add", "-q", str(tmp_path / "other"), made.branch)
    with pytest.raises(UsageError, match=f"`{made.branch}` is checked out"):
        save_draft(settings, {"nodes": {}}, NAME, "select 2 as n", author)
    assert git(project, "rev-parse", made.branch) == made.commit
    git(project, "worktree", "remove", str(tmp_path / "other"))
    assert save_draft(settings, {"nodes": {}}, NAME, "select 2 as n", author).commit != made.commit
