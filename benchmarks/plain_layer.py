"""Activation in plain DuckDB, without dbt, Dagster and the lake: what Weir's layer is measured against.

The rows are the same as the layer's, which the benchmark checks; nothing is tested, hashed or recorded.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import duckdb
from apart import Took, timed

from weir.engines.embedded.duck import literal

COLUMNS = (
    "user_id", "period_start", "state", "previous_state", "streak", "longest_streak",
    "interval_periods", "churned", "first_period", "previous_period", "streak_start", "event_count",
)  # fmt: skip
STATE_COLUMNS = ("user_id", "first_period", "last_period", "streak_start", "longest_streak")
_RECOMPUTE = """
COPY (
    WITH visits AS (
        SELECT user_id, activity_date AS day, event_count,
            lag(activity_date) OVER visited AS previous,
            min(activity_date) OVER (PARTITION BY user_id) AS first
        FROM read_parquet('{facts}', hive_partitioning = true)
        WHERE activity_date <= DATE '{day}'
        WINDOW visited AS (PARTITION BY user_id ORDER BY activity_date)
    ), streaks AS (
        SELECT *, max(CASE WHEN previous = day - 1 THEN NULL ELSE day END) OVER (
            PARTITION BY user_id ORDER BY day) AS began
        FROM visits
    )
    SELECT user_id, day AS period_start,
        CASE WHEN previous IS NULL THEN 'New' WHEN previous = day - 1 THEN 'Retained'
            ELSE 'Reactivated' END AS state,
        CASE WHEN previous < day - 1 THEN 'Inactive' WHEN previous = first THEN 'New'
            WHEN previous > began THEN 'Retained' WHEN previous = began THEN 'Reactivated'
            END AS previous_state,
        (day - began + 1)::BIGINT AS streak,
        max(day - began + 1) OVER (PARTITION BY user_id ORDER BY day)::BIGINT AS longest_streak,
        (day - previous)::BIGINT AS interval_periods,
        CASE WHEN previous < day - 1 THEN day - previous - 1 END::BIGINT AS churned,
        first AS first_period, previous AS previous_period, began AS streak_start, event_count
    FROM streaks
) TO '{target}' (FORMAT parquet)
"""
_SNAPSHOT = """
COPY (
    SELECT coalesce(old.user_id, new.user_id) AS user_id,
        coalesce(old.first_period, DATE '{day}') AS first_period,
        CASE WHEN new.user_id IS NULL THEN old.last_period ELSE DATE '{day}' END AS last_period,
        CASE WHEN new.user_id IS NULL OR old.last_period = DATE '{day}' - 1 THEN old.streak_start
            ELSE DATE '{day}' END AS streak_start,
        CASE WHEN new.user_id IS NULL THEN old.longest_streak
            WHEN old.last_period = DATE '{day}' - 1
            THEN greatest(old.longest_streak, DATE '{day}' - old.streak_start + 1)
            ELSE greatest(coalesce(old.longest_streak, 0), 1) END::BIGINT AS longest_streak
    FROM {old} AS old
    FULL JOIN read_parquet('{new}') AS new ON old.user_id = new.user_id
) TO '{target}' (FORMAT parquet)
"""
_NOBODY = """(
    SELECT NULL::BIGINT AS user_id, NULL::DATE AS first_period, NULL::DATE AS last_period,
        NULL::DATE AS streak_start, NULL::BIGINT AS longest_streak
    WHERE false
)"""


def recompute(facts: Path, day: date, target: Path) -> Took:
    """Write the whole activation table up to a day with windows over all facts.

    Args:
        facts: pattern of the facts' files.
        day: the last day.
        target: the Parquet file to write.
    """
    sql = _RECOMPUTE.format(facts=literal(str(facts)), day=day, target=target)
    with duckdb.connect() as connection:
        connection.execute("SET enable_progress_bar = false")
        return timed(connection.execute, sql)


def snapshots(facts: Path, days: Iterable[date], folder: Path) -> dict[str, Any]:
    """Write for each day the first and last activity of every user seen so far: a snapshot a day.

    Each is made from the one before and the day's facts. Of those that lie behind, the ones of month
    ends are kept, to be compared with checkpoints.

    Returns:
        `bytes` and `rows` of all snapshots, `seconds` of each.
    """
    folder.mkdir(parents=True, exist_ok=True)
    size, rows, seconds = 0, 0, []
    before: Path | None = None
    with duckdb.connect() as connection:
        connection.execute("SET enable_progress_bar = false")
        for day in days:
            target = folder / f"{day}.parquet"
            old = f"read_parquet('{literal(str(before))}')" if before else _NOBODY
            new = literal(str(facts).replace("activity_date=*", f"activity_date={day}"))
            sql = _SNAPSHOT.format(day=day, old=old, new=new, target=target)
            seconds.append(timed(connection.execute, sql).wall)
            size += target.stat().st_size
            (written,) = connection.execute(f"SELECT count(*) FROM '{target}'").fetchall()[0]
            rows += int(written)
            if before and before.stem[-2:] != _last_of_month(before):
                before.unlink()
            before = target
    return {"bytes": size, "rows": rows, "seconds": seconds}


def _last_of_month(file: Path) -> str:
    day = date.fromisoformat(file.stem)
    after = (day.replace(day=28) + timedelta(days=4)).replace(day=1)
    return f"{(after - timedelta(days=1)).day:02d}"


def fingerprint(
    connection: duckdb.DuckDBPyConnection, rows: str, columns: Iterable[str]
) -> tuple[object, ...]:
    """Return number, sum and xor of the hashes of rows: equal for the same rows in any order."""
    row = f"hash({', '.join(columns)})"
    found = connection.execute(f"SELECT count(*), sum({row}::HUGEINT), bit_xor({row}) FROM {rows}")
    return tuple(found.fetchall()[0])
