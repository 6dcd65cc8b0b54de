"""Takes new event files in while requests are served: no restart, no request dropped.

A change is loaded in a thread and swapped in whole; a request is judged by the rules that stood when
its body was complete. Files that are wrong change nothing: the rules before them stay, and it is told.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterable, Callable
from datetime import datetime, time, timedelta
from pathlib import Path

import watchfiles

from weir.collect.rules import Rules
from weir.core.errors import WeirError

log = logging.getLogger(__name__)

DEBOUNCE_MILLIS = 500
"""A checkout writes many files: they are taken in together."""
_AFTER_MIDNIGHT = 0.05  # a clock that is set back a little would still say yesterday


class Reload:
    """Since when the rules are in force, and why newer event files are not.

    Args:
        load: reads the event files.
        apply: puts rules in force.
        clock: naive UTC time.
    """

    def __init__(
        self,
        load: Callable[[], Rules],
        apply: Callable[[Rules], None],
        clock: Callable[[], datetime],
    ) -> None:
        self._load, self._apply, self._clock = load, apply, clock
        self.loaded_at = clock()
        self.loads = self.failures = 0
        self.error: str | None = None

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
        except (WeirError, ExceptionGroup, OSError) as error:
            self.failures += 1
            self.error = _words(error)
            log.error("The event files are wrong, those before stay in force: %s", self.error)  # noqa: TRY400
            return False
        self._apply(rules)
        self.error = None
        self.loads += 1
        self.loaded_at = self._clock()
        log.info("%d events are in force", len(rules.events))
        return True


def changes_of(folder: Path) -> AsyncIterable[object]:
    """Yield whenever a JSON file below a folder has changed."""
    return watchfiles.awatch(
        folder,
        watch_filter=lambda _, path: path.endswith(".json"),
        debounce=DEBOUNCE_MILLIS,
        recursive=True,
        stop_event=None,
    )


def until_tomorrow(now: datetime) -> float:
    """Return the seconds until the next day has surely begun.

    >>> until_tomorrow(datetime(2026, 11, 21, 23, 59, 58))
    2.05
    """
    tomorrow = datetime.combine(now.date() + timedelta(days=1), time())
    return (tomorrow - now).total_seconds() + _AFTER_MIDNIGHT


def _words(error: BaseException) -> str:
    if isinstance(error, BaseExceptionGroup):
        return "; ".join(str(one) for one in error.exceptions[:5])
    return str(error)
