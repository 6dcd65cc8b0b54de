"""The figures that people are shown: activation by month. A query, no decisions."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import duckdb


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
