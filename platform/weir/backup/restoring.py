"""Makes a new home from a backup: every file copied, and checked while it is."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

from weir.backup.copying import copy
from weir.backup.manifest import HOME, Manifest, digest_of, read_manifest
from weir.core.errors import BackupError, UsageError
from weir.engines.embedded.fsync import fsync_path


def restore(
    backup: Path, home: Path, on_progress: Callable[[int, int], None] = lambda _done, _of: None
) -> Manifest:
    """Make a home from a backup. It is written to `<home>.partial` and renamed when it is whole.

    Args:
        backup: the backup's folder.
        home: the new home; it must not exist, or be empty.
        on_progress: told the bytes done and the bytes in all.

    Returns:
        The backup's manifest.

    Raises:
        UsageError: if the home holds anything.
        BackupError: if a file of the backup is missing or is not what was copied; then no home is
            made.
    """
    manifest = read_manifest(backup)
    if home.exists() and (not home.is_dir() or any(home.iterdir())):
        raise UsageError(f"{home} is not empty.", "Name a new folder; nothing is overwritten.")
    partial = home.with_name(home.name + ".partial")
    shutil.rmtree(partial, ignore_errors=True)
    done = 0
    for file in manifest.files:
        target = partial / file.path
        try:
            copy(backup / HOME / file.path, target, as_is=True)
        except FileNotFoundError:
            raise _damaged(backup, f"{file.path} is missing") from None
        if target.stat().st_size != file.bytes or digest_of(target) != file.blake2b:
            raise _damaged(backup, f"{file.path} is not what was copied")
        done += file.bytes
        on_progress(done, manifest.bytes)
    for folder in ("lake/data", "spool"):
        (partial / folder).mkdir(parents=True, exist_ok=True)
    if home.exists():
        home.rmdir()
    partial.rename(home)
    fsync_path(home.parent)
    return manifest


def _damaged(backup: Path, why: str) -> BackupError:
    return BackupError(
        f"The backup {backup} is damaged: {why}.",
        "No home was made. Use another backup; `weir backup --verify` names all that is wrong.",
    )
