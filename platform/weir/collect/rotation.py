"""Brings the spool to rest before sealing: asks the live collector to rotate, or recovers orphans.

Afterwards every record received before the returned instant is in a complete segment.
"""

from __future__ import annotations

import logging
import os
import signal
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

from weir.collect.ownership import Owner, read_owner, read_rotation, try_lock
from weir.collect.segments import list_segments, recover_orphans, stamp
from weir.core.landing import LANES

log = logging.getLogger(__name__)

WAIT_SECONDS = 10.0
_POLL = 0.02


def complete_segments(
    spool_dir: Path,
    clock: Callable[[], datetime],
    sleep: Callable[[float], None],
    wait_seconds: float = WAIT_SECONDS,
) -> datetime | None:
    """Complete every segment that holds records.

    Args:
        spool_dir: the spool's folder.
        clock: naive UTC time.
        sleep: how to wait.
        wait_seconds: how long a live collector may take.

    Returns:
        The instant before which everything received is complete. None if the live collector did
        not answer in time, or an orphan is damaged: then nothing may be closed.
    """
    asked: tuple[Owner, datetime] | None = None
    for _ in range(max(1, int(wait_seconds / _POLL))):
        if (taken := try_lock(spool_dir)) is not None:
            with taken:
                recover_orphans(spool_dir, clock)
                left = [s for lane in LANES for s in list_segments(spool_dir, lane, complete=False)]
                return None if left else clock()
        owner = read_owner(spool_dir)
        if owner is not None and owner.url and (asked is None or asked[0] != owner):
            asked = owner, clock()
            _ask(owner)
        if asked is not None and (done := _rotated(spool_dir, *asked)) is not None:
            return done
        sleep(_POLL)
    log.warning("The collector did not complete its segments in %g s", wait_seconds)
    return None


def _ask(owner: Owner) -> None:
    """Order the rotation. Only a collector that listens has its handler: the signal ends others."""
    try:
        os.kill(owner.pid, signal.SIGUSR1)
    except ProcessLookupError:
        log.info("The collector %d has just ended", owner.pid)


def _rotated(spool_dir: Path, owner: Owner, since: datetime) -> datetime | None:
    found = read_rotation(spool_dir)
    if found is None or found.epoch != owner.epoch or found.at < stamp(since):
        return None
    # One microsecond after a record's arrival is the earliest that a rotation can exclude.
    return datetime.fromisoformat(found.at) - timedelta(microseconds=1)
