"""The sealer: lands what waits in the spool, closes ended hours, removes segments that are safe.

`seal_now` is one pass, `run` the loop. Each lane is sealed for itself: a damaged one stops neither
the others nor their durability, only the closing of hours.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial

from weir.collect.backlog import MAX_BYTES, MAX_RECORDS, next_batch, read_range
from weir.collect.ballast import says_full
from weir.collect.drops import land_drops
from weir.collect.durable import retire
from weir.collect.rotation import WAIT_SECONDS, complete_segments
from weir.core import grains
from weir.core.clock import utc_now
from weir.core.errors import FenceLost
from weir.core.landing import LANES
from weir.core.settings import Settings
from weir.engines.embedded.lake import Lake
from weir.engines.embedded.reland import reland_unsynced
from weir.engines.embedded.sealing import EmbeddedLanding
from weir.engines.ports import Generation, LandingLook, LandingStore, Position

log = logging.getLogger(__name__)

_FENCE_TRIES = 20
_TICK_SECONDS = 0.2


@dataclass
class SealReport:
    """What one pass did.

    Attributes:
        sealed: what landed, one entry per lane, landing hour and transaction.
        closed: the hours that were closed, as their last, empty generation.
        closed_until: every landing hour before it is closed; None if none is.
        relanded: rows landed again because their files had not survived.
        removed: segments removed from the spool.
        waited_out: True if the collector did not complete its segments in time.
        drops: rows of `weir.drop` that landed: what the collector did not keep.
        errors: lanes that could not be sealed; `drops` if those could not be landed.
        seconds: how long it took.
    """

    sealed: list[Generation] = field(default_factory=list)
    closed: list[Generation] = field(default_factory=list)
    closed_until: datetime | None = None
    relanded: int = 0
    removed: int = 0
    waited_out: bool = False
    drops: int = 0
    errors: dict[str, Exception] = field(default_factory=dict)
    seconds: float = 0.0

    @property
    def rows(self) -> int:
        """Rows that landed."""
        return sum(g.rows for g in self.sealed)

    @property
    def lanes(self) -> Mapping[str, int]:
        """Rows that landed, by lane."""
        return {lane: sum(g.rows for g in self.sealed if g.lane == lane) for lane in LANES}


class Sealer:
    """Seals one spool into one lake.

    Args:
        settings: where both are.
        clock: naive UTC time.
        sleep: how to wait for the collector.
        wait_seconds: how long the collector may take to complete its segments.
        max_records: most records of one transaction.
        max_bytes: most payload bytes of one transaction.
        stop: asked between transactions: a pass that it ends leaves the rest to the next one.
    """

    def __init__(
        self,
        settings: Settings,
        clock: Callable[[], datetime] = utc_now,
        sleep: Callable[[float], None] = time.sleep,
        *,
        wait_seconds: float = WAIT_SECONDS,
        max_records: int = MAX_RECORDS,
        max_bytes: int = MAX_BYTES,
        stop: Callable[[], bool] = lambda: False,
    ) -> None:
        self.settings, self.clock, self.sleep = settings, clock, sleep
        self.wait_seconds = wait_seconds
        self.max_records, self.max_bytes, self.stop = max_records, max_bytes, stop
        settings.require_production("Sealing")
        self.lake = Lake(settings)
        self.store: LandingStore = EmbeddedLanding(self.lake)
        self._started = False

    def start(self) -> int:
        """Create the lake where it is absent; land again what a power cut took. Returns its rows."""
        self.lake.create()
        rows = reland_unsynced(self.lake, partial(read_range, self.settings.spool_dir))
        self._started = True
        return rows

    def seal(self) -> SealReport:
        """Do one pass.

        Raises:
            LakeError: if the lake cannot be written. Errors of single lanes are in the report.
        """
        began = time.perf_counter()
        report = SealReport(relanded=0 if self._started else self.start())
        complete_until = complete_segments(
            self.settings.spool_dir, self.clock, self.sleep, self.wait_seconds
        )
        before = self.store.look()
        for lane in LANES:
            try:
                self._seal_lane(lane, before, report)
            except Exception as error:  # noqa: BLE001 - the other lanes are to be sealed
                report.errors[lane] = error
        stopped = self.stop()
        self.store.sync(before.mark, report.sealed)
        report.waited_out = complete_until is None
        report.closed_until = before.closed_until
        if complete_until is not None and not report.errors and not stopped:
            self._close(complete_until, report)
        report.removed = self._retire(self.store.look() if report.sealed else before)
        self._note_drops(report)
        report.seconds = time.perf_counter() - began
        return report

    def _seal_lane(self, lane: str, look: LandingLook, report: SealReport) -> None:
        spool, lost = self.settings.spool_dir, 0
        at, sealed = look.positions[lane], dict(look.sealed[lane])
        while not self.stop():
            try:
                batch = next_batch(
                    spool, lane, at, sealed, max_records=self.max_records, max_bytes=self.max_bytes
                )
                if batch is None:
                    return
                report.sealed += self.store.seal(batch, self.clock())
                at = Position(batch.epoch, batch.next_offset)
                sealed[batch.epoch] = batch.next_offset
            except (FenceLost, FileNotFoundError):
                lost += 1
                log.info("Another sealer landed or removed a segment of lane %s first", lane)
                if lost >= _FENCE_TRIES:
                    raise
                look = self.store.look()
                at, sealed = look.positions[lane], dict(look.sealed[lane])

    def _note_drops(self, report: SealReport) -> None:
        try:
            report.drops = land_drops(self.settings, self.lake)
        except Exception as error:  # noqa: BLE001 - nothing of it may stop the lanes
            report.errors["drops"] = error

    def _close(self, complete_until: datetime, report: SealReport) -> None:
        now = self.clock()
        until = grains.floor(min(complete_until, now), self.settings.grain)
        if report.closed_until is None or report.closed_until < until:
            report.closed = self.store.close(until, now)
            report.closed_until = until

    def _retire(self, look: LandingLook) -> int:
        spool = self.settings.spool_dir
        hours = 0.0 if says_full(spool) else self.settings.keep_segments_hours
        keep = timedelta(hours=hours)
        return retire(spool, look.sealed, look.unsynced, self.clock() - keep)


def seal_now(
    settings: Settings,
    clock: Callable[[], datetime] = utc_now,
    sleep: Callable[[float], None] = time.sleep,
) -> SealReport:
    """Land everything that the spool holds now, and close the hours that have ended.

    Raises:
        SpoolError: if a lane could not be read; the others are sealed. Several become a group.
        LakeError: if the lake cannot be written.
    """
    report = Sealer(settings, clock, sleep).seal()
    raise_errors(report)
    return report


def raise_errors(report: SealReport) -> None:
    """Raise what stopped single lanes of a pass, if anything did.

    Raises:
        Exception: the error; an ExceptionGroup of them if there are several.
    """
    errors = list(report.errors.values())
    if len(errors) == 1:
        raise errors[0]
    if errors:
        raise ExceptionGroup("Lanes were not sealed", errors)


def run(
    settings: Settings,
    stop: Callable[[], bool],
    clock: Callable[[], datetime] = utc_now,
    sleep: Callable[[float], None] = time.sleep,
    each: Callable[[SealReport], None] = lambda _: None,
) -> None:
    """Seal every `settings.seal_every_seconds` until `stop()` is true.

    Whatever ends a pass or a lane is logged with its traceback and tried again at the next pass:
    what is in the spool is safe there, and a full disk may have room again.

    Args:
        settings: the project's settings.
        stop: asked five times a second.
        clock: naive UTC time.
        sleep: how to wait.
        each: gets the report of each pass.
    """
    sealer = Sealer(settings, clock, sleep, stop=stop)
    while not stop():
        try:
            report = sealer.seal()
            for lane, why in report.errors.items():
                log.error("Lane %s was not sealed: %s", lane, why, exc_info=why)
            each(report)
        except Exception as error:
            log.exception("Sealing failed and is tried again: %s", error)  # noqa: TRY401 - in words
            sealer = Sealer(
                settings, clock, sleep, stop=stop
            )  # its first pass checks what this one left
        for _ in range(max(1, round(settings.seal_every_seconds / _TICK_SECONDS))):
            if stop():
                break
            sleep(_TICK_SECONDS)
