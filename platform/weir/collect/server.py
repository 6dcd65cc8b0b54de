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
from collections.abc import AsyncIterator, Callable, Iterator

import uvicorn
import uvloop

from weir.collect import passing, totals
from weir.collect.app import Collector, Limits
from weir.collect.ballast import Ballast
from weir.collect.connections import Bounds, most_connections
from weir.collect.cors import Cors
from weir.collect.gate import check_exposure, gate_of
from weir.collect.lastgood import Loaded, load_and_keep, load_or_last
from weir.collect.observer import Observer
from weir.collect.protocol import BoundedProtocol
from weir.collect.reload import Reload, changes_of
from weir.collect.rules import Rules
from weir.collect.sinks import Sink
from weir.collect.sinks.choose import broker_of
from weir.collect.spool import Rotation, Spool
from weir.collect.writers import WriterLock
from weir.core.clock import utc_now
from weir.core.errors import ServiceUnavailable
from weir.core.settings import Settings

log = logging.getLogger(__name__)

KEEP_ALIVE_SECONDS = 75
DRAIN_SECONDS = 30  # for requests that are under way
DRAIN_IDLE_SECONDS = 2.0  # for idle connections to send one more request
BACKLOG = 2048
YOUNG_OBJECTS = 50_000  # records hold no cycles: looking for them less often saves a tenth


def new_id() -> str:
    """Return an id whose order is that of time (UUID version 7)."""
    millis = time.time_ns() // 1_000_000
    tail = os.urandom(10).hex()
    variant = "89ab"[int(tail[3], 16) & 3]
    head = f"{millis:012x}"
    return f"{head[:8]}-{head[8:]}-7{tail[:3]}-{variant}{tail[4:7]}-{tail[7:19]}"


def serve(settings: Settings, rules: Rules | None = None) -> None:
    """Run a lone collector in this process until SIGTERM or SIGINT.

    Args:
        settings: the project's settings. Port 0 takes any free one; `collector.lock` names it.
        rules: the events to accept; default is the project's registry.

    Raises:
        SpoolError: if another collector owns the spool.
        ServiceUnavailable: if the address cannot be listened on.
        RegistryError: if an event file is wrong.
    """
    check_exposure(settings.collect_host, settings.collect_auth)
    listener = listen(settings.collect_host, settings.collect_port)
    run(settings, rules, listener, lambda: _alone(settings))


def run(
    settings: Settings,
    rules: Rules | None,
    listener: socket.socket,
    sink: Callable[[], Sink],
    ready: Callable[[], None] = lambda: None,
    lifeline: int | None = None,
    *,
    fallback: bool = False,
) -> None:
    """Collect in this process until a signal, or until nobody holds the lifeline's other end.

    Args:
        settings: sizes and times.
        rules: the events to accept; None for the project's, which are loaded again as they change.
        listener: a bound socket; closed here at the end.
        sink: opens what keeps the events; called on the running loop.
        ready: called once requests are accepted.
        lifeline: a pipe's end for reading.
        fallback: whether the last right event files will do, if those of the project are wrong.
    """
    signal.signal(signal.SIGUSR1, signal.SIG_IGN)  # until the loop takes it, it must not kill
    if rules is not None:
        known = Loaded(rules)
    else:
        known = load_or_last(settings) if fallback else Loaded(load_and_keep(settings))
    gc.freeze()
    gc.set_threshold(YOUNG_OBJECTS)
    following = rules is None
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_run(settings, known, listener, sink, ready, lifeline, following=following))
        signal.signal(signal.SIGUSR1, signal.SIG_IGN)  # a sealer may still be asking


async def _run(
    settings: Settings,
    known: Loaded,
    listener: socket.socket,
    open_sink: Callable[[], Sink],
    ready: Callable[[], None],
    lifeline: int | None,
    *,
    following: bool,
) -> None:
    with contextlib.closing(listener):
        sink = open_sink()
        try:
            app = collector_of(settings, sink, known.rules)
            url = url_of(listener)

            def announce() -> None:
                sink.describe(url)
                ready()
                sys.stdout.write(f"Collector ready at {url}\n")
                sys.stdout.flush()

            sink.start()
            if isinstance(sink, Spool):
                _on_rotate(sink)
            if following:
                app.reload = _reload(settings, app, known.error)
            async with app.observed(), _following(settings, app.reload):
                await _Server(_config(app, settings), app, announce, lifeline).serve([listener])
        finally:
            await sink.close()


