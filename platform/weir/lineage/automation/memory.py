"""The file of failed attempts: what was asked for, and what failed of it.

It is a memory, no truth: whoever loses it tries once more what had failed.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager
from datetime import datetime, timedelta
from pathlib import Path

from weir.lineage.automation.retries import Failed, Streak

FILE = "automation.db"
_KEEP = timedelta(days=90)
_TABLES = """
CREATE TABLE IF NOT EXISTS attempt (
    asset TEXT, key TEXT, digest TEXT NOT NULL, request TEXT NOT NULL, attempts INTEGER NOT NULL,
    sort TEXT NOT NULL, run TEXT NOT NULL, at TEXT NOT NULL, PRIMARY KEY (asset, key));
CREATE INDEX IF NOT EXISTS attempt_request ON attempt (request);
CREATE TABLE IF NOT EXISTS streak (
    asset TEXT PRIMARY KEY, count INTEGER NOT NULL, code TEXT NOT NULL, run TEXT NOT NULL,
    at TEXT NOT NULL);
"""
_ASK = """
INSERT INTO attempt VALUES (?, ?, ?, ?, 0, '', '', ?)
ON CONFLICT (asset, key) DO UPDATE SET
    attempts = CASE digest WHEN excluded.digest THEN attempts ELSE 0 END,
    sort = CASE digest WHEN excluded.digest THEN sort ELSE '' END,
    run = CASE digest WHEN excluded.digest THEN run ELSE '' END,
    digest = excluded.digest, request = excluded.request, at = excluded.at
"""
_STREAK = """
INSERT INTO streak VALUES (?, 1, ?, ?, ?)
ON CONFLICT (asset) DO UPDATE SET
    count = CASE WHEN run = excluded.run THEN count WHEN code = excluded.code THEN count + 1 ELSE 1 END,
    code = excluded.code, run = excluded.run, at = excluded.at
"""
Row = tuple[str, str, str]
"""Asset, partition key, digest of what it is built from."""


class Memory:
    """What failed of what the sensors asked for.

    Args:
        path: the SQLite file; made when it is first written.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with closing(sqlite3.connect(self.path, timeout=30.0)) as connection, connection:
            connection.executescript(_TABLES)
            yield connection

    def asked(self, request: str, rows: Iterable[Row], now: datetime) -> None:
        """Note that a request was made; attempts at the same state go on being counted."""
        with self._open() as connection:
            connection.executemany(_ASK, [(*row, request, now.isoformat()) for row in rows])

    def succeeded(self, request: str, assets: Iterable[str]) -> None:
        """Forget what failed of a request, and the assets' failures in a row."""
        with self._open() as connection:
            connection.execute("DELETE FROM attempt WHERE request = ?", [request])
            connection.executemany(
                "DELETE FROM streak WHERE asset = ?", [(asset,) for asset in assets]
            )

    def failed(
        self,
        request: str,
        run: str,
        sort: str,
        at: datetime,
        code_of: Callable[[Row], str | None],
    ) -> int:
        """Note, once, that a run of a request failed; return how many partitions that concerns.

        Args:
            request: the request.
            run: the run's id.
            sort: the failure's sort.
            at: when it ended; naive UTC.
            code_of: asset, key and digest → the asset's code, None if that partition was built.
        """
        with self._open() as connection:
            query = "SELECT asset, key, digest FROM attempt WHERE request = ? AND run <> ?"
            rows: list[Row] = connection.execute(query, [request, run]).fetchall()
            codes = {row: code_of(row) for row in rows}
            done = [(row[0], row[1]) for row, code in codes.items() if code is None]
            left = {row[:2]: code for row, code in codes.items() if code is not None}
            connection.executemany("DELETE FROM attempt WHERE asset = ? AND key = ?", done)
            connection.executemany(
                "UPDATE attempt SET attempts = attempts + 1, sort = ?, run = ?, at = ?"
                " WHERE asset = ? AND key = ?",
                [(sort, run, at.isoformat(), *row) for row in left],
            )
            streaks = {asset: code for (asset, _), code in left.items()}
            connection.executemany(
                _STREAK, [(asset, code, run, at.isoformat()) for asset, code in streaks.items()]
            )
            connection.execute("DELETE FROM attempt WHERE at < ?", [(at - _KEEP).isoformat()])
            return len(left)

    def attempts(self) -> dict[str, dict[str, Failed]]:
        """Return the failed attempts, by asset and partition key."""
        found: dict[str, dict[str, Failed]] = {}
        if not self.path.is_file():
            return found
        with self._open() as connection:
            for asset, key, *rest in connection.execute(
                "SELECT asset, key, digest, attempts, sort, run FROM attempt WHERE attempts > 0"
            ):
                found.setdefault(asset, {})[key] = Failed(*rest)
        return found

    def streaks(self) -> dict[str, Streak]:
        """Return the assets whose last runs failed."""
        if not self.path.is_file():
            return {}
        with self._open() as connection:
            rows = connection.execute("SELECT asset, count, code, at FROM streak").fetchall()
        return {a: Streak(count, code, datetime.fromisoformat(at)) for a, count, code, at in rows}
