"""Takes the entries of commits into the tables. The order of the commits is the order of the calls."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from weir.core.grains import Grain, Range, parse, shift
from weir.lineage.ledger.database import chunks, upsert
from weir.lineage.ledger.records import Vector, Verdict, data_version
from weir.lineage.ledger.tables import BUILD, HISTORY, PARTITION, STATE, VERDICT


@dataclass(frozen=True)
class Commit:
    """One entry and the commit that carried it."""

    snapshot: int
    at: datetime | None
    entry: Mapping[str, Any]

    def of(self, name: str, default: Any = "") -> Any:
        """Return a field of the entry."""
        return self.entry.get(name, default)


def store(connection: sa.Connection, commit: Commit) -> None:
    """Take in one entry: what was built, and what checks found."""
    if "partitions" in commit.entry:
        _store_built(connection, commit)
    if "checks" in commit.entry:
        _store_checks(connection, commit)
    seen = commit.of("seen", {})
    remember_seen(connection, commit.of("asset"), seen)


def _store_built(connection: sa.Connection, commit: Commit) -> None:
    same = _same(commit)
    rows = _rows(commit)
    _store_rows(connection, rows)
    reads = _resolved(connection, commit.of("reads", {}))
    build = {
        **same,
        "engine": commit.of("engine"),
        "partitions": len(rows),
        "rows": sum(row["rows"] for row in rows),
        "bytes": commit.of("bytes", 0),
        "seconds": commit.of("seconds", 0.0),
        "reads": json.dumps(reads, separators=(",", ":"), sort_keys=True),
        "spans": json.dumps(commit.of("spans", {}), separators=(",", ":"), sort_keys=True),
    }
    upsert(connection, BUILD, [build])


def restore(connection: sa.Connection, commit: Commit, keys: Collection[str]) -> int:
    """Take in again what an entry says of some partitions, and nothing else; return how many."""
    rows = [row for row in _rows(commit) if row["key"] in keys]
    _store_rows(connection, rows)
    return len(rows)


def _same(commit: Commit) -> dict[str, Any]:
    return {
        "asset": commit.of("asset"),
        "run": commit.of("run"),
        "code": commit.of("code"),
        "snapshot": commit.snapshot,
        "at": commit.at,
    }


def _rows(commit: Commit) -> list[dict[str, Any]]:
    same, parts = _same(commit), commit.of("partitions", {})
    return [
        {**same, "key": key, "rows": p["rows"], "hash": p["hash"], "input": p.get("input", "")}
        for key, p in parts.items()
    ]


def _store_rows(connection: sa.Connection, rows: list[dict[str, Any]]) -> None:
    upsert(connection, PARTITION, rows)
    upsert(connection, HISTORY, rows)


def _resolved(connection: sa.Connection, reads: Mapping[str, Mapping[str, str]]) -> Vector:
    """Return an input vector with the versions that its run could not know.

    Those are of partitions that the same run built before it or beside it. Commits are taken in
    order, so what stands in the ledger now is what was read then.
    """
    found: Vector = {}
    for asset, versions in reads.items():
        unknown = [key for key, version in versions.items() if not version]
        found[asset] = {**versions, **_versions(connection, asset, unknown)}
    return found


def _versions(connection: sa.Connection, asset: str, keys: list[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for some in chunks(keys):
        query = sa.select(PARTITION.c.key, PARTITION.c.hash).where(
            PARTITION.c.asset == asset, PARTITION.c.key.in_(some)
        )
        found |= {row.key: data_version(row.hash) for row in connection.execute(query)}
    return found


def _store_checks(connection: sa.Connection, commit: Commit) -> None:
    """Take in what the checks of one run said of one asset; other checks' words are forgotten."""
    asset, keys = commit.of("asset"), keys_of(commit.entry)
    checks = commit.of("checks", {})
    forget_others(connection, asset, keys, list(checks))
    record(
        connection,
        [
            Verdict(
                asset,
                name,
                key,
                key not in said["failing"],
                said["blocking"],
                said["failing"].get(key, ""),
            )
            for name, said in checks.items()
            for key in keys
        ],
    )


def keys_of(entry: Mapping[str, Any]) -> list[str]:
    """Return the partition keys that an entry's checks looked at.

    >>> keys_of({"grain": "day", "first": "2026-01-31", "last": "2026-02-01"})
    ['2026-01-31', '2026-02-01']
    """
    if entry.get("keys"):
        return list(entry["keys"])
    grain = Grain(entry["grain"])
    end = shift(parse(entry["last"], grain), grain, 1)
    return Range(parse(entry["first"], grain), end, grain).keys


def record(connection: sa.Connection, verdicts: list[Verdict]) -> None:
    """Keep verdicts; the newest word on (asset, check, key) wins."""
    rows = [{**vars(v), "check_name": v.check} for v in verdicts]
    for row in rows:
        del row["check"]
    upsert(connection, VERDICT, rows)


def forget_others(
    connection: sa.Connection, asset: str, keys: list[str], checks: list[str]
) -> None:
    """Forget what other checks than these said about partitions: they are gone from the code."""
    mine = (VERDICT.c.asset == asset, VERDICT.c.check_name.not_in(checks))
    for some in chunks(keys):
        connection.execute(VERDICT.delete().where(*mine, VERDICT.c.key.in_(some)))


def remember_seen(connection: sa.Connection, asset: str, seen: Mapping[str, str]) -> None:
    """Keep which version of each landing partition Dagster has been told of."""
    rows = [{"name": f"seen:{asset}:{key}", "value": version} for key, version in seen.items()]
    upsert(connection, STATE, rows)
