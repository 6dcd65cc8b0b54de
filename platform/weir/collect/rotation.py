"""Brings the spool to rest before sealing: asks live writers to rotate, recovers dead ones' orphans.

Afterwards every record received before the returned instant is in a complete segment. A writer that
does not answer for REVOKE_SECONDS (stopped, or stuck on its disk) is left out, so that hours close
without it: what it still completes later lands in the hour that is open then.
"""

from __future__ import annotations

import logging
import os
import signal
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

from weir.collect import writers
from weir.collect.segments import list_segments
from weir.core.landing import LANES

log = logging.getLogger(__name__)

WAIT_SECONDS = 10.0
REVOKE_SECONDS = 300.0
_POLL = 0.02
_TICK = timedelta(microseconds=1)


def complete_segments(
    spool_dir: Path,
    clock: Callable[[], datetime],
    sleep: Callable[[float], None],
    wait_seconds: float = WAIT_SECONDS,
    revoke_seconds: float = REVOKE_SECONDS,
) -> datetime | None:
    """Complete every segment that holds records.

    Args:
        spool_dir: the spool's folder.
        clock: naive UTC time.
        sleep: how to wait.
        wait_seconds: how long live writers may take.
        revoke_seconds: how long a writer may leave rotations unanswered.

    Returns:
        The instant before which everything received is complete. None if a live writer did not
        answer in time, or an orphan is damaged: then nothing may be closed.
    """
    began = clock()  # a writer that starts from now on receives nothing before it
    waiting = set(writers.epochs(spool_dir))
    asked: set[int] = set()
    for _ in range(max(1, int(wait_seconds / _POLL))):
        living = set(writers.recover_dead(spool_dir, clock))
        waiting &= living
        for epoch in waiting - asked:
            if _ask(spool_dir, epoch):
                asked.add(epoch)
        waiting -= {epoch for epoch in waiting if _complete(spool_dir, epoch, began)}
        if not waiting:
            # One microsecond before is the latest that no rotation can exclude.
            return None if _damaged(spool_dir, living) else began - _TICK
        sleep(_POLL)
    late = {e for e in waiting if _is_revoked(spool_dir, e, clock(), revoke_seconds)}
    if waiting > late or _damaged(spool_dir, set(writers.epochs(spool_dir))):
        log.warning("Writers %s did not complete their segments in %g s", waiting, wait_seconds)
        return None
    log.error("Writers %s answer no more: hours close without them", sorted(late))
    return began - _TICK


def _ask(spool_dir: Path, epoch: int) -> bool:
    """Order the rotation. Only a writer that is ready has its handler: the signal ends others."""
    writer = writers.read_writer(spool_dir, epoch)
    if writer is None or not writer.ready:
        return False
    try:
        os.kill(writer.pid, signal.SIGUSR1)
    except ProcessLookupError:
        log.info("The writer %d has just ended", writer.pid)
    return True


def _complete(spool_dir: Path, epoch: int, since: datetime) -> bool:
    """Tell whether a live writer has rotated since an instant, or has not received anything yet."""
    done = writers.read_rotation(spool_dir, epoch)
    if done is not None and done >= since:
        writers.answered(spool_dir, epoch)
        return True
    writer = writers.read_writer(spool_dir, epoch)
    return writer is not None and not writer.ready


def _is_revoked(spool_dir: Path, epoch: int, now: datetime, seconds: float) -> bool:
    since = writers.asked_since(spool_dir, epoch, now)
    return now - since >= timedelta(seconds=seconds)


def _damaged(spool_dir: Path, living: set[int]) -> bool:
    """Tell whether a dead writer left a segment that could not be recovered."""
    left = [s for lane in LANES for s in list_segments(spool_dir, lane, complete=False)]
    return any(segment.epoch not in living for segment in left)
