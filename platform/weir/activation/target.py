"""The file that somebody names to be written."""

from __future__ import annotations

from pathlib import Path

from weir.core.errors import UsageError


def check_target(path: Path) -> None:
    """Check that a file can be written there.

    Raises:
        UsageError: if the folder does not exist, or the path is a folder.
    """
    if not path.parent.is_dir():
        raise UsageError(f"There is no folder {path.parent}.", "Make it, or name another file.")
    if path.is_dir():
        raise UsageError(f"{path} is a folder.", "Name a file in it.")
