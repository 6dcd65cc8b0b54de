"""What has to change in the records so that they agree with the lake. Pure; data is never touched."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from weir.lineage.checking.faults import Fault
from weir.lineage.checking.report import Report


class ChangeKind(StrEnum):
    """One kind of change to a record."""

    RESTORE = "restore_ledger_entry"
    REPORT = "report_to_dagster"
    WIPE = "wipe_in_dagster"

    @property
    def text(self) -> str:
        """What the change does, as one sentence."""
        return _TEXTS[self]


_TEXTS = {
    ChangeKind.RESTORE: "The ledger reads its entry from the lake's commits again.",
    ChangeKind.REPORT: "Dagster is told of a materialization, without a run.",
    ChangeKind.WIPE: "Dagster forgets its materialization: there is nothing.",
}
_MENDS = {
    Fault.UNRECORDED: ChangeKind.RESTORE,
    Fault.DAGSTER_UNAWARE: ChangeKind.REPORT,
    Fault.DAGSTER_ONLY: ChangeKind.WIPE,
}


@dataclass(frozen=True)
class Change:
    """One change to one record.

    Attributes:
        kind: what to do.
        asset: key as `schema/table`.
        key: the partition's key, in Dagster for Dagster's, in the ledger for the ledger's.
        why: what was seen.
    """

    kind: ChangeKind
    asset: str
    key: str
    why: str

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain data."""
        return {"change": self.kind.value, "asset": self.asset, "key": self.key, "why": self.why}


def changes(report: Report) -> list[Change]:
    """Return the changes that mend the records, ledger first; a rebuild mends everything else.

    Nothing is told to Dagster of a partition whose data is broken.
    """
    found = []
    for finding in report.findings:
        kind = _MENDS.get(finding.fault)
        broken = report.broken(finding.asset) if kind is ChangeKind.REPORT else set()
        if kind is not None and not broken & set(finding.labels):
            found.append(Change(kind, finding.asset, finding.key, finding.evidence))
    order = list(ChangeKind)
    return sorted(found, key=lambda one: (order.index(one.kind), one.asset, one.key))
