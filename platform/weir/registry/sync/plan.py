"""What a save would write: the merged event files and the models that follow from them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from weir.registry.findings import Finding
from weir.registry.model import Registry
from weir.registry.review import RETIRED, review_versions
from weir.registry.sync.change import ROOT
from weir.registry.sync.columndiff import LogChange, column_diff
from weir.registry.sync.message import message_of, ordered
from weir.registry.sync.snapshot import build, registry_of


@dataclass(frozen=True)
class Plan:
    """What a save would write.

    Args:
        files: relative to the project, each making sense with those before it; None to remove one.
        diff: the columns that change.
        message: says so.
        notes: warnings and hints on the newest versions of the events that change.
    """

    files: Mapping[str, bytes | None]
    diff: tuple[LogChange, ...]
    message: str
    notes: tuple[Finding, ...] = ()

    @property
    def removed(self) -> tuple[str, ...]:
        """The files that go."""
        return tuple(path for path, content in self.files.items() if content is None)


def plan(
    merged: Mapping[str, bytes | None],
    theirs: Mapping[str, bytes],
    models: Mapping[str, bytes],
    message: str | None,
) -> Plan:
    """Build what merged files come to.

    Args:
        merged: the files that change, relative to the events' folder; None for one that goes.
        theirs: all event files as they are.
        models: the generated models as they are, relative to their folder.
        message: the first words of the message; None for a subject that follows.

    Raises:
        ExceptionGroup: of one `RegistryError` per mistake in the files as they would be.
    """
    whole = {**theirs, **merged}
    built = build({path: text for path, text in whole.items() if text is not None}, models)
    diff = tuple(column_diff(registry_of(theirs)[0], built.registry))
    files = {f"{ROOT}/{path}": text for path, text in merged.items()} | dict(built.models)
    in_order = {path: files[path] for path in ordered(files)}
    return Plan(
        in_order, diff, message_of(message, list(merged), diff), _notes(built.registry, merged)
    )


def _notes(registry: Registry, merged: Iterable[str]) -> tuple[Finding, ...]:
    """Return warnings and hints on the newest versions of the events whose files are merged."""
    folders = {path.rpartition("/")[0] for path in merged}
    changed = {
        event.name: (event, event.latest)
        for event in registry.events.values()
        if event.folder in folders and event.status != RETIRED
    }
    return tuple(review_versions(registry, changed, ROOT))
