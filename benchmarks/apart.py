"""Measures seconds, and memory in a process of its own: it is then nobody else's."""

from __future__ import annotations

import multiprocessing
import resource
import threading
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import NamedTuple, ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")
_STATUS = Path("/proc/self/status")


def apart(work: Callable[..., T], *args: object) -> tuple[T, int]:
    """Run `work` in a new process; return what it returned and the process's peak memory in bytes."""
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=context) as pool:
        return pool.submit(_and_peak, work, *args).result()


def _and_peak(work: Callable[..., T], *args: object) -> tuple[T, int]:
    return work(*args), peak_memory()


def peak_memory() -> int:
    """Return the most memory that this process has had resident, in bytes.

    On Linux from `VmHWM`: `ru_maxrss` would begin with the memory of the process that started it.
    """
    if _STATUS.is_file():
        lines = dict(line.split(":", 1) for line in _STATUS.read_text().splitlines())
        return int(lines["VmHWM"].split()[0]) * 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


class Spilled:
    """Watches a folder that DuckDB spills to; `peak` is the most bytes that were seen in it."""

    def __init__(self, folder: Path, every: float = 0.2) -> None:
        self.folder, self.every, self.peak = folder, every, 0
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> Spilled:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._done.wait(self.every):
            self.peak = max(self.peak, _size(self.folder))


def _size(folder: Path) -> int:
    total = 0
    for file in folder.glob("*"):
        try:
            total += file.stat().st_blocks * 512
        except FileNotFoundError:  # spilled files come and go
            continue
    return total


class Took(NamedTuple):
    """Seconds of wall time and of CPU, over all threads of this process."""

    wall: float
    cpu: float

    def __add__(self, other: Took) -> Took:  # type: ignore[override]
        return Took(self.wall + other.wall, self.cpu + other.cpu)


def timed(work: Callable[P, object], *args: P.args, **kwargs: P.kwargs) -> Took:
    """Return the seconds that `work` took."""
    wall, cpu = time.perf_counter(), time.process_time()
    work(*args, **kwargs)
    return Took(round(time.perf_counter() - wall, 3), round(time.process_time() - cpu, 3))
