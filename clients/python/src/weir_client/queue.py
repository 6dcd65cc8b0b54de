"""Where events wait: in memory, or in a file that survives the process.

A queue counts and orders; what is dropped when it is full is `weir_client.sender`'s decision.
"""

from __future__ import annotations

import sqlite3
import threading
from collections import OrderedDict
from collections.abc import Iterable
from itertools import islice
from pathlib import Path
from typing import NamedTuple, Protocol

from weir_client.errors import QueueError

FORMAT = 1


class Waiting(NamedTuple):
    """One event in the queue: `number` grows with each event added."""

    number: int
    id: str
    event: bytes


class Queue(Protocol):
    """What the sender needs of a queue. Every method may be called from any thread."""

    survives: bool

    def add(self, id: str, event: bytes) -> int:  # noqa: A002 - the event's own word
        """Keep one more event and return its number."""

    def head(self, events: int, size: int, after: int = 0) -> list[Waiting]:
        """Return the oldest events above a number: at most so many and so many bytes, at least one."""

    def remove(self, numbers: Iterable[int]) -> None:
        """Take events out."""

    @property
    def count(self) -> int:
        """Events that wait."""

    @property
    def size(self) -> int:
        """Bytes that wait."""

    @property
    def last(self) -> int:
        """The highest number that was given to an event that waits, or later."""

    def close(self) -> None:
        """Let go of the file."""


class MemoryQueue:
    """A queue that ends with the process."""

    survives = False

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._events: OrderedDict[int, Waiting] = OrderedDict()
        self._last = self._size = 0

    def add(self, id: str, event: bytes) -> int:  # noqa: A002
        """Keep one more event and return its number."""
        with self._lock:
            self._last += 1
            self._events[self._last] = Waiting(self._last, id, event)
            self._size += len(event)
            return self._last

    def head(self, events: int, size: int, after: int = 0) -> list[Waiting]:
        """Return the oldest events above a number."""
        with self._lock:
            waiting = (w for w in self._events.values() if w.number > after)
            return _within(islice(waiting, events), size)

    def remove(self, numbers: Iterable[int]) -> None:
        """Take events out."""
        with self._lock:
            for number in numbers:
                gone = self._events.pop(number, None)
                self._size -= len(gone.event) if gone else 0

    @property
    def count(self) -> int:
        """Events that wait."""
        return len(self._events)

    @property
    def size(self) -> int:
        """Bytes that wait."""
        return self._size

    @property
    def last(self) -> int:
        """The highest number."""
        return self._last

    def close(self) -> None:
        """Nothing to let go of."""


class FileQueue:
    """A queue in an SQLite file: what `add` has returned for survives a kill of the process.

    Args:
        path: the file; made if absent. One process at a time can have it.
        durable: also survive a power cut: one fsync per event.

    Raises:
        QueueError: if the file is in use, damaged, or of another format.
    """

    survives = True

    def __init__(self, path: str | Path, *, durable: bool = False) -> None:
        self._lock = threading.Lock()
        self._path = Path(path)
        try:
            self._db = sqlite3.connect(
                self._path, timeout=1.0, isolation_level=None, check_same_thread=False
            )
            self._open(durable=durable)
        except sqlite3.Error as error:
            raise QueueError(
                f"The queue `{self._path}` cannot be used: {error}. Give each process a file of"
                " its own; if it is damaged, move it away."
            ) from None

    def _open(self, *, durable: bool) -> None:
        for pragma in (
            "locking_mode = EXCLUSIVE",  # a second process would send the same events again
            "journal_mode = WAL",
            f"synchronous = {'FULL' if durable else 'NORMAL'}",
        ):
            self._db.execute(f"PRAGMA {pragma}")
        self._db.execute("BEGIN IMMEDIATE")
        self._db.execute(
            "CREATE TABLE IF NOT EXISTS queue"
            " (number INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL, event BLOB NOT NULL)"
        )
        (version,) = self._db.execute("PRAGMA user_version").fetchone()
        if version not in (0, FORMAT):
            raise sqlite3.DatabaseError(f"its format is {version}, not {FORMAT}")
        self._db.execute(f"PRAGMA user_version = {FORMAT}")
        self._db.execute("COMMIT")
        found: tuple[int, int, int] = self._db.execute(
            "SELECT count(*), coalesce(sum(length(event)), 0), coalesce(max(number), 0) FROM queue"
        ).fetchone()
        self._count, self._size, self._last = found

    def add(self, id: str, event: bytes) -> int:  # noqa: A002
        """Keep one more event and return its number.

        Raises:
            QueueError: if the file cannot be written.
        """
        with self._lock:
            try:
                done = self._db.execute("INSERT INTO queue (id, event) VALUES (?, ?)", (id, event))
            except sqlite3.Error as error:
                raise QueueError(f"The queue `{self._path}` cannot be written: {error}.") from None
            self._count += 1
            self._size += len(event)
            self._last = done.lastrowid or self._last
            return self._last

    def head(self, events: int, size: int, after: int = 0) -> list[Waiting]:
        """Return the oldest events above a number.

        Raises:
            QueueError: if the file cannot be read.
        """
        with self._lock:
            try:
                rows = self._db.execute(
                    "SELECT number, id, event FROM queue WHERE number > ? ORDER BY number LIMIT ?",
                    (after, events),
                )
                return _within((Waiting(*row) for row in rows), size)
            except sqlite3.Error as error:
                raise QueueError(f"The queue `{self._path}` cannot be read: {error}.") from None

    def remove(self, numbers: Iterable[int]) -> None:
        """Take events out.

        Raises:
            QueueError: if the file cannot be written; the events then stay, and are sent again.
        """
        with self._lock:
            try:
                self._db.execute("BEGIN IMMEDIATE")
                gone = bytes_gone = 0
                for number in numbers:
                    row = self._db.execute(
                        "DELETE FROM queue WHERE number = ? RETURNING length(event)", (number,)
                    ).fetchone()
                    gone += row is not None
                    bytes_gone += row[0] if row else 0
                self._db.execute("COMMIT")
            except sqlite3.Error as error:
                if self._db.in_transaction:
                    self._db.execute("ROLLBACK")
                raise QueueError(f"The queue `{self._path}` cannot be written: {error}.") from None
            self._count -= gone
            self._size -= bytes_gone

    @property
    def count(self) -> int:
        """Events that wait."""
        return self._count

    @property
    def size(self) -> int:
        """Bytes that wait."""
        return self._size

    @property
    def last(self) -> int:
        """The highest number."""
        return self._last

    def close(self) -> None:
        """Let go of the file."""
        with self._lock:
            self._db.close()


def _within(waiting: Iterable[Waiting], size: int) -> list[Waiting]:
    chosen: list[Waiting] = []
    for one in waiting:
        size -= len(one.event)
        if chosen and size < 0:
            break
        chosen.append(one)
    return chosen
