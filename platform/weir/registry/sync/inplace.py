"""Writes files of a project without git: all of them, or none.

They are staged first, then a journal is put in place by one rename: that is the moment from which
the new state counts. What an interruption leaves behind the journal is finished by the next save
or check; without a journal nothing has happened.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from filelock import FileLock, Timeout

from weir.core.errors import NotReady, RegistryError, WeirError
from weir.registry.sync.change import ROOT
from weir.registry.sync.working import check_no_links

STAGE = ".weir-save"
_JOURNAL = "journal.json"
_WAIT_SECONDS = 300.0


@contextmanager
def held(path: Path, seconds: float = _WAIT_SECONDS) -> Iterator[None]:
    """Keep other saves of the same project out.

    Args:
        path: the lock's file.
        seconds: how long to wait for another save.

    Raises:
        NotReady: if it takes longer.
        WeirError: if the lock's file cannot be written.
    """
    lock = FileLock(path)
    try:
        lock.acquire(timeout=seconds)
    except Timeout:
        what = f"Another save of this project is running for more than {seconds:g} s."
        raise NotReady(what, "Wait for it, or end it; then save again.") from None
    except OSError as error:
        raise WeirError(f"{error}.", "Give this user the right to write there.") from None
    with lock:
        lock.release()  # `with` has taken it once more
        yield


def _nothing(step: str) -> None:
    del step


def write_all(
    project: Path, files: Mapping[str, bytes | None], at: Callable[[str], None] = _nothing
) -> None:
    """Write files of the project, all of them or none.

    Args:
        project: the project's folder.
        files: relative to it, in the order in which they appear; None to remove one.
        at: is told every step before it is taken.

    Raises:
        RegistryError: if a link lies on the way to one of them.
        OSError: if they cannot be staged; nothing was written then.
    """
    for path in files:
        check_no_links(project, path)
    stage = project / STAGE
    at("stage")
    stage.mkdir(exist_ok=True)
    try:
        _stage(project, stage, files, at)
    except OSError:
        _clear(stage)
        raise
    finish(project, at)


def finish(project: Path, at: Callable[[str], None] = _nothing) -> bool:
    """Finish what an interrupted save left; tell whether there was something.

    Args:
        project: the project's folder.
        at: is told every step before it is taken.
    """
    stage = project / STAGE
    journal = stage / _JOURNAL
    if not journal.exists():
        _clear(stage)
        return False
    for number, path in enumerate(json.loads(journal.read_bytes())):
        at(f"place {path}")
        _check_inside(path)
        check_no_links(project, path)
        _place(project, path, stage / str(number))
    at("forget")
    journal.unlink()
    _clear(stage)
    return True


def _stage(
    project: Path, stage: Path, files: Mapping[str, bytes | None], at: Callable[[str], None]
) -> None:
    for number, (path, content) in enumerate(files.items()):
        at(f"stage {path}")
        _durable(stage / (f"{number}.gone" if content is None else str(number)), content or b"")
        _check_same_disk(stage, project, path)
    at("journal")
    fresh = stage / f"{_JOURNAL}.new"
    _durable(fresh, json.dumps(list(files)).encode())
    at("commit")
    fresh.replace(stage / _JOURNAL)
    _sync(stage)


def _place(project: Path, path: str, staged: Path) -> None:
    """Put one staged file in its place; a second time it is there already."""
    target = project / path
    if staged.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        staged.replace(target)
    elif _to_remove(staged):
        target.unlink(missing_ok=True)
        _prune(target.parent, project / ROOT)
    if target.parent.is_dir():
        _sync(target.parent)


def _check_inside(path: str) -> None:
    if Path(path).is_absolute() or ".." in Path(path).parts:
        what = f"The journal {STAGE}/{_JOURNAL} names a file outside the project."
        raise RegistryError(path[:200], "", what, f"Remove {STAGE}/ and save again.")


def _to_remove(staged: Path) -> bool:
    return staged.with_name(f"{staged.name}.gone").exists()


def _prune(folder: Path, top: Path) -> None:
    """Remove folders that became empty: an event without files is a mistake."""
    while top in folder.parents:
        try:
            folder.rmdir()
        except OSError:
            return
        folder = folder.parent


def _durable(path: Path, content: bytes) -> None:
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _check_same_disk(stage: Path, project: Path, path: str) -> None:
    folder = (project / path).parent
    while not folder.exists():
        folder = folder.parent
    if not os.access(folder, os.W_OK):
        raise PermissionError(13, "cannot be written", str(folder))
    if folder.stat().st_dev != stage.stat().st_dev:
        what = "The folder lies on another disk than the project."
        raise RegistryError(path, "", what, "Keep the project on one disk, or use git.")


def _clear(stage: Path) -> None:
    with suppress(FileNotFoundError):
        shutil.rmtree(stage)
