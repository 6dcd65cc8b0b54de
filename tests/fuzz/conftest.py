"""A collector for fuzzing: on one event loop of its own, called in this process or over HTTP."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Awaitable, Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import uvicorn

from tests.collect.conftest import rule
from weir.collect.app import Collector, Limits
from weir.collect.observer import Observer
from weir.collect.rules import Rules
from weir.collect.spool import Rotation, Spool

NOW = datetime(2026, 11, 21, 5, 40)
SECONDS = 10.0
"""No answer may take longer: a hang is a failure, not a slow test."""


@contextlib.contextmanager
def collecting(spool_dir: Path) -> Iterator[tuple[asyncio.AbstractEventLoop, Collector]]:
    """Run a collector's event loop in a thread."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()

    async def start() -> tuple[Spool, Collector]:
        spool = Spool(spool_dir, Rotation(10**9, 3600), lambda: NOW)
        observer = Observer(spool, spool_dir, lambda: NOW)
        rules = Rules([rule("click_item_home"), rule("strict_item_home", policy="reject"),
                       rule("lax_item_home", policy="flag")])  # fmt: skip
        limits = Limits(5_000, 100_000, 1.0)
        return spool, Collector(spool, rules, limits, lambda: "server-id", observer=observer)

    spool, app = asyncio.run_coroutine_threadsafe(start(), loop).result(SECONDS)
    try:
        yield loop, app
    finally:
        asyncio.run_coroutine_threadsafe(spool.close(), loop).result(SECONDS)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(SECONDS)
        loop.close()


def bridged(loop: asyncio.AbstractEventLoop, app: Collector) -> Callable[..., Awaitable[None]]:
    """Return an ASGI application that may be called from any event loop."""

    async def call(scope: dict[str, Any], receive: Callable, send: Callable) -> None:
        if scope["type"] != "http":
            return
        messages = [await receive()]
        while messages[-1].get("more_body"):
            messages.append(await receive())
        waiting, sent = iter(messages), []

        async def mine() -> dict[str, Any]:
            return next(waiting, {"type": "http.disconnect"})

        async def keep(message: dict[str, Any]) -> None:
            sent.append(message)

        future = asyncio.run_coroutine_threadsafe(app(scope, mine, keep), loop)
        await asyncio.to_thread(future.result, SECONDS)
        for message in sent:
            await send(message)

    return call


@pytest.fixture(scope="module")
def application(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable]:
    """The collector as an ASGI application of this process."""
    with collecting(tmp_path_factory.mktemp("fuzz") / "spool") as (loop, app):
        yield bridged(loop, app)


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of the collector, served by uvicorn as in production."""
    with collecting(tmp_path_factory.mktemp("fuzz") / "spool") as (loop, app):
        config = uvicorn.Config(app, port=0, loop="none", http="httptools", ws="none",
                                lifespan="off", log_config=None, access_log=False)  # fmt: skip
        server = uvicorn.Server(config)
        server.config.load()
        server.lifespan = config.lifespan_class(config)
        asyncio.run_coroutine_threadsafe(server.startup(), loop).result(SECONDS)
        ticking = asyncio.run_coroutine_threadsafe(server.main_loop(), loop)
        port = server.servers[0].sockets[0].getsockname()[1]
        yield f"http://127.0.0.1:{port}"
        server.should_exit = True
        ticking.result(SECONDS)
        asyncio.run_coroutine_threadsafe(server.shutdown(), loop).result(SECONDS)
