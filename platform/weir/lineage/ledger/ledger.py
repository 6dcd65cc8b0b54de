"""The ledger: reads the commits since, and tells how each partition was built."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from weir.core.clock import utc_now
from weir.lineage.ledger import storing
from weir.lineage.ledger.database import Database, upsert
from weir.lineage.ledger.records import (
    Built,
    Commits,
    Detail,
    Entry,
    File,
    Past,
    Timing,
    Vector,
    Verdict,
)
from weir.lineage.ledger.tables import BUILD, FILE, HISTORY, PARTITION, STATE, VERDICT
from weir.lineage.ledger.vector import unpack

_SNAPSHOT = "snapshot"
_FROM_COMMITS = (PARTITION, HISTORY, BUILD)


class Ledger:
    """The ledger's database.

    Args:
        path: the SQLite file; made when absent, upgraded when older.
        url: address of a PostgreSQL database that is used instead, '' for the file.
    """

    def __init__(self, path: Path, url: str = "") -> None:
        self.path = path
        self.database = Database(path, url)

    def sync(self, commits: Commits) -> int:
        """Read the commits since the last call; return how many entries were new."""
        with self.database.writing() as connection:
            seen = int(self._get(connection, _SNAPSHOT) or -1)
            newest = commits.newest_snapshot()
            if newest < seen:  # another lake under the same home: start over
                for table in _FROM_COMMITS:
                    connection.execute(table.delete())
                seen = -1
            count = 0
            for snapshot, at, entry in commits.entries_after(seen):
                storing.store(connection, storing.Commit(snapshot, at, entry))
                count += 1
            self._set(connection, _SNAPSHOT, str(newest))
            return count

    def restore(self, commits: Commits, asset: str, keys: Iterable[str]) -> int:
        """Read what the commits say of some partitions again; return how many builds of them it found."""
        wanted = set(keys)
        with self.database.writing() as connection:
            return sum(
                storing.restore(connection, storing.Commit(snapshot, at, entry), wanted)
                for snapshot, at, entry in commits.entries_after(-1)
                if entry.get("asset") == asset
            )

    def write(self, asset: str, built: Mapping[str, Entry], *, run: str) -> None:
        """Write entries that no commit of the lake carries; a rebuilt ledger has to ask again."""
        at = utc_now()
        partitions = {key: vars(entry) for key, entry in built.items()}
        entry = {"asset": asset, "partitions": partitions, "run": run}
        with self.database.writing() as connection:
            storing.store(connection, storing.Commit(-1, at, entry))

    def built(self, asset: str) -> dict[str, Built]:
        """Return how each partition of an asset was last built, by key."""
        query = sa.select(PARTITION).where(PARTITION.c.asset == asset).order_by(PARTITION.c.key)
        return {row.key: _built(row) for row in self._rows(query)}

    def history(self, asset: str, key: str | None = None) -> list[Past]:
        """Return every build of an asset's partitions, or of one of them, oldest first."""
        query = sa.select(*(HISTORY.c[name] for name in Past.__annotations__))
        query = query.where(HISTORY.c.asset == asset)
        if key is not None:
            query = query.where(HISTORY.c.key == key)
        order = (HISTORY.c.snapshot, HISTORY.c.at, HISTORY.c.key)
        return [Past(*row) for row in self._rows(query.order_by(*order))]

    def timings(self, asset: str) -> list[Timing]:
        """Return what each run did to an asset and how long it took, oldest first."""
        query = sa.select(*(BUILD.c[name] for name in Timing.__annotations__))
        query = query.where(BUILD.c.asset == asset).order_by(BUILD.c.snapshot, BUILD.c.at)
        return [Timing(*row) for row in self._rows(query)]

    def reads(self, asset: str, keys: Iterable[str] | None = None) -> dict[str, Vector]:
        """Return the input vectors of an asset's partitions as they were last built, by key.

        Partitions built before vectors were written have an empty one.
        """
        wanted = None if keys is None else set(keys)
        found: dict[str, Vector] = {}
        known: dict[tuple[int, str], tuple[Any, Any]] = {}
        for row in self._rows(_with_build(asset, BUILD.c.reads, BUILD.c.spans)):
            if wanted is None or row.key in wanted:
                at = row.snapshot, row.run
                if at not in known:
                    known[at] = json.loads(row.reads or "{}"), json.loads(row.spans or "{}")
                found[row.key] = unpack(*known[at], row.key)
        return found

    def detail(self, asset: str, key: str) -> Detail | None:
        """Return all that is known of one partition, None if it was never built."""
        extra: list[Any] = [BUILD.c[name] for name in ("engine", "seconds", "partitions")]
        extra += [BUILD.c.bytes, BUILD.c.rows.label("all_rows")]
        query = _with_build(asset, *extra).where(PARTITION.c.key == key)
        for row in self._rows(query):
            return Detail(
                _built(row),
                row.engine or "",
                round((row.seconds or 0.0) / (row.partitions or 1), 6),
                round((row.bytes or 0) * row.rows / (row.all_rows or 1)),
                self.reads(asset, [key])[key],
                tuple(self.files(asset, key)),
                tuple(self.verdicts(asset, key)),
            )
        return None

    def files(self, asset: str, key: str | None = None) -> list[File]:
        """Return the files of an asset, or those that hold one key, as `keep_files` had them."""
        query = sa.select(*(FILE.c[c] for c in ("part", "path", "bytes", "rows", "columns")))
        query = query.where(FILE.c.asset == asset).order_by(FILE.c.part, FILE.c.path)
        found = [File(*row) for row in self._rows(query)]
        return found if key is None else [file for file in found if key.startswith(file.partition)]

    def keep_files(self, files: Mapping[str, Iterable[File]]) -> None:
        """Remember the files of assets in place of those known of them before."""
        with self.database.writing() as connection:
            for asset, listed in files.items():
                connection.execute(FILE.delete().where(FILE.c.asset == asset))
                rows = [{"asset": asset, **vars(file), "part": file.partition} for file in listed]
                for row in rows:
                    del row["partition"]
                upsert(connection, FILE, rows)

    def assets(self) -> list[str]:
        """Return the assets that have entries."""
        query = sa.select(PARTITION.c.asset).distinct().order_by(PARTITION.c.asset)
        return [row.asset for row in self._rows(query)]

    def record(self, verdicts: Iterable[Verdict]) -> None:
        """Keep what checks said; the newest word on (asset, check, key) wins."""
        listed = list(verdicts)
        if listed:
            with self.database.writing() as connection:
                storing.record(connection, listed)

    def prune(self, keys: Iterable[str], checks: Mapping[str, Iterable[str]]) -> None:
        """Forget what other checks than these said about partitions: they are gone from the code.

        Args:
            keys: the partitions.
            checks: asset → the checks that it has.
        """
        labels = list(keys)
        with self.database.writing() as connection:
            for asset, kept in checks.items():
                storing.forget_others(connection, asset, labels, list(kept))

    def verdicts(self, asset: str, key: str | None = None) -> list[Verdict]:
        """Return what checks said of an asset or of one of its partitions, passed or not.

        An event log's checks speak of landing days: they count for each of their hours.
        """
        query = sa.select(VERDICT).where(VERDICT.c.asset == asset).order_by(*_verdict_key())
        found = [_verdict(row) for row in self._rows(query)]
        return found if key is None else [v for v in found if key.startswith(v.key)]

    def failed(self, asset: str | None = None, *, blocking_only: bool = False) -> list[Verdict]:
        """Return the failed verdicts, of one asset or of all."""
        query = sa.select(VERDICT).where(VERDICT.c.passed.is_(False))
        if asset is not None:
            query = query.where(VERDICT.c.asset == asset)
        if blocking_only:
            query = query.where(VERDICT.c.blocking.is_(True))
        return [_verdict(row) for row in self._rows(query.order_by(*_verdict_key()))]

    def observe(self, asset: str, seen: Mapping[str, str]) -> None:
        """Remember which version of each landing partition Dagster has been told of."""
        if seen:
            with self.database.writing() as connection:
                storing.remember_seen(connection, asset, seen)

    def observed(self, asset: str) -> dict[str, str]:
        """Return what `observe` remembered of an asset, by key."""
        prefix = f"seen:{asset}:"
        query = sa.select(STATE).where(STATE.c.name.startswith(prefix, autoescape=True))
        return {row.name[len(prefix) :]: row.value for row in self._rows(query)}

    def _rows(self, query: Any) -> list[Any]:
        with self.database.reading() as connection:
            return list(connection.execute(query))

    @staticmethod
    def _get(connection: sa.Connection, name: str) -> str | None:
        value = connection.execute(sa.select(STATE.c.value).where(STATE.c.name == name)).scalar()
        return None if value is None else str(value)

    @staticmethod
    def _set(connection: sa.Connection, name: str, value: str) -> None:
        upsert(connection, STATE, [{"name": name, "value": value}])


def _built(row: Any) -> Built:
    return Built(row.rows, row.hash, row.input, row.run, row.code, row.snapshot, row.at)


def _verdict(row: Any) -> Verdict:
    return Verdict(row.asset, row.check_name, row.key, row.passed, row.blocking, row.detail)


def _verdict_key() -> tuple[sa.Column[Any], ...]:
    return VERDICT.c.asset, VERDICT.c.check_name, VERDICT.c.key


def _with_build(asset: str, *more: Any) -> sa.Select[Any]:
    """Return the query for an asset's partitions with something of the build that made each."""
    same = sa.and_(*(BUILD.c[n] == PARTITION.c[n] for n in ("asset", "snapshot", "run")))
    joined = PARTITION.outerjoin(BUILD, same)
    query = sa.select(PARTITION, *more).select_from(joined)
    return query.where(PARTITION.c.asset == asset).order_by(PARTITION.c.key)
