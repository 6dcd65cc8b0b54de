"""The closed list of what can be wrong with a partition, and the levels at which it is seen."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from weir.core.errors import InvalidValue


class Level(StrEnum):
    """How closely to look; each level includes those before it."""

    METADATA = "metadata"
    LISTING = "listing"
    FOOTER = "footer"
    ROWS = "rows"
    HASH = "hash"

    @property
    def depth(self) -> int:
        """The level's place, from 0."""
        return list(Level).index(self)

    def reaches(self, other: Level) -> bool:
        """Tell whether this level includes the other."""
        return self.depth >= other.depth

    @classmethod
    def of(cls, text: str) -> Level:
        """Return the level of a name.

        Raises:
            InvalidValue: if there is no such level.
        """
        try:
            return cls(text)
        except ValueError:
            raise InvalidValue("level", text, [level.value for level in cls]) from None


class Repair(StrEnum):
    """What mends a fault."""

    REBUILD = "rebuild"
    """Only building the partition again does: `weir plan recover`."""
    RUN = "run"
    """The next `weir run` does."""
    RECONCILE = "reconcile"
    """`weir partitions reconcile` does: no data is touched."""
    MAINTAIN = "maintain"
    """`weir maintain` does."""


class Fault(StrEnum):
    """One disagreement. `MEANINGS` says what each means and what to do."""

    RECORDED_BUT_ABSENT = "recorded_but_absent"
    PRESENT_BUT_UNKNOWN = "present_but_unknown"
    EMPTY = "empty"
    SHORT = "short"
    DUPLICATED = "duplicated"
    SCHEMA_DRIFT = "schema_drift"
    FILE_MISSING = "file_missing"
    FILE_WRONG_SIZE = "file_wrong_size"
    FOOTER_DIFFERS = "footer_differs"
    HASH_DIFFERS = "hash_differs"
    OLDER_THAN_INPUTS = "older_than_inputs"
    UNRECORDED = "unrecorded"
    DAGSTER_UNAWARE = "dagster_unaware"
    DAGSTER_ONLY = "dagster_only"
    STRAY_FILE = "stray_file"


@dataclass(frozen=True)
class Meaning:
    """What a fault says.

    Attributes:
        text: what it means, as one sentence.
        remedy: what to do, as one sentence.
        repair: what mends it.
        level: the first level that surely sees it.
        mark: its character in the grid.
    """

    text: str
    remedy: str
    repair: Repair
    level: Level
    mark: str


_AGAIN = "Build it again: `weir plan recover`."

MEANINGS: dict[Fault, Meaning] = {
    Fault.RECORDED_BUT_ABSENT: Meaning(
        "The ledger says that it was built, and no file of the lake can hold it.",
        _AGAIN,
        Repair.REBUILD,
        Level.METADATA,
        "A",
    ),
    Fault.PRESENT_BUT_UNKNOWN: Meaning(
        "Rows are there that neither the ledger nor a commit of a run accounts for.",
        "Find out who wrote them; `weir plan recover` replaces them by what belongs there.",
        Repair.REBUILD,
        Level.ROWS,
        "U",
    ),
    Fault.EMPTY: Meaning(
        "The ledger says that it has rows, and none is there.",
        _AGAIN,
        Repair.REBUILD,
        Level.ROWS,
        "E",
    ),
    Fault.SHORT: Meaning(
        "It has fewer rows than the ledger says.", _AGAIN, Repair.REBUILD, Level.ROWS, "S"
    ),
    Fault.DUPLICATED: Meaning(
        "It has more rows than the ledger says, or a key twice.",
        _AGAIN,
        Repair.REBUILD,
        Level.ROWS,
        "D",
    ),
    Fault.SCHEMA_DRIFT: Meaning(
        "A file or the table has other columns than it should have.",
        f"Find out who changed it. {_AGAIN}",
        Repair.REBUILD,
        Level.FOOTER,
        "C",
    ),
    Fault.FILE_MISSING: Meaning(
        "A file that the catalogue names is not on disk.",
        "Restore the file from a backup, or build the partition again: `weir plan recover`.",
        Repair.REBUILD,
        Level.LISTING,
        "M",
    ),
    Fault.FILE_WRONG_SIZE: Meaning(
        "A file has another size than the catalogue says.",
        "Restore the file from a backup, or build the partition again: `weir plan recover`.",
        Repair.REBUILD,
        Level.LISTING,
        "Z",
    ),
    Fault.FOOTER_DIFFERS: Meaning(
        "A file's footer cannot be read, or it counts other rows than the catalogue.",
        "Restore the file from a backup, or build the partition again: `weir plan recover`.",
        Repair.REBUILD,
        Level.FOOTER,
        "F",
    ),
    Fault.HASH_DIFFERS: Meaning(
        "It has as many rows as the ledger says, and other content.",
        f"Find out who changed it. {_AGAIN}",
        Repair.REBUILD,
        Level.HASH,
        "H",
    ),
    Fault.OLDER_THAN_INPUTS: Meaning(
        "Its inputs or its code changed after it was built.",
        "`weir run` builds it again.",
        Repair.RUN,
        Level.METADATA,
        "o",
    ),
    Fault.UNRECORDED: Meaning(
        "A run's commit built it, and the ledger does not know.",
        "`weir partitions reconcile --apply` reads it from the lake's commits.",
        Repair.RECONCILE,
        Level.METADATA,
        "l",
    ),
    Fault.DAGSTER_UNAWARE: Meaning(
        "It is built, and Dagster has no materialization of it.",
        "`weir partitions reconcile --apply` reports it to Dagster.",
        Repair.RECONCILE,
        Level.METADATA,
        "d",
    ),
    Fault.DAGSTER_ONLY: Meaning(
        "Dagster has a materialization of it, and neither ledger nor lake has anything.",
        "`weir partitions reconcile --apply` takes it back; `weir run` builds what is due.",
        Repair.RECONCILE,
        Level.METADATA,
        "x",
    ),
    Fault.STRAY_FILE: Meaning(
        "A file lies in the table's folder that the catalogue does not know.",
        "No query reads it; `weir maintain` puts it aside.",
        Repair.MAINTAIN,
        Level.LISTING,
        "",
    ),
}


@dataclass(frozen=True)
class Finding:
    """One fault of one partition.

    Attributes:
        asset: key as `schema/table`.
        key: the partition's key; '' where the fault is the asset's and of no partition.
        fault: what is wrong.
        evidence: what was seen: figures, files.
        level: the level at which it was seen.
        labels: the ledger's partitions that it speaks of.
    """

    asset: str
    key: str
    fault: Fault
    evidence: str
    level: Level
    labels: tuple[datetime, ...] = ()

    @property
    def meaning(self) -> Meaning:
        """What the fault says and what to do."""
        return MEANINGS[self.fault]

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain data, with its meaning and remedy."""
        told = asdict(self)
        del told["labels"]
        told |= {"meaning": self.meaning.text, "remedy": self.meaning.remedy}
        return {**told, "repair": self.meaning.repair.value}
