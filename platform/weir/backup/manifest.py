"""What a backup holds: every file with size and checksum, and of which snapshot it is."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from weir.core.errors import BackupError

MANIFEST, HOME = "manifest.json", "home"
FORMAT = 1
_CHUNK = 4_000_000


@dataclass(frozen=True)
class File:
    """One file of a backup: its path in the home, its bytes and the blake2b of its content."""

    path: str
    bytes: int
    blake2b: str


@dataclass(frozen=True)
class Manifest:
    """What a backup holds.

    Attributes:
        made_at: when the catalogue was copied; UTC.
        weir: the version of Weir.
        home: the home that was copied.
        snapshot: the lake's newest snapshot in it; -1 without a lake.
        audit_head: `seq:hash` of the audit log's last row, for `weir audit verify --head`.
        files: all files, by path.
        format: of this manifest.
    """

    made_at: str
    weir: str
    home: str
    snapshot: int
    audit_head: str
    files: tuple[File, ...]
    format: int = FORMAT

    @property
    def bytes(self) -> int:
        """Bytes of all files together."""
        return sum(file.bytes for file in self.files)

    def as_text(self) -> str:
        """Return the manifest as it is written: JSON, and in it the checksum of the rest."""
        body = asdict(self)
        return json.dumps(body | {"blake2b": _digest(body)}, indent=1, ensure_ascii=False) + "\n"


def read_manifest(backup: Path) -> Manifest:
    """Return the manifest of a backup.

    Raises:
        BackupError: if there is none, or it was changed, or is of another format.
    """
    path = backup / MANIFEST
    if not path.is_file():
        unfinished = backup.name.endswith(".partial")
        what = "was not finished" if unfinished else "is no backup of Weir"
        raise BackupError(
            f"{backup} {what}: it has no {MANIFEST}.", "Make one: `weir backup DEST`."
        )
    try:
        body = json.loads(path.read_text())
        noted = body.pop("blake2b")
        files = tuple(File(**file) for file in body.pop("files"))
        found = Manifest(**body, files=files)
    except (ValueError, KeyError, TypeError) as error:
        raise BackupError(f"{path} cannot be read: {error}.", "Use another backup.") from None
    if noted != _digest(asdict(found)) or found.format != FORMAT:
        raise BackupError(
            f"{path} was changed, or is of another format than {FORMAT}.", "Use another backup."
        )
    return found


def check(
    backup: Path, on_progress: Callable[[int], None] = lambda _: None
) -> tuple[Manifest, list[str]]:
    """Read every file of a backup again; return its manifest and what is wrong, in words.

    Args:
        backup: the backup's folder.
        on_progress: gets the bytes of each file after it was read.

    Raises:
        BackupError: if the manifest cannot be used.
    """
    manifest = read_manifest(backup)
    wrong = []
    for file in manifest.files:
        path = backup / HOME / file.path
        if not path.is_file():
            wrong.append(f"{file.path} is missing.")
        elif path.stat().st_size != file.bytes:
            wrong.append(f"{file.path} has {path.stat().st_size} bytes, not {file.bytes}.")
        elif digest_of(path) != file.blake2b:
            wrong.append(f"{file.path} has another content than when it was copied.")
        on_progress(file.bytes)
    known = {file.path for file in manifest.files}
    wrong += [
        f"{path} is not in the manifest." for path in paths(backup / HOME) if path not in known
    ]
    return manifest, wrong


def paths(folder: Path) -> Iterator[str]:
    """Yield the files below a folder, relative to it, in order."""
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            yield path.relative_to(folder).as_posix()


def digest_of(path: Path) -> str:
    """Return the blake2b of a file's content."""
    hashed = hashlib.blake2b(digest_size=32)
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            hashed.update(chunk)
    return hashed.hexdigest()


def _digest(body: object) -> str:
    text = json.dumps(body, sort_keys=True, ensure_ascii=False)
    return hashlib.blake2b(text.encode(), digest_size=32).hexdigest()
