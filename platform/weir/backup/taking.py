"""Takes a backup of a home that is in use.

In this order: ledger, catalogue (under the write lock), the files that it names, spool, search index,
Dagster's storage, the rest, audit log. A ledger older than the catalogue reads on in its commits; a
spool younger than it is sealed on from its offsets. A file of the lake that maintenance removed
meanwhile makes the copy of the catalogue begin again; files that are there already stay there.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from filelock import FileLock, Timeout

from weir import __version__
from weir.audit import AuditLog, verify
from weir.backup.copying import copy, place
from weir.backup.manifest import HOME, MANIFEST, File, Manifest, digest_of, paths, read_manifest
from weir.backup.spool import copy_drops, copy_spool, lost_between
from weir.core.errors import BackupError, UsageError
from weir.core.settings import Settings
from weir.engines.embedded.fsync import fsync_path
from weir.engines.embedded.lake import Lake
from weir.engines.embedded.search import writing_locked
from weir.engines.embedded.snapshot import CatalogueCopy, copy_catalogue, sealed_offsets

CATALOGUE, DATA = "lake/catalog.sqlite", "lake/data"
_TRIES = 10
_BY_THEMSELVES = ("lake", "spool", "search", "ledger.db", "audit.db")
_LEFT_OUT = ("logs", "dbt")  # nothing reads the one; the other is made anew
_LEFT_ENDS = ("-wal", "-shm", "-journal", ".lock", ".copying")


class Progress(NamedTuple):
    """How far a backup is: what it does, bytes done and bytes in all (0 while unknown)."""

    doing: str
    done: int = 0
    of: int = 0


Tell = Callable[[Progress], None]


def take(
    settings: Settings,
    target: Path,
    *,
    since: Path | None = None,
    link: bool = True,
    tell: Tell = lambda _: None,
) -> Manifest:
    """Copy a home to a folder while it is in use.

    It is written to `<target>.partial` and renamed when it is whole; cut off, it goes on there.

    Args:
        settings: the home.
        target: the folder that comes to be.
        since: an earlier backup on the same disk as the target: files of the lake that it holds are
            linked from there and not read again.
        link: link files of the lake where the target is on the home's disk, instead of copying.
        tell: told how far it is.

    Returns:
        The backup's manifest.

    Raises:
        UsageError: if the target exists or is inside the home, or there is nothing to copy.
        BackupError: if the catalogue is PostgreSQL's, or no copy of one moment could be had.
    """
    before = _before(settings, target, since)
    partial = target.with_name(target.name + ".partial")
    home = partial / HOME
    home.mkdir(parents=True, exist_ok=True)
    with _alone(partial):
        made_at = datetime.now(UTC)
        snapshot, keep = _copy_lake(settings, home, before, link=link, tell=tell)
        tell(Progress("search index, Dagster, settings"))
        _copy_search(settings.search_dir, home / "search")
        _copy_rest(settings.home, home)
        head = _copy_audit(settings, home)
        _remove_strange(home, settings, keep)
        files = tuple(_summed(home, before[1] if before else {}, tell))
        manifest = Manifest(
            made_at.strftime("%Y-%m-%dT%H:%M:%SZ"),
            __version__,
            str(settings.home),
            snapshot,
            head,
            files,
        )
        _write_durably(partial / MANIFEST, manifest.as_text())
    (partial / ".lock").unlink(missing_ok=True)
    partial.rename(target)
    fsync_path(target.parent)
    return manifest


_Before = tuple[Path, dict[str, File]]


def _before(settings: Settings, target: Path, since: Path | None) -> _Before | None:
    """Refuse what cannot be, and return the earlier backup."""
    if target.exists():
        raise UsageError(f"{target} exists.", "Name a new folder; backups are never overwritten.")
    if target.resolve().is_relative_to(settings.home):
        raise UsageError(f"{target} is inside the home {settings.home}.", "Name one outside of it.")
    if not settings.home.is_dir():
        raise UsageError(f"There is no home {settings.home}.", "Name it with --home.")
    if not Lake(settings).on_sqlite:
        copy_catalogue(Lake(settings), target)  # raises: only SQLite's is copied
    if since is None:
        return None
    return since / HOME, {file.path: file for file in read_manifest(since).files}


@contextmanager
def _alone(partial: Path) -> Iterator[None]:
    lock = FileLock(partial / ".lock", timeout=0)
    try:
        lock.acquire()
    except Timeout:
        raise UsageError(
            f"Another backup is being written to {partial}.", "Wait for its end."
        ) from None
    try:
        yield
    finally:
        lock.release()


def _copy_lake(
    settings: Settings, home: Path, before: _Before | None, *, link: bool, tell: Tell
) -> tuple[int, set[str]]:
    """Copy ledger, catalogue, data files and spool as of one moment; return snapshot and files."""
    spool = home / "spool"
    lost: list[str] = []
    for _ in range(_TRIES):
        tell(Progress("catalogue"))
        if settings.ledger_path.is_file():
            copy(settings.ledger_path, home / "ledger.db")
        copy_drops(settings.spool_dir, spool)
        if not Lake(settings).exists:
            copy_spool(settings.spool_dir, spool, link=link)
            return -1, set()
        catalogue = copy_catalogue(Lake(settings), home / CATALOGUE)
        try:
            _place_files(settings, home, catalogue, before, link=link, tell=tell)
        except FileNotFoundError as error:  # maintenance removed it: begin again
            lost = [str(error.filename)]
            continue
        tell(Progress("spool"))
        copy_spool(settings.spool_dir, spool, link=link)
        lost = lost_between(spool, sealed_offsets(settings.model_copy(update={"home": home})))
        if not lost:
            return catalogue.snapshot, {f"{DATA}/{file.path}" for file in catalogue.files}
    raise BackupError(
        f"Files were removed while they were to be copied, {_TRIES} times: {lost[0]}.",
        "Run it again when `weir maintain` does not run; what was copied stays for the next try.",
    )


def _place_files(
    settings: Settings,
    home: Path,
    catalogue: CatalogueCopy,
    before: _Before | None,
    *,
    link: bool,
    tell: Tell,
) -> None:
    total, done = sum(file.size for file in catalogue.files), 0
    for file in catalogue.files:
        path = f"{DATA}/{file.path}"
        known = before[1].get(path) if before else None
        if before and known and known.bytes == file.size and (before[0] / path).is_file():
            place(before[0] / path, home / path, file.size)
        place(settings.home / path, home / path, file.size, link=link)
        done += file.size
        tell(Progress("data files", done, total))
    (home / DATA).mkdir(parents=True, exist_ok=True)


def _copy_search(source: Path, target: Path) -> None:
    """Copy the day indexes, each while nobody writes it."""
    shutil.rmtree(target, ignore_errors=True)
    for meta in sorted(source.glob("*/*/meta.json")):
        day = meta.parent
        with writing_locked(day):
            for path in paths(day):
                if not path.endswith(_LEFT_ENDS):
                    copy(day / path, target / day.relative_to(source) / path)


def _copy_rest(source: Path, home: Path) -> None:
    """Copy whatever else is in the home: settings, tokens, Dagster's storage, alerts."""
    for top in sorted(source.iterdir()):
        if top.name in (*_BY_THEMSELVES, *_LEFT_OUT) or top.name.endswith(_LEFT_ENDS):
            continue
        inside = [f"{top.name}/{path}" for path in paths(top)] if top.is_dir() else [top.name]
        for path in inside:
            if not path.endswith(_LEFT_ENDS):
                _copy_if_there(source / path, home / path)


