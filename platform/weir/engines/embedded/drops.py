"""Lands what the collector counted as dropped in `weir.drop`, each file once, and sums it up.

A file that was landed is removed only after the commit; one that is found again is not landed again.
What a drop is, and who writes the files, is `weir.collect.drops`' business.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

import duckdb
import orjson
import pyarrow as pa

from weir.engines.embedded.commit import write_message
from weir.engines.embedded.fsync import NewFiles
from weir.engines.embedded.lake import Lake
from weir.engines.embedded.replaying import fence
from weir.engines.embedded.schema import SYSTEM_TABLES

log = logging.getLogger(__name__)

MOST_FILES = 1_000
"""Files of one transaction."""
_KINDS = {"VARCHAR": pa.string(), "TIMESTAMP": pa.timestamp("us")}
_COLUMNS = SYSTEM_TABLES["drop"]
_SCHEMA = pa.schema([(name, _KINDS.get(kind, pa.int64())) for name, kind in _COLUMNS.items()])


@dataclass(frozen=True)
class DropWanted:
    """Which drops: from `since` until before `until` (naive UTC), of these events and producers."""

    since: datetime | None = None
    until: datetime | None = None
    events: tuple[str, ...] = ()
    producers: tuple[str, ...] = ()


@dataclass(frozen=True)
class DropGroup:
    """What was dropped for one reason.

    Attributes:
        code: the refusal's code, or `rejected` for events that a policy rejects.
        producer: who sent it; None if it was refused before that was known.
        event: the event's name; None where a whole request was refused.
        requests: refused requests.
        events: rejected events; those inside a refused request are not known.
        bytes: of the refused bodies, as far as they were read or announced.
        first: the first minute.
        last: the last minute.
    """

    code: str
    producer: str | None
    event: str | None
    requests: int
    events: int
    bytes: int
    first: datetime
    last: datetime


def land_drops(lake: Lake, folder: Path) -> int:
    """Land the files of a folder, oldest first, and remove them; return the number of new rows.

    Args:
        lake: the lake; it must have been created.
        folder: holds `*.jsonl`, each complete.
    """
    rows = 0
    waiting = sorted(folder.glob("*.jsonl")) if folder.is_dir() else []
    for start in range(0, len(waiting), MOST_FILES):
        files = waiting[start : start + MOST_FILES]
        read = {path.name: found for path in files if (found := _read(path)) is not None}
        rows += lake.transact(partial(_land, lake, read))
        for path in files:
            if path.name in read:
                path.unlink(missing_ok=True)
    return rows


def drops(lake: Lake, wanted: DropWanted, limit: int | None = None) -> list[DropGroup]:
    """Return what was dropped, by code, producer and event, the most first."""
    conditions: list[tuple[str, Any]] = [("true", None)]
    conditions += [("minute >= ?", wanted.since)] if wanted.since else []
    conditions += [("minute < ?", wanted.until)] if wanted.until else []
    conditions += (
        [("event_name IN (SELECT unnest(?))", list(wanted.events))] if wanted.events else []
    )
    conditions += (
        [("producer IN (SELECT unnest(?))", list(wanted.producers))] if wanted.producers else []
    )
    where = " AND ".join(condition for condition, _ in conditions)
    sql = (
        "SELECT code, producer, event_name, sum(requests)::BIGINT, sum(events)::BIGINT,"
        f" sum(bytes)::BIGINT, min(minute), max(minute) FROM weir.drop WHERE {where}"
        " GROUP BY ALL ORDER BY sum(requests) + sum(events) DESC, code, producer, event_name"
        f" LIMIT {'ALL' if limit is None else int(limit)}"
    )
    with lake.read() as connection:
        found = connection.execute(sql, [value for _, value in conditions[1:]]).fetchall()
    return [DropGroup(*row) for row in found]


def _read(path: Path) -> list[dict[str, Any]] | None:
    """Return a file's rows; None where it is gone, or cannot be read: it is kept aside then."""
    try:
        rows = [orjson.loads(line) for line in path.read_bytes().splitlines()]
        for row in rows:
            row["minute"] = datetime.fromisoformat(row["minute"])
    except FileNotFoundError:  # another sealer has landed it
        return None
    except (ValueError, KeyError, TypeError) as error:
        log.error("Drops in %s cannot be read, the file is kept as .bad: %s", path, error)  # noqa: TRY400
        path.rename(path.with_suffix(".bad"))
        return None
    return [{**row, "file": path.name} for row in rows]


def _land(
    lake: Lake, files: dict[str, list[dict[str, Any]]], connection: duckdb.DuckDBPyConnection
) -> int:
    known = connection.execute(
        "SELECT DISTINCT file FROM lake.weir.drop WHERE file IN (SELECT unnest(?))", [list(files)]
    ).fetchall()
    rows = _rows(files, {name for (name,) in known})
    if not rows:
        return 0
    fresh = NewFiles(lake.data_dir, ["weir"])
    fence(connection, "quarantine")
    connection.register("weir_drops", pa.Table.from_pylist(rows, _SCHEMA))
    connection.execute("INSERT INTO lake.weir.drop BY NAME SELECT * FROM weir_drops")
    write_message(connection, f"noted {len(rows)} kinds of drops")
    fresh.fsync()
    return len(rows)


def _rows(files: dict[str, list[dict[str, Any]]], known: set[str]) -> Sequence[dict[str, Any]]:
    return [row for name, rows in files.items() if name not in known for row in rows]
