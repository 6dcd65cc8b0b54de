"""A collector for fuzzing: on one event loop of its own, called in this process or over HTTP."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Awaitable, Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

import orjson
import pytest
import schemathesis
import uvicorn
from hypothesis import strategies as st

from tests.collect.conftest import rule
from weir.collect.app import Collector, Limits
from weir.collect.gate import Gate
from weir.collect.observer import Observer
from weir.collect.rules import Rules
from weir.collect.spool import Rotation, Spool
from weir.collect.tokens import Grant, TokenFile

NOW = datetime(2026, 11, 21, 5, 40)
SECONDS = 10.0
"""No answer may take longer: a hang is a failure, not a slow test."""

_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
_EVENTS = st.fixed_dictionaries(
    {"name": st.sampled_from(["click_item_home", "strict_item_home", "lax_item_home"]) | _JSON},
    optional=dict.fromkeys(("id", "version", "time", "sent_at", "user_id", "params"), _JSON),
)


def _line(value: object) -> bytes:
    """Return a line of JSON; what orjson cannot write goes out as the text of it."""
    try:
        return orjson.dumps(value)
    except TypeError:
        return repr(value).encode(errors="surrogatepass")


LINES = st.lists((_EVENTS | _JSON).map(_line) | st.binary(max_size=40), max_size=8).map(b"\n".join)
"""Bodies of `application/x-ndjson`, which Schemathesis itself leaves out: events, other JSON, bytes."""

schemathesis.openapi.media_type("application/x-ndjson", LINES)


class Gated(NamedTuple):
    """A collector that takes events only with a token, and one that it knows."""

    application: Callable[..., Awaitable[None]]
    token: str


@contextlib.contextmanager
def collecting(
    spool_dir: Path, gate: Gate | None = None
) -> Iterator[tuple[asyncio.AbstractEventLoop, Collector]]:
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
        new_id = lambda: "server-id"  # noqa: E731
        return spool, Collector(spool, rules, limits, new_id, observer=observer, gate=gate)

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


@pytest.fixture
def gated(tmp_path: Path) -> Iterator[Gated]:
    """A collector with a gate: tokens are required, and the one that is known may send little."""
    tokens = TokenFile(tmp_path / "tokens.json", lambda: NOW)
    _, text = tokens.create(Grant("app", channel="client", rate=5, burst=20, strict=True))
    gate = Gate(tokens, required=True, clock=lambda: NOW)
    with collecting(tmp_path / "spool", gate) as (loop, app):
        yield Gated(bridged(loop, app), text)


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
