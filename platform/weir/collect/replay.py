"""Replays a file of events through a collector, once: batches, pace, journal, report.

At least once: what was acknowledged and not yet noted when the process died is posted again, with
the same ids, and `accepted` keeps it once. Reading files is `weir.collect.sources`' business.
"""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from weir.collect.journal import Journal
from weir.collect.ownership import live_url
from weir.collect.posting import Poster, Sleep, TooLarge
from weir.collect.sources import Failures, Source, open_source
from weir.collect.verdict import ORIGINS
from weir.collect.wire import MAX_ITEMS
from weir.core.errors import InvalidValue, ServiceUnavailable
from weir.core.settings import Settings

BATCH_BYTES = 4_000_000
TIMEOUT_SECONDS = 60.0
FOLDER = "replay"
_PREFLIGHT_SECONDS = 5.0


@dataclass(frozen=True)
class Options:
    """How to replay.

    Args:
        batch: most events per request.
        concurrency: requests under way at a time.
        rate: events per second, on average exactly; None is as fast as it goes.
        origin: what the events are marked as, `replay` or `live`.

    Raises:
        InvalidValue: if one is out of its range.
    """

    batch: int = 500
    concurrency: int = 4
    rate: float | None = None
    origin: str = "replay"

    def __post_init__(self) -> None:
        if not 1 <= self.batch <= MAX_ITEMS:
            raise InvalidValue("batch", self.batch, [f"1 to {MAX_ITEMS}"])
        if not 1 <= self.concurrency <= 64:
            raise InvalidValue("concurrency", self.concurrency, ["1 to 64"])
        if self.rate is not None and self.rate <= 0:
            raise InvalidValue("rate", self.rate, ["a number above 0"])
        if self.origin not in ORIGINS:
            raise InvalidValue("origin", self.origin, ORIGINS)

    @property
    def batch_size(self) -> int:
        """Events per batch: never more than a second's worth."""
        return self.batch if self.rate is None else min(self.batch, max(1, int(self.rate)))


@dataclass
class ReplayReport:
    """What a replay did; it is filled while it runs.

    Args:
        total: rows of the file, at most.
        before: events that an earlier run had acknowledged.
        posted: events acknowledged in this run.
        verdicts: how many of them got each verdict.
        failures: lines that are no event, and lines too large for the collector.
        retries: requests that were repeated.
        seconds: how long it took.
        complete: whether every line of the file is acknowledged now.
    """

    total: int
    before: int = 0
    posted: int = 0
    verdicts: Counter[str] = field(default_factory=Counter)
    failures: Failures = field(default_factory=Failures)
    retries: int = 0
    seconds: float = 0.0
    complete: bool = False

    @property
    def rate(self) -> float:
        """Events per second."""
        return self.posted / self.seconds if self.seconds else 0.0


Progress = Callable[[ReplayReport], None]


def _silent(report: ReplayReport) -> None:
    del report


async def replay(
    source: Source,
    client: httpx.AsyncClient,
    journal: Journal,
    options: Options | None = None,
    *,
    clock: Callable[[], float] = time.monotonic,
    sleep: Sleep = asyncio.sleep,
    on_progress: Progress = _silent,
) -> ReplayReport:
    """Post the events of a source that the journal does not have yet.

    Args:
        source: the events.
        client: its `base_url` is the collector.
        journal: what was acknowledged before; it grows with every acknowledged batch.
        options: how to replay.
        clock: seconds on a clock that never goes back.
        sleep: how to wait.
        on_progress: is given the growing report at the start and after every batch.

    Raises:
        ServiceUnavailable: if the collector does not take a batch; what was noted stays noted.
        WeirError: if it refuses one, or the file cannot be read to its end.
    """
    chosen = options or Options()
    run = _Run(source, Poster(client, chosen.origin, sleep), journal, chosen, on_progress)
    run.clock, run.sleep, run.started = clock, sleep, clock()
    on_progress(run.report)
    if not journal.complete:
        try:
            await run.all()
        except BaseExceptionGroup as group:  # the first task's error ended the others
            raise group.exceptions[0] from None
        if not run.report.failures.count:
            journal.finish()
    run.report.complete = journal.complete
    on_progress(run.report)
    return run.report


