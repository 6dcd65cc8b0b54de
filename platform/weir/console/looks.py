"""Looks at what is stored: one at a time, bounded, and what the last one was."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from weir.console.http.errors import Refused
from weir.lineage.checking import Level

MOST: dict[Level, int] = {
    Level.METADATA: 500_000,
    Level.LISTING: 500_000,
    Level.FOOTER: 50_000,
    Level.ROWS: 10_000,
    Level.HASH: 5_000,
}
"""Partitions that one look takes in, by how closely it looks: the last three open files."""
READS_ALL = (Level.ROWS, Level.HASH)
"""Levels that read whole files: for operators."""


@dataclass(frozen=True)
class Look:
    """One look at what is stored.

    Attributes:
        at: when it ended; naive UTC.
        by: whose.
        level: how close.
        scope: of what, in words.
        partitions: how many were looked at.
        findings: how much was wrong.
    """

    at: datetime
    by: str
    level: Level
    scope: str
    partitions: int
    findings: int


class Looks:
    """Lets one look happen at a time, and remembers the newest while the console runs."""

    def __init__(self) -> None:
        self._busy = threading.Lock()
        self.last: Look | None = None

    @contextmanager
    def one(self) -> Iterator[None]:
        """Look, if nobody else does.

        Raises:
            Refused: with 409, if somebody does.
        """
        if not self._busy.acquire(blocking=False):
            raise Refused(
                409, "busy", "Somebody looks at the files at this moment.",
                "Wait until that look ends, then ask again.",
            )  # fmt: skip
        try:
            yield
        finally:
            self._busy.release()
