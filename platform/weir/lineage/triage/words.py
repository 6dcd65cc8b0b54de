"""Which cause a run's error means: by its sort in `weir.lineage.failures`, the one table of words. Pure."""

from __future__ import annotations

from weir.lineage import failures
from weir.lineage.triage.codes import Code
from weir.lineage.triage.facts import Failure

CODES = {
    "input": Code.MISSING,
    "check": Code.CHECK_FAILED,
    "contract": Code.SCHEMA_DRIFT,
    "no_file": Code.ABSENT,
    "refused": Code.REFUSED,
    "lock": Code.LOCKED,
    "io": Code.LOCKED,
    "killed": Code.KILLED,
    "cancelled": Code.KILLED,
    "memory": Code.KILLED,
    "disk_full": Code.KILLED,
}
"""Sort of failure → its cause; what is not in it is a failed run (wrong SQL, a server, unknown)."""


def classify(failure: Failure | None) -> Code:
    """Return the cause that a run's error means.

    >>> classify(Failure("s", ("RunFailed",), 'IO Error: Could not set lock on file "x"'))
    <Code.LOCKED: 'C15'>
    """
    if failure is None:
        return Code.RUN_FAILED
    told = f"{': '.join(failure.kinds)}: {failure.message}" if failure.message else ""
    return CODES.get(failures.classify(told).name, Code.RUN_FAILED) if told else Code.RUN_FAILED
