"""Finds what changes are compared with and made against: the base branch."""

from __future__ import annotations

from typing import NamedTuple

from weir.core.errors import GitError, UsageError
from weir.registry.sync.repository import GitRepository

_HEADS = "refs/heads/"
DETACHED = "HEAD"
"""What stands for the branch where none is checked out."""


class Base(NamedTuple):
    """The base: the branch's name as the remote knows it, its commit, and what led to it."""

    branch: str
    commit: str
    said: str


def find_base(repository: GitRepository, wanted: str = "", usual: str = "") -> Base | None:
    """Return the base: the one wanted, else the usual one, else the remote's default, else `main`.

    Args:
        repository: the project's.
        wanted: a branch, a tag or a hash, as git reads it.
        usual: a branch; the remote's is preferred.

    Raises:
        UsageError: if the one wanted or usual is not there.
    """
    for ref in _candidates(repository, wanted, usual):
        commit = repository.commit_of(ref)
        if commit:
            return Base(_branch(repository, ref), commit, _short(ref))
    if wanted or usual:
        what = f"There is no commit `{wanted or usual}` here."
        raise UsageError(what, "Fetch it, or name another one with --base.")
    return None


def need_base(repository: GitRepository, wanted: str = "", usual: str = "") -> Base:
    """Return the base to save against: as `find_base`, else what is checked out.

    Raises:
        GitError: if the repository has no commit.
        UsageError: if the one wanted or usual is not there.
    """
    found = find_base(repository, wanted, usual)
    if found:
        return found
    head, commit = repository.head_branch(), repository.commit_of(DETACHED)
    if commit is None:
        what = "The repository has no commit yet."
        raise GitError(what, "Commit the project first: `git add . && git commit`.")
    return Base(_branch(repository, head or DETACHED), commit, _short(head or DETACHED))


def _candidates(repository: GitRepository, wanted: str, usual: str) -> list[str]:
    tracked = f"refs/remotes/{repository.remote}/"
    if wanted:
        return [wanted, f"{tracked}{wanted}"]  # CI's clones have only the remote's branches
    if usual:
        return [f"{tracked}{usual}", f"{_HEADS}{usual}"]
    default = repository.default_branch()
    return [*([default] if default else []), f"{tracked}main", f"{_HEADS}main"]


def _branch(repository: GitRepository, ref: str) -> str:
    return (
        ref.removeprefix(f"refs/remotes/{repository.remote}/")
        .removeprefix(f"{repository.remote}/")
        .removeprefix(_HEADS)
    )


def _short(ref: str) -> str:
    return ref.removeprefix("refs/remotes/").removeprefix(_HEADS)
