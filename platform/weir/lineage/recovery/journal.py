"""Plans on disk and how far each got: one folder a plan, a file that only grows, durable line by line.

`plans/<id>/plan.json` is written once; `plans/<id>/journal.jsonl` gets a line before and after every
run. A line that a crash cut in the middle is not there.
"""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any, BinaryIO

from filelock import FileLock, Timeout

from weir.core.errors import NotFound, NotReady, WeirError
from weir.lineage.recovery.plans import Plan


class Event(StrEnum):
    """What a line of the journal says."""

    BEGAN = "began"
    STARTED = "started"
    DONE = "done"
    STEP_DONE = "step_done"
    FAILED = "failed"
    CANCEL = "cancel"
    GAVE_UP = "gave_up"
    ENDED = "ended"


class Standing(StrEnum):
    """How a plan stands."""

    MADE = "made"
    UNFINISHED = "unfinished"
    CANCELLED = "cancelled"
    FAILED = "failed"
    DONE = "done"


@dataclass(frozen=True)
class Line:
    """One line of a journal.

    Attributes:
        at: naive UTC.
        event: what happened.
        step: the number of the step, 0 for the plan as a whole.
        body: what more there is to say.
    """

    at: datetime
    event: Event
    step: int
    body: Mapping[str, Any]


class Journal:
    """What happened to one plan.

    Args:
        folder: the plan's folder.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._path = folder / "journal.jsonl"

    @property
    def plan(self) -> Plan:
        """The plan."""
        return Plan.of(json.loads((self.folder / "plan.json").read_text()))

    def lines(self) -> list[Line]:
        """Return the lines, oldest first."""
        if not self._path.exists():
            return []
        text = self._path.read_text()
        whole = text.splitlines() if text.endswith("\n") else text.splitlines()[:-1]
        return [_line(json.loads(line)) for line in whole if line]

    def write(self, at: datetime, event: Event, step: int = 0, **body: Any) -> None:
        """Add a line; it is on the disk when this returns."""
        line = {"at": at.isoformat(), "event": event.value, "step": step, **body}
        with FileLock(self.folder / "journal.lock"), self._path.open("a+b") as file:
            file.truncate(_whole(file))
            file.write(json.dumps(line, default=str).encode() + b"\n")
            file.flush()
            os.fsync(file.fileno())

    @property
    def standing(self) -> Standing:
        """How the plan stands: what its last telling line says."""
        standing = Standing.MADE
        words = {
            Event.BEGAN: Standing.UNFINISHED,
            Event.CANCEL: Standing.CANCELLED,
            Event.FAILED: Standing.FAILED,
            Event.ENDED: Standing.DONE,
        }
        for line in self.lines():
            standing = words.get(line.event, standing)
        return standing

    @property
    def done(self) -> set[int]:
        """The numbers of the steps that are done."""
        return {line.step for line in self.lines() if line.event is Event.STEP_DONE}

    @property
    def began(self) -> Line | None:
        """The line of the first beginning, None before it."""
        return next((line for line in self.lines() if line.event is Event.BEGAN), None)

    @property
    def attempt(self) -> Line | None:
        """The line of the newest beginning, None if it failed or ended since, or there is none."""
        found = None
        for line in self.lines():
            if line.event is Event.BEGAN:
                found = line
            elif line.event in (Event.FAILED, Event.ENDED):
                found = None
        return found

    @property
    def seconds(self) -> dict[int, float]:
        """The seconds of the runs of each step, by its number."""
        found: dict[int, float] = {}
        for line in self.lines():
            if line.event is Event.DONE:
                found[line.step] = found.get(line.step, 0.0) + float(line.body["seconds"])
        return found

    def cancelled_since(self, count: int) -> bool:
        """Tell whether somebody cancelled after the first so many lines."""
        return any(line.event is Event.CANCEL for line in self.lines()[count:])


class Plans:
    """All plans of a home.

    Args:
        folder: where they are kept; made when absent.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def keep(self, plan: Plan) -> Plan:
        """Write a new plan and return it with its name."""
        name = f"{plan.wanted.kind}-{plan.made_at:%Y%m%d-%H%M%S}-{secrets.token_hex(2)}"
        named = plan.named(name)
        folder = self.folder / name
        folder.mkdir(parents=True)
        waiting = folder / "plan.json.new"
        waiting.write_text(json.dumps(named.as_dict(), indent=1))
        waiting.rename(folder / "plan.json")
        return named

    def names(self) -> list[str]:
        """Return the names of all plans, oldest first."""
        found = self.folder.glob("*/plan.json")
        return [path.parent.name for path in sorted(found, key=lambda p: p.stat().st_mtime)]

    def journals(self) -> list[Journal]:
        """Return the journals of all plans, oldest first."""
        return [Journal(self.folder / name) for name in self.names()]

    def journal(self, name: str) -> Journal:
        """Return the journal of a plan.

        Raises:
            NotFound: if there is no such plan.
        """
        if name not in self.names():
            raise NotFound("plan", name, self.names(), "`weir plan list` names them.")
        return Journal(self.folder / name)

    @contextmanager
    def applying(self) -> Iterator[None]:
        """Hold the right to apply a plan: one at a time in a home.

        Raises:
            NotReady: if another process applies one.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        lock = FileLock(self.folder / "lock", timeout=0)
        try:
            lock.acquire()
        except Timeout:
            raise NotReady(
                "Another process is applying a plan in this home.",
                "Wait until it ends, or cancel that plan: `weir plan cancel ID`.",
            ) from None
        try:
            yield
        finally:
            lock.release()


def _whole(file: BinaryIO) -> int:
    """Return the bytes up to the end of the last whole line: a crash may have cut the one after."""
    file.seek(0)
    return file.read().rfind(b"\n") + 1


def _line(body: dict[str, Any]) -> Line:
    try:
        at, event, step = body.pop("at"), body.pop("event"), body.pop("step")
        return Line(datetime.fromisoformat(at), Event(event), step, body)
    except (KeyError, ValueError) as error:
        raise WeirError(
            f"A plan's journal holds a line that is none: {error}.",
            "It was written by hand or by another version; make a new plan.",
        ) from error
