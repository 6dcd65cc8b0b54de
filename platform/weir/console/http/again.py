"""Whoever changed something sees it in the next answer: what was made before it is forgotten."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from starlette.types import ASGIApp, Message, Receive, Scope, Send

Endpoint = TypeVar("Endpoint", bound=Callable[..., Any])
_SAFE = {"GET", "HEAD", "OPTIONS"}


def only_asks(endpoint: Endpoint) -> Endpoint:
    """Mark what answers a POST and changes nothing: its question is too large for an address."""
    endpoint.only_asks = True  # type: ignore[attr-defined]
    return endpoint


class LookAgain:
    """Forgets before the answer to a request that may have changed something begins.

    Args:
        app: what answers.
        forget: forgets what was kept.
        prefix: of the paths that are looked at: Dagster's pages ask by POST all the time.
    """

    def __init__(self, app: ASGIApp, forget: Callable[[], None], prefix: str) -> None:
        self._app, self._forget, self._prefix = app, forget, prefix

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on."""
        own = scope["type"] == "http" and scope["path"].startswith(self._prefix)
        if not own or scope["method"] in _SAFE:
            await self._app(scope, receive, send)
            return

        async def answer(message: Message) -> None:
            asks = getattr(scope.get("endpoint"), "only_asks", False)
            if message["type"] == "http.response.start" and not asks:
                self._forget()
            await send(message)

        await self._app(scope, receive, answer)
