"""The collector's supervisor: owns the listening socket and the spool's lock, and keeps workers.

It serves no request. A worker that dies is replaced while its connections wait in the kernel's queue;
SIGHUP starts new workers, and only when they accept do the old ones drain. A socket is never closed
while somebody may connect to it: SO_REUSEPORT would reset what waits in the queue of the one closed.
"""

from __future__ import annotations

import logging
import os
import signal
import socket
import subprocess
import sys
import time
from types import FrameType

from weir.collect import passing, totals
from weir.collect.gate import check_exposure
from weir.collect.ownership import Owner, SpoolLock, lock, next_epoch
from weir.collect.server import DRAIN_IDLE_SECONDS, DRAIN_SECONDS, listen, url_of
from weir.collect.spool import prepare
from weir.collect.worker import Seat
from weir.collect.writers import recover_dead
from weir.core.clock import utc_now
from weir.core.errors import ServiceUnavailable
from weir.core.settings import Settings

log = logging.getLogger(__name__)

START_SECONDS = 60.0
STOP_SECONDS = DRAIN_SECONDS + DRAIN_IDLE_SECONDS + 5.0
LOCK_SECONDS = STOP_SECONDS + 5.0  # the workers of a killed supervisor drain before they end
PAUSES = (0.0, 0.5, 2.0, 5.0)
"""Seconds before each new try to start workers, after as many failures in a row."""
_TICK_SECONDS = 0.05


class Worker:
    """One worker process.

    Args:
        settings: the project's settings.
        epoch: the epoch that it writes.
        listener: the socket that it accepts from.
        guard: the spool's lock, which it holds too.
        heir: whether it takes the place of one that crashed.
    """

    def __init__(
        self,
        settings: Settings,
        epoch: int,
        listener: socket.socket,
        guard: SpoolLock,
        *,
        heir: bool = False,
    ) -> None:
        self.epoch, self.ready = epoch, False
        self.asked_at: float | None = None
        self.started_at = time.monotonic()
        self._ready, ready = os.pipe()
        os.set_blocking(self._ready, False)
        lifeline, self._lifeline = os.pipe()
        seat = Seat(epoch, listener.fileno(), ready, lifeline, int(heir))
        where = ("--project", str(settings.project), "--home", str(settings.home))
        self.process = subprocess.Popen(  # noqa: S603 - our own command
            [sys.executable, "-m", "weir.collect", *where, "--seat", seat.text()],
            pass_fds=(seat.listener, seat.ready, seat.lifeline, guard.fd),
            stdout=subprocess.DEVNULL,
        )
        os.close(ready)
        os.close(lifeline)

    def ended(self) -> bool:
        """Notice whether it accepts requests; tell whether it has ended."""
        if not self.ready:
            try:
                self.ready = bool(os.read(self._ready, 16))
            except BlockingIOError:
                if time.monotonic() - self.started_at > START_SECONDS:
                    self.process.kill()
        return self.process.poll() is not None

    def end(self) -> None:
        """Ask it to drain and end; kill it if it has been asked for too long."""
        if self.asked_at is None:
            self.asked_at = time.monotonic()
            self.process.terminate()
        elif time.monotonic() - self.asked_at > STOP_SECONDS:
            log.error("Worker %d did not end in %g s: killed", self.process.pid, STOP_SECONDS)
            self.process.kill()

    def close(self) -> None:
        """Close the pipes of a worker that has ended."""
        os.close(self._ready)
        os.close(self._lifeline)


