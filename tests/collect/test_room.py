"""The memory that bodies take is bounded over all requests, and given back whatever happens."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from tests.collect.conftest import NOW
from weir.collect.app import Collector, Limits
from weir.collect.room import Room
from weir.collect.rules import Rules
from weir.collect.spool import Rotation, Spool
from weir.collect.wire import Refusal


def test_room_is_given_back_after_an_error() -> None:
    room = Room(10)
    guest = room.guest()
    guest.take(6)
    with pytest.raises(Refusal, match="busy"), guest:
        guest.take(5)
    assert room.used == 0


def test_a_slow_body_leaves_no_room_for_another_until_it_is_answered(
    spool_dir: Path, rules: Rules, event: Callable
) -> None:
    async def story() -> list[httpx.Response]:
        spool = Spool(spool_dir, Rotation(10**6, 10), lambda: NOW)
        app = Collector(spool, rules, Limits(10_000, 10_000, held_bytes=1_000), lambda: "id")
        waiting, go_on = asyncio.Event(), asyncio.Event()

        async def slow():
            yield b"[" + b" " * 700
            waiting.set()
            await go_on.wait()
            yield b"]"

        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://weir") as client:
            first = asyncio.create_task(client.post("/v1/batch", content=slow()))
            await waiting.wait()
            refused = await client.post("/v1/batch", content=b" " * 400)
            small = await client.post("/v1/events", json=event())
            go_on.set()
            done = await first
            after = await client.post("/v1/batch", content=b"[" + b" " * 900 + b"]")
        await spool.close()
        return [refused, small, done, after]

    refused, small, done, after = asyncio.run(story())
    assert (refused.status_code, refused.headers["retry-after"]) == (503, "1")
    assert refused.json()["error"]["code"] == "busy"
    assert [answer.status_code for answer in (small, done, after)] == [200, 200, 200]
