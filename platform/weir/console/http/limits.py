"""How often something may be tried."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict, deque
from collections.abc import Callable

from weir.console.http.errors import Refused

_MOST = 10_000  # keys that are remembered


class Attempts:
    """Counts what failed, by who tried, over the last seconds.

    Args:
        most: failures after which nothing more is tried.
        seconds: how long a failure counts.
        clock: monotonic seconds.
    """

    def __init__(
        self, most: int, seconds: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._most, self._seconds, self._clock = most, seconds, clock
        self._failures: OrderedDict[str, deque[float]] = OrderedDict()
        self._lock = threading.Lock()

    def check(self, who: str) -> None:
        """Refuse another try of somebody who failed too often.

        Raises:
            Refused: with 429.
        """
        with self._lock:
            found = self._failures.get(who, deque())
            while found and found[0] <= self._clock() - self._seconds:
                found.popleft()
            if len(found) >= self._most:
                raise Refused(
                    429, "too_many_attempts", f"{self._most} tries failed within {self._seconds:.0f} s.",
                    "Wait a minute and try again.",
                )  # fmt: skip

    def failed(self, who: str) -> None:
        """Count a failure."""
        with self._lock:
            self._failures.setdefault(who, deque()).append(self._clock())
            self._failures.move_to_end(who)
            while len(self._failures) > _MOST:
                self._failures.popitem(last=False)
