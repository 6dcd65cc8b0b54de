"""What somebody wants to save: event files, each with the hash of what it was read as. Pure.

A file's hash is git's own blob id, in a project without git too. Merging is
`weir.registry.sync.merging`, storing `weir.registry.sync.save`.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from weir.core.errors import NameRejected, RegistryError
from weir.registry.exchange.files import parse

ROOT = "assets/events"
"""The events' folder, relative to the project."""
MAX_BYTES = 5_000_000
_PATH = re.compile(r"^(?:[a-z0-9][a-z0-9_]*/){0,2}[a-z0-9][a-z0-9_]*(?:\.[a-z0-9_]+)?\.json$")
_ID = re.compile(r"^(?:[0-9a-f]{40}|[0-9a-f]{64})$")
_LONGEST = 300


def check_path(path: str) -> str:
    """Return a file's path if it can be one of the events' files.

    >>> check_path("shop/purchase_item_shop/v1.json")
    'shop/purchase_item_shop/v1.json'

    Raises:
        NameRejected: if it can be an option, lie elsewhere, or is no JSON file.
    """
    if not _PATH.fullmatch(path) or len(path) > _LONGEST:
        rule = f"an event file is a lower-case path below {ROOT}, like `shop/…_shop/v1.json`"
        raise NameRejected(path[:_LONGEST], rule, "Name it by that path.")
    return path


def check_id(blob: str) -> str:
    """Return a file's hash if it has the form of one.

    Raises:
        NameRejected: if not.
    """
    if not _ID.fullmatch(blob):
        rule = "a file's hash is 40 or 64 hexadecimal digits"
        raise NameRejected(blob[:80], rule, "Give the hash that the file was read with.")
    return blob


def blob_id(content: bytes, like: str = "") -> str:
    """Return the hash of a content: git's blob id.

    Args:
        content: the file's bytes.
        like: a hash of the same repository; one of 64 digits asks for SHA-256.

    >>> blob_id(b"{}")
    '9e26dfeeb6e641a33dae4961196235bdb965b21b'
    """
    whole = b"blob %d\0%b" % (len(content), content)
    if len(like) == len(hashlib.sha256().hexdigest()):
        return hashlib.sha256(whole).hexdigest()
    return hashlib.sha1(whole, usedforsecurity=False).hexdigest()


def unix(content: bytes) -> bytes:
    r"""Return a text with the line ends of Unix: Windows' ones are no change.

    >>> unix(b"{\r\n}")
    b'{\n}'
    """
    return content.replace(b"\r\n", b"\n")


def values(path: str, content: bytes) -> Any:
    """Return the JSON of a file.

    Raises:
        RegistryError: if it is too large or no valid JSON, as a binary file is.
    """
    if len(content) > MAX_BYTES:
        what = f"The file has {len(content)} bytes."
        raise RegistryError(f"{ROOT}/{path}", "", what, f"An event file has {MAX_BYTES} at most.")
    try:
        return parse(content.decode())
    except (ValueError, RecursionError) as error:
        remedy = "Correct the text there, or take the file away."
        raise RegistryError(f"{ROOT}/{path}", "", f"No valid JSON: {error}.", remedy) from None


def text(value: Any) -> bytes:
    """Return the form in which Weir writes an event file."""
    try:
        return (json.dumps(value, indent=2, ensure_ascii=False) + "\n").encode()
    except UnicodeEncodeError:  # half of a character, which UTF-8 cannot carry
        return (json.dumps(value, indent=2) + "\n").encode()


@dataclass(frozen=True)
class Edit:
    """One file as it is to be.

    Args:
        path: relative to the events' folder.
        content: the new content; None to remove the file.
        base: the hash of what it was read as; None if there was no such file.
        was: the content of that hash, where the caller has it. Git keeps it anyway.
    """

    path: str
    content: bytes | None
    base: str | None
    was: bytes | None = None

    def __post_init__(self) -> None:
        check_path(self.path)
        if self.base is not None:
            check_id(self.base)
        if self.was is not None and blob_id(self.was, self.base or "") != self.base:
            what = "The content given as `was` does not have the hash given as `base`."
            raise RegistryError(f"{ROOT}/{self.path}", "", what, "Read the file again.")


@dataclass(frozen=True)
class Change:
    """The files that are to be saved together, all or none."""

    edits: tuple[Edit, ...] = ()

    def __post_init__(self) -> None:
        paths = self.paths
        twice = next((path for path in paths if paths.count(path) > 1), None)
        if twice is not None:
            raise NameRejected(twice, "a file stands in a change once", "Keep one of the two.")

    def __bool__(self) -> bool:
        return bool(self.edits)

    @property
    def paths(self) -> list[str]:
        """The files, in order."""
        return [edit.path for edit in self.edits]


@dataclass
class Draft:
    """Files that are being edited: remembers what each was read as.

    >>> draft = Draft({"shop/view_item_shop/v1.json": b"{}"})
    >>> draft.put("shop/view_item_shop/v2.json", {"type": "object"})
    >>> [(edit.path, edit.base) for edit in draft.change().edits]
    [('shop/view_item_shop/v2.json', None)]
    """

    read: Mapping[str, bytes]
    like: str = ""
    _edited: dict[str, bytes | None] = field(default_factory=dict)

    def get(self, path: str) -> Any:
        """Return the JSON of a file as it is in this draft.

        Raises:
            RegistryError: if there is none, or it is no JSON.
        """
        content = self._edited.get(path, self.read.get(path))
        if content is None:
            raise RegistryError(f"{ROOT}/{path}", "", "There is no such file.", "Put it first.")
        return values(path, content)

    def put(self, path: str, value: Any) -> None:
        """Set a file's JSON. A file that keeps its value keeps its text."""
        old = self.read.get(check_path(path))
        same = old is not None and canonical(values(path, old)) == canonical(value)
        self._edited[path] = old if same else text(value)

    def remove(self, path: str) -> None:
        """Take a file away."""
        self._edited[check_path(path)] = None

    def hash_of(self, path: str) -> str | None:
        """Return the hash of what a file was read as."""
        old = self.read.get(path)
        return None if old is None else blob_id(old, self.like)

    def change(self) -> Change:
        """Return what differs from what was read."""
        return Change(tuple(self._edits(self._edited.items())))

    def _edits(self, files: Iterable[tuple[str, bytes | None]]) -> Iterator[Edit]:
        for path, content in sorted(files):
            old = self.read.get(path)
            if content != old:
                yield Edit(path, content, self.hash_of(path), old)


def canonical(value: Any) -> str:
    """Return a text that two JSON values share iff they are the same one; 1, 1.0 and true differ."""
    return json.dumps(value, sort_keys=True)
