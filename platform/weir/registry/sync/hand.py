"""Edits made by hand in the project's folder, and what of them was last saved to which branch.

A second edit of a place that was saved from this folder before is not a conflict with oneself. Only
that is decided by what is remembered: the edits are always those since the base.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from weir.core.settings import Settings
from weir.registry.sync.base import Base
from weir.registry.sync.change import ROOT, Change
from weir.registry.sync.repository import GitRepository
from weir.registry.sync.working import change_since, is_event_file, read_files


@dataclass(frozen=True)
class HandEdits:
    """The folder's event files, and how they differ from where it left the base branch."""

    files: Mapping[str, bytes]
    change: Change


def edited_by_hand(settings: Settings, repository: GitRepository, base: Base) -> HandEdits:
    """Return what differs between the project's folder and where it left the base branch."""
    start = repository.merge_base("HEAD", base.commit) or base.commit
    files = repository.files(start, ROOT, is_event_file)
    here = read_files(settings.project, ROOT)
    for path in repository.left_out(ROOT):  # of a sparse checkout: nobody removed them
        if path in files:
            here.setdefault(path, files[path])
    return HandEdits(here, change_since(here, files, start))


def saved_before(repository: GitRepository, branch: str | None) -> Mapping[str, bytes]:
    """Return the event files that this folder had when it was last saved to a branch."""
    tree = repository.remembered(branch) if branch else None
    return repository.files(tree, ROOT, is_event_file) if tree else {}


def remember(repository: GitRepository, edits: HandEdits, branch: str, commit: str) -> None:
    """Keep the folder's event files as those that were saved to a branch."""
    theirs = repository.files(commit, ROOT, is_event_file)
    whole = {f"{ROOT}/{path}": edits.files.get(path) for path in {*edits.files, *theirs}}
    repository.remember(branch, repository.tree_with(commit, whole))
