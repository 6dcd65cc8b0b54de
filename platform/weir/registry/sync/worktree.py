"""A commit's files in a folder of their own, for as long as somebody reads them."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from weir.core.errors import GitError, UsageError
from weir.core.settings import Settings
from weir.registry.sync.base import DETACHED, Base, find_base
from weir.registry.sync.repository import GitRepository
from weir.registry.sync.save import open_repository

_SHOWN = 3


def parted(settings: Settings, wanted: str) -> tuple[GitRepository, Base, str]:
    """Return the project's repository, its base, and the commit where the folder left that.

    Args:
        settings: the project's.
        wanted: the base, as for `find_base`.

    Raises:
        GitError: if git is missing or refuses.
        UsageError: if there is no repository, no base, or they have no commit in common.
    """
    repository = open_repository(settings)
    if repository is None:
        what = f"{settings.project} lies in no git repository: there is nothing to compare with."
        raise UsageError(what, "Run `git init` and commit, or go to the project's clone.")
    base = find_base(repository, wanted, settings.git_base)
    if base is None:
        what = "There is no base branch (no default of the remote, no main)."
        raise UsageError(what, "Name one with --base.")
    start = repository.merge_base(DETACHED, base.commit)
    if start is None:
        shallow = "Fetch the whole history (`fetch-depth: 0` in GitHub Actions)."
        what = f"The commit that is checked out and `{base.said}` have no commit in common."
        raise UsageError(what, shallow if repository.shallow() else "Name another --base.")
    return repository, base, start


def uncommitted(repository: GitRepository, folders: Sequence[str]) -> list[str]:
    """Return the files of these folders of the project that are not as they were committed."""
    there = [name for name in folders if (repository.git.folder / name).exists()]
    if not there:
        return []
    arguments = ("status", "--porcelain=v1", "-z", "--no-renames", "--untracked-files=all", "--")
    entries = repository.git.run((*arguments, *there)).out.split(b"\0")
    return [entry[3:].decode(errors="replace") for entry in entries if entry]


def require_committed(repository: GitRepository, folders: Sequence[str]) -> None:
    """Refuse a folder whose files are not those of its commit.

    Raises:
        UsageError: if some are not.
    """
    found = uncommitted(repository, folders)
    if found:
        more = f" and {len(found) - _SHOWN} more" if len(found) > _SHOWN else ""
        what = f"Not committed: {', '.join(found[:_SHOWN])}{more}."
        raise UsageError(what, "Commit them, or compare the files as they lie: --allow-dirty.")


@contextmanager
def worktree(repository: GitRepository, commit: str) -> Iterator[Path]:
    """Check a commit out beside the repository; yield the project's folder in it; remove it at the end.

    No hook of the repository runs.

    Raises:
        GitError: if git refuses.
        UsageError: if the commit has no such project.
    """
    with tempfile.TemporaryDirectory(prefix="weir-base-") as folder:
        place = Path(folder) / "base"
        repository.git.run(("worktree", "add", "--detach", "--quiet", str(place), commit))
        try:
            project = place / repository.prefix
            if not (project / "workspace.yaml").is_file():
                what = (
                    f"The commit {commit[:12]} has no Weir project in `{repository.prefix or '.'}`."
                )
                raise UsageError(what, "Name another --base.")
            yield project
        finally:
            done = repository.git.ask(("worktree", "remove", "--force", str(place)))
            if done.code:
                raise GitError(
                    f"git keeps a worktree at {place}: {done.said}", "`git worktree prune`."
                )
