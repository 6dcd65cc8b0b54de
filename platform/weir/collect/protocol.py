"""uvicorn's HTTP protocol with a bound on a request's head: uvicorn itself keeps any, before anyone is asked.

What is refused here never reaches the application, so it is told of it: every drop has a counter and a
row. What a whole request may hold is `weir.collect.app`'s business.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import ClassVar, cast

from weir.collect.connections import BoundedConnection
from weir.collect.drops import ENDED
from weir.collect.wire import Refusal

HEAD_BYTES = 65_536
"""A head that has not ended after so many bytes ends its connection."""


Told = Callable[[Refusal, int], None]
"""Takes a refusal of which no application heard, and the bytes that came with it."""


def _quiet(record: logging.LogRecord) -> bool:
    """Let no sender fill the log: what uvicorn warns of at each wrong request is counted instead."""
    return not str(record.msg).startswith(("Invalid HTTP request", "Unsupported upgrade request"))


class BoundedProtocol(BoundedConnection):
    """Answers 431 to an endless line, URL or list of headers, and JSON to what is no HTTP."""

    hear: ClassVar[tuple[Told, ...]] = ()
    _came = _head_bytes = 0
    _in_head = True

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Take a connection."""
        self.logger.addFilter(_quiet)
        super().connection_made(transport)

    def on_message_begin(self) -> None:
        """Begin to count."""
        self._head_bytes, self._in_head = 0, True
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """End to count."""
        self._in_head = False
        super().on_headers_complete()

    def data_received(self, data: bytes) -> None:
        """Take data; refuse a head that is too long."""
        self._came = len(data)
        super().data_received(data)
        if not self._in_head or self.transport.is_closing():
            return
        self._head_bytes += len(data)
        if self._head_bytes > HEAD_BYTES:
            self.answer_and_close("431 Request Header Fields Too Large", _TOO_LONG)

    def send_400_response(self, msg: str) -> None:
        """Answer what is no HTTP in the shape of every error."""
        del msg
        if not self.transport.is_closing():
            self.answer_and_close("400 Bad Request", _MALFORMED)

    def answer_and_close(self, status: str, refusal: Refusal) -> None:
        """Tell of a refusal, answer it and end the connection."""
        cycle = self.cycle
        if cycle is not None and cycle.more_body and not cycle.response_complete:
            scope = cast("dict[str, object]", cycle.scope)
            scope[ENDED] = refusal.code  # the application waits for a body: it will tell
        else:
            for told in self.hear:
                told(refusal, max(self._head_bytes, self._came))
        super().answer_and_close(status, refusal)


_TOO_LONG = Refusal(
    431, "head_too_large", f"The request's line and headers have more than {HEAD_BYTES} bytes.",
    "Send data in the body, not in the URL or in headers.",
)  # fmt: skip
_MALFORMED = Refusal(
    400, "malformed_http", "What came is no HTTP/1.1 request.",
    "Use an HTTP client, without TLS unless a proxy in front ends it; check lengths and chunks.",
)  # fmt: skip
