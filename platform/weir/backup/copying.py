"""Copies single files durably: databases by SQLite's backup API, what never changes by a hard link."""

from __future__ import annotations

import os
import shutil
from contextlib import suppress
from pathlib import Path

from weir.engines.embedded.fsync import fsync_path
from weir.engines.embedded.snapshot import copy_sqlite

_SQLITE = b"SQLite format 3\0"
_COPYING = ".copying"


def copy(source: Path, target: Path, *, as_is: bool = False) -> None:
    """Copy a file as it is now, durably; what the target held before is replaced.

    Args:
        source: the file; a SQLite database in use is copied whole and as of one moment.
        target: where it goes.
        as_is: copy a database byte by byte too: nobody uses it.

    Raises:
        FileNotFoundError: if the source is gone.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    beside = target.with_name(target.name + _COPYING)
    if not as_is and is_sqlite(source):
        copy_sqlite(source, beside)
    else:
        shutil.copy2(source, beside)
    fsync_path(beside)
    beside.replace(target)


def place(source: Path, target: Path, size: int | None = None, *, link: bool = True) -> None:
    """Bring a file that never changes to the target: by a hard link where that can be, else copied.

    One that is there in its full length already is left: an attempt before brought it.

    Args:
        source: the file.
        target: where it goes.
        size: its bytes, where they are known.
        link: whether a hard link may be made.

    Raises:
        FileNotFoundError: if the source is gone.
    """
    wanted = source.stat().st_size if size is None else size
    if target.is_file() and target.stat().st_size == wanted:
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    target.unlink(missing_ok=True)
    if link:
        with suppress(OSError):  # another disk, or a file system without links: copied below
            os.link(source, target)
            fsync_path(target)
            return
    copy(source, target)


def is_sqlite(path: Path) -> bool:
    """Tell whether a file is a SQLite database, by its first bytes."""
    with path.open("rb") as file:
        return file.read(len(_SQLITE)) == _SQLITE
