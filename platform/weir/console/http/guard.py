"""What a request may not be: from another site, for another host, or too large. And its answer's headers."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Iterable, Mapping
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from weir.console.http.errors import Problem, failure, unexpected
from weir.core.addresses import is_loopback

log = logging.getLogger(__name__)

MAX_BODY = 2_000_000
"""Bytes of a request's body."""
_SAFE = {"GET", "HEAD", "OPTIONS"}
_CSP = (
    "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; object-src 'none';"
    " base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
_HEADERS = {
    "Content-Security-Policy": _CSP,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}


class Guard:
    """Refuses requests that no page of the console sends, and sets the headers of answers.

    A page that is open in the same browser can send requests to the console, with its cookie, or make its
    own name point to this machine: so the host must be the console's own, and whatever changes something
    must come from it.

    Args:
        app: what is guarded.
        hosts: names of the host, without port, that are the console's; loopback ones always are.
        proxied: paths whose answers keep their own content policy: Dagster's page has another.
    """

    def __init__(self, app: ASGIApp, hosts: Iterable[str] = (), proxied: str = "/dagster") -> None:
        self._app, self._hosts, self._proxied = app, set(hosts), proxied

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or refuse it."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        scope.setdefault("state", {})["id"] = request = secrets.token_hex(6)
        answer = _Answer(send, request, own=not scope["path"].startswith(self._proxied))
        refusal = self._refusal(scope, Headers(scope=scope))
        if refusal is None:
            await self._pass_on(scope, receive, answer)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
        else:
            status, fields = refusal
            await failure(status, Problem(request=request, **fields))(scope, receive, answer)

    async def _pass_on(self, scope: Scope, receive: Receive, answer: _Answer) -> None:
        try:
            await self._app(scope, _limited(receive), answer)
        except Exception:
            log.exception("%s %s failed", scope.get("method", ""), scope["path"])
            if answer.started or scope["type"] == "websocket":
                raise
            await unexpected(answer.request)(scope, receive, answer)

    def _refusal(self, scope: Scope, headers: Headers) -> tuple[int, Mapping[str, str]] | None:
        host = headers.get("host", "")
        if not self._known(_name(host)):
            return 421, {
                "code": "unknown_host",
                "message": f"This console does not answer for the host `{host}`.",
                "remedy": "Set WEIR_CONSOLE_URL to the address that people use.",
            }
        changes = scope["type"] == "websocket" or scope["method"] not in _SAFE
        origin = headers.get("origin")
        if changes and origin is not None and _netloc(origin) != host:
            return 403, {
                "code": "foreign_origin",
                "message": f"A page of `{origin}` may not change anything here.",
                "remedy": "Use the console's own pages.",
            }
        length = headers.get("content-length", "0")
        if not length.isdigit() or int(length) > MAX_BODY:
            return 413, {
                "code": "too_large",
                "message": f"The request's body has more than {MAX_BODY:,} bytes.",
                "remedy": "Send less at once.",
            }
        return None

    def _known(self, name: str) -> bool:
        return name in self._hosts or is_loopback(name)


class _Answer:
    """Passes an answer on, with the headers that all have."""

    def __init__(self, send: Send, request: str, *, own: bool) -> None:
        self._send, self.request, self._own, self.started = send, request, own, False

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.started = True
            found = MutableHeaders(scope=message)
            found["X-Request-Id"] = self.request
            for name, value in _HEADERS.items() if self._own else ():
                found.setdefault(name, value)
        await self._send(message)


def _netloc(origin: str) -> str:
    """Return host and port of an origin; '' if it is none.

    >>> _netloc("http://127.0.0.1:7500"), _netloc("http://["), _netloc("null")
    ('127.0.0.1:7500', '', '')
    """
    try:
        return urlsplit(origin).netloc
    except ValueError:
        return ""


def _name(host: str) -> str:
    """Return a host without its port.

    >>> _name("[::1]:7500"), _name("weir.example.com")
    ('::1', 'weir.example.com')
    """
    try:
        return urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return ""


class TooLarge(HTTPException):
    """A body went on beyond its limit."""

    def __init__(self) -> None:
        super().__init__(413, f"the body has more than {MAX_BODY:,} bytes")


def _limited(receive: Receive) -> Receive:
    """Return a receiver that ends a body without a length at the limit."""
    seen = 0

    async def receiving() -> Message:
        nonlocal seen
        message = await receive()
        if message["type"] == "http.request":
            seen += len(message.get("body", b""))
            if seen > MAX_BODY:
                raise TooLarge
        return message

    return receiving
