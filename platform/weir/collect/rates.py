"""Rate limits by a sliding window that all workers share. What a limit means in HTTP is the gate's.

A window is `burst / rate` seconds long and holds `burst` events: nobody sends more than the burst at
once, nor more than the rate for long. The window slides by approximation: what was counted in the fixed
window before fades evenly while the running one goes by. A refused request uses nothing up.
"""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from typing import NamedTuple

from weir.collect.windows import Windows

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


class Charge(NamedTuple):
    """An amount that is to fit into a window.

    Attributes:
        key: whose window it is.
        window: how much it holds.
        amount: what is to be counted.
        lengths: of the other windows of the same key, in seconds: they count it too.
    """

    key: str
    window: Window
    amount: int
    lengths: frozenset[int] = frozenset()


class Rates:
    """What was counted in each window.

    Args:
        windows: where it is counted.
    """

    def __init__(self, windows: Windows | None = None) -> None:
        self._windows = windows or Windows()

    def take(self, key: str, window: Window, amount: int) -> bool:
        """Count an amount if it fits; return whether it did."""
        return self.take_all([Charge(key, window, amount)]) is None

    def take_all(self, charges: Sequence[Charge]) -> Charge | None:
        """Count all of them if all fit; return the first that does not, where nothing was counted."""
        at = time.time()
        with self._windows.locked():
            for charge in charges:
                if charge.amount > self._left(charge.key, charge.window, at):
                    return charge
            for charge in charges:
                for seconds in {charge.window.seconds, *charge.lengths}:
                    self._windows.add(charge.key, seconds, at, charge.amount)
        return None

    def state(self, key: str, window: Window, amount: int = 1) -> State:
        """Return what is left, and how long to wait until the amount fits."""
        at, length = time.time(), window.seconds
        with self._windows.locked():
            left = self._left(key, window, at)
            before, now = self._windows.read(key, length, at)
        if amount <= left:
            return State(left, 0.0)
        ends_in = length - at % length
        room = window.amount - amount
        if now <= room:  # the window before has to fade far enough
            return State(left, max(0.0, ends_in - (room - now) * length / before))
        return State(left, ends_in + max(0.0, length - room * length / now))

    def _left(self, key: str, window: Window, at: float) -> int:
        length = window.seconds
        before, now = self._windows.read(key, length, at)
        fading = before * (length - at % length) / length
        return max(0, window.amount - math.floor(fading + now))
