"""The figures that people are shown: conservation and activation by month. Queries, no decisions."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date

import duckdb

from weir.core.landing import QUARANTINE, TIERS


@dataclass(frozen=True)
class Conservation:
    """Where every landed event went, over the whole lake.

    Attributes:
        landed: rows of `landing/*`.
        valid: landed rows that are not quarantined.
        quarantined: landed rows that are.
        accepted: rows of `accepted/*`.
        duplicates: valid rows that were landed before.
        event_log: rows of all typed event logs.
    """

    landed: int
    valid: int
    quarantined: int
    accepted: int
    duplicates: int
    event_log: int

    @property
    def holds(self) -> bool:
        """True if landed = valid + quarantined and accepted = Σ event logs."""
        return self.landed == self.valid + self.quarantined and self.accepted == self.event_log

    def as_dict(self) -> dict[str, int | bool]:
        """Return the figures as plain data."""
        return {**asdict(self), "holds": self.holds}


def conservation(connection: duckdb.DuckDBPyConnection) -> Conservation:
    """Count every stage of the lake."""
    valid = sum(_count(connection, f"landing.{tier}") for tier in TIERS)
    quarantined = _count(connection, f"landing.{QUARANTINE}")
    accepted = sum(_count(connection, f"accepted.{tier}") for tier in TIERS)
    logs = connection.execute(
        "SELECT table_name FROM duckdb_tables()"
        " WHERE database_name = 'lake' AND schema_name = 'event_log'"
    ).fetchall()
    typed = sum(_count(connection, f'event_log."{name}"') for (name,) in logs)
    return Conservation(valid + quarantined, valid, quarantined, accepted, valid - accepted, typed)


def _count(connection: duckdb.DuckDBPyConnection, table: str) -> int:
    row = connection.execute(f"SELECT count(*) FROM {table}").fetchone()
    return int(row[0]) if row else 0


@dataclass(frozen=True)
class Month:
    """One month of a daily activation summary.

    Attributes:
        month: its first day.
        new, retained, reactivated: user-days in that state.
        inactive: users inactive on the month's last built day.
    """

    month: date
    new: int
    retained: int
    reactivated: int
    inactive: int


_MONTHS = """
WITH days AS (
    SELECT period_start, date_trunc('month', period_start)::DATE AS month, state, sum(users) AS users
    FROM activation."{table}" WHERE dim_name = 'total' GROUP BY ALL
), lasts AS (SELECT month, max(period_start) AS last_day FROM days GROUP BY month)
SELECT days.month,
    coalesce(sum(users) FILTER (state = 'New'), 0)::BIGINT,
    coalesce(sum(users) FILTER (state = 'Retained'), 0)::BIGINT,
    coalesce(sum(users) FILTER (state = 'Reactivated'), 0)::BIGINT,
    coalesce(sum(users) FILTER (state = 'Inactive' AND period_start = last_day), 0)::BIGINT
FROM days JOIN lasts USING (month) GROUP BY days.month ORDER BY days.month
"""


def activation_by_month(connection: duckdb.DuckDBPyConnection, fact: str) -> list[Month]:
    """Return a fact's daily activation summary by month."""
    table = f"{fact}_activation_daily_summary"
    return [Month(*row) for row in connection.execute(_MONTHS.format(table=table)).fetchall()]