class Supervisor:
    """Keeps `collect_workers` workers alive on one socket.

    Args:
        settings: the project's settings.
        listener: bound and listening.
        guard: the spool's lock.
    """

    def __init__(self, settings: Settings, listener: socket.socket, guard: SpoolLock) -> None:
        self.settings, self.listener, self.guard = settings, listener, guard
        self.workers: list[Worker] = []
        self.replaced: list[Worker] = []
        self.stopping = self.replacing = self.announced = False
        self._failures, self._due = 0, 0.0

    def run(self) -> None:
        """Run until told to stop; then let every worker drain.

        Raises:
            ServiceUnavailable: if no worker lives and none could be started, four times in a row.
        """
        try:
            while not self.stopping:
                self._tick()
                time.sleep(_TICK_SECONDS)
        finally:
            self._stop()

    def _tick(self) -> None:
        self._bury()
        if self.replacing and not self.replaced:
            self.replacing = False
            log.info("Replacing the workers")
            self.replaced, self.workers = self.workers, []
        if len(self.workers) < self.settings.collect_workers and time.monotonic() >= self._due:
            self.workers.append(self._start())
        if len(self.workers) == self.settings.collect_workers and all(
            worker.ready for worker in self.workers
        ):
            self._settle()

    def _start(self) -> Worker:
        epoch = next_epoch(self.settings.spool_dir)
        heir = self.announced and not self.replaced  # nobody else is left to go on
        return Worker(self.settings, epoch, self.listener, self.guard, heir=heir)

    def _settle(self) -> None:
        """All workers accept: whoever they replace may go."""
        self._failures = 0
        for worker in self.replaced:
            worker.end()
        if not self.announced:
            self.announced = True
            url = url_of(self.listener)
            self.guard.describe(Owner(os.getpid(), self.workers[0].epoch, url))
            sys.stdout.write(f"Collector ready at {url}\n")
            sys.stdout.flush()

    def _bury(self) -> None:
        """Forget workers that have ended, recover what they left, and plan the next start."""
        dead = [worker for worker in (*self.workers, *self.replaced) if worker.ended()]
        if not dead:
            return
        self.workers = [worker for worker in self.workers if worker not in dead]
        self.replaced = [worker for worker in self.replaced if worker not in dead]
        for worker in dead:
            worker.close()
            passing.remove(self.settings.spool_dir, worker.epoch)
            if worker.asked_at is None:
                log.error("Worker %d ended (%s)", worker.process.pid, worker.process.returncode)
        if any(worker.asked_at is None for worker in dead):
            self._plan_start(started=all(worker.ready for worker in dead))
        recover_dead(self.settings.spool_dir, utc_now)
        self._fold()

    def _fold(self) -> None:
        living = (worker.epoch for worker in (*self.workers, *self.replaced))
        totals.fold(self.settings.spool_dir, living)

    def _plan_start(self, *, started: bool) -> None:
        self._failures += not started
        if self._failures >= len(PAUSES):
            self._give_up()
        self._due = time.monotonic() + PAUSES[self._failures]

    def _give_up(self) -> None:
        """Go on with the workers that were to be replaced, if there are any."""
        if not self.replaced and not any(worker.ready for worker in self.workers):
            raise ServiceUnavailable(
                f"The collector's worker could not start, {self._failures} times in a row.",
                "Its own words are above; mend what they name and start again.",
            )
        log.error("New workers do not start: the old ones go on")
        self.workers, self.replaced = self.replaced + self.workers, []
        self._failures = 0

    def _stop(self) -> None:
        left = [*self.workers, *self.replaced]
        while left:
            for worker in left:
                worker.end()
            time.sleep(_TICK_SECONDS)
            left = [worker for worker in left if not worker.ended()]
        recover_dead(self.settings.spool_dir, utc_now)


def supervise(settings: Settings) -> None:
    """Run the collector with its workers until SIGTERM or SIGINT; SIGHUP replaces the workers.

    Raises:
        SpoolError: if another collector owns the spool.
        ServiceUnavailable: if the address cannot be listened on, or no worker starts.
        UsageError: if it would listen to others without tokens.
    """
    check_exposure(settings.collect_host, settings.collect_auth)
    with (
        lock(settings.spool_dir, LOCK_SECONDS) as guard,  # first: old workers hold the port too
        listen(settings.collect_host, settings.collect_port) as listener,
    ):
        guard.describe(Owner(os.getpid(), 0, ""))
        prepare(settings.spool_dir)
        recover_dead(settings.spool_dir, utc_now)
        totals.clear(settings.spool_dir)
        passing.clear(settings.spool_dir)
        supervisor = Supervisor(settings, listener, guard)
        _take_orders(supervisor)
        supervisor.run()


def _take_orders(supervisor: Supervisor) -> None:
    def stop(_number: int, _frame: FrameType | None) -> None:
        supervisor.stopping = True

    def replace(_number: int, _frame: FrameType | None) -> None:
        supervisor.replacing = True

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    signal.signal(signal.SIGHUP, replace)
