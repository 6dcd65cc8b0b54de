"""Heads of requests: any usual one passes, an endless one ends its connection before it costs memory."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable

import orjson
import pytest
import uvicorn

from weir.collect.protocol import HEAD_BYTES, BoundedProtocol


async def app(scope: dict, receive: Callable, send: Callable) -> None:
    size, more = 0, True
    while more:
        message = await receive()
        size, more = size + len(message.get("body", b"")), message.get("more_body", False)
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"%d" % size})


def talk(parts: list[bytes], answers: int = 1) -> bytes:
    """Send the parts to a server, one after the other; return so many answers."""

    async def main() -> bytes:
        listener = socket.create_server(("127.0.0.1", 0))
        config = uvicorn.Config(app, http=BoundedProtocol, lifespan="off", log_config=None)
        server = uvicorn.Server(config)
        server.install_signal_handlers = lambda: None
        serving = asyncio.create_task(server.serve([listener]))
        while not server.started:
            await asyncio.sleep(0.01)
        reader, writer = await asyncio.open_connection(*listener.getsockname())
        try:
            for part in parts:
                writer.write(part)
                await writer.drain()
                await asyncio.sleep(0.01)
        except ConnectionError:  # it has answered and closed
            pass
        said = b""
        try:
            async with asyncio.timeout(5):
                while said.count(b"HTTP/1.1 ") < answers:
                    part = await reader.read(65_536)
                    if not part:
                        break
                    said += part
            return said
        finally:
            writer.close()
            server.should_exit = True
            await serving

    return asyncio.run(main())


POST = b"POST / HTTP/1.1\r\nhost: x\r\n"


@pytest.mark.parametrize(
    "parts",
    [
        [POST + b"x: ", *[b"y" * 20_000] * 5],
        [POST, *[b"h: v\r\n" * 3_000] * 5],
        [b"POST /", *[b"y" * 20_000] * 5],
    ],
)
def test_an_endless_head_is_told_and_ended(parts: list[bytes]) -> None:
    answer = talk(parts)
    head, _, body = answer.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 431 ")
    assert b"connection: close" in head
    error = orjson.loads(body)["error"]
    assert error["code"] == "head_too_large"
    assert error["remedy"]


@pytest.mark.parametrize("body", [b"", b"x" * 200_000])
def test_long_bodies_and_many_requests_are_no_long_heads(body: bytes) -> None:
    head = POST + b"cookie: " + b"c" * 8_000 + b"\r\ncontent-length: %d\r\n\r\n" % len(body)
    whole = (head + body) * 12
    answer = talk([whole[i : i + 50_000] for i in range(0, len(whole), 50_000)], 12)
    assert answer.count(b"HTTP/1.1 200") == 12


def test_the_bound_is_larger_than_any_usual_head() -> None:
    assert HEAD_BYTES >= 65_536
