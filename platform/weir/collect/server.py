"""The collector's process: uvicorn on one event loop, signals, start and orderly end.

SIGTERM and SIGINT end it: no new connection, running requests answered, pending records durable,
segments complete, lock released. SIGUSR1 completes all segments now.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import logging
import os
import signal
import socket
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime

import uvicorn
import uvloop

from weir.collect.app import Collector, Limits
from weir.collect.rules import Rules, rules_of
from weir.collect.spool import Rotation, Spool
from weir.core.errors import ServiceUnavailable
from weir.core.settings import Settings
from weir.registry import compile_event, load

log = logging.getLogger(__name__)

KEEP_ALIVE_SECONDS = 75
DRAIN_SECONDS = 10
BACKLOG = 2048
YOUNG_OBJECTS = 50_000  # records hold no cycles: looking for them less often saves a tenth


def utc_now() -> datetime:
    """Return the naive UTC time."""
    return datetime.now(UTC).replace(tzinfo=None)


def new_id() -> str:
    """Return an id whose order is that of time (UUID version 7)."""
    millis = time.time_ns() // 1_000_000
    tail = os.urandom(10).hex()
    variant = "89ab"[int(tail[3], 16) & 3]
    head = f"{millis:012x}"
    return f"{head[:8]}-{head[8:]}-7{tail[:3]}-{variant}{tail[4:7]}-{tail[7:19]}"


def load_rules(settings: Settings) -> Rules:
    """Return the rules of the project's event files.

    Raises:
        RegistryError: if an event file is wrong.
    """
    loaded = load(settings.events_dir)
    return rules_of(loaded.events, lambda name: compile_event(loaded.events[name]))


def serve(settings: Settings, rules: Rules | None = None) -> None:
    """Run the collector in this process until SIGTERM or SIGINT.

    Args:
        settings: the project's settings. Port 0 takes any free one; `collector.lock` names it.
        rules: the events to accept; default is the project's registry.

    Raises:
        SpoolError: if another collector owns the spool.
        ServiceUnavailable: if the address cannot be listened on.
        RegistryError: if an event file is wrong.
    """
    known = rules or load_rules(settings)
    signal.signal(signal.SIGUSR1, signal.SIG_IGN)  # until the loop takes it, it must not kill
    gc.freeze()
    gc.set_threshold(YOUNG_OBJECTS)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_serve(settings, known))


async def _serve(settings: Settings, rules: Rules) -> None:
    listener = _listen(settings.collect_host, settings.collect_port)
    with contextlib.closing(listener):
        rotation = Rotation(settings.segment_bytes, settings.segment_seconds)
        spool = Spool(settings.spool_dir, rotation, utc_now)
        try:
            limits = Limits(settings.max_event_bytes, settings.max_body_bytes)
            app = Collector(spool, rules, limits, new_id)
            url = _url(listener)
            spool.start()
            _on_rotate(spool)
            await _Server(_config(app), f"Collector ready at {url}", spool, url).serve([listener])
        finally:
            await spool.close()


def _listen(host: str, port: int) -> socket.socket:
    try:
        family, *_, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        listener = socket.socket(family, socket.SOCK_STREAM)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.setblocking(False)  # noqa: FBT003
    except OSError as error:
        raise ServiceUnavailable(
            f"The collector cannot listen on `{host}:{port}`: {error.strerror or error}.",
            "Stop what listens there, or set WEIR_COLLECT_PORT.",
        ) from None
    return listener


def _url(listener: socket.socket) -> str:
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _config(app: Collector) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        loop="none",
        http="httptools",
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        backlog=BACKLOG,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=DRAIN_SECONDS,
    )


def _on_rotate(spool: Spool) -> None:
    tasks: set[asyncio.Task[bool]] = set()
    loop = asyncio.get_running_loop()

    def rotate() -> None:
        task = loop.create_task(spool.rotate())
        tasks.add(task)
        task.add_done_callback(tasks.discard)

    loop.add_signal_handler(signal.SIGUSR1, rotate)


class _Server(uvicorn.Server):
    """uvicorn that says when it listens, and ends with 0 on a signal instead of raising it again."""

    def __init__(self, config: uvicorn.Config, ready: str, spool: Spool, url: str) -> None:
        super().__init__(config)
        self._ready, self._spool, self._url = ready, spool, url

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Let SIGTERM and SIGINT end the server through the event loop."""
        loop = asyncio.get_running_loop()
        ends = (signal.SIGTERM, signal.SIGINT)
        for end in ends:
            loop.add_signal_handler(end, self.handle_exit, end, None)
        try:
            yield
        finally:
            for end in ends:
                loop.remove_signal_handler(end)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start listening, then say so: in the lock file and in one line."""
        await super().startup(sockets)
        if self.started:
            self._spool.describe(self._url)
            sys.stdout.write(self._ready + "\n")
            sys.stdout.flush()
