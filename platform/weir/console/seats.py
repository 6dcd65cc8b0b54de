"""How many streams may be open at once: of everybody, and of one person."""

from __future__ import annotations

import threading
from collections import Counter

from weir.console.http.errors import Refused


class Seats:
    """Counts open streams.

    Args:
        all: how many there may be.
        each: how many of one person.
    """

    def __init__(self, all: int, each: int) -> None:  # noqa: A002 - it reads well where it is made
        self._all, self._each = all, each
        self._taken: Counter[str] = Counter()
        self._lock = threading.Lock()

    @property
    def taken(self) -> int:
        """How many are open."""
        return self._taken.total()

    def take(self, who: str) -> None:
        """Count one more.

        Raises:
            Refused: with 429, if there are too many.
        """
        with self._lock:
            mine = self._taken[who]
            if mine >= self._each or self.taken >= self._all:
                whose = f"You have {mine}" if mine >= self._each else f"There are {self.taken}"
                raise Refused(
                    429, "too_many_tails", f"{whose} live tails open.", "Close one of them."
                )
            self._taken[who] += 1

    def leave(self, who: str) -> None:
        """Count one less."""
        with self._lock:
            self._taken -= Counter({who: 1})
