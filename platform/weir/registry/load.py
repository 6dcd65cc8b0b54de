"""Reads the event files of a project: `<service>/<event_name>/event.json` and `v<N>.json`.

Every error of every file is reported at once. Nothing is written here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from weir.core.errors import NameRejected, NotFound, RegistryError
from weir.core.names import EventName, event_name
from weir.registry.budget import check_columns
from weir.registry.columns import Column, columns
from weir.registry.dictionary import FILE, Dictionary, check_dictionary
from weir.registry.envelope import check_envelope
from weir.registry.findings import Findings, did_you_mean, escape
from weir.registry.fragments import FOLDER as FRAGMENTS
from weir.registry.fragments import Fragments, fragment_files, stand_in
from weir.registry.jsonread import NotJson, loads_strict
from weir.registry.lint import check_fragment, check_schema
from weir.registry.model import Event, Registry, Schema
from weir.registry.naming import suggest
from weir.registry.references import fragments_used, uses_first
from weir.registry.reserved import BASE_COLUMNS
from weir.registry.versions.history import (
    RECORDS,
    broken_records,
    check_history,
    with_records,
)

ENVELOPE = "event.json"
_UNREAD = object()
_VERSION = re.compile(r"^v([1-9][0-9]{0,8})\.json$")


def load(events_dir: Path) -> Registry:
    """Read and lint all events.

    Args:
        events_dir: the folder that holds `dictionary.json` and one folder per service.

    Raises:
        ExceptionGroup: of one `RegistryError` per mistake, all of them at once.
    """
    registry, errors = examine(events_dir)
    if errors:
        raise ExceptionGroup(f"{len(errors)} mistakes in the event files", errors)
    return registry


def examine(events_dir: Path) -> tuple[Registry, list[RegistryError]]:
    """Read all events, and return those that can be read with the mistakes of all.

    Args:
        events_dir: as for `load`.
    """
    loader = _Loader(events_dir)
    events = loader.events()
    broken = frozenset(loader.broken & events.keys())
    return Registry(events, loader.dictionary, broken), loader.errors


def read_schema(path: Path, events_dir: Path) -> Schema:
    """Read one schema file from anywhere, with the fragments of a project's events.

    Raises:
        ExceptionGroup: of one `RegistryError` per mistake.
        NotFound: if there is no such file.
    """
    loader = _Loader(events_dir)
    loader.fragments = loader.read_fragments()
    found = Findings(path.name)
    if not path.exists():
        raise NotFound("file", str(path), remedy="Check the path.")
    content = loader.read(path, found)
    schema = {} if content is _UNREAD else check_schema(content, found, loader.fragments)
    if found.errors:
        raise ExceptionGroup(f"{len(found.errors)} mistakes in {path.name}", found.errors)
    return schema


def read_fragments(events_dir: Path) -> Fragments:
    """Return a project's fragments; a stand-in takes the place of a wrong one."""
    return _Loader(events_dir).read_fragments()


