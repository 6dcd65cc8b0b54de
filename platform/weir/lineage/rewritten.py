"""What runs rewrote: partitions that came out new, changed or as they were. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from weir.lineage.ledger import Built

STAGES = ("fact", "activation")
"""Stages that are told of: what comes before them is only ever added to."""
State = Mapping[str, Mapping[str, Built]]
"""Asset → partition key → how it was built."""


@dataclass
class Rewritten:
    """What became of one asset's partitions.

    Attributes:
        asset: key as `schema/table`.
        new: partitions that were not there.
        changed: partitions whose content is another.
        same: partitions that came out as they were.
        first, last: keys of the first and last new or changed partition; empty if there is none.
        rows_before, rows_after: rows of all partitions that were built.
    """

    asset: str
    new: int = 0
    changed: int = 0
    same: int = 0
    first: str = ""
    last: str = ""
    rows_before: int = 0
    rows_after: int = 0

    @property
    def partitions(self) -> int:
        """How many partitions were built."""
        return self.new + self.changed + self.same

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain data."""
        return asdict(self)

    def add(self, key: str, before: Built | None, after: Built) -> None:
        """Count one partition."""
        self.rows_before += before.rows if before else 0
        self.rows_after += after.rows
        if before is not None and before.hash == after.hash:
            self.same += 1
            return
        if before is None:
            self.new += 1
        else:
            self.changed += 1
        self.first = min(self.first or key, key)
        self.last = max(self.last, key)


def compare(
    asset: str, keys: Iterable[str], before: Mapping[str, Built], after: Mapping[str, Built]
) -> Rewritten:
    """Return what became of these partitions of one asset; keys that are not there do not count."""
    report = Rewritten(asset)
    for key in sorted(set(keys)):
        if key in after:
            report.add(key, before.get(key), after[key])
    return report


def compare_all(
    built: Mapping[str, Collection[str]], before: State, after: State
) -> list[Rewritten]:
    """Return what became of the partitions that were built, in the order of `after`."""
    found = [
        compare(asset, built.get(asset, ()), before.get(asset, {}), after[asset]) for asset in after
    ]
    return [report for report in found if report.partitions]
