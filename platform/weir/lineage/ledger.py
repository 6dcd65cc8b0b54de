"""How each partition was built: a cache of the entries that travel in the lake's own commits.

`sync` reads the commits that came since; deleting the file loses nothing but the verdicts of checks
and the observations, which the next runs write again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

import sqlalchemy as sa

_VERSION = 1
_metadata = sa.MetaData()

PARTITION = sa.Table(
    "partition",
    _metadata,
    sa.Column("asset", sa.String, primary_key=True),
    sa.Column("key", sa.String, primary_key=True),
    sa.Column("rows", sa.BigInteger, nullable=False),
    sa.Column("hash", sa.String, nullable=False),
    sa.Column("input", sa.String, nullable=False),
    sa.Column("run", sa.String, nullable=False),
    sa.Column("code", sa.String, nullable=False),
    sa.Column("snapshot", sa.BigInteger, nullable=False),
    sa.Column("at", sa.DateTime),
)
VERDICT = sa.Table(
    "verdict",
    _metadata,
    sa.Column("asset", sa.String, primary_key=True),
    sa.Column("check_name", sa.String, primary_key=True),
    sa.Column("key", sa.String, primary_key=True),
    sa.Column("passed", sa.Boolean, nullable=False),
    sa.Column("blocking", sa.Boolean, nullable=False),
    sa.Column("detail", sa.String, nullable=False),
)
STATE = sa.Table(
    "state",
    _metadata,
    sa.Column("name", sa.String, primary_key=True),
    sa.Column("value", sa.String, nullable=False),
)
_CHUNK = 5_000  # rows of one INSERT, below SQLite's limit of bound values


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


class Commits(Protocol):
    """Where the entries come from: the engine's commit records."""

    def newest_snapshot(self) -> int:
        """Return the id of the newest commit."""
        ...

    def entries_after(self, snapshot: int) -> Iterable[tuple[int, datetime, Mapping[str, object]]]:
        """Yield (snapshot, time, entry) of the commits after `snapshot`, oldest first."""
        ...


