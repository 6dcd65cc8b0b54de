"""What the ledger tells, as plain data."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

Vector = dict[str, dict[str, str]]
"""Upstream asset → its partition key → the data version that was read; '' where it is not known."""


def data_version(content: str) -> str:
    """Return 12 hex digits that change when a partition's content hash does.

    >>> data_version("2:0:0:0") == data_version("2:1:0:0")
    False
    """
    return hashlib.blake2b(content.encode(), digest_size=6).hexdigest()


@dataclass(frozen=True)
class Built:
    """How one partition was last built."""

    rows: int
    hash: str
    input: str
    run: str
    code: str
    snapshot: int
    at: datetime | None

    @property
    def version(self) -> str:
        """The data version that stands in the input vectors of what reads this partition."""
        return data_version(self.hash)


@dataclass(frozen=True)
class Past:
    """One build of one partition, the present one or one before it."""

    key: str
    snapshot: int
    run: str
    rows: int
    hash: str
    input: str
    code: str
    at: datetime | None


@dataclass(frozen=True)
class Timing:
    """What one run did to one asset.

    Attributes:
        partitions: how many it built.
        rows: their rows.
        bytes: size of the Parquet files that its commit wrote; estimated by rows where they have
            been merged with others since, 0 where nothing is known.
        seconds: how long the build took inside its commit.
    """

    run: str
    partitions: int
    rows: int
    bytes: int
    seconds: float
    at: datetime | None
    snapshot: int


@dataclass(frozen=True)
class File:
    """One live Parquet file of an asset.

    Attributes:
        partition: the physical partition, as a prefix of the keys in it: `2026-03` (a month),
            `2026` (a year), `2026-03-05` (a landing day); '' where the table has none.
        path: relative to the lake's data folder, or absolute.
        columns: hash of the footer's names and types; '' where nobody has read the footer.
    """

    partition: str
    path: str
    bytes: int
    rows: int
    columns: str = ""


@dataclass(frozen=True)
class Entry:
    """What was built outside the lake, whose commits carry no entry for it (the search index)."""

    rows: int
    hash: str
    input: str


@dataclass(frozen=True)
class Verdict:
    """What one check said about one partition."""

    asset: str
    check: str
    key: str
    passed: bool
    blocking: bool = True
    detail: str = ""


@dataclass(frozen=True)
class Detail:
    """All that is known of one partition.

    Attributes:
        built: how it was last built.
        engine: name and version of what built it.
        seconds: its share of the build's seconds, all partitions counting alike.
        bytes: its share of the build's bytes, by rows.
        reads: its input vector.
        files: the live files that hold it; their partitions may hold other keys too.
        verdicts: what checks said of it.
    """

    built: Built
    engine: str = ""
    seconds: float = 0.0
    bytes: int = 0
    reads: Vector = field(default_factory=dict)
    files: tuple[File, ...] = ()
    verdicts: tuple[Verdict, ...] = ()


class Commits(Protocol):
    """Where the entries come from: the engine's commit records."""

    def newest_snapshot(self) -> int:
        """Return the id of the newest commit."""
        ...

    def entries_after(self, snapshot: int) -> Iterable[tuple[int, datetime, Mapping[str, object]]]:
        """Yield (snapshot, time, entry) of the commits after `snapshot`, oldest first.

        An entry has `partitions` (what was built), `checks` (what was found of it), or both.
        """
        ...
