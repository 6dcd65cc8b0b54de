"""A collector with everything that watches it, in this process, for tests."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime
from pathlib import Path

import httpx

from weir.collect.app import Collector, Limits
from weir.collect.observer import Observer
from weir.collect.rules import Rules
from weir.collect.spool import Rotation, Spool

NOW = datetime(2026, 11, 21, 5, 40, 12)
Story = Callable[[httpx.AsyncClient, Collector, Observer], Awaitable[None]]


def play(spool_dir: Path, rules: Rules, story: Story, **options: object) -> None:
    """Play a story against a collector; `may_tail`, `limits` and `write` may be given."""
    may_tail = options.pop("may_tail", lambda _headers: True)
    limits = options.pop("limits", Limits(10_000, 50_000, 0.2))

    async def main() -> None:
        spool = Spool(spool_dir, Rotation(10**9, 3600), lambda: NOW, **options)
        observer = Observer(spool, spool_dir, lambda: NOW, may_tail)
        app = Collector(spool, rules, limits, lambda: "server-id", observer=observer)
        transport = httpx.ASGITransport(app=app)
        async with (
            app.observed(),
            httpx.AsyncClient(transport=transport, base_url="http://weir") as client,
        ):
            await story(client, app, observer)
        await spool.close()

    asyncio.run(main())
