"""Plans that are applied by a process of their own: it outlives whoever started it.

The process is `weir plan apply`, and what it does stands in the plan's journal. Who starts it keeps
nothing but its id beside the journal: asked for twice, it is started once.
"""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from filelock import FileLock

from weir.audit import Actor
from weir.core.clock import utc_now
from weir.core.errors import NotReady
from weir.core.processes import lives
from weir.core.settings import Settings
from weir.lineage.recovery.journal import Journal, Plans, Standing
from weir.orchestra.planning import require_seen

_LAST_LINES = 6
_started: dict[int, subprocess.Popen[bytes]] = {}
"""Processes that this one started: asked for their end, so that none stays behind as a zombie."""


@dataclass(frozen=True)
class Attempt:
    """How the newest attempt at a plan stands.

    Attributes:
        running: whether a process of this machine carries the plan out, or is about to.
        words: what a process that was started here and has ended said last; '' if the plan is done.
    """

    running: bool
    words: str


def start(settings: Settings, name: str, digest: str, by: Actor) -> bool:
    """Start a process that applies a plan or goes on with it; do nothing while one does.

    Args:
        settings: the home.
        name: the plan's id.
        digest: what the plan does, as it was shown; not needed to go on with one that began.
        by: who is told to the audit log.

    Returns:
        Whether a process was started.

    Raises:
        NotFound: if there is no such plan.
        NotReady: if it is done, or the digest is another.
    """
    journal = Plans(settings.plans_dir).journal(name)
    with FileLock(journal.folder / "start.lock"):
        if attempt(journal).running:
            return False
        if journal.standing is Standing.DONE:
            raise NotReady(f"Plan {name} is done.", "Make a new one: `weir plan recover`.")
        if journal.began is None:
            require_seen(journal.plan, digest)
        _start(settings, journal, by)
    return True


def attempt(journal: Journal) -> Attempt:
    """Return how the newest attempt at a plan stands, whoever started it."""
    mine, began = _read(journal.folder / "process.json"), journal.attempt
    running = mine is not None and _runs(mine["pid"], datetime.fromisoformat(mine["at"]))
    if began is not None and not running and "process" in began.body:
        running = _runs(int(began.body["process"]), began.at)
    done = running or journal.standing is Standing.DONE
    return Attempt(running, "" if done else _words(journal.folder / "apply.log"))


def _start(settings: Settings, journal: Journal, by: Actor) -> None:
    where = ["--project", str(settings.project), "--home", str(settings.production_home)]
    chosen = ["--env", settings.env] if settings.env else []
    plan = journal.plan
    order = ["plan", "apply", plan.id, "--digest", plan.digest]
    with (journal.folder / "apply.log").open("wb") as log:
        process = subprocess.Popen(  # noqa: S603 - our own command
            [sys.executable, "-m", "weir", *where, *chosen, *order],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            cwd=settings.project,
            env={**os.environ, "WEIR_ACTOR": f"{by.kind}:{by.name}", "NO_COLOR": "1"},
            start_new_session=True,
        )
    _started[process.pid] = process
    told = {"pid": process.pid, "at": utc_now().isoformat()}
    (journal.folder / "process.json").write_text(json.dumps(told))


def _runs(pid: int, since: datetime) -> bool:
    """Tell whether a process that surely ran at a naive UTC time lives."""
    mine = _started.get(pid)
    if mine is not None and mine.poll() is not None:
        del _started[pid]
        return False
    return lives(pid, since.replace(tzinfo=UTC))


def _read(path: Path) -> dict[str, Any] | None:
    try:
        found: dict[str, Any] = json.loads(path.read_text())
    except (OSError, ValueError):
        return None
    return found


def _words(path: Path) -> str:
    if not path.is_file():
        return ""
    lines = path.read_text(errors="replace").splitlines()
    return "\n".join(line.rstrip() for line in lines[-_LAST_LINES:] if line.strip())
