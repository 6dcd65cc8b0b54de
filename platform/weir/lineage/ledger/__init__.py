"""How each partition was built, from what, how long it took and what checks said: a cache.

The lake's own commits hold it all: `Ledger.sync` reads the entries that travel in the data's commits
and the verdicts of `weir.verdict`; `weir ledger rebuild` reads all of them again.
"""

from weir.lineage.ledger.ledger import Ledger
from weir.lineage.ledger.records import (
    Built,
    Commits,
    Detail,
    Entry,
    File,
    Past,
    Timing,
    Vector,
    Verdict,
    data_version,
)

__all__ = [
    "Built",
    "Commits",
    "Detail",
    "Entry",
    "File",
    "Ledger",
    "Past",
    "Timing",
    "Vector",
    "Verdict",
    "data_version",
]
