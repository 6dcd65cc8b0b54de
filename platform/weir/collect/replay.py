"""Post a file of events through the collector, once: what was acknowledged is never posted again.

Batches go out concurrently with stable ids, are retried while the collector is away, and each
acknowledgement is journalled. How lines become events is `weir.collect.sources`' business.
"""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import httpx
import orjson

from weir.collect.journal import FOLDER, Journal
from weir.collect.jsontext import exact
from weir.collect.mapping import load_mapping
from weir.collect.ownership import read_owner
from weir.collect.posting import Client, Stopped, TooLarge
from weir.collect.sources import Source, SourceEvent, open_source
from weir.core.errors import InvalidValue
from weir.core.settings import Settings

ORIGINS = ("live", "replay")
MAX_BATCH = 10_000  # the collector's own limit
_ROOM = 2  # batches waiting per sender


@dataclass(frozen=True)
class ReplayReport:
    """What became of a file's lines: lines = posted + skipped + failed.

    Args:
        lines: lines of the file that are not blank.
        posted: acknowledged by this replay.
        skipped: acknowledged before.
        accepted: of the posted, by verdict; so are the next three.
        flagged: kept, with a remark.
        quarantined: kept aside.
        rejected: not kept, as their events' policy says.
        failed_lines: (line, why) of what was not posted, in the file's order.
        seconds: how long it took.
    """

    lines: int
    posted: int
    skipped: int
    accepted: int
    flagged: int
    quarantined: int
    rejected: int
    failed_lines: list[tuple[int, str]]
    seconds: float


class Interrupted(KeyboardInterrupt):
    """The replay was stopped; `report` says how far it was. Running it again goes on."""

    def __init__(self, report: ReplayReport) -> None:
        self.report = report
        super().__init__()


class Batch(NamedTuple):
    """Postable lines that follow one another in the file, and their texts."""

    lines: tuple[int, ...]
    texts: tuple[bytes, ...]


