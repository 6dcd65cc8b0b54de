"""How to save, and what a save did. Plain values."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import httpx

from weir.registry.findings import Finding
from weir.registry.sync.columndiff import LogChange
from weir.registry.sync.merging import Resolutions
from weir.registry.sync.repository import Author


def _nothing(step: str) -> None:
    del step


@dataclass(frozen=True)
class Saved:
    """What a save did.

    Args:
        branch: the branch that has it; None if nothing differs, or there is no git.
        commit: its commit.
        base: the branch it is made against.
        files: what differs from where it was made, relative to the project.
        removed: those of them that go.
        column_diff: the columns of the event logs that change.
        message: the commit's message.
        pushed: whether the remote has it.
        pull_request_url: where it is discussed.
        in_place: whether the files were written into the project: it has no git.
        existed: whether a former save had made the same commit's tree already.
        notes: warnings and hints on the newest versions of the events that change.
    """

    branch: str | None = None
    commit: str | None = None
    base: str | None = None
    files: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    column_diff: tuple[LogChange, ...] = ()
    message: str = ""
    pushed: bool = False
    pull_request_url: str | None = None
    in_place: bool = False
    existed: bool = False
    notes: tuple[Finding, ...] = ()

    @property
    def nothing(self) -> bool:
        """Whether there was nothing to save: nothing differs, or a former save holds it all."""
        return self.existed or not self.files

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain data."""
        diff = [
            {"event": log.event, "columns": [column.as_dict() for column in log.columns]}
            for log in self.column_diff
        ]
        lists = {"files": list(self.files), "removed": list(self.removed), "column_diff": diff}
        return {**vars(self), **lists, "notes": [note.as_dict() for note in self.notes]}


@dataclass(frozen=True)
class Options:
    """How to save.

    Args:
        author: who made the change; None for who git says is working here.
        message: the commit's first words; None for a subject that follows from the columns.
        branch: the branch to add to, made if it is not there; None for a new one.
        base: what to save against; '' for the usual base branch.
        push: whether to push the branch.
        pull_request: whether to propose it, too (it is pushed then).
        resolutions: what to do about conflicts that were reported before.
        dry_run: whether to stop before anything is stored.
        when: the commit's date; None for now.
        environment: what git may take its variables from; None for this process's.
        transport: carries the requests to the host; None for the network.
        at: is told every step before it is taken.
    """

    author: Author | None = None
    message: str | None = None
    branch: str | None = None
    base: str = ""
    push: bool = False
    pull_request: bool = False
    resolutions: Resolutions = field(default_factory=dict)
    dry_run: bool = False
    when: datetime | None = None
    environment: Mapping[str, str] | None = None
    transport: httpx.BaseTransport | None = None
    at: Callable[[str], None] = _nothing

    @property
    def pushes(self) -> bool:
        """Whether the branch is pushed."""
        return self.push or self.pull_request
