"""Takes new event files in while requests are served: no restart, no request dropped.

A change is loaded in a thread and swapped in whole; a request is judged by the rules that stood when
its body was complete. Files that are wrong change nothing: the rules before them stay, and it is told.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterable, AsyncIterator, Callable
from contextlib import suppress
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import NamedTuple

import watchfiles

from weir.collect.rules import Rules
from weir.core.errors import WeirError
from weir.core.told import in_words

log = logging.getLogger(__name__)

EXPECTED = (WeirError, ExceptionGroup, OSError)
"""What wrong event files raise; anything else is a mistake of ours that they have found."""
_Stamp = tuple[int, int, int]

DEBOUNCE_MILLIS = 500
"""A checkout writes many files: they are taken in together."""
LOOK_MILLIS = 5_000
"""How often the files are looked at, whatever the system tells."""
_REST_SECONDS = 0.1
_AFTER_MIDNIGHT = 0.05  # a clock that is set back a little would still say yesterday


class Files(NamedTuple):
    """What is seen of a folder from outside: itself, and inode, size and time of each JSON file."""

    top: int
    stamps: frozenset[tuple[str, _Stamp]]


def files_of(folder: Path) -> Files:
    """Look at the JSON files below a folder; what vanishes meanwhile is left out."""
    stamps = set()
    for path in folder.rglob("*.json"):
        with suppress(OSError):
            found = path.stat()
            stamps.add((str(path), (found.st_ino, found.st_size, found.st_mtime_ns)))
    with suppress(OSError):
        return Files(folder.stat().st_ino, frozenset(stamps))
    return Files(0, frozenset(stamps))


class Reload:
    """Since when the rules are in force, and why newer event files are not.

    Args:
        load: reads the event files.
        apply: puts rules in force.
        clock: naive UTC time.
        error: why the rules in force are not those of the files, if they are not.
    """

    def __init__(
        self,
        load: Callable[[], Rules],
        apply: Callable[[Rules], None],
        clock: Callable[[], datetime],
        error: str | None = None,
    ) -> None:
        self._load, self._apply, self._clock = load, apply, clock
        self.loaded_at = clock()
        self.loads = self.failures = 0
        self.error = error

    async def follow(self, changes: AsyncIterable[object]) -> None:
        """Load again at every change, until cancelled."""
        async for _ in changes:
            await self.reload()

    async def follow_days(self) -> None:
        """Load again when a UTC day begins, until cancelled: events begin and end by the day."""
        while True:
            await asyncio.sleep(until_tomorrow(self._clock()))
            await self.reload()

    async def reload(self) -> bool:
        """Load the event files; tell whether their rules are in force."""
        try:
            rules = await asyncio.to_thread(self._load)
        except Exception as error:  # whatever a file may hold: who follows it must not end
            self.failures += 1
            self.error = in_words(error)
            log.error(  # noqa: TRY400
                "The event files are wrong, those before stay in force: %s",
                self.error,
                exc_info=None if isinstance(error, EXPECTED) else error,
            )
            return False
        self._apply(rules)
        self.error = None
        self.loads += 1
        self.loaded_at = self._clock()
        log.info("%d events are in force", len(rules.events))
        return True


async def changes_of(folder: Path) -> AsyncIterator[Files]:
    """Yield whenever the JSON files below a folder have changed and rest again.

    The system tells of most changes at once; looking every few seconds finds the others, such as a
    folder that was moved away and another put in its place.
    """
    seen = await asyncio.to_thread(files_of, folder)
    while True:
        try:
            async for _ in watchfiles.awatch(
                folder, watch_filter=None, debounce=DEBOUNCE_MILLIS, recursive=True,
                rust_timeout=LOOK_MILLIS, yield_on_timeout=True, stop_event=None,
            ):  # fmt: skip
                now = await _at_rest(folder)
                if now != seen:
                    moved, seen = now.top != seen.top, now
                    yield now
                    if moved:  # the system still watches the folder that was here before
                        break
        except (OSError, RuntimeError) as error:  # no folder; the system cannot watch any more
            log.info("The event files cannot be watched, and are tried again: %s", error)
            await asyncio.sleep(LOOK_MILLIS / 1000)


async def _at_rest(folder: Path) -> Files:
    before = await asyncio.to_thread(files_of, folder)
    while True:
        await asyncio.sleep(_REST_SECONDS)
        now = await asyncio.to_thread(files_of, folder)
        if now == before:
            return now
        before = now


def until_tomorrow(now: datetime) -> float:
    """Return the seconds until the next day has surely begun.

    >>> until_tomorrow(datetime(2026, 11, 21, 23, 59, 58))
    2.05
    """
    tomorrow = datetime.combine(now.date() + timedelta(days=1), time())
    return (tomorrow - now).total_seconds() + _AFTER_MIDNIGHT
