"""The last event files that were right, kept beside the spool for a worker that has to be replaced.

A worker loads the files itself. If one crashes while somebody is editing them, its successor would
find them wrong and nobody would collect; so it takes those from before, and says so.
"""

from __future__ import annotations

import io
import logging
import tarfile
import tempfile
from datetime import UTC, date, datetime
from pathlib import Path
from typing import NamedTuple

from weir.collect.reload import EXPECTED
from weir.collect.rules import Rules, rules_of
from weir.core.errors import RegistryError, WeirError
from weir.core.settings import Settings
from weir.core.told import in_words
from weir.registry import compile_event, load
from weir.registry.model import Registry

log = logging.getLogger(__name__)

FILE = "events.good.tar"
_PLACE = Path("assets") / "events"


class Loaded(NamedTuple):
    """Rules, and why they are not those of the files as they stand; None if they are."""

    rules: Rules
    error: str | None = None


def load_rules(settings: Settings) -> Rules:
    """Return the rules of the project's event files, and keep the files.

    Raises:
        ExceptionGroup: of one `RegistryError` per mistake.
        RegistryError: if the folder is not there.
    """
    folder = settings.events_dir
    if not folder.is_dir():
        what, remedy = "The folder of events is missing.", "Put it back: no event is known."
        raise RegistryError(folder.relative_to(settings.project).as_posix(), "", what, remedy)
    return _rules(folder)


def load_and_keep(settings: Settings) -> Rules:
    """Return the rules of the project's event files, and keep a copy of them if it loads too.

    Raises:
        ExceptionGroup: of one `RegistryError` per mistake.
        RegistryError: if the folder is not there.
    """
    rules = load_rules(settings)
    copy = settings.spool_dir / FILE
    content = _packed(settings.events_dir)
    if not copy.is_file() or copy.read_bytes() != content:
        try:
            _unpacked(content)
        except (WeirError, ExceptionGroup, OSError) as error:  # they were changed in between
            log.info("The event files are changing: no copy is kept: %s", error)
        else:
            _replace(copy, content)
    return rules


def load_or_last(settings: Settings) -> Loaded:
    """Return the rules of the event files; if those are wrong, of the last ones that were right.

    Raises:
        ExceptionGroup: of one `RegistryError` per mistake, if no copy was kept.
        RegistryError: if the folder is not there, nor a copy.
    """
    try:
        return Loaded(load_and_keep(settings))
    except Exception as error:
        copy = settings.spool_dir / FILE
        if not copy.is_file():
            raise
        said = in_words(error)
        unexpected = None if isinstance(error, EXPECTED) else error
        log.error(  # noqa: TRY400
            "The event files are wrong, the last right ones are taken: %s",
            said,
            exc_info=unexpected,
        )
        return Loaded(_unpacked(copy.read_bytes()), said)


def _rules(folder: Path) -> Rules:
    return rules_on(load(folder), datetime.now(UTC).date())


def rules_on(known: Registry, day: date) -> Rules:
    """Return the rules of a registry's events on a UTC day."""
    return rules_of(
        known.events, lambda name: compile_event(known.events[name]), day, known.dictionary
    )


def _packed(folder: Path) -> bytes:
    """Return the JSON files of a folder as an archive: equal for equal files."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for path in sorted(folder.rglob("*.json")):
            content = path.read_bytes()
            entry = tarfile.TarInfo((_PLACE / path.relative_to(folder)).as_posix())
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    return buffer.getvalue()


def _unpacked(content: bytes) -> Rules:
    with tempfile.TemporaryDirectory() as scratch:
        with tarfile.open(fileobj=io.BytesIO(content)) as archive:
            archive.extractall(scratch, filter="data")
        return _rules(Path(scratch) / _PLACE)


def _replace(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as file:
        file.write(content)
    Path(file.name).replace(path)
