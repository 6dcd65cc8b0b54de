"""The project that answers are made of: opened once, and again when its files change."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from datetime import datetime

from weir.console.recent import Recent
from weir.core.errors import RunFailed, WeirError
from weir.core.folders import files_below, stats
from weir.core.settings import Settings
from weir.core.told import in_words
from weir.lineage.stale import Picture
from weir.orchestra.manifest import sources
from weir.orchestra.project import Project

log = logging.getLogger(__name__)

LOOK_SECONDS = 1.0
"""How long files are taken for unchanged."""
Stamp = tuple[tuple[str, int, int], ...]


class Projects:
    """Keeps one open project, and what was made of its lake a moment ago.

    A change of the files is prepared (dbt parses for seconds) while the project of before goes on
    answering; one that does not parse leaves it in place, and `wrong` says why.

    Args:
        settings: whose project.
        now: the clock; naive UTC.
        clock: monotonic seconds.
    """

    def __init__(
        self,
        settings: Settings,
        now: Callable[[], datetime],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._settings, self._now, self._clock = settings, now, clock
        self._lock, self._drawing = threading.Lock(), threading.Lock()
        self.recent = Recent(clock)
        self._project: Project | None = None
        self._stamp: Stamp = ()
        self._looked = float("-inf")
        self._preparing: threading.Thread | None = None
        self.wrong = ""

    def current(self) -> Project:
        """Return the open project.

        Raises:
            WeirError: if it was never opened, and cannot be.
        """
        with self._lock:
            if self._project is None:
                self._stamp = stamp(self._settings)
                self._project = _opened(self._settings, self._now)
            elif self._clock() - self._looked >= LOOK_SECONDS:
                self._look()
                self._looked = self._clock()
            return self._project

    def apart(self) -> Project:
        """Return the project for work of its own: several requests at once share no connection."""
        return self.current().apart()

    def picture(self) -> Picture:
        """Return what the lake and the ledger hold, at most some seconds ago."""
        return self.recent.get("picture", self._draw)

    def look_again(self) -> None:
        """Let the next answer look at the lake: something was written that it must show."""
        self._looked = float("-inf")
        self.recent.forget()

    def renew(self) -> None:
        """Wait until the project is as its files are now: somebody has just changed them."""
        while (preparing := self._renewing()) is not None:
            preparing.join()

    def _renewing(self) -> threading.Thread | None:
        with self._lock:
            if self._project is None:
                return None
            self._look()
            return self._preparing if self._preparing and self._preparing.is_alive() else None

    def _draw(self) -> Picture:
        with self._drawing:  # a project reads the lake by one connection
            picture = self.current().picture()
        for node in picture.nodes.values():  # what every page asks
            picture.look(node)
        return picture

    def _look(self) -> None:
        found = stamp(self._settings)
        if found == self._stamp or (self._preparing and self._preparing.is_alive()):
            return
        self._stamp = found
        self._preparing = threading.Thread(target=self._prepare, name="prepare", daemon=True)
        self._preparing.start()

    def _prepare(self) -> None:
        try:
            project = _opened(self._settings, self._now)
        except WeirError as error:
            self.wrong = str(error)
            log.warning("The project's files changed and cannot be read: %s", error)
            return
        with self._lock:
            self._project, self.wrong = project, ""
        self.recent.forget()


def stamp(settings: Settings) -> Stamp:
    """Return what changes when a file of the project does: name, size and time of each."""
    schemas = (p for p in files_below(settings.events_dir) if p.suffix in {".yaml", ".json"})
    paths = [*sources(settings.project / "dbt"), *sorted(schemas)]
    return tuple((str(path), found.st_size, found.st_mtime_ns) for path, found in stats(paths))


def _opened(settings: Settings, now: Callable[[], datetime]) -> Project:
    project = Project(settings, now)
    try:
        _ = (project.nodes, project.registry)  # reads models and events now
    except ExceptionGroup as mistakes:
        remedy = "Mend them: `weir events check` lists all."
        raise RunFailed(f"Event files are wrong: {in_words(mistakes)}", remedy) from mistakes
    return project
