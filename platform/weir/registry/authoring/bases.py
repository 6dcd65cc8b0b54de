"""The events that edits are made against: those of the base branch, or of the folder without git.

Reading them takes some calls of git and lint of every file, so that one look serves a second's asks.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from weir.core.errors import NotFound
from weir.core.settings import Settings
from weir.registry.fragments import Fragments
from weir.registry.model import Registry
from weir.registry.sync.base import need_base
from weir.registry.sync.change import ROOT
from weir.registry.sync.repository import GitRepository
from weir.registry.sync.save import open_repository
from weir.registry.sync.snapshot import opened
from weir.registry.sync.working import is_event_file, read_files

LOOK_SECONDS = 1.0
"""How long a branch is taken for unmoved."""
_MOST = 8


@dataclass(frozen=True)
class Base:
    """Event files, and what they come to.

    Args:
        files: relative to the events' folder.
        registry: the events that load.
        fragments: what a `$ref` may name.
        branch: what is saved against; '' without git.
        commit: where that is; '' without git.
    """

    files: Mapping[str, bytes]
    registry: Registry
    fragments: Fragments
    branch: str = ""
    commit: str = ""


class Bases:
    """Keeps what was read, for as long as nothing moves.

    Args:
        settings: the project's.
        clock: monotonic seconds.
    """

    def __init__(self, settings: Settings, clock: Callable[[], float] = time.monotonic) -> None:
        self._settings, self._clock = settings, clock
        self._lock = threading.Lock()
        self._seen: dict[str, tuple[float, Base]] = {}

    def get(self, branch: str = "", *, fresh: bool = False) -> Base:
        """Return the events of the base branch, or of another one.

        Args:
            branch: a branch that has edits already; '' for the one that is saved against.
            fresh: whether to look again at once.

        Raises:
            GitError: if git refuses.
            NotFound: if there is no such branch.
        """
        with self._lock:
            at, known = self._seen.get(branch, (float("-inf"), None))
            if known is not None and not fresh and self._clock() - at < LOOK_SECONDS:
                return known
            found = _read(self._settings, branch, known)
            if len(self._seen) >= _MOST:
                self._seen.clear()
            self._seen[branch] = (self._clock(), found)
            return found


def _read(settings: Settings, branch: str, known: Base | None) -> Base:
    repository = open_repository(settings)
    if repository is None:
        if branch:
            raise NotFound("branch", branch, remedy="The project has no git.")
        files = read_files(settings.project, ROOT)
        return known if known and known.files == files else _opened(files, "", "")
    name, commit = _tip(settings, repository, branch)
    if known is not None and known.commit == commit:
        return known
    return _opened(repository.files(commit, ROOT, is_event_file), name, commit)


def _tip(settings: Settings, repository: GitRepository, branch: str) -> tuple[str, str]:
    if not branch:
        base = need_base(repository, "", settings.git_base)
        return base.branch, base.commit
    commit = repository.commit_of(f"refs/heads/{branch}")
    if commit is None:
        raise NotFound("branch", branch, remedy="It was merged or removed: begin from the event.")
    return branch, commit


def _opened(files: Mapping[str, bytes], branch: str, commit: str) -> Base:
    registry, fragments = opened(files)
    return Base(files, registry, fragments, branch, commit)
