"""Nobody takes the threads of all: so many requests of one session are under way at once."""

from __future__ import annotations

from hashlib import blake2b

from starlette.datastructures import Headers
from starlette.requests import Request, cookie_parser
from starlette.types import ASGIApp, Receive, Scope, Send

from weir.console.http.errors import Refused, answer
from weir.console.http.who import COOKIE
from weir.console.seats import Seats

REQUESTS, OF_ONE = 200, 16
"""Requests that may be under way, of all and of one session. A browser sends six at once."""


class Share:
    """Refuses what goes beyond one session's share.

    Args:
        app: what answers.
        prefix: of the paths that are counted.
    """

    def __init__(self, app: ASGIApp, prefix: str) -> None:
        self._app, self._prefix = app, prefix
        self._seats = Seats(REQUESTS, OF_ONE, "requests are under way")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or refuse it."""
        if scope["type"] != "http" or not scope["path"].startswith(self._prefix):
            await self._app(scope, receive, send)
            return
        who = _whose(scope)
        try:
            self._seats.take(who)
        except Refused as no:
            refusal = answer(Request(scope), no.status, no.code, no.message, no.remedy)
            await refusal(scope, receive, send)
            return
        try:
            await self._app(scope, receive, send)
        finally:
            self._seats.leave(who)


def _whose(scope: Scope) -> str:
    """Return what stands for a session: of its secret only a digest is kept."""
    headers = Headers(scope=scope)
    cookie = cookie_parser(headers.get("cookie", "")).get(COOKIE, "")
    client = scope.get("client") or ("",)
    secret = headers.get("authorization") or cookie or f"from {client[0]}"
    return blake2b(secret.encode(), digest_size=16).hexdigest()
