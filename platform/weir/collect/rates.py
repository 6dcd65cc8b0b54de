"""Rate limits per producer, in memory, by `limits`' sliding window. What a limit means in HTTP is the gate's.

A window is `burst / rate` seconds long and holds `burst` events: no producer sends more than its
burst at once, nor more than its rate for long. A refused request uses nothing up.
"""

from __future__ import annotations

import math
import time
from typing import NamedTuple

from limits import RateLimitItemPerSecond
from limits.storage import MemoryStorage
from limits.strategies import SlidingWindowCounterRateLimiter

BURST_SECONDS = 10
"""Without a burst of its own, a producer may send this many seconds of its rate at once."""


class Window(NamedTuple):
    """At most `amount` in any `seconds`."""

    amount: int
    seconds: int

    @classmethod
    def of(cls, rate: int, burst: int | None = None) -> Window:
        """Return the window of a rate per second and a burst."""
        amount = burst or rate * BURST_SECONDS
        seconds = max(1, round(amount / rate))
        return cls(rate * seconds if burst is None else amount, seconds)


class State(NamedTuple):
    """How much of a window is left, and in how many seconds an amount fits."""

    left: int
    wait: float


class Rates:
    """What was counted in each window."""

    def __init__(self) -> None:
        self._storage = MemoryStorage()
        self._strategy = SlidingWindowCounterRateLimiter(self._storage)

    def take(self, key: str, window: Window, amount: int) -> bool:
        """Count an amount if it fits; return whether it did."""
        return self._strategy.hit(_item(window), key, cost=amount)

    def state(self, key: str, window: Window, amount: int = 1) -> State:
        """Return what is left, and how long to wait until the amount fits."""
        length = window.seconds
        before, fades_in, now, _ = self._storage.get_sliding_window(
            _item(window).key_for(key), length
        )
        left = max(0, window.amount - math.floor(before * fades_in / length + now))
        if amount <= left:
            return State(left, 0.0)
        ends_in = length - time.time() % length
        room = window.amount - amount
        if now <= room:  # the window before has to fade far enough
            return State(left, max(0.0, fades_in - (room - now) * length / before))
        return State(left, ends_in + max(0.0, length - room * length / now))


def _item(window: Window) -> RateLimitItemPerSecond:
    return RateLimitItemPerSecond(window.amount, window.seconds)
