"""Whoever changed something sees it in the next answer: what was made before it is forgotten."""

from __future__ import annotations

from collections.abc import Callable

from starlette.types import ASGIApp, Message, Receive, Scope, Send

_SAFE = {"GET", "HEAD", "OPTIONS"}


class LookAgain:
    """Forgets before the answer to a request that may have changed something begins.

    Args:
        app: what answers.
        forget: forgets what was kept.
    """

    def __init__(self, app: ASGIApp, forget: Callable[[], None]) -> None:
        self._app, self._forget = app, forget

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on."""
        if scope["type"] != "http" or scope["method"] in _SAFE:
            await self._app(scope, receive, send)
            return

        async def answer(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._forget()
            await send(message)

        await self._app(scope, receive, answer)
