"""Compares what Dagster, the ledger, the lake's catalogue and its files say of each partition.

`check` is the entrance; it asks an engine through `weir.engines.storage` and is told the rest as plain
data. Nothing is opened or mended here.
"""

from weir.lineage.checking.check import check
from weir.lineage.checking.faults import Fault, Finding, Level, Repair
from weir.lineage.checking.report import AssetReport, Report
from weir.lineage.checking.subject import Recorded, Subject

__all__ = [
    "AssetReport",
    "Fault",
    "Finding",
    "Level",
    "Recorded",
    "Repair",
    "Report",
    "Subject",
    "check",
]
