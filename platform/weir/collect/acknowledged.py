"""How much the collector acknowledged on a day, by the footers of the spool's segments."""

from __future__ import annotations

import os
import threading
from contextlib import suppress
from datetime import date
from pathlib import Path

from weir.collect.segments import footer_of
from weir.core.landing import LANES


class Acknowledged:
    """Counts records by day; the footer of a segment never changes, so that each is read once.

    A segment stays in the spool for `WEIR_KEEP_SEGMENTS_HOURS` after it landed: where that is less than a
    day, what was removed before the first count is not counted.

    Args:
        spool_dir: the spool's folder.
    """

    def __init__(self, spool_dir: Path) -> None:
        self._spool = spool_dir
        self._seen: dict[Path, tuple[str, int]] = {}
        self._lock = threading.Lock()

    def on(self, day: date) -> int:
        """Return the records that came on a day (UTC) and are in complete segments.

        Raises:
            SpoolError: if a segment is damaged.
        """
        with self._lock:
            self._look(day.isoformat())
            return sum(records for at, records in self._seen.values() if at == day.isoformat())

    def _look(self, day: str) -> None:
        there = {path for lane in LANES for path in _segments(self._spool / lane)}
        self._seen = {p: v for p, v in self._seen.items() if p in there or v[0] == day}
        for path in there - self._seen.keys():
            with suppress(FileNotFoundError):  # the sealer has just removed it
                footer = footer_of(path)
                self._seen[path] = (
                    (footer.last_received_at or footer.closed_at)[:10],
                    footer.records,
                )


def _segments(folder: Path) -> list[Path]:
    try:
        with os.scandir(folder) as found:
            return [folder / entry.name for entry in found if entry.name.endswith(".seg")]
    except FileNotFoundError:
        return []
