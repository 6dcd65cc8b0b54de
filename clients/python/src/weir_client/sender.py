"""Decides when a batch is due, sends it, and acts on the answer. No thread and no sleeping here."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from weir_client.answers import Decision, Verdict, decide
from weir_client.errors import QueueError
from weir_client.events import stamped, timestamp
from weir_client.options import Dropped, Options, Problem, Reason, Stats
from weir_client.queue import Queue, Waiting
from weir_client.transport import Transport, Unreachable

log = logging.getLogger("weir_client")


class Clock(Protocol):
    """Both clocks: the `time` module is one."""

    def time(self) -> float:
        """Seconds since 1970."""

    def monotonic(self) -> float:
        """Seconds that never step back."""


@dataclass(frozen=True)
class Callbacks:
    """What the app is told. They run in the sending thread, `on_drop` also in the app's."""

    on_verdict: Callable[[Verdict], Any] | None = None
    on_problem: Callable[[Problem], Any] | None = None
    on_drop: Callable[[Dropped], Any] | None = None


class Sender:
    """Sends one queue to one collector.

    Args:
        queue: where events wait.
        transport: how a batch reaches the collector.
        options: bounds and times.
        callbacks: what the app is told.
        token: the write token, or a function that returns it at each request.
        clock: both clocks.
        random: a number from 0 up to 1.
    """

    def __init__(
        self,
        queue: Queue,
        transport: Transport,
        options: Options,
        callbacks: Callbacks,
        token: str | Callable[[], str] | None,
        clock: Clock,
        random: Callable[[], float],
    ) -> None:
        self.queue, self.options, self.callbacks = queue, options, callbacks
        self.stats = Stats(found=queue.count)
        self._transport, self._token, self._clock, self._random = transport, token, clock, random
        self._due = clock.monotonic() if queue.count else None
        self._not_before = 0.0
        self._failed = 0
        self._limit = options.batch_events
        self._in_hand = 0  # the highest number of the batch that is under way
        self._lock = threading.Lock()

    def add(self, id: str, event: bytes) -> bool:  # noqa: A002
        """Take an event into the queue, or drop it and tell; True if `wait` may have changed."""
        newest = Waiting(0, id, event)
        with self._lock:
            before = self._due, self._full
            self.stats.tracked += 1
            try:
                gone = self._make_room(newest)
            except QueueError:
                gone = [(newest, "queue_failed")]
            if all(one is not newest for one, _ in gone) and not self._keep(newest):
                gone.append((newest, "queue_failed"))
            changed = before != (self._due, self._full)
        for one, reason in gone:
            self._drop(one, reason)
        return changed

    @property
    def _full(self) -> bool:
        queue, options = self.queue, self.options
        return queue.count >= options.batch_events or queue.size >= options.batch_bytes

    def _keep(self, newest: Waiting) -> bool:
        try:
            self.queue.add(newest.id, newest.event)
        except QueueError as error:
            log.error("An event was not kept: %s", error)  # noqa: TRY400 - its words say it all
            return False
        if self._due is None:
            self._due = self._clock.monotonic() + self.options.linger
        return True

    def _make_room(self, newest: Waiting) -> list[tuple[Waiting, Reason]]:
        """Return what must go for an event: itself, or older ones, which are then gone."""
        size = len(newest.event)
        if size > self.options.event_bytes:
            return [(newest, "too_large")]
        gone: list[tuple[Waiting, Reason]] = []
        while not self._fits(size):
            # What is under way may already be kept by the collector: it cannot be called dropped.
            oldest = (
                self.queue.head(1, 1, self._in_hand) if self.options.overflow == "oldest" else []
            )
            if not oldest:
                return [*gone, (newest, "queue_full")]
            self.queue.remove([oldest[0].number])
            gone.append((oldest[0], "queue_full"))
        return gone

    def _fits(self, size: int) -> bool:
        options, queue = self.options, self.queue
        return queue.count < options.queue_events and queue.size + size <= options.queue_bytes

    def wait(self, *, hurry: bool = False) -> float | None:
        """Return the seconds until a batch is due: 0 for now, None while nothing waits.

        Args:
            hurry: do not wait for more events to share the request; a back-off is still kept.
        """
        if not self.queue.count:
            return None
        now = self._clock.monotonic()
        due = now if hurry or self._full or self._due is None else self._due
        return max(0.0, due - now, self._not_before - now)

    def send(self) -> None:
        """Send one batch and act on the answer. Never raises for what the network does."""
        try:
            batch = self.queue.head(self._limit, self.options.batch_bytes)
        except QueueError as error:
            self._fail(None, str(error), 0.0, 0)
            return
        if not batch:
            return
        with self._lock:
            self._in_hand = batch[-1].number
            self._due = None
        try:
            self._exchange(batch)
        except Exception as error:  # a token that cannot be had; the thread must go on
            log.exception("A batch was not sent")
            self._fail(None, f"{type(error).__name__}: {error}", 0.0, len(batch))
        finally:
            with self._lock:
                self._in_hand = 0
                if self.queue.count and self._due is None:
                    self._due = self._clock.monotonic() + self.options.linger

    def _exchange(self, batch: list[Waiting]) -> None:
        try:
            answer = self._transport.post(self._body(batch), self._headers())
        except Unreachable as error:
            self._fail(None, str(error), 0.0, len(batch))
            return
        decision = decide(answer, [one.id for one in batch], self._clock.time())
        if decision.action == "delivered":
            self._delivered(batch, decision)
        elif decision.action == "retry":
            self._fail(answer.status, decision.why, decision.after, len(batch))
        else:
            self._split(batch, decision)

    def _delivered(self, batch: list[Waiting], decision: Decision) -> None:
        if not self._take_out(batch):
            return
        self._failed, self._not_before = 0, 0.0
        self._limit = min(self._limit * 2, self.options.batch_events)
        self.stats.delivered += len(batch)
        self.stats.verdicts.update(v.verdict for v in decision.verdicts)
        if self.callbacks.on_verdict:
            for verdict in decision.verdicts:
                self._tell(self.callbacks.on_verdict, verdict)

    def _split(self, batch: list[Waiting], decision: Decision) -> None:
        if len(batch) > 1:
            self._limit = len(batch) // 2
            self._due = self._clock.monotonic()
            return
        if self._take_out(batch):
            reason: Reason = "too_large" if decision.action == "too_large" else "refused"
            log.error("An event was given up: %s", decision.why)
            self._drop(batch[0], reason)

    def _take_out(self, batch: list[Waiting]) -> bool:
        """Remove a batch from the queue; False if the file does not let it, so it is sent again."""
        try:
            self.queue.remove([one.number for one in batch])
        except QueueError as error:
            self._fail(None, str(error), 0.0, len(batch))
            return False
        return True

    def _fail(self, status: int | None, why: str, after: float, events: int) -> None:
        options = self.options
        wait = min(options.backoff_first * 2.0 ** min(self._failed, 60), options.backoff_longest)
        wait *= 0.5 + self._random() / 2  # so that senders cut off together do not return together
        wait = max(wait, min(after, options.retry_after_longest))
        self._failed += 1
        self._not_before = self._clock.monotonic() + wait
        self.stats.failures += 1
        problem = Problem(status, why, wait, events)
        log.warning("Not acknowledged, sent again in %.1f s: %s", wait, why)
        if self.callbacks.on_problem:
            self._tell(self.callbacks.on_problem, problem)

    def give_up(self, reason: Reason) -> None:
        """Drop everything that waits."""
        rest = self.queue.head(self.queue.count or 1, 1 << 62)
        self.queue.remove([one.number for one in rest])
        for one in rest:
            self._drop(one, reason)

    def _drop(self, waiting: Waiting, reason: Reason) -> None:
        self.stats.dropped[reason] += 1
        if self.callbacks.on_drop:
            self._tell(self.callbacks.on_drop, Dropped(waiting.id, reason, waiting.event))

    def _tell(self, callback: Callable[[Any], Any], what: object) -> None:
        try:
            callback(what)
        except Exception:
            self.stats.callback_errors += 1
            log.exception("A callback failed")

    def _body(self, batch: Sequence[Waiting]) -> bytes:
        sent_at = timestamp(self._clock.time()).encode()
        return b"[" + b",".join(stamped(one.event, sent_at) for one in batch) + b"]"

    def _headers(self) -> Mapping[str, str]:
        headers = {"content-type": "application/json"}
        token = self._token() if callable(self._token) else self._token
        if token:
            headers["authorization"] = f"Bearer {token}"
        return headers
