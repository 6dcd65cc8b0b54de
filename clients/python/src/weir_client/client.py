"""The client: the app's side (`track`, `flush`, `close`) and the one thread that sends."""

from __future__ import annotations

import atexit
import random
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from weir_client.answers import Verdict
from weir_client.errors import ClientClosed
from weir_client.events import encode, uuid7
from weir_client.options import Dropped, Options, Problem, Stats
from weir_client.queue import FileQueue, MemoryQueue, Queue
from weir_client.sender import Callbacks, Clock, Sender
from weir_client.transport import HttpTransport, Transport

CLOSE_SECONDS = 5.0
_LAST_WORDS = 1.0  # for the thread to end after its request was cut


class Client:
    """Sends events to a collector. Safe to use from many threads; make it after a fork.

    Args:
        url: the collector's address.
        token: the producer's write token, or a function that returns it at each request.
        queue: a file for the events that wait, which survives the process; None keeps them in
            memory. Or any `Queue`.
        context: envelope values for every event, such as `platform` and `app_version`.
        on_verdict: told the verdict on every delivered event.
        on_problem: told each request that was not acknowledged; its events are sent again.
        on_drop: told each event that is given up.
        options: bounds and times.
        transport: instead of HTTP.
        clock: instead of the `time` module.
        rand: instead of `random.random`.
        new_id: instead of `uuid7`.

    Raises:
        QueueError: if the queue's file cannot be used.
    """

    def __init__(  # noqa: PLR0913 - all but the address have a default
        self,
        url: str,
        *,
        token: str | Callable[[], str] | None = None,
        queue: str | Path | Queue | None = None,
        context: Mapping[str, Any] | None = None,
        on_verdict: Callable[[Verdict], Any] | None = None,
        on_problem: Callable[[Problem], Any] | None = None,
        on_drop: Callable[[Dropped], Any] | None = None,
        options: Options | None = None,
        transport: Transport | None = None,
        clock: Clock = time,
        rand: Callable[[], float] = random.random,
        new_id: Callable[[], str] = uuid7,
    ) -> None:
        chosen = options or Options()
        self._transport = transport or HttpTransport(url, chosen.timeout)
        self._context, self._clock, self._new_id = dict(context or {}), clock, new_id
        callbacks = Callbacks(on_verdict, on_problem, on_drop)
        self._sender = Sender(_queue(queue), self._transport, chosen, callbacks, token, clock, rand)
        self._wake = threading.Condition()
        self._hurrying = 0
        self._closed = self._stopped = False
        self._thread = threading.Thread(target=self._run, name="weir-client", daemon=True)
        self._thread.start()
        atexit.register(self.close)

    def track(self, event: Mapping[str, Any]) -> str:
        """Queue one event and return its id. Never waits for the network.

        With a queue in a file, the event survives a kill of the process from here on.

        Args:
            event: `name`, and what the envelope allows; a generated constructor returns one.

        Raises:
            InvalidEvent: if it has no name, an impossible id, or a value that JSON cannot carry.
            ClientClosed: after `close`.
        """
        if self._closed:
            raise ClientClosed("The client was closed; this event was not taken.")
        given, text = encode(event, self._context, self._new_id, self._clock.time())
        if self._sender.add(given, text):
            with self._wake:
                self._wake.notify_all()
        return given

    def flush(self, timeout: float = 10.0) -> bool:
        """Send what waits now, without lingering; False if some of it still waits at the deadline.

        A back-off and a Retry-After are kept all the same.

        Args:
            timeout: seconds.
        """
        if threading.current_thread() is self._thread:
            raise RuntimeError("flush() inside a callback would wait for itself.")
        target = self._sender.queue.last
        with self._wake:
            self._hurrying += 1
            self._wake.notify_all()
            try:
                return self._wake.wait_for(lambda: self._sent_until(target), timeout)
            finally:
                self._hurrying -= 1

    def close(self, timeout: float = CLOSE_SECONDS) -> int:
        """Send what waits until the deadline, then stop; returns how many events still wait.

        Those in a file are sent by the next client of the file; those in memory are dropped, and
        told to `on_drop` with the reason `closed`.

        Args:
            timeout: seconds.
        """
        if self._closed:
            return 0
        self._closed = True
        atexit.unregister(self.close)
        self.flush(timeout)
        with self._wake:
            self._stopped = True
            self._wake.notify_all()
        if self._sender.queue.count:
            self._transport.abort()
        self._thread.join(_LAST_WORDS)
        self._transport.close()
        left = self._sender.queue.count
        if left and not self._sender.queue.survives:
            self._sender.give_up("closed")
        self._sender.queue.close()
        return left

    @property
    def stats(self) -> Stats:
        """Counts since the start."""
        return self._sender.stats

    @property
    def queued(self) -> int:
        """Events that wait."""
        return self._sender.queue.count

    def __enter__(self) -> Self:
        """Return the client."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close it."""
        self.close()

    def _run(self) -> None:
        while True:
            with self._wake:
                while not self._stopped:
                    wait = self._sender.wait(hurry=self._hurrying > 0)
                    if wait == 0.0:
                        break
                    self._wake.wait(wait)
                if self._stopped:
                    return
            self._sender.send()
            with self._wake:
                self._wake.notify_all()

    def _sent_until(self, number: int) -> bool:
        if not self._sender.queue.count:
            return True
        oldest = self._sender.queue.head(1, 1)
        return not oldest or oldest[0].number > number


def _queue(given: str | Path | Queue | None) -> Queue:
    if given is None:
        return MemoryQueue()
    return FileQueue(given) if isinstance(given, str | Path) else given
