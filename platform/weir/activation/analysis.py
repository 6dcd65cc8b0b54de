"""What an activation layer says, as pandas DataFrames: one function per question.

The command line, and whatever else shows activation, calls these. Everything is counted in SQL over
the layer's summary and returns (and, for streaks, one period of its rows); the frames are small. How
they look, in a terminal or on a page, stays out.

    from weir.activation import analysis
    from weir.activation.tables import Tables, window

    tables = Tables("users_purchased_item", "weekly")
    with Lake(settings).read() as con:
        seen = window(con, tables)
        frame = analysis.decomposition(con, tables, seen)

Shares are parts of 1. A share or ratio whose denominator is 0, and every figure about who stayed away
in a period that is not complete, is NA.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import duckdb
import pandas as pd

from weir.activation.decomposition import MOST_VALUES, OTHERS, decomposition, ratio
from weir.activation.layers import STATES
from weir.activation.tables import TOTAL, Tables, Window

NOT_SEEN = "Not seen before"
"""The previous state of who came for the first time."""

__all__ = [
    "MOST_VALUES", "NOT_SEEN", "OTHERS", "STATES", "Analysis", "absences", "analyse",
    "decomposition", "intervals", "streaks", "transitions",
]  # fmt: skip


@dataclass(frozen=True)
class Analysis:
    """All frames of one look at a layer.

    Attributes:
        tables, window: what was looked at.
        periods: `decomposition` of all users.
        values: `decomposition` by a dimension; None if none was asked for.
        dim: that dimension.
        transitions, streaks, absences: of the period `window.at`.
        intervals: of the whole window.
    """

    tables: Tables
    window: Window
    periods: pd.DataFrame
    transitions: pd.DataFrame
    streaks: pd.DataFrame
    intervals: pd.DataFrame
    absences: pd.DataFrame | None
    values: pd.DataFrame | None = None
    dim: str | None = None


def analyse(
    con: duckdb.DuckDBPyConnection, tables: Tables, window: Window, dim: str | None = None
) -> Analysis:
    """Return every figure of a layer for a window; by a dimension too, if one is named.

    Raises:
        NotReady: if the layer has no rows by that dimension.
    """
    return Analysis(
        tables=tables,
        window=window,
        periods=decomposition(con, tables, window),
        transitions=transitions(con, tables, window),
        streaks=streaks(con, tables, window),
        intervals=intervals(con, tables, window),
        absences=absences(con, tables, window),
        values=decomposition(con, tables, window, dim) if dim else None,
        dim=dim,
    )


def transitions(
    con: duckdb.DuckDBPyConnection, tables: Tables, window: Window, dim: str = TOTAL
) -> pd.DataFrame:
    """Return the transition matrix of the period `window.at`: all 20 pairs, in order.

    Returns:
        previous_state (`Not seen before` at the first activity), state, users, and share: of all who
        were in that previous state. Where the period is not complete, users of Inactive and all
        shares are NA.
    """
    found = con.execute(
        f"SELECT coalesce(previous_state, ?), state, sum(users)::BIGINT"
        f" FROM {tables.name('summary')} WHERE dim_name = ? AND period_start = ? GROUP BY 1, 2",
        [NOT_SEEN, dim, window.at],
    ).fetchall()
    users = {(before, state): count for before, state, count in found}
    pairs = [(before, state) for before in (NOT_SEEN, *STATES) for state in STATES]
    known = [window.is_complete or state != "Inactive" for _, state in pairs]
    frame = pd.DataFrame(pairs, columns=["previous_state", "state"])
    counts = [users.get(p, 0) if k else None for p, k in zip(pairs, known, strict=True)]
    frame["users"] = pd.array(counts, dtype="Int64")
    of_all = frame.groupby("previous_state")["users"].transform(lambda row: row.sum(skipna=False))
    frame["share"] = ratio(frame["users"], of_all)
    return frame


def streaks(con: duckdb.DuckDBPyConnection, tables: Tables, window: Window) -> pd.DataFrame:
    """Return how long the active users of the period `window.at` have come without a pause.

    Returns:
        periods (this one included, from 1), users, share; one row per length that occurs.
    """
    return _histogram(
        con,
        f"SELECT streak, count(*) FROM {tables.name('activation')}"
        " WHERE period_start = ? AND state <> 'Inactive' GROUP BY 1 ORDER BY 1",
        [window.at],
    )


def intervals(con: duckdb.DuckDBPyConnection, tables: Tables, window: Window) -> pd.DataFrame:
    """Return how many periods after the visit before the visits of the window came.

    Returns:
        periods (1: the very next one), users (counted once per period in which they came again),
        share; one row per interval that occurs. First visits have none.
    """
    return _histogram(
        con,
        f"SELECT {tables.apart('previous_period', 'period_start')}, sum(users)::BIGINT"
        f" FROM {tables.name('returns')} WHERE period_start >= ? AND period_start < ?"
        " AND previous_period IS NOT NULL GROUP BY 1 ORDER BY 1",
        [window.start, window.until],
    )


_ABSENT = """
WITH known AS (SELECT * FROM {returns} WHERE period_start <= $at),
came AS (SELECT period_start AS seen, sum(users) AS users FROM known GROUP BY 1),
returned AS (
    SELECT previous_period AS seen, sum(users) AS users FROM known
    WHERE previous_period IS NOT NULL GROUP BY 1
)
SELECT {age}, (came.users - coalesce(returned.users, 0))::BIGINT
FROM came LEFT JOIN returned USING (seen)
WHERE seen < $at AND came.users <> coalesce(returned.users, 0) ORDER BY 1
"""


def absences(con: duckdb.DuckDBPyConnection, tables: Tables, window: Window) -> pd.DataFrame | None:
    """Return how long ago the users who are Inactive in the period `window.at` were last active.

    Who was last seen in a period are its active users, less all who have returned since then.

    Returns:
        periods (since the last active one, from 1), users, share; None if the period is not complete,
        or if returns of earlier periods are not built (the users do not add up to the Inactive ones).
    """
    if not window.is_complete:
        return None
    age = tables.apart("seen", "$at::DATE")
    frame = _histogram(
        con, _ABSENT.format(returns=tables.name("returns"), age=age), {"at": window.at}
    )
    inactive = con.execute(
        f"SELECT coalesce(sum(users), 0)::BIGINT FROM {tables.name('summary')}"
        " WHERE dim_name = ? AND period_start = ? AND state = 'Inactive'",
        [TOTAL, window.at],
    ).fetchone()
    return frame if inactive == (int(frame["users"].sum()),) else None


def _histogram(con: duckdb.DuckDBPyConnection, sql: str, given: Any) -> pd.DataFrame:
    found = con.execute(sql, given).fetchall()
    frame = pd.DataFrame(found, columns=["periods", "users"]).astype("Int64")
    frame["share"] = ratio(frame["users"], frame["users"].sum())
    return frame
