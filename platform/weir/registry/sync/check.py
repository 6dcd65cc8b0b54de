"""Checks a project's event files as CI does: lint, generated models, and what breaks since the base.

How the result is told is `weir.registry.sync.summary`'s and the command line's business.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from weir.core.errors import RegistryError
from weir.core.settings import Settings
from weir.registry.compat import EventChange
from weir.registry.findings import Finding
from weir.registry.fragments import FOLDER as FRAGMENTS
from weir.registry.generate import generate, outdated
from weir.registry.load import examine
from weir.registry.model import Registry
from weir.registry.review import review
from weir.registry.sync.change import ROOT
from weir.registry.sync.comparison import Comparison, compare_with_base
from weir.registry.sync.inplace import STAGE, finish, held
from weir.registry.sync.save import LOCK


@dataclass(frozen=True)
class Report:
    """What a check found.

    Attributes:
        errors: mistakes in the files.
        stale: generated models that are not current, as errors; not looked at if there are errors.
        notes: warnings and hints.
        comparison: what changed since the base, or why that cannot be told.
        folders: where the events lie, relative to the events' folder.
    """

    errors: tuple[RegistryError, ...]
    stale: tuple[RegistryError, ...]
    notes: tuple[Finding, ...]
    comparison: Comparison | str
    folders: Mapping[str, str]

    @property
    def ok(self) -> bool:
        """Whether it may be merged."""
        return not self.problems

    @property
    def changes(self) -> tuple[EventChange, ...]:
        """What changed of the events since the base; nothing if there is none."""
        return () if isinstance(self.comparison, str) else self.comparison.changes

    @property
    def problems(self) -> list[RegistryError]:
        """Everything that keeps it from being merged."""
        broken = [error for change in self.changes for error in self._broken(change)]
        return [*self.errors, *self.stale, *broken]

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain data; `errors` are all problems."""
        told = isinstance(self.comparison, str)
        return {
            "ok": self.ok,
            "errors": [
                {"path": e.path, "pointer": e.pointer, "what": e.what, "remedy": e.remedy}
                for e in self.problems
            ],
            "notes": [note.as_dict() for note in self.notes],
            "comparison": None if isinstance(self.comparison, str) else self.comparison.as_dict(),
            "not_compared": self.comparison if told else None,
        }

    def _broken(self, change: EventChange) -> Iterator[RegistryError]:
        name = f"v{change.version}.json" if change.version else "event.json"
        path = f"{ROOT}/{self.folders[change.event]}/{name}"
        for error in change.errors:
            yield RegistryError(path, "", error, "")
        for one in change.violations:
            yield RegistryError(path, one.pointer, f"{one.reason} ({one.rule})", one.remedy)


def check(
    settings: Settings, base: str = "", environment: Mapping[str, str] | None = None
) -> Report:
    """Check the project's event files.

    Args:
        settings: the project's.
        base: what to compare with: a branch, a tag or a hash; '' for the usual base branch, and for
            no comparison where that cannot be had.
        environment: what git may take its variables from; None for this process's.

    Raises:
        GitError: if git refuses, and `base` was given.
        RegistryError: if a link lies among the files of the base.
        UsageError: if the one given is not there.
    """
    _finish_interrupted(settings.project)
    head, errors = examine(settings.events_dir)
    folders = _folders(settings.events_dir)
    wrong = (folders.keys() - head.events.keys()) | head.broken
    comparison = compare_with_base(settings, head, wrong, base, environment)
    return Report(
        errors=tuple(errors),
        stale=() if errors else tuple(_stale(settings, head)),
        notes=tuple(review(head, settings.events_dir.relative_to(settings.project).as_posix())),
        comparison=comparison,
        folders=folders if isinstance(comparison, str) else {**comparison.folders, **folders},
    )


def _folders(events_dir: Path) -> dict[str, str]:
    found = (path for path in events_dir.glob("*/*") if path.is_dir())
    return {p.name: f"{p.parent.name}/{p.name}" for p in found if p.parent.name != FRAGMENTS}


def _stale(settings: Settings, head: Registry) -> Iterator[RegistryError]:
    dbt = settings.project / "dbt"
    for path in outdated(generate(head, dbt), dbt):
        shown = path.relative_to(settings.project).as_posix()
        yield RegistryError(shown, "", "The file is not current.", "Run `weir events generate`.")


def _finish_interrupted(project: Path) -> None:
    """Finish a save without git that was interrupted: its files belong to what is checked."""
    if (project / STAGE).is_dir():
        with held(project / f".{LOCK}"):
            finish(project)
