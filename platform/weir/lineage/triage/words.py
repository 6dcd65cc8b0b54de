"""Which cause an error means, by its class and its words: one table, the first line that fits. Pure."""

from __future__ import annotations

import re
from typing import NamedTuple

from weir.lineage.triage.codes import Code
from weir.lineage.triage.facts import Failure


class Line(NamedTuple):
    """A line of the table.

    Attributes:
        code: the cause.
        kinds: names of error classes.
        words: pattern that the message holds, in lower case.
    """

    code: Code
    kinds: frozenset[str]
    words: str


TABLE = (
    Line(
        Code.REFUSED,
        frozenset({"PermissionError", "Forbidden", "Unauthorized", "RefreshError"}),
        r"permission denied|access denied|not authori[sz]ed|unauthori[sz]ed|forbidden|credential"
        r"|quota ?exceeded|exceeded (?:your |the )?[\w ]*quota|read-only file system|\b40[13]\b",
    ),
    Line(
        Code.KILLED,
        frozenset({
            "MemoryError", "OutOfMemoryException", "ChildProcessCrashException", "TimeoutError",
            "DagsterExecutionInterruptedError", "KeyboardInterrupt", "InterruptException",
        }),
        r"out of memory|failed to allocate|process that ran it ended|was (?:killed|cancell?ed)"
        r"|exit code (?:-9|137|-15|143)|signal 9|sigkill|timed out|time ?out exceeded"
        r"|no space left|exceeded maximum runtime|query interrupted|disk quota",
    ),
    Line(
        Code.SCHEMA_DRIFT,
        frozenset(),
        r"enforced contract|schema mismatch|mismatch between the schema|columns? do(?:es)? not match",
    ),
    Line(
        Code.ABSENT,
        frozenset({"FileNotFoundError"}),
        r"no such file|no files found|file_missing|cannot open file .*parquet",
    ),
    Line(
        Code.LOCKED,
        frozenset({"BlockingIOError", "OSError", "IOException"}),
        r"is locked|could not set lock|conflicting lock|lock timeout|write-write conflict"
        r"|\bio error|input/output error|disk i/o",
    ),
)  # fmt: skip


def classify(failure: Failure | None) -> Code:
    """Return the cause that a run's error means; `RUN_FAILED` if it is any other.

    >>> classify(Failure("s", ("RunFailed",), 'IO Error: Could not set lock on file "x"'))
    <Code.LOCKED: 'C15'>
    """
    if failure is None:
        return Code.RUN_FAILED
    told, kinds = failure.message.lower(), set(failure.kinds)
    for line in TABLE:
        if kinds & line.kinds or re.search(line.words, told):
            return line.code
    return Code.RUN_FAILED
