"""What is known of an asset's partitions beside the lake itself: ledger, Dagster, planner. Plain data."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from weir.core import grains
from weir.core.grains import Grain
from weir.engines.storage import EVERYTHING, Span
from weir.lineage.nodes import Kind, Node

_SECOND_FORM = 3  # colons of `2:rows:sum:xor`


def column_of(node: Node) -> str:
    """Return the column of a node's table that holds its partitions' labels."""
    return "landing_hour" if node.kind is Kind.LANDING else node.column


@dataclass(frozen=True)
class Recorded:
    """What a record says of one partition.

    Attributes:
        rows: its rows.
        hash: its content hash, '' if none was kept.
    """

    rows: int
    hash: str = ""


@dataclass(frozen=True)
class Subject:
    """One asset to check.

    Attributes:
        node: the asset.
        recorded: what the ledger says of each partition; of landing, what the manifest says.
        committed: what the lake's own commits say of partitions that the ledger does not know.
        believed: the partition keys that Dagster has a materialization of; None: nobody asked.
        stale: built partitions whose inputs changed.
        unbuilt: partitions that are due and were never built.
        expired: partitions that retention dropped.
        columns: declared column → type, for what is built by the newest code; empty: not declared.
        unique: columns whose values are never twice in a partition; empty: there are none.
        span: the first and last label to look at.
    """

    node: Node
    recorded: Mapping[datetime, Recorded]
    committed: Mapping[datetime, Recorded] = field(default_factory=dict)
    believed: Collection[str] | None = None
    stale: Collection[datetime] = ()
    unbuilt: Collection[datetime] = ()
    expired: Collection[datetime] = ()
    columns: Mapping[str, str] = field(default_factory=dict)
    unique: tuple[str, ...] = ()
    span: Span = EVERYTHING

    @property
    def asset(self) -> str:
        """Key as `schema/table`."""
        return self.node.asset

    @property
    def column(self) -> str:
        """The table's partition column."""
        return column_of(self.node)

    def inside(self, label: datetime) -> bool:
        """Tell whether a label is to be looked at."""
        return self.span[0] <= label <= self.span[1]

    def key(self, label: datetime) -> str:
        """Return a label's key in the ledger."""
        return grains.text(label, self.node.grain)

    def told(self, label: datetime) -> str:
        """Return a label's key in Dagster: an event log's partitions are landing days there."""
        grain = Grain.DAY if self.node.kind is Kind.EVENT_LOG else self.node.grain
        return grains.text(grains.floor(label, grain), grain)

    def comparable(self, part: Recorded) -> bool:
        """Tell whether a content hash is of the form that is computed today.

        The first form, `rows:sum:xor`, was of one kind of row only; of landing it is the fingerprint.
        """
        is_second = part.hash.startswith("2:") and part.hash.count(":") == _SECOND_FORM
        return self.node.kind is Kind.LANDING or is_second

    @property
    def live(self) -> dict[datetime, Recorded]:
        """What the lake should hold: recorded or committed, and not expired."""
        both = {**self.committed, **self.recorded}
        return {label: part for label, part in both.items() if label not in self.expired}
