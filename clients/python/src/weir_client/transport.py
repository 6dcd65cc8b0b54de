"""One HTTP connection to the collector, kept open between batches."""

from __future__ import annotations

import contextlib
import http.client
import socket
from collections.abc import Mapping
from typing import NamedTuple, Protocol
from urllib.parse import urlsplit

_LONGEST_ANSWER = 32_000_000  # 10,000 events, each with its violations


class Unreachable(Exception):
    """There was no answer; whether the batch arrived is not known."""


class Answer(NamedTuple):
    """An HTTP answer."""

    status: int
    body: bytes
    retry_after: str | None = None


class Transport(Protocol):
    """How a batch reaches the collector."""

    def post(self, body: bytes, headers: Mapping[str, str]) -> Answer:
        """Send one batch; raise Unreachable if there is no answer."""

    def abort(self) -> None:
        """End a request in hand, from another thread; there will be no other."""

    def close(self) -> None:
        """Let go of the connection."""


class HttpTransport:
    """Posts to `<url>/v1/batch`.

    Args:
        url: the collector's address, e.g. `https://events.example.com`.
        timeout: seconds of one connect, write or read.
    """

    def __init__(self, url: str, timeout: float) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError(f"url={url!r} must be http://… or https://…")
        kind = (
            http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        )
        self._connection = kind(parts.hostname, parts.port, timeout=timeout)
        self._path = f"{parts.path.rstrip('/')}/v1/batch"
        self._aborted = False

    def post(self, body: bytes, headers: Mapping[str, str]) -> Answer:
        """Send one batch.

        Raises:
            Unreachable: if there is no answer.
        """
        reused = self._connection.sock is not None
        try:
            return self._once(body, headers)
        except (ConnectionError, http.client.RemoteDisconnected) as error:
            self._connection.close()
            if not reused or self._aborted:
                raise Unreachable(_words(error)) from None
        except (OSError, http.client.HTTPException) as error:
            self._connection.close()
            raise Unreachable(_words(error)) from None
        try:  # the server had closed the idle connection: that is no failure yet
            return self._once(body, headers)
        except (OSError, http.client.HTTPException) as error:
            self._connection.close()
            raise Unreachable(_words(error)) from None

    def _once(self, body: bytes, headers: Mapping[str, str]) -> Answer:
        self._connection.request("POST", self._path, body, dict(headers))
        response = self._connection.getresponse()
        content = response.read(_LONGEST_ANSWER)
        if not response.isclosed():
            self._connection.close()
        return Answer(response.status, content, response.headers.get("retry-after"))

    def abort(self) -> None:
        """End a request in hand, from another thread; there will be no other."""
        self._aborted = True
        connected = self._connection.sock
        if connected is not None:
            with contextlib.suppress(OSError):
                connected.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Let go of the connection."""
        self._connection.close()


def _words(error: Exception) -> str:
    return f"{type(error).__name__}: {error}".rstrip(": ")