class _Run:
    """One replay under way."""

    clock: Callable[[], float]
    sleep: Sleep
    started: float

    def __init__(
        self, source: Source, poster: Poster, journal: Journal, options: Options, tell: Progress
    ) -> None:
        self._source, self._poster, self._journal = source, poster, journal
        self._options, self._tell = options, tell
        self._slots = asyncio.Semaphore(options.concurrency)
        self._refused: list[int] = []
        self.report = ReplayReport(source.total, before=journal.counts.total())

    async def all(self) -> None:
        """Post every batch; the report's failures are the source's and the refused lines."""
        handed_on = 0
        async with asyncio.TaskGroup() as tasks:
            for batch in self._batches():
                handed_on += len(batch)
                await self._pace(handed_on)
                await self._slots.acquire()
                tasks.create_task(self._one(batch))
        self._note_failures()

    def _note_failures(self) -> None:
        self.report.failures = self._source.failures
        for line in self._refused:
            self.report.failures.add(line, "the collector does not take an event of this size")

    def _batches(self) -> Iterator[list[tuple[int, bytes]]]:
        batch: list[tuple[int, bytes]] = []
        size = 0
        for event in self._source.read(skip=self._journal.lines):
            text = event.text()
            if batch and (len(batch) == self._options.batch_size or size + len(text) > BATCH_BYTES):
                yield batch
                batch, size = [], 0
            batch.append((event.line, text))
            size += len(text) + 1
        if batch:
            yield batch

    async def _pace(self, events: int) -> None:
        """Wait until `events` are due: then N events take N / rate seconds, whatever the batches."""
        if self._options.rate is None:
            return
        due = self.started + events / self._options.rate
        if (ahead := due - self.clock()) > 0:
            await self.sleep(ahead)

    async def _one(self, batch: list[tuple[int, bytes]]) -> None:
        try:
            await self._send(batch)
        finally:
            self._slots.release()

    async def _send(self, batch: list[tuple[int, bytes]]) -> None:
        try:
            answer = await self._poster.send([text for _, text in batch])
        except TooLarge:
            await self._halve(batch)
            return
        self._journal.acknowledge([line for line, _ in batch], answer.verdicts)
        report = self.report
        report.posted += len(batch)
        report.verdicts.update(answer.verdicts)
        report.retries += answer.retries
        report.seconds = self.clock() - self.started
        self._tell(report)

    async def _halve(self, batch: list[tuple[int, bytes]]) -> None:
        if len(batch) == 1:
            self._refused.append(batch[0][0])
            return
        middle = len(batch) // 2
        await self._send(batch[:middle])
        await self._send(batch[middle:])


def replay_file(
    settings: Settings,
    path: Path,
    mapping: Path | None = None,
    *,
    url: str | None = None,
    options: Options | None = None,
    again: bool = False,
    on_progress: Progress = _silent,
) -> ReplayReport:
    """Replay a file through the collector of a home, or another one; see `replay`.

    The journal is `<home>/replay/<digest>.journal`, with the address's hash for a collector of
    another home.

    Args:
        settings: whose home has the journal, and whose collector is the default.
        path: the file.
        mapping: its mapping file; None when its lines have the wire form.
        url: the collector's address.
        options: how to replay.
        again: forget what was posted before.
        on_progress: is given the growing report.

    Raises:
        UsageError: if file and mapping do not fit, or the file is being replayed.
        ServiceUnavailable: if no collector answers.
    """
    source = open_source(path, mapping)
    # Another home's collector on the usual port is never meant.
    own = live_url(settings.spool_dir) or ""
    target = (url or own).rstrip("/")
    if not target:
        raise ServiceUnavailable(
            f"No collector is running on {settings.home}.",
            "Start it with `weir up`, or name another one with --url.",
        )
    name = source.digest
    if target != own:
        name += f"-{hashlib.sha256(target.encode()).hexdigest()[:8]}"
    with Journal(settings.home / FOLDER / f"{name}.journal", source.digest) as journal:
        if again:
            journal.forget()
        token = settings.collect_token.get_secret_value()
        return asyncio.run(_replay_to(target, source, journal, options, on_progress, token))


async def _replay_to(
    url: str,
    source: Source,
    journal: Journal,
    options: Options | None,
    on_progress: Progress,
    token: str = "",
) -> ReplayReport:
    # trust_env: a proxy of the environment has no business between here and the collector
    headers = {"authorization": f"Bearer {token}"} if token else {}
    async with httpx.AsyncClient(
        base_url=url, timeout=TIMEOUT_SECONDS, trust_env=False, headers=headers
    ) as client:
        if not journal.complete:
            await _expect(client)
        return await replay(source, client, journal, options, on_progress=on_progress)


async def _expect(client: httpx.AsyncClient) -> None:
    """Ask once whether a collector is there, before any retrying.

    Raises:
        ServiceUnavailable: if nothing answers, or it is no collector.
    """
    try:
        answer = await client.get("/healthz", timeout=_PREFLIGHT_SECONDS)
    except (httpx.TransportError, httpx.InvalidURL) as error:
        raise ServiceUnavailable(
            f"No collector answers at {client.base_url} ({type(error).__name__}).",
            "Start it with `weir up`, or name another one with --url.",
        ) from None
    if answer.status_code >= 400 and answer.status_code != 503:
        raise ServiceUnavailable(
            f"{client.base_url} answers {answer.status_code} to /healthz: it is no collector.",
            "Name the collector's address with --url; `weir up` prints it.",
        )
