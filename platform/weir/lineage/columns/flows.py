"""What one model's SQL says about its columns, as data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, NamedTuple


class Use(StrEnum):
    """How a column is read: into a column's value, or to decide which rows there are."""

    VALUE = "value"
    FILTER = "filter"
    JOIN = "join"
    GROUP = "group"


class Ref(NamedTuple):
    """A column of an asset, and the place inside it where it is JSON or a record.

    >>> Ref("accepted/normal", "params", ".item.id").text
    'accepted/normal.params$.item.id'
    """

    asset: str
    column: str
    path: str = ""

    @property
    def text(self) -> str:
        """The reference as one word."""
        return f"{self.asset}.{self.column}" + (f"${self.path}" if self.path else "")

    def meets(self, path: str) -> bool:
        """Tell whether this reads a place, something inside it or something around it."""
        mine, other = self.path + ".", path + "."
        return mine.startswith(other) or other.startswith(mine)


@dataclass(frozen=True)
class Unresolved:
    """What could not be followed, and why. An empty column means the whole model."""

    column: str
    reason: str


@dataclass(frozen=True)
class Lineage:
    """Where the columns of one model come from.

    Attributes:
        columns: column → what flows into its value; in the order of the SQL.
        rows: what decides which rows there are, and how: it reaches every column.
        reads: the assets that the model reads, whether or not a column of them.
        unresolved: what could not be followed; such a column must be taken to read all of `reads`.
    """

    columns: Mapping[str, frozenset[Ref]]
    rows: frozenset[tuple[Ref, Use]] = frozenset()
    reads: frozenset[str] = frozenset()
    unresolved: tuple[Unresolved, ...] = field(default=())

    @property
    def unknown(self) -> frozenset[str]:
        """The columns that could not be followed; '' stands for all of them."""
        return frozenset(one.column for one in self.unresolved)

    def as_json(self) -> dict[str, Any]:
        """Return the lineage as JSON values, sorted: equal lineages have equal text."""
        return {
            "columns": {c: [list(r) for r in sorted(refs)] for c, refs in self.columns.items()},
            "rows": [[*ref, use.value] for ref, use in sorted(self.rows)],
            "reads": sorted(self.reads),
            "unresolved": [[one.column, one.reason] for one in self.unresolved],
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Lineage:
        """Return the lineage of `as_json`."""
        return cls(
            {column: frozenset(Ref(*r) for r in refs) for column, refs in value["columns"].items()},
            frozenset((Ref(*ref), Use(use)) for *ref, use in value["rows"]),
            frozenset(value["reads"]),
            tuple(Unresolved(*one) for one in value["unresolved"]),
        )
