"""The saved branches that are not part of what is checked out: what waits for a merge."""

from __future__ import annotations

from dataclasses import dataclass

from weir.core.settings import Settings
from weir.registry.sync.change import ROOT
from weir.registry.sync.message import STEM, events_of
from weir.registry.sync.repository import GitRepository
from weir.registry.sync.save import open_repository

_MOST = 20
_FORM = "%(refname:lstrip=2)%00%(authorname)%00%(authordate:iso-strict)%00%(subject)"


@dataclass(frozen=True)
class Waiting:
    """A branch that a save made.

    Attributes:
        branch: its name.
        events: the events that it changes.
        by: who saved last.
        at: when, ISO 8601 with a zone.
        subject: the first line of the last commit.
    """

    branch: str
    events: list[str]
    by: str
    at: str
    subject: str


def waiting(settings: Settings) -> list[Waiting]:
    """Return the newest 20 saved branches that wait, the newest first; none without git.

    Raises:
        GitError: if git refuses.
    """
    repository = open_repository(settings)
    if repository is None or repository.commit_of("HEAD") is None:
        return []
    order = ("--no-merged=HEAD", "--sort=-authordate", f"--count={_MOST}", f"--format={_FORM}")
    done = repository.git.run(("for-each-ref", *order, f"refs/heads/{STEM}"))
    found = (line.split("\0") for line in done.text.split("\n") if line)
    return [
        Waiting(branch, _changed(repository, branch), by, at, subject)
        for branch, by, at, subject in found
    ]


def _changed(repository: GitRepository, branch: str) -> list[str]:
    ref = f"refs/heads/{branch}"
    base, tip = repository.merge_base("HEAD", ref), repository.commit_of(ref)
    if base is None or tip is None:
        return []
    folder = f"{repository.prefix}{ROOT}/"
    paths = (path for path in repository.changed(base, tip) if path.startswith(folder))
    return events_of(path.removeprefix(folder) for path in paths)
