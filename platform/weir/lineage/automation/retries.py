"""Whether what failed may be tried again: once per failure, a few times, ever later. Pure.

What failed for good is asked for again when its inputs or its code are others; an asset whose
partitions keep failing is tried ever more seldom, whatever changes, until one of them is built.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from weir.lineage.failures import BY_NAME, UNKNOWN

MAX_ATTEMPTS = 5  # of one state: what failed five times needs a person
FIRST_PAUSE = timedelta(minutes=1)  # doubled after every attempt
LONGEST_PAUSE = timedelta(hours=6)


class Wait(StrEnum):
    """Why something that is to be built is not asked for now."""

    UNDER_WAY = "under_way"
    PAUSE = "pause"
    PERMANENT = "permanent"
    GIVEN_UP = "given_up"
    OFF_PEAK = "off_peak"
    BUDGET = "budget"


@dataclass(frozen=True)
class Attempts:
    """What became of a request's earlier runs.

    Attributes:
        count: how many have ended.
        running: whether one is queued or running.
        last_end: when the last one ended; naive UTC.
        jitter: part of the half of a pause that is left out, from 0 to 1.
    """

    count: int = 0
    running: bool = False
    last_end: datetime | None = None
    jitter: float = 0.0

    def wait(self, now: datetime) -> Wait | None:
        """Return why the next attempt may not start now; None if it may."""
        if self.running:
            return Wait.UNDER_WAY
        if self.count >= MAX_ATTEMPTS:
            return Wait.GIVEN_UP
        if self.last_end is None or now >= self.last_end + pause(self.count, self.jitter):
            return None
        return Wait.PAUSE

    def may_start(self, now: datetime) -> bool:
        """Tell whether the next attempt is allowed now."""
        return self.wait(now) is None


@dataclass(frozen=True)
class Failed:
    """What became of the attempts to build one partition from one state of its inputs.

    Attributes:
        digest: of what it was to be built from.
        attempts: how many failed.
        sort: the last failure's sort, a name of `weir.lineage.failures`.
        run: the last run that failed.
    """

    digest: str
    attempts: int
    sort: str
    run: str


@dataclass(frozen=True)
class Streak:
    """Runs of one asset that failed one after the other.

    Attributes:
        count: how many.
        code: the version of the asset's code.
        at: when the last one ended; naive UTC.
    """

    count: int
    code: str
    at: datetime


@dataclass(frozen=True)
class Past:
    """What is known of failures.

    Attributes:
        failed: asset → partition → its failed attempts.
        streaks: asset → runs that failed in a row.
        under_way: asset → partitions that a run is queued or running for.
    """

    failed: Mapping[str, Mapping[datetime, Failed]]
    streaks: Mapping[str, Streak]
    under_way: Mapping[str, frozenset[datetime]]


NOTHING = Past({}, {}, {})


def wait_of(
    past: Past, asset: str, at: datetime, digest: str, code: str, now: datetime
) -> Wait | None:
    """Return why a partition may not be asked for now; None if it may.

    Args:
        past: what is known of failures.
        asset: the asset.
        at: the partition.
        digest: of what it would be built from now.
        code: the asset's code now.
        now: naive UTC.
    """
    if at in past.under_way.get(asset, ()):
        return Wait.UNDER_WAY
    failed = past.failed.get(asset, {}).get(at)
    if failed is not None and failed.digest == digest and failed.attempts:
        if not BY_NAME.get(failed.sort, UNKNOWN).transient:
            return Wait.PERMANENT
        if failed.attempts >= MAX_ATTEMPTS:
            return Wait.GIVEN_UP
    streak = past.streaks.get(asset)
    if streak is not None and streak.code == code and now < next_try(asset, streak):
        return Wait.PAUSE
    return None


def next_try(asset: str, streak: Streak) -> datetime:
    """Return when an asset that failed may be tried again."""
    return streak.at + pause(streak.count, jitter_of(asset, streak.count))


def pause(count: int, jitter: float) -> timedelta:
    """Return how long to wait after so many failures: doubled each time, at most six hours.

    Args:
        count: failures so far.
        jitter: from 0 to 1; up to half of the pause is left out, so that what failed together does
            not come back together.

    >>> pause(3, 0.0), pause(3, 1.0)
    (datetime.timedelta(seconds=240), datetime.timedelta(seconds=120))
    """
    if count <= 0:
        return timedelta(0)
    doubled: int = 2 ** min(count - 1, 20)
    whole = min(LONGEST_PAUSE, FIRST_PAUSE * doubled)
    return whole * (1 - jitter / 2)


def jitter_of(*what: object) -> float:
    """Return a number from 0 to 1 that is the same for the same things, whoever asks.

    >>> jitter_of("fact/a", 1) == jitter_of("fact/a", 1) != jitter_of("fact/a", 2)
    True
    """
    text = "\x1f".join(map(str, what))
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=4).digest()) / 2**32
