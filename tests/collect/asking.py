"""Asks a collector of the example's events, as a newcomer would."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path

import httpx
import pytest

from weir.collect.app import Collector, Limits
from weir.collect.rules import Rules, rules_of
from weir.collect.spool import Rotation, Spool
from weir.registry import compile_event, load

NOW = datetime(2026, 11, 21, 5, 40)
EVENTS = Path(__file__).parents[2] / "assets" / "events"
GOOD = (
    '{"id": "e-1", "name": "purchase_item_shop", "version": 1, "time": "2026-11-21T05:00:00Z",'
    ' "params": {"quantity": 2, "price": 25.99}}'
)
PARAMS = '{"quantity": 2, "price": 25.99}'
TIME = '"2026-11-21T05:00:00Z"'


def but(old: str, new: str) -> str:
    """Return the good event with one thing changed."""
    assert GOOD.count(old) == 1
    return GOOD.replace(old, new)


@pytest.fixture(scope="module")
def shop() -> Rules:
    known = load(EVENTS)
    return rules_of(
        known.events,
        lambda name: compile_event(known.events[name]),
        date(2026, 11, 20),
        known.dictionary,
    )


@pytest.fixture
def ask(tmp_path: Path, shop: Rules) -> Callable[..., httpx.Response]:
    """Send one request to a collector of the example's events."""

    def send(method: str, path: str, content: str | bytes, **headers: str) -> httpx.Response:
        async def main() -> httpx.Response:
            spool = Spool(tmp_path / "spool", Rotation(10**9, 3600), lambda: NOW)
            app = Collector(spool, shop, Limits(10_000, 200_000), lambda: "assigned")
            transport = httpx.ASGITransport(app=app)
            async with httpx.AsyncClient(transport=transport, base_url="http://weir") as client:
                named = {key.replace("_", "-"): value for key, value in headers.items()}
                answer = await client.request(method, path, content=content, headers=named)
            await spool.close()
            return answer

        return asyncio.run(main())

    return send
