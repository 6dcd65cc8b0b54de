"""From an event as it is wanted to the files that a save stores. Pure.

The edit is merged into what others left, node by node, before the version that comes of it is
recorded: what is activated is what will be there.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from weir.core.errors import RegistryError, UsageError
from weir.core.names import event_name
from weir.registry.authoring.bases import Base
from weir.registry.authoring.documents import NewTerm, Wanted, edit_of, event_files
from weir.registry.compat import propose
from weir.registry.dictionary import FILE, SLOTS
from weir.registry.findings import Findings
from weir.registry.lint import check_schema
from weir.registry.load import ENVELOPE
from weir.registry.model import COMPATIBILITY, Event, Schema
from weir.registry.sync.change import ROOT, Change, Draft, Edit, text, values
from weir.registry.sync.merging import Resolutions, merge_change
from weir.registry.sync.snapshot import opened
from weir.registry.versions import steps
from weir.registry.versions.history import RECORDS


@dataclass(frozen=True)
class Composed:
    """The files of a save.

    Args:
        change: against the base that it was composed on.
        version: the version that has the edit.
        told: what becomes of it, as a sentence.
    """

    change: Change
    version: int
    told: str


def compose(
    base: Base, wanted: Wanted, acting: steps.Acting, resolutions: Resolutions | None = None
) -> Composed:
    """Return the files that an event as it is wanted becomes.

    Args:
        base: what is there now.
        wanted: the event.
        acting: who saves it, and when.
        resolutions: what to do about conflicts that were reported before.

    Raises:
        EditConflict: if others changed the same places first.
        ExceptionGroup: of one `RegistryError` per mistake.
        Incompatible: if it is to be activated, and breaks what is protected without a reason.
        NameRejected: if the name is no event's.
        UsageError: if an event of this name was made meanwhile, or it is archived.
    """
    number, edits = _edits(base, wanted, acting)
    merged = merge_change(Change(tuple(edits)), base.files, lambda _: None, resolutions).checked()
    files = {**base.files, **merged}
    told = f"Version {number} of `{wanted.name}` is saved."
    if wanted.activate:
        step = _activated(base, files, wanted, acting, number)
        files |= {path: text(content) for path, content in step.files.items()}
        told = step.told
    draft = Draft(base.files, base.commit)
    for path, content in files.items():
        if content is not None and content != base.files.get(path):
            draft.put(path, values(path, content))
    return Composed(draft.change(), number, told)


def place_of(base: Base, wanted: Wanted, schema: Schema) -> tuple[Event | None, int]:
    """Return the event that is edited, if it exists, and the version that the edit goes to."""
    event = base.registry.events.get(wanted.name)
    if event is None:
        return None, 1
    if event.status == "draft":
        return event, max(event.versions)
    return event, propose(with_mode(event, wanted), schema).version


def with_mode(event: Event, wanted: Wanted) -> Event:
    """Return an event with the mode that is wanted for it; it keeps its own where that is none."""
    mode = wanted.envelope.get("compatibility", "backward")
    return replace(event, compatibility=mode) if mode in COMPATIBILITY else event


def with_terms(content: Mapping[str, Any], terms: tuple[NewTerm, ...]) -> dict[str, Any]:
    """Return the dictionary's content with words added to it."""
    whole: dict[str, Any] = {slot: {} for slot in SLOTS} | dict(content)
    for term in terms:
        section = {**whole.get(term.section, {}), term.name: term.meaning}
        whole[term.section] = dict(sorted(section.items()))
    return whole


def _edits(base: Base, wanted: Wanted, acting: steps.Acting) -> tuple[int, list[Edit]]:
    name = event_name(wanted.name)
    schema = _checked(base, wanted)
    event, number = place_of(base, wanted, schema)
    folder = f"{name.service}/{name}"
    if event is not None and not wanted.read:
        raise UsageError(f"The event `{name}` exists.", "Edit that one, or choose another name.")
    envelope = dict(wanted.envelope)
    if event is None:
        envelope["status"] = "draft"
    elif event.status == "archived":
        raise UsageError(f"`{name}` is archived.", "Nothing follows that: register a new event.")
    path, version = f"{folder}/{ENVELOPE}", f"{folder}/v{number}.json"
    edits = [
        _edit(path, envelope, wanted.read.get(path)),
        _edit(version, wanted.parameters, _began(base, wanted, version, folder)),
    ]
    if event is not None and number > max({*event.versions, *event.drafts}):
        edits += _recorded(base, event, acting)
    if wanted.terms:
        now = base.files.get(FILE, b"{}")
        began = now.decode() if FILE in base.files else None
        edits.append(_edit(FILE, with_terms(values(FILE, now), wanted.terms), began))
    return number, edits


def _edit(path: str, content: Any, began: str | None) -> Edit:
    """Return the edit of a file; one that keeps its value keeps its text."""
    if began is not None and values(path, began.encode()) == content:
        return edit_of(path, began.encode(), began)
    return edit_of(path, text(content), began)


def _began(base: Base, wanted: Wanted, path: str, folder: str) -> str | None:
    """Return what a version's file was edited from: the version before, if it is a new one's."""
    if path in wanted.read:
        return wanted.read[path]
    if path not in base.files:
        return None
    return next((t for p, t in wanted.read.items() if p.startswith(f"{folder}/v")), None)


def _recorded(base: Base, event: Event, acting: steps.Acting) -> list[Edit]:
    """Return the record of the versions that are active: without it one more would be at once."""
    path = f"{event.folder}/{RECORDS}"
    if path in base.files:
        return []
    return [
        Edit(path, text(steps.adopted(event, event_files(base, event), acting).as_dict()), None)
    ]


def _checked(base: Base, wanted: Wanted) -> Schema:
    found = Findings(f"{ROOT}/{wanted.name.rpartition('_')[2]}/{wanted.name}")
    schema = check_schema(wanted.parameters, found, base.fragments)
    if found.errors:
        raise ExceptionGroup(f"{len(found.errors)} mistakes in the parameters", found.errors)
    return schema


def _activated(
    base: Base, files: Mapping[str, bytes | None], wanted: Wanted, acting: steps.Acting, number: int
) -> steps.Step:
    there = {path: content for path, content in files.items() if content is not None}
    registry, fragments = opened(there)
    event = registry.events.get(wanted.name)
    if event is None:
        what = f"`{wanted.name}` cannot be read as it would be."
        raise RegistryError(f"{ROOT}/{wanted.name}", "", what, "Save it without activating it.")
    whole = replace(base, files=there, registry=registry, fragments=fragments)
    if not event.is_draft(number):
        return steps.Step({}, f"Version {number} of `{event.name}` is active already.")
    return steps.activate(event, event_files(whole, event), acting, number, None, wanted.breaking)
