"""What a table holds, as plain data: the partition checker's view of catalogue and files. Engines fill it in.

Labels are naive datetimes, as in `weir.core.grains`; a span is (first label, last label), both inside.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

Span = tuple[datetime, datetime]
EVERYTHING: Span = (datetime.min, datetime(9999, 12, 31))  # noqa: DTZ001, DTZ901 - labels are naive


@dataclass(frozen=True)
class DataFile:
    """One live data file of a table, as the catalogue knows it.

    Attributes:
        path: relative to the lake's data folder, or absolute where the catalogue says so.
        size: its bytes.
        rows: rows that were written to it.
        deleted: rows of it that no longer count.
        first, last: the lowest and highest label in it, deleted rows included; None: not recorded.
        delete_path: the file that lists the deleted rows, '' if there is none.
        delete_size: the bytes of that.
        snapshot: the commit that wrote it.
    """

    path: str
    size: int
    rows: int
    deleted: int = 0
    first: datetime | None = None
    last: datetime | None = None
    delete_path: str = ""
    delete_size: int = 0
    snapshot: int = 0

    @property
    def live(self) -> int:
        """Rows that count."""
        return self.rows - self.deleted

    def touches(self, span: Span) -> bool:
        """Tell whether the file may hold rows of a span; one without bounds always may."""
        if self.first is None or self.last is None:
            return True
        return self.first <= span[1] and span[0] <= self.last


@dataclass(frozen=True)
class Column:
    """One column of a table in the catalogue.

    Attributes:
        number: the id that the data files carry.
        name: its name.
        kind: its SQL type.
        snapshot: the commit that added it.
    """

    number: int
    name: str
    kind: str
    snapshot: int = 0


@dataclass(frozen=True)
class Table:
    """What the catalogue says of one table.

    Attributes:
        exists: whether it is there.
        files: its live files, by path.
        columns: its columns, in order.
    """

    exists: bool = False
    files: Sequence[DataFile] = ()
    columns: Sequence[Column] = ()


@dataclass(frozen=True)
class Footer:
    """What a Parquet file says of itself.

    Attributes:
        rows: its rows.
        columns: column id, or the name where the file has no ids → (name, type as pyarrow writes it).
        problem: why it could not be read; '' if it could.
    """

    rows: int = 0
    columns: Mapping[int | str, tuple[str, str]] = field(default_factory=dict)
    problem: str = ""


class Storage(Protocol):
    """The calls that the checker needs of an engine; `table` is `schema/table`, an asset's key."""

    def version(self) -> int:
        """Return the id of the newest commit."""
        ...

    def table(self, table: str, column: str) -> Table:
        """Return what the catalogue says of a table whose partition labels are in a column."""
        ...

    def sizes(self, paths: Iterable[str]) -> dict[str, int | None]:
        """Return the bytes of files on disk; None for one that is absent."""
        ...

    def strays(self, table: str) -> list[str]:
        """Return files in a table's folder that the catalogue does not know and that are older than a day."""
        ...

    def footers(self, paths: Iterable[str]) -> dict[str, Footer]:
        """Return what Parquet files say of themselves, without reading their data."""
        ...

    def counts(self, table: str, column: str, span: Span) -> dict[datetime, int]:
        """Return the rows of every partition in a span that has any."""
        ...

    def counts_in(
        self, table: str, column: str, span: Span, files: Collection[DataFile]
    ) -> dict[datetime, int]:
        """Return the same, counted in these files alone: what is left where others are broken."""
        ...

    def doubles(
        self, table: str, column: str, keys: Sequence[str], span: Span
    ) -> dict[datetime, int]:
        """Return how many rows of every partition in a span repeat another row's key."""
        ...

    def hashes(self, table: str, column: str, span: Span) -> dict[datetime, str]:
        """Return the content hash of every partition in a span, as the ledger records it."""
        ...