class _Loader:
    def __init__(self, root: Path) -> None:
        self.root = root
        self.errors: list[RegistryError] = []
        self.dictionary = Dictionary()
        self.fragments: Fragments = {}
        self.wrong_fragments: set[str] = set()
        self.broken: set[str] = set()

    def events(self) -> dict[str, Event]:
        folders = sorted(
            path
            for path in self.root.glob("*/*")
            if path.is_dir() and path.parent.name != FRAGMENTS
        )
        self.dictionary = self._dictionary(needed=bool(folders))
        self.fragments = self.read_fragments()
        found = [self._event(folder) for folder in folders]
        events = {event.name: event for event in found if event}
        self._check_replacements(events.values(), {folder.name for folder in folders})
        return events

    def _findings(self, path: Path) -> Findings:
        findings = Findings(path.relative_to(self.root.parent.parent).as_posix())
        findings.errors = self.errors  # one list for all files
        return findings

    def read(self, path: Path, found: Findings) -> Any:
        try:
            return loads_strict(path.read_bytes())
        except FileNotFoundError:
            found.add("", "The file is missing.", f"Write it, or remove {path.parent.name}/.")
        except OSError as error:
            found.add("", f"It cannot be read: {error.strerror}.", "Put a readable file there.")
        except NotJson as error:
            found.add(error.pointer or "", f"No valid JSON: {error.what}.", error.remedy)
        return _UNREAD

    def _dictionary(self, *, needed: bool) -> Dictionary:
        path = self.root / FILE
        found = self._findings(path)
        if not needed and not path.exists():
            return Dictionary()
        content = self.read(path, found)
        return Dictionary() if content is _UNREAD else check_dictionary(content, found)

    def read_fragments(self) -> Fragments:
        files = {}
        for key, path in fragment_files(self.root):
            content = self.read(path, self._findings(path))
            if key is None:
                what = "No fragment file has this name."
                remedy = f"Name it {FRAGMENTS}/<name>/v<N>.json, the name in snake_case."
                self._findings(path).add("", what, remedy)
            elif content is not _UNREAD:
                files[key] = (path, content)
        checked = {key: content for key, (_, content) in files.items()}
        for key in uses_first(checked):
            before = len(self.errors)
            within = fragments_used(checked[key])
            check_fragment(checked[key], self._findings(files[key][0]), checked)
            if len(self.errors) > before:
                checked[key] = stand_in(checked[key])
            if len(self.errors) > before or within & self.wrong_fragments:
                self.wrong_fragments.add(key)
        return checked

    def _event(self, folder: Path) -> Event | None:
        found = self._findings(folder / ENVELOPE)
        content = self.read(folder / ENVELOPE, found)
        values = None if content is _UNREAD else check_envelope(content, found)
        before = len(self.errors)
        versions = self._versions(folder)
        if len(self.errors) > before:
            self.broken.add(folder.name)
        name = values and self._name(values["name"], folder, found)
        if not values or not name:
            return None
        if not versions:
            found.add("", "The event has no version.", "Write its parameters into v1.json.")
            return None
        whole = Event(**values, service=name.service, versions=versions)
        typed = columns(whole)
        check_columns(typed, self._findings(folder / f"v{whole.newest}.json"))
        check_pii(whole, typed, found)
        return self._recorded(whole, folder)

    def _recorded(self, event: Event, folder: Path) -> Event | None:
        """Return the event with what is recorded of its versions: the others are drafts."""
        path = folder / RECORDS
        if not path.exists():
            return event
        found = self._findings(path)
        content = self.read(path, found)
        history = None if content is _UNREAD else check_history(content, found)
        if history is None:
            return None
        told = {error.path for error in self.errors}
        for number, place, what, remedy in broken_records(event.versions, history):
            if number is None and (folder / f"v{place.rpartition('/')[2]}.json").exists():
                continue  # it is there, and cannot be read: that is told already
            broken = self._findings(path if number is None else folder / f"v{number}.json")
            if broken.path not in told:  # a file that cannot be read says something else anyway
                broken.add(place, what, remedy)
        return with_records(event, history, found)

    def _name(self, name: str, folder: Path, found: Findings) -> EventName | None:
        wrong = suggest(name, self.dictionary, ()).findings
        try:
            parsed = event_name(name)
        except NameRejected as error:
            found.add("/name", error.what, wrong[0].remedy if wrong else error.remedy)
            return None
        for finding in wrong:
            found.add(finding.pointer, finding.what, finding.remedy)
        place, given = f"{parsed.service}/{name}", f"{folder.parent.name}/{folder.name}"
        if place != given:
            found.add("/name", f"`{name}` lies in {given}/.", f"Move it to {place}/.")
        return parsed

    def _versions(self, folder: Path) -> dict[int, Schema]:
        versions: dict[int, Schema] = {}
        for path in sorted(p for p in folder.iterdir() if p.name not in (ENVELOPE, RECORDS)):
            found, match = self._findings(path), _VERSION.match(path.name)
            if not match:
                what = "No event file has this name."
                found.add("", what, f"Name it {ENVELOPE} or v<N>.json, or move it away.")
                continue
            content = self.read(path, found)
            if content is _UNREAD:
                continue
            versions[int(match[1])] = check_schema(content, found, self.fragments)
            if fragments_used(content) & self.wrong_fragments:
                self.broken.add(folder.name)
        return dict(sorted(versions.items()))

    def _check_replacements(self, events: Iterable[Event], known: set[str]) -> None:
        events = list(events)
        loaded = {event.name: event for event in events}
        for event in events:
            new = event.replacement
            found = self._findings(self.root / event.folder / ENVELOPE)
            if new is not None and (new not in known or new == event.name):
                what = f"The replacement `{new}` is no other event."
                found.add("/replacement", what, did_you_mean(new, sorted(known - {event.name})))
            elif new in loaded and loaded[new].status not in ("active", "deprecated"):
                what = f"The replacement `{new}` is {loaded[new].status}: nobody may send it."
                found.add("/replacement", what, "Activate it first, or name another event.")


def check_pii(event: Event, typed: Iterable[Column], found: Findings) -> None:
    """Check that what is hashed, masked or dropped is a column of the event."""
    known = [column.name for column in typed] + list(BASE_COLUMNS)
    for name in event.pii:
        if name not in known:
            what = f"`{name}` is no column of the event."
            found.add(f"/pii/{escape(name)}", what, did_you_mean(name, known))
