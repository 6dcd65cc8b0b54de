"""What was made of the lake a moment ago: given again at once, while it is made anew behind it."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, TypeVar

FRESH_SECONDS = 2.0
"""How long something is taken for new."""
USABLE_SECONDS = 5.0
"""How old something may be that is given while it is made anew."""
T = TypeVar("T")


@dataclass
class _Kept:
    lock: threading.Lock = field(default_factory=threading.Lock)
    made: Any = None
    at: float = float("-inf")
    renewing: bool = False


class Recent:
    """Keeps answers by key; opening the lake takes longer than people like to wait.

    Args:
        clock: monotonic seconds.
        executor: makes anew what is a little old; a thread of its own if not given.
        most: keys that are kept.
    """

    def __init__(
        self,
        clock: Callable[[], float] = time.monotonic,
        executor: Executor | None = None,
        most: int = 500,
    ) -> None:
        self._clock, self._most = clock, most
        self._executor = executor or ThreadPoolExecutor(1, thread_name_prefix="recent")
        self._kept: OrderedDict[Hashable, _Kept] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: Hashable, make: Callable[[], T]) -> T:
        """Return what `make` returned lately for this key; it is called at once if that is too old.

        Raises:
            Exception: what `make` raises; nothing is kept of it.
        """
        kept = self._of(key)
        if self._clock() - kept.at >= USABLE_SECONDS:
            with kept.lock:
                if self._clock() - kept.at >= USABLE_SECONDS:  # nobody else was first
                    self._make(kept, make)
                made: T = kept.made
                return made
        made = kept.made
        if self._clock() - kept.at >= FRESH_SECONDS:
            self._renew(key, kept, make)
        return made

    def forget(self) -> None:
        """Keep nothing: something was written that the next answer must show."""
        with self._lock:
            self._kept.clear()

    def _of(self, key: Hashable) -> _Kept:
        with self._lock:
            kept = self._kept.setdefault(key, _Kept())
            self._kept.move_to_end(key)
            while len(self._kept) > self._most:
                self._kept.popitem(last=False)
            return kept

    def _make(self, kept: _Kept, make: Callable[[], object]) -> None:
        began = self._clock()
        kept.made = make()
        kept.at = began

    def _renew(self, key: Hashable, kept: _Kept, make: Callable[[], object]) -> None:
        with self._lock:
            if kept.renewing:
                return
            kept.renewing = True
        self._executor.submit(self._again, key, kept, make)

    def _again(self, key: Hashable, kept: _Kept, make: Callable[[], object]) -> None:
        try:
            self._make(kept, make)
        except Exception:  # noqa: BLE001 - whoever asks next meets it
            with self._lock:
                self._kept.pop(key, None)
        finally:
            kept.renewing = False
