"""Takes a saved branch into the folder that is checked out, by moving its branch forward.

It is what `git merge --ff-only` does, and nothing else: where it does not fit, people merge.
"""

from __future__ import annotations

from weir.core.errors import GitError, NotFound, UsageError
from weir.core.settings import Settings
from weir.registry.sync.git import check_branch, failed
from weir.registry.sync.inplace import held
from weir.registry.sync.message import STEM
from weir.registry.sync.repository import GitRepository
from weir.registry.sync.save import LOCK, open_repository

_SHOWN = 3


def take(settings: Settings, branch: str) -> list[str]:
    """Move the checked-out branch to a saved one that is ahead of it.

    Args:
        settings: the project's.
        branch: the saved branch, below `events/`.

    Returns:
        The files that changed, from the top of the repository; none if it was there already.

    Raises:
        GitError: if the two have parted, or git refuses.
        NotFound: if there is no such branch.
        UsageError: if files that would change are edited, or no branch is checked out.
    """
    repository = open_repository(settings)
    if repository is None or not check_branch(branch).startswith(STEM):
        raise NotFound("branch", branch, remedy=f"Name one that a save made, below {STEM}.")
    with held(repository.common / LOCK):
        return _taken(repository, branch)


def _taken(repository: GitRepository, branch: str) -> list[str]:
    commit = repository.commit_of(f"refs/heads/{branch}")
    here = repository.commit_of("HEAD")
    if commit is None or here is None:
        raise NotFound("branch", branch, remedy="It was removed, perhaps after it was merged.")
    if repository.head_branch() is None:
        raise UsageError("No branch is checked out here.", "Check one out, or merge with git.")
    if repository.is_ancestor(commit, here):
        return []
    if not repository.is_ancestor(here, commit):
        what = f"What is checked out has moved on since `{branch}` was made."
        raise GitError(what, f"Merge it with git: `git merge {branch}`.")
    changed = sorted(repository.changed(here, commit))
    _check_clean(repository, changed)
    done = repository.git.ask(("merge", "--ff-only", "--quiet", "--no-autostash", commit))
    if done.code:
        raise failed("merge", done)
    return changed


def _check_clean(repository: GitRepository, paths: list[str]) -> None:
    """Check that nobody edits in the folder what would change."""
    arguments = ("status", "--porcelain=v1", "-z", "--no-renames", "--untracked-files=all")
    entries = repository.git.run(arguments).out.split(b"\0")
    edited = {entry[3:].decode(errors="replace") for entry in entries if entry}
    found = sorted(edited & set(paths))
    if found:
        more = f" and {len(found) - _SHOWN} more" if len(found) > _SHOWN else ""
        what = f"Edited here and not committed: {', '.join(found[:_SHOWN])}{more}."
        raise UsageError(what, "Save them (`weir events save`) or put them back first.")