def _copy_if_there(source: Path, target: Path) -> None:
    try:
        copy(source, target)
    except FileNotFoundError:  # a run's own file that went with it
        target.unlink(missing_ok=True)


def _copy_audit(settings: Settings, home: Path) -> str:
    """Copy the audit log of this home; return its head."""
    path = settings.home / "audit.db"
    if not path.is_file():
        return ""
    copy(path, home / path.name)
    return verify(AuditLog.at(home / path.name)).head


def _remove_strange(home: Path, settings: Settings, keep: set[str]) -> None:
    """Remove what an earlier attempt left: files that nothing names, or that are gone."""
    for path in list(paths(home)):
        gone = not (settings.home / path).exists() and not path.startswith(("lake/", "spool/"))
        if path.endswith(_LEFT_ENDS) or gone or (path.startswith(DATA) and path not in keep):
            (home / path).unlink()


def _summed(home: Path, before: dict[str, File], tell: Tell) -> Iterator[File]:
    """Yield each file with its checksum; what a backup before has checked is not read again."""
    found = [(path, (home / path).stat().st_size) for path in paths(home)]
    total, done = sum(size for _, size in found), 0
    for path, size in found:
        known = before.get(path) if path.startswith(DATA) else None
        same = known is not None and known.bytes == size
        yield known if known and same else File(path, size, digest_of(home / path))
        done += size
        tell(Progress("checksums", done, total))


def _write_durably(path: Path, text: str) -> None:
    with path.open("w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    fsync_path(path.parent)
