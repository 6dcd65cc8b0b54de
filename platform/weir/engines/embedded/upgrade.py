"""Brings a lake of an older format up to this one, one step per format, in one transaction.

A step only adds: tables, and columns that are NULL in what is there. No data file is rewritten.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import duckdb

from weir.core.landing import FORMAT_VERSION, LANES, TIERS
from weir.engines.embedded.schema import SYSTEM_TABLES, column_list


def _replays() -> Iterator[str]:
    """Format 2: quarantined rows can be replayed, and what was refused is counted."""
    for table in ("replayed", "drop"):
        yield f"CREATE TABLE lake.weir.{table} ({column_list(SYSTEM_TABLES[table])})"
    for table in (*(f"landing.{lane}" for lane in LANES), *(f"accepted.{t}" for t in TIERS)):
        yield f"ALTER TABLE lake.{table} ADD COLUMN replay_of VARCHAR"


def _verdicts() -> Iterator[str]:
    """Format 3: what checks found, and the entries of expired commits, are in the lake."""
    for table in ("verdict", "entry"):
        yield f"CREATE TABLE lake.weir.{table} ({column_list(SYSTEM_TABLES[table])})"


def _retention() -> Iterator[str]:
    """Format 4: commits can be pinned, and what retention dropped is recorded.

    Promotions made the table of pins in some lakes of format 3 already.
    """
    for table in ("pin", "expired"):
        yield f"CREATE TABLE IF NOT EXISTS lake.weir.{table} ({column_list(SYSTEM_TABLES[table])})"


STEPS: dict[int, Callable[[], Iterator[str]]] = {1: _replays, 2: _verdicts, 3: _retention}
"""What leads from a format to the next."""


def upgrade(connection: duckdb.DuckDBPyConnection) -> int:
    """Upgrade the lake inside the open transaction; return its format.

    A lake of a newer format, or of one that no step leads from, is left as it is.
    """
    row = connection.execute("SELECT version FROM lake.weir.format").fetchone()
    version = found = int(row[0]) if row else FORMAT_VERSION
    while version < FORMAT_VERSION and version in STEPS:
        for statement in STEPS[version]():
            connection.execute(statement)
        version += 1
    if version != found:
        connection.execute("UPDATE lake.weir.format SET version = ?", [version])
    return version
