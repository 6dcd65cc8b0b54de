"""What a check found, and what it did not look at."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from weir.core.grains import Grain, text
from weir.lineage.checking.faults import Finding, Level, Repair


@dataclass(frozen=True)
class AssetReport:
    """One asset's part of a report.

    Attributes:
        asset: key as `schema/table`.
        grain: grain of its partitions in the ledger.
        checked: partitions that were recorded and looked at.
        expired: partitions that retention dropped; no fault.
        unbuilt: partitions that are due and were never built; no fault, the next run builds them.
        findings: what is wrong, by partition.
        unchecked: level → why it, or a part of it, was not looked at.
    """

    asset: str
    grain: Grain
    checked: Collection[datetime] = ()
    expired: Collection[datetime] = ()
    unbuilt: Collection[datetime] = ()
    findings: Sequence[Finding] = ()
    unchecked: Mapping[Level, str] = field(default_factory=dict)

    def key(self, label: datetime) -> str:
        """Return a label's key in the ledger."""
        return text(label, self.grain)

    @property
    def by_label(self) -> dict[datetime, Finding]:
        """The worst finding of each partition: one that needs a rebuild before any other."""
        order = list(Repair)
        found: dict[datetime, Finding] = {}
        for finding in self.findings:
            for label in finding.labels:
                other = found.get(label)
                if other is None or order.index(finding.meaning.repair) < order.index(
                    other.meaning.repair
                ):
                    found[label] = finding
        return found

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain data."""
        return {
            "asset": self.asset,
            "grain": self.grain.value,
            "checked": len(self.checked),
            "expired": len(self.expired),
            "not_built": len(self.unbuilt),
            "findings": [finding.as_dict() for finding in self.findings],
            "not_checked": {level.value: why for level, why in self.unchecked.items()},
        }


@dataclass(frozen=True)
class Report:
    """What a check of several assets found.

    Attributes:
        level: how closely it looked.
        assets: one part per asset.
        moved: True if the lake kept changing: a finding may be of a state that has passed.
    """

    level: Level
    assets: Sequence[AssetReport]
    moved: bool = False

    @property
    def findings(self) -> list[Finding]:
        """Everything that is wrong."""
        return [finding for asset in self.assets for finding in asset.findings]

    @property
    def coverage(self) -> dict[str, dict[str, str]]:
        """Asset → level → why it was not looked at, or not at all of it."""
        return {
            one.asset: {level.value: why for level, why in one.unchecked.items()}
            for one in self.assets
        }

    def broken(self, asset: str) -> set[datetime]:
        """Return the partitions of an asset whose data is wrong: only a rebuild mends them."""
        return {
            label
            for finding in self.findings
            if finding.asset == asset and finding.meaning.repair is Repair.REBUILD
            for label in finding.labels
        }

    def needing(self, repair: Repair) -> list[Finding]:
        """Return the findings that a repair mends."""
        return [finding for finding in self.findings if finding.meaning.repair is repair]

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain data."""
        counts = Counter(finding.fault.value for finding in self.findings)
        return {
            "level": self.level.value,
            "faults": dict(sorted(counts.items())),
            "lake_changed_meanwhile": self.moved,
            "assets": [asset.as_dict() for asset in self.assets],
        }
