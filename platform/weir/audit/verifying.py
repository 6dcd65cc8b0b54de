"""Checks the chain of the audit log: nothing changed, inserted or removed since it was written.

Whoever may write the file can write a whole new chain. Note the head that `weir audit verify` prints
somewhere else (every backup's manifest does), and give it to a later check.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import sqlalchemy as sa

from weir.audit.store import BEGIN, ROW, START, AuditLog, digest
from weir.core.errors import InvalidValue

_BATCH = 1_000


@dataclass(frozen=True)
class Verified:
    """What a check of the chain found.

    Attributes:
        rows: rows that were checked; every entry that has ended has two.
        entries: entries.
        head: `seq:hash` of the last row; empty if there is none.
        problems: what is wrong, the first in the chain first.
    """

    rows: int
    entries: int
    head: str
    problems: tuple[str, ...]

    @property
    def ok(self) -> bool:
        """Whether nothing is wrong."""
        return not self.problems


def verify(log: AuditLog, head: str = "") -> Verified:
    """Check every row's hash, the chain from row to row, and the end.

    Args:
        log: the log.
        head: `seq:hash` that an earlier check told; it must be in the chain.

    Raises:
        InvalidValue: if `head` has another form.
    """
    noted = _noted(head)
    rows, entries, seq, previous, problems = 0, 0, 0, START, list[str]()
    found = False
    for row in _rows(log):
        rows += 1
        entries += row["phase"] == BEGIN
        problems += _wrong(row, seq + 1, previous)
        seq, previous = row["seq"], row["hash"]
        found = found or (seq, previous) == noted
    cut = _highest(log)
    if cut > seq:
        problems.append(f"The last rows are gone: {cut} were written, the last one left is {seq}.")
    if noted and not found:
        problems.append(f"Row {noted[0]} is not the one that was noted: {noted[1][:12]}….")
    return Verified(rows, entries, f"{seq}:{previous}" if rows else "", tuple(problems))


def _wrong(row: sa.RowMapping, expected: int, previous: str) -> Iterator[str]:
    seq = row["seq"]
    if seq > expected:
        yield f"Rows {expected} to {seq - 1} are gone."
    if row["hash"] != digest(dict(row)):
        yield f"Row {seq} ({row['action']}, {row['at']}) was changed."
    elif row["previous"] != previous:
        yield f"Row {seq} ({row['action']}, {row['at']}) does not follow the row before it."


def _rows(log: AuditLog) -> Iterator[sa.RowMapping]:
    if not log.exists:
        return
    query = sa.select(ROW).order_by(ROW.c.seq).execution_options(yield_per=_BATCH)
    with log.engine.connect() as connection:
        yield from connection.execute(query).mappings()


def _highest(log: AuditLog) -> int:
    """Return the highest number that SQLite ever gave, 0 where that is not known."""
    if not log.exists or log.engine.dialect.name != "sqlite":
        return 0
    with log.engine.connect() as connection:
        query = "SELECT seq FROM sqlite_sequence WHERE name = 'audit_entry'"
        return int(connection.exec_driver_sql(query).scalar() or 0)


def _noted(head: str) -> tuple[int, str] | None:
    if not head:
        return None
    seq, _, told = head.partition(":")
    if not seq.isdigit() or not told:
        raise InvalidValue("head", head, ["SEQ:HASH, as `weir audit verify` prints it"])
    return int(seq), told
