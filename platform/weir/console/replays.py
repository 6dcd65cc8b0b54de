"""Replays of quarantined events that the console carries out: each in a thread, told of while it runs.

What was replayed stands in the lake and in the audit log; this only remembers the last ones of the process.
"""

from __future__ import annotations

import logging
import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from weir.audit import Actor, audited
from weir.collect import quarantine
from weir.collect.quarantine import ReplayReport, Wanted
from weir.console.http.errors import Refused
from weir.core.errors import NotFound
from weir.core.settings import Settings

log = logging.getLogger(__name__)

AT_ONCE = 2
_KEPT = 50
_CHUNK = 2_000  # rows of one transaction: progress is told after each


@dataclass
class Replay:
    """One replay.

    Attributes:
        id: its number, from 1.
        by: who asked for it.
        wanted: which rows.
        total: how many those were when it began.
        version: which version of the schema judges, None for the events' own.
        began_at: naive UTC.
        state: `running`, `done` or `failed`.
        report: how far it is; None until the first rows are through.
        error: why it failed.
        ended_at: naive UTC; None while it runs.
    """

    id: int
    by: Actor
    wanted: Wanted
    total: int
    version: int | None
    began_at: datetime
    state: Literal["running", "done", "failed"] = "running"
    report: ReplayReport | None = None
    error: str = ""
    ended_at: datetime | None = None


class Replays:
    """The replays of one console.

    Args:
        settings: the home's.
        now: the clock; naive UTC.
        then: called when one has ended.
    """

    def __init__(
        self, settings: Settings, now: Callable[[], datetime], then: Callable[[], None]
    ) -> None:
        self._settings, self._now, self._then = settings, now, then
        self._lock = threading.Lock()
        self._all: OrderedDict[int, Replay] = OrderedDict()
        self._last = 0

    def all(self) -> list[Replay]:
        """Return the last ones, the newest first."""
        with self._lock:
            return list(reversed(self._all.values()))

    def get(self, number: int) -> Replay:
        """Return one.

        Raises:
            NotFound: if this process knows none of this number.
        """
        with self._lock:
            if number not in self._all:
                raise NotFound(
                    "replay",
                    str(number),
                    remedy="The audit log has those of before the last start.",
                )
            return self._all[number]

    def start(self, wanted: Wanted, version: int | None, total: int, by: Actor) -> Replay:
        """Begin one.

        Raises:
            Refused: if too many are under way.
        """
        with self._lock:
            running = [one for one in self._all.values() if one.state == "running"]
            if len(running) >= AT_ONCE:
                raise Refused(
                    409, "replays_running", f"{len(running)} replays are under way.",
                    "Wait until one of them has ended.",
                )  # fmt: skip
            self._last += 1
            found = Replay(self._last, by, wanted, total, version, self._now())
            self._all[found.id] = found
            while len(self._all) > _KEPT:
                self._all.popitem(last=False)
        threading.Thread(target=self._run, args=(found,), name="replay", daemon=True).start()
        return found

    def _run(self, one: Replay) -> None:
        try:
            asked = {k: v for k, v in vars(one.wanted).items() if v not in (None, ())}
            with audited(
                self._settings,
                "quarantine.replay",
                by=one.by,
                wanted=asked,
                set_version=one.version,
            ) as entry:
                one.report = quarantine.replay(
                    self._settings, one.wanted,
                    quarantine.rejudging_of(self._settings, one.version),
                    by=one.by.name, chunk=_CHUNK, on_progress=lambda report: self._tell(one, report),
                )  # fmt: skip
                entry.tell(replay=one.report.as_dict())
            one.state = "done"
        except Exception as error:
            log.exception("The replay %s failed", one.id)
            one.state, one.error = "failed", str(error)
        finally:
            self._then()
            one.ended_at = self._now()

    def _tell(self, one: Replay, report: ReplayReport) -> None:
        one.report = report
