"""Passes what one writer receives on to the live tails of the others, over sockets of this machine.

Each writer waits at `spool/tail/<epoch>`, in a folder of its user's alone. Only while somebody follows
the tail of another writer is that one connected, with the filter; else nothing is sent. The console is no
writer and follows them all. A frame is its length and `<kind> <JSON>`. What a listener sees is
`weir.collect.listeners`', who may `weir.collect.tail`'s.
"""

from __future__ import annotations

import asyncio
import logging
import os
import socket
import struct
from collections.abc import AsyncIterator, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager, suppress
from pathlib import Path

import orjson

from weir.collect.listeners import QUEUE, Filter, Listener, text

log = logging.getLogger(__name__)

FOLDER = "tail"
LOOK_SECONDS = 0.5
"""How soon a writer that has just started is followed."""
JOIN_SECONDS = 2.0
"""How long a new listener waits at most until the other writers pass on to it."""
END_SECONDS = 1.0
_LONGEST = 100  # bytes of a socket's path: systems allow 104 or 108
_SIZE = struct.Struct("<I")
_GONE = (OSError, asyncio.IncompleteReadError)


class Following:
    """Follows the writers of a spool. Whoever may read the folder of their sockets may: their own user.

    Args:
        spool_dir: the spool's folder.
        left_out: the socket of whoever follows, who needs none.

    Attributes:
        dropped: what slow listeners lost of what was passed on.
    """

    def __init__(self, spool_dir: Path, left_out: Path | None = None) -> None:
        self._folder, self._left_out, self.dropped = spool_dir / FOLDER, left_out, 0

    @asynccontextmanager
    async def following(self, listener: Listener) -> AsyncIterator[None]:
        """Show a listener what the writers receive while the block runs."""
        followed: dict[Path, asyncio.Task[None]] = {}
        joined = self._follow_new(listener, followed)
        if joined:
            await asyncio.wait(joined, timeout=JOIN_SECONDS)
        look = asyncio.create_task(self._look(listener, followed))
        try:
            yield
        finally:
            tasks = [look, *followed.values()]
            for task in tasks:
                task.cancel()
            await asyncio.wait(tasks)

    async def _look(self, listener: Listener, followed: dict[Path, asyncio.Task[None]]) -> None:
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            for path in [path for path, task in followed.items() if task.done()]:
                del followed[path]
            self._follow_new(listener, followed)

    def _follow_new(
        self, listener: Listener, followed: dict[Path, asyncio.Task[None]]
    ) -> list[asyncio.Future[None]]:
        """Follow the writers that are not followed yet; return what ends once each has joined."""
        joined = []
        for path in self._folder.iterdir() if self._folder.is_dir() else ():
            if path != self._left_out and path not in followed:
                joins = asyncio.get_running_loop().create_future()
                followed[path] = asyncio.create_task(self._follow(path, listener, joins))
                joined.append(joins)
        return joined

    async def _follow(self, path: Path, listener: Listener, joins: asyncio.Future[None]) -> None:
        """Show a listener what one writer receives, until that one ends."""
        writer = None
        try:
            reader, writer = await asyncio.open_unix_connection(sock=_connected(path))
            writer.write(_plain(listener.filter))
            while True:
                (size,) = _SIZE.unpack(await reader.readexactly(_SIZE.size))
                kind, _, said = (await reader.readexactly(size)).partition(b" ")
                if kind == b"joined":
                    _end(joins)
                elif kind == b"dropped":
                    listener.lost(orjson.loads(said)["dropped"])
                else:
                    self.dropped += not listener.put(kind.decode(), orjson.Fragment(said))
        except _GONE as error:
            log.debug("%s is not followed any more: %s", path, error)
        finally:
            _end(joins)
            if writer is not None:
                writer.close()


