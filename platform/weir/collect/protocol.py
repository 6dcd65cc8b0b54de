"""uvicorn's HTTP protocol with a bound on a request's head: uvicorn itself keeps any, before anyone is asked.

What a whole request may hold is `weir.collect.app`'s business.
"""

from __future__ import annotations

from weir.collect.connections import BoundedConnection
from weir.collect.wire import Refusal

HEAD_BYTES = 65_536
"""A head that has not ended after so many bytes ends its connection."""


class BoundedProtocol(BoundedConnection):
    """Answers 431 to an endless line, URL or list of headers."""

    _head_bytes = 0
    _in_head = True

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
        super().data_received(data)
        if not self._in_head or self.transport.is_closing():
            return
        self._head_bytes += len(data)
        if self._head_bytes > HEAD_BYTES:
            self.answer_and_close("431 Request Header Fields Too Large", _TOO_LONG)


_TOO_LONG = Refusal(
    431, "head_too_large", f"The request's line and headers have more than {HEAD_BYTES} bytes.",
    "Send data in the body, not in the URL or in headers.",
)  # fmt: skip
