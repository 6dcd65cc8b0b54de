"""What a connection may take of a worker: time for a request's head, unread answers, a place at all.

uvicorn bounds none of them: a sender that never finishes a head, or never reads its answers, would
hold a descriptor and memory for ever. What a request's body may hold is `weir.collect.room`'s.
"""

from __future__ import annotations

import asyncio
import logging
import resource
from dataclasses import dataclass
from typing import ClassVar

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from weir.collect import answers
from weir.collect.wire import Refusal

log = logging.getLogger(__name__)

SPARE_FILES = 256  # descriptors that segments, locks and the registry's files need
MOST = 10_000


@dataclass
class Bounds:
    """The bounds of all connections of a worker, and what they hold now.

    Args:
        connections: how many may be open.
        head_seconds: from the first byte (or the opening) of a request to the end of its head.
        unread_seconds: how long answers may wait for a sender to read them.
        unread_bytes: of the answers of all connections that wait so.
    """

    connections: int = MOST
    head_seconds: float = 30.0
    unread_seconds: float = 30.0
    unread_bytes: int = 64_000_000
    unread: int = 0


def most_connections() -> int:
    """Return how many connections a worker can hold; raises its own limit of files to what it may be."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MOST + SPARE_FILES
    most = wanted if hard == resource.RLIM_INFINITY else min(hard, wanted)
    if soft != resource.RLIM_INFINITY and soft < most:
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
    return max(most - SPARE_FILES, most // 2)


class BoundedConnection(HttpToolsProtocol):
    """Ends connections that take more than they may."""

    bounds: ClassVar[Bounds] = Bounds()
    _head_timer: asyncio.TimerHandle | None = None
    _unread_timer: asyncio.TimerHandle | None = None
    _unread = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Take a connection, or say that there is no place for it."""
        super().connection_made(transport)
        if len(self.connections) > self.bounds.connections:
            self.answer_and_close("503 Service Unavailable", _TOO_MANY)
        else:
            self._await_head()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget what the connection held."""
        self._head_came()
        self._read()
        super().connection_lost(exc)

    def on_message_begin(self) -> None:
        """A request begins: its head has some time to end."""
        self._await_head()
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """The head has ended."""
        self._head_came()
        super().on_headers_complete()

    def pause_writing(self) -> None:
        """The sender does not read: its answers wait in memory, for a while."""
        super().pause_writing()
        held = self.bounds
        self._unread = self.transport.get_write_buffer_size()
        held.unread += self._unread
        if held.unread > held.unread_bytes:
            log.warning("%s does not read its answers, and there is no room: cut", self.client)
            self.transport.abort()
        else:
            self._unread_timer = self.loop.call_later(held.unread_seconds, self.transport.abort)

    def resume_writing(self) -> None:
        """The sender reads again."""
        self._read()
        super().resume_writing()

    def answer_and_close(self, status: str, refusal: Refusal) -> None:
        """Write a whole answer past the application, and end the connection."""
        body = answers.error(refusal)
        again = "retry-after: 1\r\n" if refusal.status == 503 else ""
        head = (
            f"HTTP/1.1 {status}\r\ncontent-type: application/json\r\n{again}"
            f"connection: close\r\ncontent-length: {len(body)}\r\n\r\n"
        )
        self.transport.write(head.encode() + body)
        self.transport.close()

    def _await_head(self) -> None:
        self._head_came()
        self._head_timer = self.loop.call_later(self.bounds.head_seconds, self._head_is_late)

    def _head_came(self) -> None:
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None

    def _head_is_late(self) -> None:
        self._head_timer = None
        if not self.transport.is_closing():
            self.answer_and_close("408 Request Timeout", _TOO_SLOW)

    def _read(self) -> None:
        self.bounds.unread -= self._unread
        self._unread = 0
        if self._unread_timer is not None:
            self._unread_timer.cancel()
            self._unread_timer = None


_TOO_SLOW = Refusal(
    408, "too_slow", "The request's head did not arrive in time.", "Send it again."
)  # fmt: skip
_TOO_MANY = Refusal(
    503, "too_many_connections", "The collector holds as many connections as it can.",
    "Send again in a second; keep connections open and send batches.",
)  # fmt: skip