def collector_of(settings: Settings, sink: Sink, rules: Rules) -> Collector:
    """Return the application of a project's collector."""
    gate = gate_of(settings, utc_now)
    return Collector(
        sink,
        rules,
        Limits(
            settings.max_event_bytes, settings.max_body_bytes, held_bytes=settings.max_held_bytes
        ),
        new_id,
        gate=gate,
        cors=Cors.of(settings.collect_cors_origins),
        observer=Observer(sink, settings.spool_dir, utc_now, gate.may_tail),
    )


def _reload(settings: Settings, app: Collector, error: str | None) -> Reload:
    def apply(rules: Rules) -> None:
        app.rules = rules

    return Reload(lambda: load_and_keep(settings), apply, utc_now, error)


@contextlib.asynccontextmanager
async def _following(settings: Settings, reload: Reload | None) -> AsyncIterator[None]:
    """Take changes of the event files in while the block runs."""
    works = []
    if reload is not None:
        works = [reload.follow(changes_of(settings.events_dir)), reload.follow_days()]
    tasks = [asyncio.create_task(work) for work in works]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def _alone(settings: Settings) -> Sink:
    sink = open_sink(settings)
    totals.clear(settings.spool_dir)
    passing.clear(settings.spool_dir)
    return sink


def open_sink(settings: Settings, writer: WriterLock | None = None) -> Sink:
    """Open what the project's collector keeps its events in.

    Args:
        settings: which sink, where it is, and its sizes.
        writer: the right to write an epoch; without it this process takes the whole spool.

    Raises:
        SpoolError: if another collector owns the spool.
        UsageError: if the settings of a broker are wrong.
    """
    if settings.collect_sink != "spool":
        return broker_of(settings, utc_now, writer.epoch if writer else 0)
    folder = settings.spool_dir
    folder.mkdir(parents=True, exist_ok=True)
    rotation = Rotation(settings.segment_bytes, settings.segment_seconds)
    ballast = Ballast(folder, settings.ballast_bytes)
    return Spool(folder, rotation, utc_now, writer=writer, ballast=ballast)


def listen(host: str, port: int) -> socket.socket:
    """Bind and listen: from here on the kernel holds connections until they are accepted.

    Raises:
        ServiceUnavailable: if the address cannot be listened on.
    """
    try:
        family, *_, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        listener = socket.socket(family, socket.SOCK_STREAM)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(BACKLOG)
        listener.setblocking(False)  # noqa: FBT003
    except OSError as error:
        raise ServiceUnavailable(
            f"The collector cannot listen on `{host}:{port}`: {error.strerror or error}.",
            "Stop what listens there, or set WEIR_COLLECT_PORT.",
        ) from None
    return listener


def url_of(listener: socket.socket) -> str:
    """Return the address of a listening socket."""
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _config(app: Collector, settings: Settings) -> uvicorn.Config:
    bounds = Bounds(most_connections(), unread_bytes=settings.max_held_bytes)
    return uvicorn.Config(
        app,
        loop="none",
        http=type("Bounded", (BoundedProtocol,), {"bounds": bounds, "hear": (app.unheard,)}),
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
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
    """uvicorn that says when it listens, drains before it ends, and ends with 0 on a signal."""

    def __init__(
        self,
        config: uvicorn.Config,
        app: Collector,
        announce: Callable[[], None],
        lifeline: int | None,
    ) -> None:
        super().__init__(config)
        self._app, self._announce, self._lifeline = app, announce, lifeline

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Let SIGTERM, SIGINT and the lifeline's end stop the server through the event loop."""
        loop = asyncio.get_running_loop()
        ends = (signal.SIGTERM, signal.SIGINT)
        for end in ends:
            loop.add_signal_handler(end, self.handle_exit, end, None)
        if self._lifeline is not None:
            loop.add_reader(self._lifeline, self._cut)
        try:
            yield
        finally:
            for end in ends:
                loop.remove_signal_handler(end)

    def _cut(self) -> None:
        """Stop in order: nothing is ever written to the lifeline, so it can be read when it ends."""
        if self._lifeline is not None:
            asyncio.get_running_loop().remove_reader(self._lifeline)
        log.warning("The supervisor has gone; this writer drains and ends")
        self.should_exit = True

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start accepting, then say so."""
        await super().startup(sockets)
        if self.started:
            self._announce()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Accept no more, let every connection get one more answer, then close what is idle.

        An idle keep-alive connection that is closed at once resets the request that its sender has
        just put on the wire; so each is answered once more, with `Connection: close`.
        """
        for server in self.servers:
            server.close()
        self._app.draining = True
        loop = asyncio.get_running_loop()
        end = loop.time() + DRAIN_IDLE_SECONDS
        while self.server_state.connections and loop.time() < end and not self.force_exit:
            await asyncio.sleep(0.02)
        await super().shutdown(sockets)
