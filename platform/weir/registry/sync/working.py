"""Reads the event files that lie in a folder. Links and devices are refused, never followed."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path

from weir.core.errors import NameRejected, RegistryError
from weir.registry.sync.change import MAX_BYTES, Change, Edit, blob_id, check_path, unix


def is_event_file(path: str) -> bool:
    """Tell whether a path below the events' folder can be an event file.

    >>> is_event_file("shop/view_item_shop/v1.json"), is_event_file("README.md")
    (True, False)
    """
    with suppress(NameRejected):
        return bool(check_path(path))
    return False


def read_files(project: Path, folder: str) -> dict[str, bytes]:
    """Return every file of a folder of the project that can be an event file.

    Raises:
        RegistryError: if a link or a device lies there, or a file is too large.
    """
    check_no_links(project, folder)
    top = project / folder
    return {
        path.relative_to(top).as_posix(): _content(path, project)
        for path in _walk(top, project)
        if is_event_file(path.relative_to(top).as_posix())
    }


def check_no_links(project: Path, path: str) -> None:
    """Check that no folder on the way to a path is a link.

    Raises:
        RegistryError: if one is.
    """
    place = project
    for part in Path(path).parts:
        place /= part
        if place.is_symlink():
            raise _irregular(place, project)


def change_since(files: Mapping[str, bytes], base: Mapping[str, bytes], like: str = "") -> Change:
    """Return what differs between files and what they were made from.

    Windows' line ends alone are no difference.

    Args:
        files: as they are.
        base: as they were.
        like: a hash of the repository, which tells its kind of hash.
    """
    edits = []
    for path in sorted({*files, *base}):
        mine, was = files.get(path), base.get(path)
        if mine is None or was is None or unix(mine) != unix(was):
            known = None if was is None else blob_id(was, like)
            edits.append(Edit(path, None if mine is None else unix(mine), known, was))
    return Change(tuple(edits))


def _walk(top: Path, project: Path) -> Iterator[Path]:
    for folder, folders, names in os.walk(top):
        for name in (*folders, *names):
            path = Path(folder, name)
            mode = path.lstat().st_mode
            if not stat.S_ISREG(mode) and not stat.S_ISDIR(mode):
                raise _irregular(path, project)
        yield from (Path(folder, name) for name in names)


def _content(path: Path, project: Path) -> bytes:
    with path.open("rb") as file:
        content = file.read(MAX_BYTES + 1)
    if len(content) > MAX_BYTES:
        what, remedy = "The file is too large.", f"An event file has {MAX_BYTES} bytes at most."
        raise RegistryError(path.relative_to(project).as_posix(), "", what, remedy)
    return content


def _irregular(path: Path, project: Path) -> RegistryError:
    shown = path.relative_to(project).as_posix()
    what = "A link or a device lies among the event files."
    return RegistryError(shown, "", what, "Put the file itself there: links are not followed.")
