"""The closed list of causes C01 to C20: what each means, and what mends it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Code(StrEnum):
    """A cause, by its number in the list."""

    MISSING = "C01"
    ABSENT = "C02"
    UNKNOWN = "C03"
    RUN_FAILED = "C04"
    CHECK_FAILED = "C05"
    CODE_CHANGED = "C06"
    SCHEMA_DRIFT = "C07"
    LATE_DATA = "C08"
    CHAIN_BROKEN = "C09"
    SKIPPED = "C10"
    NOT_ASKED = "C11"
    WINDOW_OPEN = "C12"
    QUEUED = "C13"
    DAEMON_DOWN = "C14"
    LOCKED = "C15"
    REFUSED = "C16"
    KILLED = "C17"
    CALENDAR = "C18"
    DOUBLED = "C19"
    DIVERTED = "C20"


class Mends(StrEnum):
    """Who mends a cause."""

    PLAN = "plan"
    """The plan does."""
    FIRST = "first"
    """A person does something first, then the plan does the rest."""
    PERSON = "person"
    """Only what the remedy says: no data has to be built again, or it follows by itself."""
    TIME = "time"
    """Nothing has to be done: it is not due yet."""


@dataclass(frozen=True)
class Meaning:
    """What a cause says.

    Attributes:
        title: two to four words.
        text: what it means, as one sentence.
        remedy: what to do, as one sentence.
        mends: who does it.
    """

    title: str
    text: str
    remedy: str
    mends: Mends


_PLAN = "Build it: the plan does."

MEANINGS: dict[Code, Meaning] = {
    Code.MISSING: Meaning(
        "Not built", "A partition that is due was never built, though nothing is in its way.",
        _PLAN, Mends.PLAN,
    ),
    Code.ABSENT: Meaning(
        "Recorded, not there",
        "The records say that a partition was built; its files or rows are gone, fewer or other.",
        "Restore the file from a backup, or build the partition again: the plan does.", Mends.PLAN,
    ),
    Code.UNKNOWN: Meaning(
        "There, not recorded", "Data is there that Dagster or the ledger was not told of.",
        "`weir run` takes in what landed; `weir partitions reconcile` mends records.",
        Mends.PLAN,
    ),
    Code.RUN_FAILED: Meaning(
        "Run failed", "The run that was to build a partition failed.",
        "Mend what its error says, then build it: the plan does.", Mends.FIRST,
    ),
    Code.CHECK_FAILED: Meaning(
        "Check failed", "A blocking check failed on a partition: what reads it waits.",
        "Mend the data or the model that the check is right about, then build it again.",
        Mends.FIRST,
    ),
    Code.CODE_CHANGED: Meaning(
        "Code changed", "A model's code is another than the one that built the partition.",
        "Build it with the new code: the plan does.", Mends.PLAN,
    ),
    Code.SCHEMA_DRIFT: Meaning(
        "Schema drift", "A file, a table or what a run made has other columns than agreed.",
        "Find out who changed the columns, then build it again.", Mends.FIRST,
    ),
    Code.LATE_DATA: Meaning(
        "Late data", "Events landed for a partition after it was built.",
        "Build it again with them: the plan does.", Mends.PLAN,
    ),
    Code.CHAIN_BROKEN: Meaning(
        "Chain broken", "A link is missing in what accumulates from day to day: all after it waits.",
        "Build the link and what follows: the plan does.", Mends.PLAN,
    ),
    Code.SKIPPED: Meaning(
        "Skipped by a good run", "A run succeeded without building a partition that it was for.",
        "Look at the run's skipped steps, then build the partition: the plan does.", Mends.PLAN,
    ),
    Code.NOT_ASKED: Meaning(
        "Nothing asks for it", "The sensor that asks for its runs is off, fails, or has given up.",
        "Switch the sensor on in Dagster (Automation), or build it by hand: the plan does.",
        Mends.FIRST,
    ),
    Code.WINDOW_OPEN: Meaning(
        "Window not closed", "Its time is not over, or landing hours that it needs are still open.",
        "Wait; if hours stay open that should be closed, start the sealer: `weir up`.", Mends.TIME,
    ),
    Code.QUEUED: Meaning(
        "Waits in the queue", "The run that is to build it waits for a slot, a pool or its tier.",
        "Wait for the runs before it, or end one of them in Dagster (Runs).", Mends.PERSON,
    ),
    Code.DAEMON_DOWN: Meaning(
        "Daemon is down", "Dagster's daemon, or the project's code location, does not answer.",
        "Start it again: `weir up`; `weir doctor` says what is wrong with the home.", Mends.FIRST,
    ),
    Code.LOCKED: Meaning(
        "Lock or disk error", "A run failed on a locked database or on reading or writing a file.",
        "End what holds the lock, or mend the disk; then build it: the plan does.", Mends.FIRST,
    ),
    Code.REFUSED: Meaning(
        "No permission", "A run failed on a permission, a credential or a quota.",
        "Give it the permission or the quota that its error names, then build it.", Mends.FIRST,
    ),
    Code.KILLED: Meaning(
        "Cut off", "A run was killed, cancelled, ran out of time, memory or disk space.",
        "See that it has what it needs, then build the rest: the plan does.", Mends.FIRST,
    ),
    Code.CALENDAR: Meaning(
        "Zone or calendar", "A day or week is asked for in another zone or start than the fact's.",
        "Ask in the fact's own zone and weeks; mend the clock of who sends wrong times.",
        Mends.PERSON,
    ),
    Code.DOUBLED: Meaning(
        "Counted twice", "A partition has more rows than it was built with, or a key twice.",
        "Build it again: the plan does. Find out who wrote into it.", Mends.PLAN,
    ),
    Code.DIVERTED: Meaning(
        "Set aside on the way", "Events did not come this far: quarantine or sampling took them out.",
        "Mend their schema and `weir quarantine replay`; for search, change its sampling.",
        Mends.FIRST,
    ),
}  # fmt: skip

OF_FAULT = {
    "recorded_but_absent": Code.ABSENT,
    "empty": Code.ABSENT,
    "short": Code.ABSENT,
    "file_missing": Code.ABSENT,
    "file_wrong_size": Code.ABSENT,
    "footer_differs": Code.ABSENT,
    "hash_differs": Code.ABSENT,
    "dagster_only": Code.ABSENT,
    "present_but_unknown": Code.UNKNOWN,
    "unrecorded": Code.UNKNOWN,
    "dagster_unaware": Code.UNKNOWN,
    "schema_drift": Code.SCHEMA_DRIFT,
    "duplicated": Code.DOUBLED,
}
"""Fault of a partition check → its cause; what is not in it is no cause, or seen elsewhere."""
