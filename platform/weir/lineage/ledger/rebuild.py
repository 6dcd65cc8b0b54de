"""Makes a ledger anew from the lake alone, beside the present one, and puts it in its place at once."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from weir.core.errors import FormatMismatch
from weir.lineage.ledger.database import Database, upsert
from weir.lineage.ledger.ledger import Ledger
from weir.lineage.ledger.records import Commits
from weir.lineage.ledger.tables import BUILD, HISTORY, PARTITION, STATE, VERDICT, metadata

COMPARED = (PARTITION, HISTORY, BUILD, VERDICT, STATE)
"""Tables that come from the lake alone. Files are read from its catalogue when they are asked for."""
_ESTIMATED = {
    "bytes"
}  # of files that were merged since: nobody knows any more which rows were whose
_SEPARATE = ("-wal", "-shm")  # what SQLite keeps beside a file


@dataclass(frozen=True)
class Difference:
    """How many rows of one table differ between the old ledger and the new one.

    Attributes:
        table: its name.
        lost: rows that only the old one has; they are not in the lake.
        found: rows that only the new one has.
        changed: rows that say something else.
        examples: keys of the first few.
    """

    table: str
    lost: int
    found: int
    changed: int
    examples: tuple[str, ...] = ()

    @property
    def any(self) -> bool:
        """True if something differs."""
        return bool(self.lost or self.found or self.changed)


def rebuild(
    path: Path, commits: Commits, *, url: str = "", dry_run: bool = False
) -> list[Difference]:
    """Rebuild the ledger; return how the new one differs from the old, table by table.

    The new one is made beside: stopping in the middle leaves the old one as it was. It takes the old
    one's place in one transaction, so that whoever reads sees either of them.

    Args:
        path: the ledger's file; beside it the new one is made.
        commits: the lake's commits.
        url: the address of its database, '' for the file.
        dry_run: only compare.
    """
    beside = path.with_name(f"{path.name}.new")
    _remove(beside)
    try:
        fresh = Ledger(beside)
        fresh.sync(commits)
        found = compare(_old(path, url, commits), fresh.database)
        if not dry_run:
            _replace(path, url, fresh.database)
    finally:
        _remove(beside)
    return found


def compare(old: Database | None, new: Database) -> list[Difference]:
    """Return how two ledgers differ, table by table; sizes in bytes, which are estimates, do not count."""
    return [_difference(table, _content(old, table), _content(new, table)) for table in COMPARED]


def _difference(table: sa.Table, old: dict[Any, Any], new: dict[Any, Any]) -> Difference:
    lost, found = old.keys() - new.keys(), new.keys() - old.keys()
    changed = {key for key in old.keys() & new.keys() if old[key] != new[key]}
    named = sorted(lost | found | changed, key=str)[:3]
    told = tuple(" ".join(map(str, key)) for key in named)
    return Difference(table.name, len(lost), len(found), len(changed), told)


def _content(database: Database | None, table: sa.Table) -> dict[Any, Any]:
    """Return a table's rows by primary key."""
    if database is None:
        return {}
    keys = [c.name for c in table.primary_key]
    rest = [c.name for c in table.columns if c.name not in {*keys, *_ESTIMATED}]
    with database.reading() as connection:
        rows = list(connection.execute(sa.select(table)).mappings())
    return {tuple(row[k] for k in keys): tuple(row[k] for k in rest) for row in rows}


def _old(path: Path, url: str, commits: Commits) -> Database | None:
    """Bring the present ledger up to date; None where there is none, or it cannot be read."""
    if not url and not path.exists():
        return None
    with suppress(sa.exc.DatabaseError, FormatMismatch):
        old = Ledger(path, url)
        old.sync(commits)
        return old.database
    return None


def _replace(path: Path, url: str, new: Database) -> None:
    if url:
        _refill(Database(path, url), new)
        return
    with closing(sqlite3.connect(new.path)) as source:
        try:
            with closing(sqlite3.connect(path, timeout=30.0)) as target:
                source.backup(target)  # one transaction: readers see the old one until it is whole
        except sqlite3.DatabaseError as error:
            if isinstance(error, sqlite3.OperationalError):
                raise
            _remove(path)  # it is no database at all: nobody can be reading it
            with closing(sqlite3.connect(path)) as target:
                source.backup(target)


def _refill(database: Database, new: Database) -> None:
    """Replace the content of every table in one transaction."""
    with database.writing() as connection, new.reading() as source:
        for table in metadata.sorted_tables:
            connection.execute(table.delete())
            upsert(connection, table, _rows(source, table))


def _rows(connection: sa.Connection, table: sa.Table) -> Iterable[Any]:
    return connection.execute(sa.select(table)).mappings()


def _remove(path: Path) -> None:
    for suffix in ("", *_SEPARATE):
        path.with_name(path.name + suffix).unlink(missing_ok=True)
