"""The ledger entry that travels in the data's own commit, as DuckLake `extra_info`.

Who needs to know how a partition was built reads it from the lake's snapshots, so data and record
cannot disagree. What a digest of inputs is made of is decided in `weir.lineage`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

import duckdb

from weir.engines.embedded.duck import literal

AUTHOR = "weir"
VERSION = 1
MANY = 2
"""The form of a commit that built several assets: `{"weir": 2, "entries": [entry, …]}`."""
_MORE = ("run", "code", "seconds", "engine", "reads", "spans")
NO_ROWS = "2:0:0:0"
"""The content hash of a partition without rows."""
_COMMITS = """
SELECT snapshot_id, snapshot_time AT TIME ZONE 'UTC' AS at_utc, commit_extra_info
FROM ducklake_snapshots('lake')
WHERE snapshot_id > $after AND commit_extra_info IS NOT NULL
"""
_EXPIRED = "SELECT * FROM lake.weir.entry WHERE snapshot > $after"
_ALL = f"""
{_EXPIRED}
UNION ALL
({_COMMITS} AND snapshot_id NOT IN (SELECT snapshot FROM lake.weir.entry))
ORDER BY 1
"""
_ARCHIVE = f"""
INSERT INTO lake.weir.entry SELECT * FROM ({_COMMITS})
WHERE snapshot_id < $before AND json_valid(commit_extra_info)
    AND json_extract(commit_extra_info, '$.weir') IS NOT NULL
    AND snapshot_id NOT IN (SELECT snapshot FROM lake.weir.entry)
"""


@dataclass(frozen=True)
class Partition:
    """What one commit left in one partition.

    Attributes:
        rows: its rows.
        hash: its content hash, `2:rows:sum:xor` (`content_hash_sql`); of a landing partition
            `rows:fp_0:fp_1:fp_2:fp_3`, which needs no second look at what is already there.
        input: digest of what it was built from.
    """

    rows: int
    hash: str
    input: str = ""


@dataclass(frozen=True)
class LedgerEntry:
    """How one commit built partitions of one asset.

    Attributes:
        asset: key as `schema/table`.
        grain: grain of the partitions' keys.
        partitions: what is in each now, by key.
        run: Dagster's run id, '' by hand.
        code: the code version.
        seconds: how long the build took, up to the writing of this entry.
        engine: name and version.
        reads: what all partitions together were built from: upstream asset → key → data version,
            '' of what the same run built.
        spans: which of that each partition read (`weir.lineage.ledger.vector`); empty: all of it.
    """

    asset: str
    grain: str
    partitions: Mapping[str, Partition]
    run: str = ""
    code: str = ""
    seconds: float = 0.0
    engine: str = field(default=f"duckdb {duckdb.__version__}")
    reads: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    spans: Mapping[str, Mapping[str, Sequence[Sequence[int]]]] = field(default_factory=dict)

    def to_json(self) -> str:
        """Return the entry as it stands in `extra_info`."""
        return json.dumps({"weir": VERSION, **asdict(self)}, separators=(",", ":"))

    @classmethod
    def from_json(cls, text: str) -> LedgerEntry | None:
        """Return the entry, or None where `extra_info` is somebody else's or holds several."""
        body = _read(text)
        return cls._of(body) if body.get("weir") == VERSION else None

    @classmethod
    def all_from_json(cls, text: str) -> list[LedgerEntry]:
        """Return every entry; none where `extra_info` is somebody else's."""
        body = _read(text)
        if body.get("weir") == MANY:
            return [cls._of(entry) for entry in body["entries"]]
        return [cls._of(body)] if body.get("weir") == VERSION else []

    @classmethod
    def _of(cls, body: Mapping[str, Any]) -> LedgerEntry:
        parts = {key: _partition(part) for key, part in body["partitions"].items()}
        named = {k: body[k] for k in _MORE if k in body}
        return cls(body["asset"], body["grain"], parts, **named)


def _read(text: str) -> dict[str, Any]:
    try:
        body = json.loads(text)
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}