def replay_file(  # noqa: PLR0913  (each of them is an option of the command)
    settings: Settings,
    path: Path,
    mapping_path: Path,
    *,
    url: str | None = None,
    rate: float | None = None,
    batch: int = 500,
    concurrency: int = 4,
    origin: str = "replay",
    again: bool = False,
    on_progress: Callable[[int], None] = lambda _: None,
    sleep: Callable[[float], None] = time.sleep,
    clock: Callable[[], float] = time.monotonic,
    transport: httpx.BaseTransport | None = None,
) -> ReplayReport:
    """Post what no earlier replay of the same content and mapping got acknowledged.

    Args:
        settings: the project's settings; the journal is in their home.
        path: the file, see `weir.collect.sources`.
        mapping_path: its mapping.
        url: the collector; default is the live one of the home, else the settings' address.
        rate: events per second at most; default is no limit.
        batch: events per request, 1 to 10,000.
        concurrency: requests at a time.
        origin: `live` or `replay`, kept with each event.
        again: post all lines, whatever the journal says.
        on_progress: called with the number of lines done so far.
        sleep: waits so many seconds.
        clock: monotonic seconds.
        transport: replaces the network, for tests.

    Raises:
        UsageError: if a file or an option is wrong, or the address is no collector's.
        ServiceUnavailable: if nothing answers, or no more; what was acknowledged stays so.
        Interrupted: on Ctrl-C, after the requests on their way were answered.
    """
    _check(rate, batch, concurrency, origin)
    source = open_source(path, load_mapping(mapping_path))
    address = url or _address(settings)
    pacer = Pacer(rate, sleep, clock)
    started = clock()
    with (
        Journal(settings.home / FOLDER / f"{source.digest}.journal") as journal,
        Client(address, origin, sleep, transport) as client,
    ):
        limits = (batch, settings.max_body_bytes // 2)
        run = _Run(client, journal, pacer, on_progress, again=again)
        try:
            run.all(source, limits, concurrency)
        except KeyboardInterrupt:
            raise Interrupted(run.report(clock() - started)) from None
        return run.report(clock() - started)


class Pacer:
    """Holds batches back so that no more than `rate` events go out per second."""

    def __init__(
        self, rate: float | None, sleep: Callable[[float], None], clock: Callable[[], float]
    ) -> None:
        self._rate, self._sleep, self._clock = rate, sleep, clock
        self._next = clock()

    def wait(self, events: int) -> None:
        """Wait until `events` more may go out."""
        if self._rate is None:
            return
        now = self._clock()
        if now < self._next:
            self._sleep(self._next - now)
        self._next = max(now, self._next) + events / self._rate


@dataclass
class _Tally:
    """Counted under `lock`: senders and the reader both write here."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    lines: int = 0
    skipped: int = 0
    posted: int = 0
    verdicts: Counter[str] = field(default_factory=Counter)
    failed: list[tuple[int, str]] = field(default_factory=list)

    @property
    def done(self) -> int:
        return self.posted + self.skipped + len(self.failed)


class _Run:
    """One pass over a file: the main thread reads and paces, the pool's threads post."""

    def __init__(
        self,
        client: Client,
        journal: Journal,
        pacer: Pacer,
        on_progress: Callable[[int], None],
        *,
        again: bool,
    ) -> None:
        self._client, self._journal, self._pacer = client, journal, pacer
        self._on_progress, self._again = on_progress, again
        self._tally = _Tally()

    def all(self, source: Source, limits: tuple[int, int], concurrency: int) -> None:
        """Post all that is due; on any error wait for the requests on their way, then raise it."""
        pending: set[Future[None]] = set()
        with ThreadPoolExecutor(concurrency, "replay") as pool:
            try:
                for one in batches(self._due(source), *limits):
                    if not pending and not self._tally.posted:
                        self._client.check()
                    self._pacer.wait(len(one.lines))
                    pending.add(pool.submit(self._send, one))
                    pending = self._settle(pending, concurrency * _ROOM)
                self._settle(pending, 1)
            except BaseException:
                self._client.stop()
                pool.shutdown(cancel_futures=True)
                raise

    def report(self, seconds: float) -> ReplayReport:
        """Return what became of the lines."""
        tally, verdicts = self._tally, self._tally.verdicts
        return ReplayReport(
            tally.lines, tally.posted, tally.skipped, verdicts["accepted"], verdicts["flagged"],
            verdicts["quarantined"], verdicts["rejected"], sorted(tally.failed), seconds,
        )  # fmt: skip

    def _due(self, source: Source) -> Iterator[tuple[int, bytes]]:
        """Yield (line, text) of what is to be posted; count the rest."""
        done, tally = self._journal.acknowledged, self._tally
        for item in source:
            tally.lines += 1
            if item.error is not None:
                self._fail((item.line,), item.error)
            elif not self._again and item.line in done:
                with tally.lock:
                    tally.skipped += 1
            else:
                yield item.line, text_of(item)

    def _settle(self, pending: set[Future[None]], room: int) -> set[Future[None]]:
        """Wait until fewer than `room` are pending; raise what a sender raised."""
        while len(pending) >= room:
            finished, pending = wait(pending, return_when=FIRST_COMPLETED)
            for future in finished:
                future.result()
            self._on_progress(self._tally.done)
        return pending

    def _send(self, one: Batch) -> None:
        try:
            verdicts = self._client.post(one.texts)
        except TooLarge as error:
            self._split(one, str(error))
            return
        except Stopped:
            return
        self._journal.record(one.lines[0], one.lines[-1], verdicts)
        with self._tally.lock:
            self._tally.posted += len(one.lines)
            self._tally.verdicts.update(verdicts)

    def _split(self, one: Batch, why: str) -> None:
        if len(one.lines) == 1:
            self._fail(one.lines, why)
            return
        middle = len(one.lines) // 2
        self._send(Batch(one.lines[:middle], one.texts[:middle]))
        self._send(Batch(one.lines[middle:], one.texts[middle:]))

    def _fail(self, lines: tuple[int, ...], why: str) -> None:
        with self._tally.lock:
            self._tally.failed += [(line, why) for line in lines]


def text_of(item: SourceEvent) -> bytes:
    """Return the line to post: the event's JSON, or the bytes that are none, as they are."""
    if item.raw is not None:
        return item.raw
    try:
        return orjson.dumps(item.event)
    except TypeError:  # beyond 64 bits or too deep: the collector keeps it, in quarantine
        return exact(item.event)


def batches(items: Iterator[tuple[int, bytes]], count: int, size: int) -> Iterator[Batch]:
    """Group (line, text) by at most `count` events and `size` bytes; a larger one goes alone."""
    lines: list[int] = []
    texts: list[bytes] = []
    held = 0
    for line, text in items:
        if lines and (len(lines) >= count or held + len(text) >= size):
            yield Batch(tuple(lines), tuple(texts))
            lines, texts, held = [], [], 0
        lines.append(line)
        texts.append(text)
        held += len(text) + 1
    if lines:
        yield Batch(tuple(lines), tuple(texts))


def _address(settings: Settings) -> str:
    owner = read_owner(settings.spool_dir)
    if owner and owner.url:
        return owner.url
    host = settings.collect_host
    if host in {"0.0.0.0", "::"}:  # noqa: S104  (it listens on all: here is one of them)
        host = "127.0.0.1"
    host = f"[{host}]" if ":" in host else host
    return f"http://{host}:{settings.collect_port}"


def _check(rate: float | None, batch: int, concurrency: int, origin: str) -> None:
    if origin not in ORIGINS:
        raise InvalidValue("origin", origin, ORIGINS)
    if not 1 <= batch <= MAX_BATCH:
        raise InvalidValue("batch", batch, [f"1 to {MAX_BATCH}"])
    if concurrency < 1:
        raise InvalidValue("concurrency", concurrency, ["1 and more"])
    if rate is not None and not rate > 0:
        raise InvalidValue("rate", rate, ["any number above 0"])
