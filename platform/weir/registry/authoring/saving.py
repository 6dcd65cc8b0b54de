"""Saves an event as it is wanted: a branch and a commit, or in place without git."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from weir.core.settings import Settings
from weir.registry.authoring.bases import Base, Bases
from weir.registry.authoring.changes import compose
from weir.registry.authoring.documents import Wanted
from weir.registry.sync.merging import Resolutions
from weir.registry.sync.options import Options, Saved
from weir.registry.sync.save import open_repository
from weir.registry.sync.save import save as store
from weir.registry.versions.steps import Acting


@dataclass(frozen=True)
class Made:
    """What a save made.

    Args:
        saved: the commit.
        version: the version that has the edit.
        told: what became of it, as a sentence.
    """

    saved: Saved
    version: int
    told: str


def save(
    settings: Settings,
    bases: Bases,
    wanted: Wanted,
    by: str,
    at: datetime,
    options: Options,
    resolutions: Resolutions | None = None,
) -> Made:
    """Save an event as it is wanted.

    Args:
        settings: the project's.
        bases: what it is edited against.
        wanted: the event.
        by: who saves it.
        at: when; naive UTC.
        options: how; its branch, if any, is what the edits began from.
        resolutions: what to do about conflicts that were reported before.

    Raises:
        EditConflict: if others changed the same places first; nothing was saved.
        ExceptionGroup: of one `RegistryError` per mistake.
        WeirError: whatever else stands against it.
    """
    base: Base = bases.get(options.branch or "", fresh=True)
    composed = compose(base, wanted, acting_of(settings, by, at), resolutions)
    saved = store(settings, composed.change, replace(options, resolutions=resolutions or {}))
    return Made(saved, composed.version, composed.told)


def acting_of(settings: Settings, by: str, at: datetime) -> Acting:
    """Return who does a step of an event's life, and whether an owner must have approved."""
    modes: Mapping[str, bool] = {
        "auto": open_repository(settings) is None,
        "required": True,
        "off": False,
    }
    return Acting(by, at, modes[settings.events_review])
