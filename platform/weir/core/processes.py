"""Processes of this machine: whether one lives, or listens."""

from __future__ import annotations

import os
import socket
from datetime import UTC, datetime, timedelta
from pathlib import Path

_CLOCK_STEP = timedelta(seconds=5)  # the boot time is in whole seconds, and the clock is corrected


def lives(pid: int, since: datetime | None = None) -> bool:
    """Tell whether a process lives.

    Args:
        pid: its id.
        since: aware; when it surely ran: one that started later has only the id of it. Not looked at
            where there is no /proc to say so.

    >>> lives(os.getpid()), lives(os.getpid(), datetime(2000, 1, 1, tzinfo=UTC))
    (True, False)
    """
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    if _ended(pid):
        return False
    started = _started(pid) if since else None
    return since is None or started is None or started <= since + _CLOCK_STEP


def is_taken(port: int) -> bool:
    """Tell whether something listens on a loopback port."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.settimeout(0.5)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _ended(pid: int) -> bool:
    """Tell whether a process has ended, and only its parent did not ask for its end yet."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return False


def _started(pid: int) -> datetime | None:
    """Return when a process started, to the second, or None where there is no /proc to say so."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
        boot = next(line for line in Path("/proc/stat").read_text().splitlines() if "btime" in line)
    except OSError:
        return None
    ticks = int(stat.rpartition(")")[2].split()[19])  # field 22; the name before may hold blanks
    seconds = int(boot.split()[1]) + ticks / os.sysconf("SC_CLK_TCK")
    return datetime.fromtimestamp(seconds, UTC)
