"""Applications on loopback, in a thread of the test's process."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import uvicorn


def listening(port: int = 0) -> socket.socket:
    """Take a port; any free one, if none is given."""
    return socket.create_server(("127.0.0.1", port))


def port_of(taken: socket.socket) -> int:
    """Return the port that was taken."""
    return int(taken.getsockname()[1])


@contextmanager
def served(app: Any, taken: socket.socket, **options: Any) -> Iterator[None]:
    """Serve an application where it listens, until the block ends."""
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, **options))
    server.install_signal_handlers = lambda: None  # type: ignore[attr-defined]
    thread = threading.Thread(target=lambda: asyncio.run(server.serve([taken])), daemon=True)
    thread.start()
    while not server.started:
        thread.join(0.02)
    yield
    server.should_exit = True
    thread.join(20)
