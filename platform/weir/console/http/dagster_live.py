"""Dagster's live updates: its pages' WebSocket, passed on message by message.

A subscription only reads; but whatever GraphQL comes this way is read before it goes on, as on HTTP.
It ends with the session that it began in.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

from fastapi import FastAPI
from starlette.concurrency import run_in_threadpool
from starlette.websockets import WebSocket, WebSocketDisconnect
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake
from websockets.typing import Subprotocol

from weir.console.access import Role
from weir.console.http.dagster import GRAPHQL, allow_graphql, port_for
from weir.console.http.errors import Refused
from weir.console.http.who import person_of, require
from weir.core.settings import Settings

_POLICY, _AWAY = 1008, 1013
_MOST = 2_000_000  # bytes of a message to Dagster
LOOK_SECONDS = 15.0
"""How often the session is looked at while nothing is asked."""


def mount_live(app: FastAPI, settings: Settings) -> None:
    """Pass on the WebSocket of Dagster's pages."""

    @app.websocket(GRAPHQL)
    async def live(page: WebSocket) -> None:
        try:
            person = require(await run_in_threadpool(person_of, page), Role.VIEWER)
        except Refused:
            await page.close(_POLICY)
            return
        address = f"ws://127.0.0.1:{port_for(settings, person)}{GRAPHQL}"
        spoken = [Subprotocol(one) for one in page.scope.get("subprotocols", ())]
        try:
            async with _connected(address, spoken) as dagster:
                await page.accept(dagster.subprotocol)
                await _both_ways(page, dagster)
        except (OSError, InvalidHandshake):
            await page.close(_AWAY)


@asynccontextmanager
async def _connected(address: str, spoken: list[Subprotocol]) -> AsyncIterator[ClientConnection]:
    """Connect to Dagster, and leave no socket behind, even where nobody waits for the goodbye."""
    dagster = await connect(address, subprotocols=spoken or None, max_size=None)
    try:
        yield dagster
        await dagster.close()
    finally:
        dagster.transport.abort()


async def _both_ways(page: WebSocket, dagster: ClientConnection) -> None:
    """Pass messages on until either side or the session ends."""
    parts = (_up(page, dagster), _down(dagster, page), _signed_in(page))
    ways = [asyncio.create_task(part) for part in parts]
    try:
        await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for way in ways:
            way.cancel()
        await asyncio.wait(ways)
        with suppress(RuntimeError):  # the page went first
            await page.close()


async def _up(page: WebSocket, dagster: ClientConnection) -> None:
    with suppress(WebSocketDisconnect, ConnectionClosed, RuntimeError):
        while True:
            text = await page.receive_text()
            try:
                await run_in_threadpool(_allow, page, text)
            except Refused as refused:
                await page.send_text(_refusal(text, refused))
                continue
            await dagster.send(text)


async def _down(dagster: ClientConnection, page: WebSocket) -> None:
    with suppress(WebSocketDisconnect, ConnectionClosed, RuntimeError):
        async for message in dagster:
            text = message if isinstance(message, str) else message.decode()
            await page.send_text(text)


async def _signed_in(page: WebSocket) -> None:
    """Return when the session is over."""
    with suppress(Refused):
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            require(await run_in_threadpool(person_of, page), Role.VIEWER)


def _allow(page: WebSocket, text: str) -> None:
    """Refuse what this person may not do now: the session is looked at again for every message."""
    if len(text) > _MOST:
        raise Refused(413, "too_large", "The message is too large.")
    person = require(person_of(page), Role.VIEWER)
    try:
        message = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise Refused(400, "not_json", "The message is no JSON.") from error
    payload = message.get("payload") if isinstance(message, dict) else None
    if isinstance(payload, dict) and "query" in payload:
        allow_graphql(page, person, payload)


def _refusal(text: str, refused: Refused) -> str:
    """Return the answer of both GraphQL protocols to a request that is refused."""
    try:
        asked: Any = json.loads(text)
    except ValueError:
        asked = None
    number = asked.get("id") if isinstance(asked, dict) else None
    return json.dumps({"id": number, "type": "error", "payload": [{"message": refused.message}]})
