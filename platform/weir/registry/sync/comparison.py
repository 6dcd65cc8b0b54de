"""Compares a project's event files, as they lie there, with where they left the base branch."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from weir.core.errors import GitError, UsageError
from weir.core.settings import Settings
from weir.registry.compat import EventChange, compare_registries
from weir.registry.fragments import FOLDER as FRAGMENTS
from weir.registry.model import Registry
from weir.registry.sync.base import DETACHED, Base, find_base
from weir.registry.sync.change import ROOT
from weir.registry.sync.columndiff import LogChange, column_diff
from weir.registry.sync.repository import GitRepository
from weir.registry.sync.save import open_repository
from weir.registry.sync.snapshot import registry_of
from weir.registry.sync.working import is_event_file

_HASH = 12
_SKIPPED = "Compatibility was not checked"


@dataclass(frozen=True)
class Comparison:
    """What changed since the base.

    Attributes:
        base: how the base was named.
        commit: what was compared with: where the project left the base.
        changes: of the events, those that are forbidden among them.
        columns: of the event logs.
        unread: events that were not compared, because their files are wrong on either side.
        caveat: what makes the comparison less than it should be; '' if nothing does.
        folders: where the base's events lie, relative to the events' folder.
    """

    base: str
    commit: str
    changes: tuple[EventChange, ...]
    columns: tuple[LogChange, ...]
    unread: tuple[str, ...]
    caveat: str
    folders: Mapping[str, str]

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain data."""
        return {
            "base": self.base,
            "commit": self.commit,
            "changes": [change.as_dict() for change in self.changes],
            "columns": [
                {"event": log.event, "columns": [column.as_dict() for column in log.columns]}
                for log in self.columns
            ],
            "unread": list(self.unread),
            "caveat": self.caveat,
        }


def compare_with_base(
    settings: Settings,
    head: Registry,
    wrong: Iterable[str],
    wanted: str,
    environment: Mapping[str, str] | None = None,
) -> Comparison | str:
    """Return what changed since the base, or why that cannot be told.

    Args:
        settings: the project's.
        head: the events that can be read of its folder.
        wrong: the events that cannot.
        wanted: the base, as for `find_base`.
        environment: what git may take its variables from; None for this process's.

    Raises:
        GitError: if git refuses, and a base was wanted.
        RegistryError: if a link lies among the files of the base.
        UsageError: if the base that was wanted is not there.
    """
    try:
        found = _found(settings, wanted, environment)
    except (GitError, UsageError) as error:
        if wanted:
            raise
        return f"{error.what} {_SKIPPED}."
    if found is None:
        what = "There is no base branch (no default of the remote, no main)."
        return f"{what} {_SKIPPED}: name one with --base."
    return _compared(*found, head, set(wrong))


def _found(
    settings: Settings, wanted: str, environment: Mapping[str, str] | None
) -> tuple[GitRepository, Base] | None:
    repository = open_repository(settings, environment)
    if repository is None:
        raise UsageError("The project has no git.", "Run `git init`, or check without --base.")
    base = find_base(repository, wanted, settings.git_base)
    return base and (repository, base)


def _compared(repository: GitRepository, base: Base, head: Registry, wrong: set[str]) -> Comparison:
    start = repository.merge_base(DETACHED, base.commit)
    files = repository.files(start or base.commit, ROOT, is_event_file)
    old, _ = registry_of(files)
    unread = wrong | (_names(files) - old.events.keys()) | old.broken
    before, after = _without(old, unread), _without(head, unread)
    return Comparison(
        base=base.said,
        commit=(start or base.commit)[:_HASH],
        changes=tuple(compare_registries(before, after)),
        columns=tuple(column_diff(before, after)),
        unread=tuple(sorted(unread)),
        caveat="" if start else _parted(repository, base.said),
        folders={event.name: event.folder for event in old.events.values()},
    )


def _without(registry: Registry, names: set[str]) -> Registry:
    events = {name: event for name, event in registry.events.items() if name not in names}
    return Registry(events, registry.dictionary)


def _names(files: Iterable[str]) -> set[str]:
    parts = (path.split("/") for path in files)
    return {part[1] for part in parts if len(part) == 3 and part[0] != FRAGMENTS}


def _parted(repository: GitRepository, base: str) -> str:
    if repository.shallow():
        what = f"The clone is shallow: where it left {base} is not known here."
        return f"{what} Compared with its newest commit; fetch the whole history."
    return f"HEAD and {base} have no commit in common. Compared with its newest commit."