class Passing:
    """One writer's part.

    Args:
        spool_dir: the spool's folder.
        epoch: the writer's epoch: it names its socket.
        listeners: those who are shown what this writer receives; others' are put among them.
    """

    def __init__(self, spool_dir: Path, epoch: int, listeners: set[Listener]) -> None:
        self._folder, self._listeners = spool_dir / FOLDER, listeners
        self._path = self._folder / f"{epoch:010d}"
        self._server: asyncio.Server | None = None
        self._given: dict[Listener, asyncio.Task[None]] = {}
        self._followed = Following(spool_dir, self._path)

    @property
    def dropped(self) -> int:
        """What slow listeners lost of what the other writers passed on."""
        return self._followed.dropped

    async def start(self) -> None:
        """Let the others connect."""
        try:
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._server = await asyncio.start_unix_server(self._give, sock=_bound(self._path))
        except OSError as error:
            log.warning("Live tails of other workers do not show what this one receives: %s", error)

    async def close(self) -> None:
        """Send what waits for the others, and end."""
        if self._server is None:
            return
        self._server.close()
        self._path.unlink(missing_ok=True)
        for listener in self._given:
            listener.close()
        left = list(self._given.values())
        if left:
            await asyncio.wait(left, timeout=END_SECONDS)
        for task in left:
            task.cancel()

    async def _give(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Show another writer's listener what this one receives, until it goes."""
        task = asyncio.current_task()
        assert task is not None
        with suppress(*_GONE, ValueError, TypeError):
            listener = Listener(_parsed(await reader.readline()), QUEUE)
            self._given[listener] = task
            self._listeners.add(listener)
            watch = asyncio.create_task(_close_at_end(reader, listener))
            try:
                await _send(writer, "joined", None)
                async for kind, what in listener.take():
                    await _send(writer, kind, what)
            finally:
                watch.cancel()
                self._listeners.discard(listener)
                del self._given[listener]
        writer.close()

    def following(self, listener: Listener) -> AbstractAsyncContextManager[None]:
        """Show a listener what the other writers receive while the block runs."""
        return self._followed.following(listener)


def clear(spool_dir: Path) -> None:
    """Remove what killed writers left: a collector starts. Only with the collector's lock."""
    folder = spool_dir / FOLDER
    for path in list(folder.iterdir()) if folder.is_dir() else ():
        path.unlink(missing_ok=True)


def remove(spool_dir: Path, epoch: int) -> None:
    """Remove what a writer that has ended may have left."""
    (spool_dir / FOLDER / f"{epoch:010d}").unlink(missing_ok=True)


def _end(waited_for: asyncio.Future[None]) -> None:
    if not waited_for.done():
        waited_for.set_result(None)


async def _send(writer: asyncio.StreamWriter, kind: str, what: object) -> None:
    body = kind.encode() + b" " + text(what)
    writer.write(_SIZE.pack(len(body)) + body)
    await writer.drain()


async def _close_at_end(reader: asyncio.StreamReader, listener: Listener) -> None:
    with suppress(OSError):
        await reader.read()
    listener.close()


def _plain(wanted: Filter) -> bytes:
    return orjson.dumps({name: sorted(values) for name, values in vars(wanted).items()}) + b"\n"


def _parsed(line: bytes) -> Filter:
    return Filter(**{name: frozenset(values) for name, values in orjson.loads(line).items()})


def _bound(path: Path) -> socket.socket:
    path.unlink(missing_ok=True)
    found = socket.socket(socket.AF_UNIX)
    try:
        with _short(path) as name:
            found.bind(name)
    except OSError:
        found.close()
        raise
    return found


def _connected(path: Path) -> socket.socket:
    found = socket.socket(socket.AF_UNIX)
    found.setblocking(False)  # noqa: FBT003
    try:
        with _short(path) as name:
            found.connect(name)
    except OSError:
        found.close()
        raise
    return found


@contextmanager
def _short(path: Path) -> Iterator[str]:
    """Name a socket by its folder's descriptor where its path is too long for one."""
    if len(os.fsencode(path)) <= _LONGEST:
        yield str(path)
        return
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        yield f"/proc/self/fd/{folder}/{path.name}"
    finally:
        os.close(folder)