def _partition(part: Mapping[str, Any]) -> Partition:
    return Partition(int(part["rows"]), str(part["hash"]), str(part.get("input", "")))


def content_hash_sql(columns: Iterable[str]) -> str:
    """Return the SQL expression of a partition's content hash, for use in an aggregate query.

    `2:rows:sum:xor` of the rows' hashes; 2 is the form's version. A row's hash is made of name and
    value of its columns that are not NULL, in any order: a column that is added leaves the hashes of
    the past, where it is NULL, as they are. `_weir_*` are left out. Comparable only for the same
    engine version (DuckDB's `hash` is no contract). The dbt models' is `dbt/macros/content_hash.sql`.

    >>> content_hash_sql(["a", "_weir_x"]).partition(" coalesce")[0]
    "concat_ws(':', 2, count(*),"
    """
    terms = [_term(name) for name in columns if not name.startswith("_weir_")]
    while len(terms) > 1:  # pairs of pairs: an engine's depth of expressions is limited
        terms = [
            f"xor({', '.join(terms[at : at + 2])})" if at + 1 < len(terms) else terms[at]
            for at in range(0, len(terms), 2)
        ]
    row = f"hash({terms[0] if terms else '0::UBIGINT'})"
    return f"concat_ws(':', 2, count(*), coalesce(sum({row}::HUGEINT), 0), coalesce(bit_xor({row}), 0))"


def _term(name: str) -> str:
    """Return a column's part of its row's hash: 0 if it is NULL."""
    value = f"hash(xor(hash({_quoted(name)}), hash('{literal(name)}')))"
    return f"CASE WHEN {_quoted(name)} IS NULL THEN 0::UBIGINT ELSE {value} END"


def _quoted(name: str) -> str:
    return f'"{name}"'


def write_entry(connection: duckdb.DuckDBPyConnection, entry: LedgerEntry) -> None:
    """Attach the entry to the open transaction. A transaction carries what was attached last."""
    message = literal(f"{entry.asset} {', '.join(list(entry.partitions)[:3])}")
    connection.execute(
        f"CALL lake.set_commit_message('{AUTHOR}', '{message}',"
        f" extra_info => '{literal(entry.to_json())}')"
    )


def write_entries(connection: duckdb.DuckDBPyConnection, entries: Sequence[LedgerEntry]) -> None:
    """Attach the entries of several assets to the open transaction."""
    message = literal(", ".join(entry.asset for entry in entries[:3]))
    body = {"weir": MANY, "entries": [asdict(entry) for entry in entries]}
    text = literal(json.dumps(body, separators=(",", ":")))
    connection.execute(
        f"CALL lake.set_commit_message('{AUTHOR}', '{message}', extra_info => '{text}')"
    )


def write_message(connection: duckdb.DuckDBPyConnection, message: str) -> None:
    """Say in the open transaction's commit what it does, where no partition's data changes."""
    connection.execute(f"CALL lake.set_commit_message('{AUTHOR}', '{literal(message)}')")


def read_entries(
    connection: duckdb.DuckDBPyConnection, after_snapshot: int = -1
) -> list[tuple[int, datetime, LedgerEntry]]:
    """Return (snapshot id, naive UTC time, entry) of the commits after a snapshot, oldest first."""
    found = connection.execute(_ALL, {"after": after_snapshot}).fetchall()
    return [
        (at, when, entry) for at, when, text in found for entry in LedgerEntry.all_from_json(text)
    ]


def archive_entries(connection: duckdb.DuckDBPyConnection, before_snapshot: int) -> int:
    """Copy the entries of the commits before a snapshot into the lake; return how many.

    For `weir maintain`, inside a transaction of its own before it expires snapshots: what DuckLake
    lists no longer has no `extra_info` either, and a ledger could not be rebuilt.
    """
    row = connection.execute(_ARCHIVE, {"after": -1, "before": before_snapshot}).fetchone()
    return int(row[0]) if row else 0
