"""A table of an activation layer as a file: Parquet or CSV, written by the engine as a whole."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import duckdb

from weir.activation.tables import Tables, check_range, periods
from weir.activation.target import check_target
from weir.core.errors import InvalidValue

PARTS = {"rows": "activation", "summary": "summary", "returns": "returns"}
_FORMATS = {".parquet": "FORMAT parquet, COMPRESSION zstd", ".csv": "FORMAT csv, HEADER"}


def export(
    con: duckdb.DuckDBPyConnection,
    tables: Tables,
    what: str,
    path: Path,
    *,
    since: date | None = None,
    until: date | None = None,
) -> int:
    """Write a table of a layer to a file, in the order of its columns' values by period.

    Args:
        con: a connection to the lake.
        tables: the layer.
        what: `rows` (one per active user and period), `summary` or `returns`.
        path: the file, `.parquet` or `.csv`; one that is there is replaced as a whole.
        since: a day of the first period; default: from the beginning.
        until: the first day left out; default: to the end.

    Returns:
        The number of rows written.

    Raises:
        InvalidValue: if the file has another ending, or there is no such table.
        UsageError: if the folder does not exist, or the range is empty.
        NotReady: if the layer has no rows yet.
    """
    if what not in PARTS:
        raise InvalidValue("--what", what, PARTS)
    check_file(path)
    check_range(since, until)
    periods(con, tables)
    keep, given = _range(tables, since, until)
    query = (
        f"SELECT * FROM {tables.name(PARTS[what])} WHERE {keep} ORDER BY period_start, COLUMNS(*)"
    )
    return copy(con, query, path, given)


def check_file(path: Path) -> None:
    """Check the name of a file to write, before anything is read.

    Raises:
        InvalidValue: if it ends in neither `.parquet` nor `.csv`.
        UsageError: if its folder does not exist.
    """
    if path.suffix.lower() not in _FORMATS:
        raise InvalidValue("--out", path.name, [f"a name that ends in {e}" for e in _FORMATS])
    check_target(path)


def copy(
    con: duckdb.DuckDBPyConnection, query: str, path: Path, given: Sequence[object] = ()
) -> int:
    """Write a query's rows to a file that appears as a whole; return how many there are."""
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=f".{path.name}.") as folder:
        draft = Path(folder) / f"draft{path.suffix}"
        target = str(draft).replace("'", "''")
        options = _FORMATS[path.suffix.lower()]
        done = con.execute(f"COPY ({query}) TO '{target}' ({options})", list(given)).fetchone()
        draft.replace(path)
    return int(done[0]) if done else 0


def _range(tables: Tables, since: date | None, until: date | None) -> tuple[str, list[date]]:
    """Return the condition on period_start: a period counts if one of its days is in the range."""
    conditions, given = ["true"], []
    if since is not None:
        conditions.append("period_start >= ?")
        given.append(tables.floor(since))
    if until is not None:
        conditions.append("period_start < ?")
        given.append(until)
    return " AND ".join(conditions), given
