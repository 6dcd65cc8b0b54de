"""Connections that never finish, never read, or are too many: each is ended, and the others served."""

from __future__ import annotations

import asyncio
import resource
import socket
from collections.abc import Awaitable, Callable

import orjson
import pytest
import uvicorn

from weir.collect.connections import MOST, SPARE_FILES, Bounds, most_connections
from weir.collect.protocol import BoundedProtocol

ANSWER = b"x" * 16_000_000
GET = b"GET / HTTP/1.1\r\nhost: x\r\n\r\n"


async def app(scope: dict, receive: Callable, send: Callable) -> None:
    body = ANSWER if scope["path"] == "/long" else b"ok"
    headers = [(b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def serving(bounds: Bounds, story: Callable[[tuple[str, int]], Awaitable[None]]) -> None:
    """Tell a story to a server with these bounds."""

    async def main() -> None:
        listener = socket.create_server(("127.0.0.1", 0))
        protocol = type("Tested", (BoundedProtocol,), {"bounds": bounds})
        server = uvicorn.Server(uvicorn.Config(app, http=protocol, lifespan="off", log_config=None))
        server.install_signal_handlers = lambda: None
        running = asyncio.create_task(server.serve([listener]))
        while not server.started:
            await asyncio.sleep(0.01)
        try:
            async with asyncio.timeout(30):
                await story(listener.getsockname())
        finally:
            server.should_exit = True
            await running

    asyncio.run(main())


async def said(reader: asyncio.StreamReader) -> bytes:
    """Return what a server says until it ends the connection."""
    try:
        return await reader.read()
    except ConnectionError:
        return b""


@pytest.mark.parametrize("begun", [b"", b"POST /v1/ev", GET[:-2]])
def test_a_head_that_never_ends_is_told(begun: bytes) -> None:
    async def story(address: tuple[str, int]) -> None:
        reader, writer = await asyncio.open_connection(*address)
        writer.write(begun)
        head, _, body = (await said(reader)).partition(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 408 ")
        assert orjson.loads(body)["error"]["code"] == "too_slow"
        writer.close()

    serving(Bounds(head_seconds=0.2), story)


def test_a_second_request_that_never_ends_is_told_too() -> None:
    async def story(address: tuple[str, int]) -> None:
        reader, writer = await asyncio.open_connection(*address)
        writer.write(GET + GET[:9])
        answers = await said(reader)
        assert answers.count(b"HTTP/1.1 200") == 1
        assert answers.count(b"HTTP/1.1 408") == 1
        writer.close()

    serving(Bounds(head_seconds=0.2), story)


def test_an_idle_connection_that_was_used_is_left_alone() -> None:
    async def story(address: tuple[str, int]) -> None:
        reader, writer = await asyncio.open_connection(*address)
        for _ in range(2):
            writer.write(GET)
            assert (await reader.readuntil(b"ok")).startswith(b"HTTP/1.1 200")
            await asyncio.sleep(0.5)
        writer.close()

    serving(Bounds(head_seconds=0.2), story)


async def unread(address: tuple[str, int]) -> socket.socket:
    """Ask for a long answer and read nothing of it."""
    client = socket.socket()
    client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    client.setblocking(False)
    loop = asyncio.get_running_loop()
    await loop.sock_connect(client, address)
    await loop.sock_sendall(client, GET.replace(b"/ ", b"/long ", 1))
    return client


async def cut(client: socket.socket) -> bool:
    """Tell whether a connection was cut before its answer was whole."""
    loop, size = asyncio.get_running_loop(), 0
    try:
        while part := await loop.sock_recv(client, 1_000_000):
            size += len(part)
    except ConnectionError:
        return True
    finally:
        client.close()
    return size < len(ANSWER)


def test_answers_that_nobody_reads_are_thrown_away() -> None:
    bounds = Bounds(unread_seconds=0.2)

    async def story(address: tuple[str, int]) -> None:
        client = await unread(address)
        while not bounds.unread:
            await asyncio.sleep(0.01)
        while bounds.unread:
            await asyncio.sleep(0.01)
        assert await cut(client)

    serving(bounds, story)


def test_unread_answers_have_a_bound_together() -> None:
    bounds = Bounds(unread_seconds=60, unread_bytes=2 * len(ANSWER))

    async def story(address: tuple[str, int]) -> None:
        clients = []
        for _ in range(6):
            clients.append(await unread(address))
            await asyncio.sleep(0.1)
            assert bounds.unread <= bounds.unread_bytes
        reader, writer = await asyncio.open_connection(*address)
        writer.write(GET)
        assert await reader.readuntil(b"ok")
        writer.close()
        assert sum([await cut(client) for client in clients]) >= 3

    serving(bounds, story)
    assert bounds.unread == 0


def test_a_slow_reader_gets_all_of_its_answer() -> None:
    async def story(address: tuple[str, int]) -> None:
        client = await unread(address)
        await asyncio.sleep(0.2)
        assert not await cut(client)

    serving(Bounds(unread_seconds=5), story)


def test_one_connection_too_many_is_told_and_ended() -> None:
    async def story(address: tuple[str, int]) -> None:
        kept = [await asyncio.open_connection(*address) for _ in range(3)]
        await asyncio.sleep(0.05)
        reader, writer = await asyncio.open_connection(*address)
        answer = await said(reader)
        assert answer.startswith(b"HTTP/1.1 503 ")
        assert b"retry-after: 1" in answer
        assert b"too_many_connections" in answer
        writer.close()
        first, other = kept[0]
        other.write(GET)
        assert await first.readuntil(b"ok")
        for _, open_writer in kept:
            open_writer.close()

    serving(Bounds(connections=3), story)


def test_descriptors_are_left_for_the_spool() -> None:
    assert 0 < most_connections() <= MOST
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    assert soft == resource.RLIM_INFINITY or most_connections() <= soft - min(
        SPARE_FILES, soft // 2
    )
