"""What sort of failure a run's error is, and whether trying again can help. Pure; one closed table.

The first sort whose words occur in the error is taken. What no sort knows counts as permanent: a run
that is tried for ever is worse than one that waits for a person.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import Final, Literal

TRANSIENT: Final = "transient"
PERMANENT: Final = "permanent"


@dataclass(frozen=True)
class Sort:
    """One sort of failure.

    Attributes:
        name: one word.
        lasts: `transient` if the same run may succeed later though nothing of it changed.
        words: patterns of the error's text, names of exception classes among them; case counts.
        meaning: what happened, for people.
        remedy: what to do, as one sentence.
    """

    name: str
    lasts: Literal["transient", "permanent"]
    words: tuple[str, ...]
    meaning: str
    remedy: str

    @property
    def transient(self) -> bool:
        """Whether the same run may succeed later."""
        return self.lasts == TRANSIENT

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        return re.compile("|".join(f"(?:{word})" for word in self.words) or r"(?!)")

    def matches(self, error: str) -> bool:
        """Tell whether an error's text has the words of this sort."""
        return bool(self._pattern.search(error))


UNKNOWN = Sort(
    "unknown", PERMANENT, (), "It failed in a way that is in no table.", "Read the run's log."
)  # fmt: skip
KILLED = Sort(
    "killed", TRANSIENT,
    (r"The process that ran it ended", r"[Rr]un worker .*(?:fail|crash|exit|restart)",
     r"ChildProcessCrash", r"BrokenProcessPool", r"\bSIG(?:KILL|TERM)\b", r"exit code -9\b",
     r"taking longer than \S+ seconds to start", r"[Ee]xceeded maximum runtime"),
    "The process of the run was ended from outside.",
    "Nothing, if it was a restart; look at the machine's memory if it happens again.",
)  # fmt: skip
CANCELLED = Sort(
    "cancelled", TRANSIENT,
    (r"ExecutionInterruptedError", r"KeyboardInterrupt", r"Query interrupted", r"INTERRUPT Error"),
    "Somebody cancelled it, or the service was stopped.",
    "Nothing; stop the sensor if it shall not run.",
)  # fmt: skip

SORTS: tuple[Sort, ...] = (
    CANCELLED,
    Sort(
        "input", TRANSIENT,
        (r"cannot be built: `", r"\bNotReady\b",
         r"`\w+/\w+` \d{4}-\d{2}-\d{2}\S*: [a-z_ ]+ \("),
        "What it reads was not there, or was not as recorded.",
        "Build or repair the input that it names; this follows by itself.",
    ),
    Sort(
        "check", PERMANENT, (r"check \S+ failed on ",),
        "A blocking check failed.",
        "Mend the data or the model; what changed is built and checked again.",
    ),
    Sort(
        "contract", PERMANENT, (r"enforced contract that failed", r"[Ss]chema mismatch"),
        "What it made has other columns than the model's contract says.",
        "Mend the model or its contract.",
    ),
    Sort(
        "missing_column", PERMANENT,
        (r'Referenced column "[^"]*" not found', r"[Cc]olumn \S+ (?:does not exist|not found)",
         r"does not have a column named", r"Unrecognized name:"),
        "The code reads a column that its input does not have.",
        "Mend the model, or bring the column back.",
    ),
    Sort(
        "sql", PERMANENT,
        (r"\b(?:Parser|Binder|Catalog|Compilation|Syntax|Not implemented) Error\b",
         r"\b(?:Parser|Binder|Catalog|NotImplemented)Exception\b", r"[Ss]yntax error",
         r"dbt cannot compile", r"\bDatabase Error in model\b.*\bundefined\b"),
        "The SQL is wrong.", "Mend the model.",
    ),
    Sort(
        "data", PERMANENT,
        (r"\b(?:Conversion|Constraint|Out of Range|Invalid Input|Mismatch Type) Error\b",
         r"\b(?:Conversion|Constraint|OutOfRange|InvalidInput)Exception\b", r"[Dd]ivision by zero"),
        "A value cannot be what the model makes of it.",
        "Mend the model or the events; it is built again when either changes.",
    ),
    Sort(
        "memory", PERMANENT, (r"\bOut of Memory Error\b", r"\bOutOfMemoryException\b", r"\bMemoryError\b"),
        "The engine may not use more memory.",
        "Raise DuckDB's memory_limit, or build a shorter range.",
    ),
    Sort(
        "refused", PERMANENT,
        (r"\bFormatMismatch\b", r"\bPermission ?(?:denied|Error)\b", r"\b40[13]\b.*(?i:denied|forbidden)",
         r"[Qq]uota ?[Ee]xceeded", r"\bDefaultCredentialsError\b", r"\bRefreshError\b"),
        "It may not do that, or the folder is of another version.",
        "Give it the right, or upgrade.",
    ),
    Sort(
        "no_file", PERMANENT,
        (r"No files found that match", r"No such file or directory", r"\bFileNotFoundError\b",
         r"Cannot open file"),
        "A file that it reads is gone.", "Bring it back: `weir partitions check`, `weir plan recover`.",
    ),
    Sort(
        "lock", TRANSIENT,
        (r"database (?:table )?is locked", r"Could not set lock", r"Conflicting lock", r"\bFenceLost\b",
         r"\bLockTimeout\b", r"[Tt]ransaction conflict", r"could not serialize access", r"deadlock detected",
         r"TransactionContext Error"),
        "Another process held what it needed.", "Nothing: it is tried again.",
    ),
    Sort(
        "disk_full", TRANSIENT, (r"No space left on device", r"Disk quota exceeded", r"disk is full"),
        "The disk is full.", "Make room.",
    ),
    Sort(
        "unavailable", TRANSIENT,
        (r"\b(?:Service|Sink)Unavailable\b", r"\bConnection(?:Refused|Reset|Aborted)?Error\b",
         r"[Cc]onnection (?:was )?(?:refused|reset|aborted|closed|timed out)",
         r"server closed the connection", r"\bTimeoutError\b", r"\b(?:50[234]|429)\b.*(?i:unavailable|"
         r"gateway|too many|backend)", r"[Tt]emporary failure in name resolution", r"\bHTTP Error\b"),
        "A server did not answer.", "Nothing: it is tried again; see whether the server is up.",
    ),
    Sort(
        "io", TRANSIENT,
        (r"\bIO Error\b", r"\bIOException\b", r"\bOSError\b", r"[Ii]nput/output error", r"disk I/O error",
         r"Stale file handle"),
        "Reading or writing failed.", "Nothing: it is tried again; look at the disk if it stays.",
    ),
    KILLED,
)  # fmt: skip
BY_NAME = {sort.name: sort for sort in (*SORTS, UNKNOWN)}


def classify(error: str, *, status: str = "FAILURE") -> Sort:
    """Return the sort of a run's failure.

    Args:
        error: the text of the run's first error with its exception's class; empty where no step
            failed.
        status: Dagster's status of the run.

    >>> classify("duckdb.IOException: IO Error: database is locked").name
    'lock'
    >>> classify("").name
    'killed'
    """
    if status == "CANCELED":
        return CANCELLED
    if not error.strip():
        return KILLED  # the run ended and no step of it could say why
    return next((sort for sort in SORTS if sort.matches(error)), UNKNOWN)