class Ledger:
    """The ledger's file.

    Args:
        path: the SQLite file; made when absent, made anew when of another version.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        path.parent.mkdir(parents=True, exist_ok=True)
        self._engine = sa.create_engine(
            f"sqlite:///{path}", connect_args={"timeout": 30.0}, poolclass=sa.NullPool
        )
        with self._begin() as connection:
            version = connection.exec_driver_sql("PRAGMA user_version").scalar()
            if version != _VERSION:
                _metadata.drop_all(connection)
                connection.exec_driver_sql(f"PRAGMA user_version = {_VERSION}")
            _metadata.create_all(connection)

    @contextmanager
    def _begin(self) -> Iterator[sa.Connection]:
        with self._engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA journal_mode = WAL")
            connection.exec_driver_sql("BEGIN IMMEDIATE")
            yield connection
            connection.commit()

    def sync(self, commits: Commits) -> int:
        """Read the commits since the last call; return how many entries were new."""
        with self._begin() as connection:
            seen = int(self._get(connection, "snapshot") or -1)
            newest = commits.newest_snapshot()
            if newest < seen:  # another lake under the same home: start over
                connection.execute(PARTITION.delete())
                seen = -1
            count = 0
            for snapshot, at, entry in commits.entries_after(seen):
                self._store(connection, snapshot, at, entry)
                count += 1
            self._set(connection, "snapshot", str(newest))
            return count

    def write(self, asset: str, built: Mapping[str, Entry], *, run: str) -> None:
        """Write entries that no commit of the lake carries; a rebuilt ledger has to ask again."""
        partitions = {key: vars(entry) for key, entry in built.items()}
        with self._begin() as connection:
            at = datetime.now(UTC).replace(tzinfo=None)
            self._store(connection, -1, at, {"asset": asset, "partitions": partitions, "run": run})

    def _store(
        self, connection: sa.Connection, snapshot: int, at: datetime, entry: Mapping[str, object]
    ) -> None:
        partitions = entry["partitions"]
        assert isinstance(partitions, Mapping)
        rows = [
            {
                "asset": entry["asset"],
                "key": key,
                "rows": part["rows"],
                "hash": part["hash"],
                "input": part["input"],
                "run": entry.get("run", ""),
                "code": entry.get("code", ""),
                "snapshot": snapshot,
                "at": at,
            }
            for key, part in partitions.items()
        ]
        insert = PARTITION.insert().prefix_with("OR REPLACE")
        for i in range(0, len(rows), _CHUNK):
            connection.execute(insert, rows[i : i + _CHUNK])

    def built(self, asset: str) -> dict[str, Built]:
        """Return how each partition of an asset was last built, by key."""
        query = sa.select(PARTITION).where(PARTITION.c.asset == asset).order_by(PARTITION.c.key)
        with self._engine.connect() as connection:
            return {
                row.key: Built(
                    row.rows, row.hash, row.input, row.run, row.code, row.snapshot, row.at
                )
                for row in connection.execute(query)
            }

    def assets(self) -> list[str]:
        """Return the assets that have entries."""
        query = sa.select(PARTITION.c.asset).distinct().order_by(PARTITION.c.asset)
        with self._engine.connect() as connection:
            return list(connection.execute(query).scalars())

    def record(self, verdicts: Iterable[Verdict]) -> None:
        """Keep what checks said; the newest word on (asset, check, key) wins."""
        rows = [
            {
                "asset": v.asset,
                "check_name": v.check,
                "key": v.key,
                "passed": v.passed,
                "blocking": v.blocking,
                "detail": v.detail,
            }
            for v in verdicts
        ]
        if rows:
            with self._begin() as connection:
                insert = VERDICT.insert().prefix_with("OR REPLACE")
                for i in range(0, len(rows), _CHUNK):
                    connection.execute(insert, rows[i : i + _CHUNK])

    def prune(self, keys: Iterable[str], checks: Mapping[str, Iterable[str]]) -> None:
        """Forget what other checks than these said about partitions: they are gone from the code.

        Args:
            keys: the partitions.
            checks: asset → the checks that it has.
        """
        labels = list(keys)
        with self._begin() as connection:
            for asset, kept in checks.items():
                mine = (VERDICT.c.asset == asset, VERDICT.c.check_name.not_in(list(kept)))
                for i in range(0, len(labels), _CHUNK):
                    chosen = VERDICT.c.key.in_(labels[i : i + _CHUNK])
                    connection.execute(VERDICT.delete().where(*mine, chosen))

    def failed(self, asset: str | None = None, *, blocking_only: bool = False) -> list[Verdict]:
        """Return the failed verdicts, of one asset or of all."""
        query = sa.select(VERDICT).where(VERDICT.c.passed.is_(False))
        if asset is not None:
            query = query.where(VERDICT.c.asset == asset)
        if blocking_only:
            query = query.where(VERDICT.c.blocking.is_(True))
        with self._engine.connect() as connection:
            return [Verdict(*row) for row in connection.execute(query.order_by(*VERDICT.c[:3]))]

    def observe(self, asset: str, seen: Mapping[str, str]) -> None:
        """Remember which version of each landing partition Dagster has been told of."""
        with self._begin() as connection:
            for key, version in seen.items():
                self._set(connection, f"seen:{asset}:{key}", version)

    def observed(self, asset: str) -> dict[str, str]:
        """Return what `observe` remembered of an asset, by key."""
        prefix = f"seen:{asset}:"
        query = sa.select(STATE).where(STATE.c.name.startswith(prefix, autoescape=True))
        with self._engine.connect() as connection:
            return {row.name[len(prefix) :]: row.value for row in connection.execute(query)}

    @staticmethod
    def _get(connection: sa.Connection, name: str) -> str | None:
        value = connection.execute(sa.select(STATE.c.value).where(STATE.c.name == name)).scalar()
        return None if value is None else str(value)

    @staticmethod
    def _set(connection: sa.Connection, name: str, value: str) -> None:
        insert = STATE.insert().prefix_with("OR REPLACE")
        connection.execute(insert, {"name": name, "value": value})
