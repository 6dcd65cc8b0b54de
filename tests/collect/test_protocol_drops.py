"""What never becomes a request is answered in the shape of every error, counted, and leaves a row."""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import Awaitable, Callable
from pathlib import Path

import httpx
import orjson
import pytest
import uvicorn

from tests.collect.observed import play
from tests.collect.test_metrics import samples
from weir.collect.protocol import BoundedProtocol
from weir.collect.rules import Rules

Send = Callable[..., Awaitable[bytes]]


def connect(spool_dir: Path, rules: Rules, talk: Callable[[Send, str], Awaitable[None]]) -> None:
    """Talk with a collector over sockets; `send` sends parts and returns all that comes back."""

    async def story(_client, app, observer) -> None:
        listener = socket.create_server(("127.0.0.1", 0))
        kind = type("Told", (BoundedProtocol,), {"hear": (app.unheard,)})
        server = uvicorn.Server(uvicorn.Config(app, http=kind, lifespan="off", log_config=None))
        server.install_signal_handlers = lambda: None
        serving = asyncio.create_task(server.serve([listener]))
        while not server.started:
            await asyncio.sleep(0.01)
        host, port = listener.getsockname()

        async def send(*parts: bytes) -> bytes:
            reader, writer = await asyncio.open_connection(host, port)
            for part in parts:
                writer.write(part)
                await writer.drain()
                await asyncio.sleep(0.02)
            async with asyncio.timeout(5):
                said = await reader.read()
            writer.close()
            return said

        try:
            await talk(send, f"http://{host}:{port}")
        finally:
            server.should_exit = True
            await serving

    play(spool_dir, rules, story)


def rows(spool_dir: Path) -> list[dict]:
    files = sorted((spool_dir / "drops").glob("*.jsonl"))
    return [orjson.loads(line) for file in files for line in file.read_bytes().splitlines()]


POST = b"POST /v1/events HTTP/1.1\r\nhost: x\r\n"
TLS_HELLO = bytes.fromhex("16030100c8010000c40303") + b"\x00" * 40
MALFORMED = [
    b"hello\r\n\r\n",
    TLS_HELLO,
    b"GET / HTTP/9.9\r\n\r\n",
    POST + b"content-length: many\r\n\r\n",
    POST + b"no colon\r\n\r\n",
]


@pytest.mark.parametrize("sent", MALFORMED)
def test_what_is_no_http_is_told_counted_and_noted(
    spool_dir: Path, rules: Rules, sent: bytes
) -> None:
    async def talk(send: Send, url: str) -> None:
        head, _, body = (await send(sent)).partition(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 400 Bad Request\r\n")
        assert b"content-type: application/json" in head
        assert b"connection: close" in head
        error = orjson.loads(body)["error"]
        assert error["code"] == "malformed_http"
        assert error["remedy"]
        async with httpx.AsyncClient(base_url=url) as client:
            found = samples((await client.get("/metrics")).content)
            assert found["weir_refused_requests_total", "malformed_http"] == 1
            assert (await client.get("/healthz")).json()["counts"] == {"malformed_http": 1}

    connect(spool_dir, rules, talk)
    (row,) = rows(spool_dir)
    assert (row["code"], row["requests"], row["events"]) == ("malformed_http", 1, 0)
    assert row["bytes"] == len(sent)


def test_an_endless_head_is_counted_and_noted(spool_dir: Path, rules: Rules) -> None:
    async def talk(send: Send, url: str) -> None:
        said = await send(POST + b"x: ", *[b"y" * 30_000] * 3)
        assert said.startswith(b"HTTP/1.1 431 ")
        async with httpx.AsyncClient(base_url=url) as client:
            found = samples((await client.get("/metrics")).content)
        assert found["weir_refused_requests_total", "head_too_large"] == 1

    connect(spool_dir, rules, talk)
    (row,) = rows(spool_dir)
    assert (row["code"], row["requests"]) == ("head_too_large", 1)
    assert row["bytes"] > 65_536


def test_a_body_in_wrong_chunks_is_one_drop(spool_dir: Path, rules: Rules) -> None:
    async def talk(send: Send, url: str) -> None:
        said = await send(POST + b"transfer-encoding: chunked\r\n\r\n5\r\n[1,2,", b"zz\r\n")
        assert said.count(b"\r\n\r\n") == 1
        assert orjson.loads(said.partition(b"\r\n\r\n")[2])["error"]["code"] == "malformed_http"
        async with httpx.AsyncClient(base_url=url) as client:
            assert (await client.get("/healthz")).json()["counts"] == {"malformed_http": 1}

    connect(spool_dir, rules, talk)
    assert [(row["code"], row["requests"]) for row in rows(spool_dir)] == [("malformed_http", 1)]


def test_a_flood_is_few_rows_and_no_log(
    spool_dir: Path, rules: Rules, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)

    async def talk(send: Send, url: str) -> None:
        for _ in range(60):
            await send(MALFORMED[0])

    connect(spool_dir, rules, talk)
    found = rows(spool_dir)
    assert sum(row["requests"] for row in found) == 60
    assert len(found) < 6, "one for each minute and flush, not for each request"
    assert "Invalid HTTP" not in caplog.text


def test_a_connection_that_says_nothing_is_no_drop(spool_dir: Path, rules: Rules) -> None:
    async def talk(send: Send, url: str) -> None:
        assert (await send()).startswith(b"HTTP/1.1 408 ")
        assert (await send(b"POST /v1/ev")).startswith(b"HTTP/1.1 408 ")
        async with httpx.AsyncClient(base_url=url) as client:
            assert (await client.get("/healthz")).json()["counts"] == {"too_slow": 2}

    before = BoundedProtocol.bounds.head_seconds
    BoundedProtocol.bounds.head_seconds = 0.1
    try:
        connect(spool_dir, rules, talk)
    finally:
        BoundedProtocol.bounds.head_seconds = before
    assert [(row["code"], row["requests"]) for row in rows(spool_dir)] == [("too_slow", 1)]
