"""How much of one kind may happen at once: of everybody, and of one person."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from weir.console.http.errors import Refused


@dataclass(frozen=True)
class Seats:
    """Counts what is under way.

    Attributes:
        all: how much there may be.
        each: how much of one person.
        what: in the plural, with its verb.
        remedy: what somebody who is refused can do.
        code: of the refusal.
    """

    all: int
    each: int
    what: str
    remedy: str = "Ask again in a moment."
    code: str = "busy"
    _taken: Counter[str] = field(default_factory=Counter)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def taken(self) -> int:
        """How much is under way."""
        return self._taken.total()

    @contextmanager
    def one(self, who: str) -> Iterator[None]:
        """Count one more, until the block ends.

        Raises:
            Refused: with 429, if there are too many.
        """
        self.take(who)
        try:
            yield
        finally:
            self.leave(who)

    def take(self, who: str) -> None:
        """Count one more.

        Raises:
            Refused: with 429, if there are too many.
        """
        with self._lock:
            mine, all_ = self._taken[who], self.taken
            if mine >= self.each or all_ >= self.all:
                told = f"Of yours, {mine}" if mine >= self.each else f"{all_}"
                raise Refused(429, self.code, f"{told} {self.what} at this moment.", self.remedy)
            self._taken[who] += 1

    def leave(self, who: str) -> None:
        """Count one less."""
        with self._lock:
            self._taken[who] -= 1
            if not self._taken[who]:
                del self._taken[who]
