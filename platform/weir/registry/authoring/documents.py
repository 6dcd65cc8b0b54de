"""One event as it is edited: its envelope and its parameters, with the files that it began from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from weir.core.errors import RegistryError
from weir.registry.authoring.bases import Base
from weir.registry.dictionary import FILE
from weir.registry.findings import Findings
from weir.registry.load import ENVELOPE
from weir.registry.model import Event
from weir.registry.sync.change import ROOT, Edit, blob_id, values
from weir.registry.versions.files import EventFiles
from weir.registry.versions.history import RECORDS, check_history


@dataclass(frozen=True)
class NewTerm:
    """A word that is added to the dictionary with the event."""

    section: str
    name: str
    meaning: str


@dataclass(frozen=True)
class Opened:
    """An event that is opened to be edited.

    Args:
        name: its name.
        envelope: the content of `event.json`.
        parameters: the JSON Schema as it is written, `$ref`s and all.
        version: which version that is.
        draft: whether that version is one still: an edit stays in its file.
        read: the files' texts, by path; they come back with a save.
    """

    name: str
    envelope: Mapping[str, Any]
    parameters: Any
    version: int
    draft: bool
    read: Mapping[str, str]


@dataclass(frozen=True)
class Wanted:
    """An event as somebody wants it.

    Args:
        envelope: the content of `event.json`.
        parameters: the JSON Schema of the parameters.
        read: what it was edited from, texts by path; empty for a new event.
        terms: words that the dictionary gets.
        activate: whether the version may be sent, and never changes again.
        breaking: why it may break what the event's mode protects.
    """

    envelope: Mapping[str, Any]
    parameters: Any
    read: Mapping[str, str] = field(default_factory=dict)
    terms: tuple[NewTerm, ...] = ()
    activate: bool = False
    breaking: str | None = None

    @property
    def name(self) -> str:
        """The event's name, as far as it is one."""
        given = self.envelope.get("name")
        return given if isinstance(given, str) else ""


def open_event(base: Base, name: str) -> Opened:
    """Open an event's newest version, or its draft.

    Raises:
        NotFound: if there is none of this name.
    """
    event = base.registry.get(name)
    number = event.latest
    paths = (f"{event.folder}/{ENVELOPE}", f"{event.folder}/v{number}.json", FILE)
    read = {path: base.files[path].decode() for path in paths if path in base.files}
    envelope, parameters = (values(path, base.files[path]) for path in paths[:2])
    return Opened(name, envelope, parameters, number, event.is_draft(number), read)


def event_files(base: Base, event: Event) -> EventFiles:
    """Return the files of an event, as steps of its life take them.

    Raises:
        RegistryError: if its history cannot be read.
    """
    folder, files = event.folder, base.files
    numbers = sorted({*event.versions, *event.drafts})
    records, history = f"{folder}/{RECORDS}", None
    if records in files:
        found = Findings(f"{ROOT}/{records}")
        history = check_history(values(records, files[records]), found)
        if found.errors:
            raise found.errors[0]
    return EventFiles(
        folder,
        values(f"{folder}/{ENVELOPE}", files[f"{folder}/{ENVELOPE}"]),
        {n: values(f"{folder}/v{n}.json", files[f"{folder}/v{n}.json"]) for n in numbers},
        history,
    )


def edit_of(path: str, content: bytes, began: str | None) -> Edit:
    """Return the edit of a file that was read as a text; None if there was no such file.

    Raises:
        RegistryError: if the text cannot be a file's.
    """
    if began is None:
        return Edit(path, content, None)
    try:
        was = began.encode()
    except UnicodeEncodeError:
        what = "The text that the file was read as is no text."
        raise RegistryError(f"{ROOT}/{path}", "", what, "Read the event again.") from None
    return Edit(path, content, blob_id(was), was)
