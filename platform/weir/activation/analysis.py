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
from datetime import date
from typing import Any

import duckdb
import pandas as pd

from weir.activation.decomposition import MOST_VALUES, OTHERS, decomposition, ratio
from weir.activation.layers import STATES
from weir.activation.statement import Statement
from weir.activation.tables import TOTAL, Tables, Window, periods

NOT_SEEN = "Not seen before"
"""The previous state of who came for the first time."""

__all__ = [
    "MOST_VALUES", "NOT_SEEN", "OTHERS", "STATES", "Analysis", "absences", "analyse",
    "curve", "decomposition", "intervals", "streaks", "transitions",
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
        intervals, curve: of the whole window.
        value: the one value of the dimension that periods and transitions are of; None for all users.
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
    curve: pd.DataFrame | None = None
    value: str | None = None


def analyse(
    con: duckdb.DuckDBPyConnection,
    tables: Tables,
    window: Window,
    dim: str | None = None,
    value: str | None = None,
) -> Analysis:
    """Return every figure of a layer for a window; by a dimension too, if one is named.

    Args:
        con: a connection to the lake.
        tables: the layer.
        window: the periods.
        dim: a dimension of the fact.
        value: one value of it, to which periods and transitions are held.

    Raises:
        NotReady: if the layer has no rows by that dimension.
        NotFound: if it has none of that value.
    """
    of: tuple[str, str | None] = (dim, value) if dim and value is not None else (TOTAL, None)
    return Analysis(
        tables=tables,
        window=window,
        periods=decomposition(con, tables, window, *of),
        transitions=transitions(con, tables, window, *of),
        streaks=streaks(con, tables, window),
        intervals=intervals(con, tables, window),
        absences=absences(con, tables, window),
        values=decomposition(con, tables, window, dim) if dim else None,
        dim=dim,
        curve=curve(con, tables, window),
        value=of[1],
    )


def moves(tables: Tables, window: Window, dim: str = TOTAL, value: str | None = None) -> Statement:
    """Return the query of `transitions`."""
    given = {"nobody": NOT_SEEN, "dim": dim, "at": window.at}
    one = "" if value is None else " AND dim_value = $value"
    given |= {} if value is None else {"value": value}
    return tables.statement(
        "SELECT coalesce(previous_state, $nobody) AS previous_state, state,"
        f" sum(users)::BIGINT AS users\nFROM {tables.name('summary')}"
        f"\nWHERE dim_name = $dim AND period_start = $at{one}\nGROUP BY 1, 2",
        given,
    )


def transitions(
    con: duckdb.DuckDBPyConnection,
    tables: Tables,
    window: Window,
    dim: str = TOTAL,
    value: str | None = None,
) -> pd.DataFrame:
    """Return the transition matrix of the period `window.at`: all 20 pairs, in order.

    Returns:
        previous_state (`Not seen before` at the first activity), state, users, and share: of all who
        were in that previous state. Where the period is not complete, users of Inactive and all
        shares are NA.
    """
    found = moves(tables, window, dim, value).run(con)
    users = {(before, state): count for before, state, count in found}
    pairs = [(before, state) for before in (NOT_SEEN, *STATES) for state in STATES]
    known = [window.is_complete or state != "Inactive" for _, state in pairs]
    frame = pd.DataFrame(pairs, columns=["previous_state", "state"])
    counts = [users.get(p, 0) if k else None for p, k in zip(pairs, known, strict=True)]
    frame["users"] = pd.array(counts, dtype="Int64")
    of_all = frame.groupby("previous_state")["users"].transform(lambda row: row.sum(skipna=False))
    frame["share"] = ratio(frame["users"], of_all)
    return frame


def unbroken(tables: Tables, window: Window) -> Statement:
    """Return the query of `streaks`."""
    return tables.statement(
        f"SELECT streak AS periods, count(*) AS users\nFROM {tables.name('activation')}"
        "\nWHERE period_start = $at AND state <> 'Inactive'\nGROUP BY 1 ORDER BY 1",
        {"at": window.at},
    )


def streaks(con: duckdb.DuckDBPyConnection, tables: Tables, window: Window) -> pd.DataFrame:
    """Return how long the active users of the period `window.at` have come without a pause.

    Returns:
        periods (this one included, from 1), users, share; one row per length that occurs.
    """
    return _histogram(unbroken(tables, window).run(con))


def between(tables: Tables, window: Window) -> Statement:
    """Return the query of `intervals`."""
    return tables.statement(
        f"SELECT {tables.apart('previous_period', 'period_start')} AS periods,"
        f" sum(users)::BIGINT AS users\nFROM {tables.name('returns')}"
        "\nWHERE period_start >= $start AND period_start < $until"
        " AND previous_period IS NOT NULL\nGROUP BY 1 ORDER BY 1",
        {"start": window.start, "until": window.until},
    )


def intervals(con: duckdb.DuckDBPyConnection, tables: Tables, window: Window) -> pd.DataFrame:
    """Return how many periods after the visit before the visits of the window came.

    Returns:
        periods (1: the very next one), users (counted once per period in which they came again),
        share; one row per interval that occurs. First visits have none.
    """
    return _histogram(between(tables, window).run(con))


_ABSENT = """
WITH known AS (SELECT * FROM {returns} WHERE period_start <= $at::DATE),
came AS (SELECT period_start AS seen, sum(users) AS users FROM known GROUP BY 1),
returned AS (
    SELECT previous_period AS seen, sum(users) AS users FROM known
    WHERE previous_period IS NOT NULL GROUP BY 1
)
SELECT {age} AS periods, (came.users - coalesce(returned.users, 0))::BIGINT AS users
FROM came LEFT JOIN returned USING (seen)
WHERE seen < $at::DATE AND came.users <> coalesce(returned.users, 0) ORDER BY 1
"""


def away(tables: Tables, window: Window) -> Statement:
    """Return the query of `absences`."""
    age = tables.apart("seen", "$at::DATE")
    return tables.statement(
        _ABSENT.format(returns=tables.name("returns"), age=age), {"at": window.at}
    )


def absences(con: duckdb.DuckDBPyConnection, tables: Tables, window: Window) -> pd.DataFrame | None:
    """Return how long ago the users who are Inactive in the period `window.at` were last active.

    Who was last seen in a period are its active users, less all who have returned since then.

    Returns:
        periods (since the last active one, from 1), users, share; None if the period is not complete,
        or if returns of earlier periods are not built (the users do not add up to the Inactive ones).
    """
    if not window.is_complete:
        return None
    frame = _histogram(away(tables, window).run(con))
    inactive = con.execute(
        f"SELECT coalesce(sum(users), 0)::BIGINT FROM {tables.name('summary')}"
        " WHERE dim_name = ? AND period_start = ? AND state = 'Inactive'",
        [TOTAL, window.at],
    ).fetchone()
    return frame if inactive == (int(frame["users"].sum()),) else None


_CURVE = """
WITH visits AS (
    SELECT period_start AS seen, sum(users) AS users FROM {returns}
    WHERE period_start >= $start::DATE AND period_start < $until::DATE
    AND period_start <= $last::DATE GROUP BY 1
), back AS (
    SELECT previous_period AS seen, {gap} AS periods, sum(users) AS users FROM {returns}
    WHERE previous_period >= $start::DATE AND previous_period < $until::DATE
    AND period_start <= $last::DATE GROUP BY 1, 2
), never AS (
    SELECT {unseen} + 1 AS periods, visits.users - coalesce(sum(back.users), 0) AS users
    FROM visits LEFT JOIN back USING (seen) GROUP BY visits.seen, visits.users
), steps AS (
    SELECT periods, coalesce(sum(users) FILTER (came), 0) AS came,
        coalesce(sum(users) FILTER (NOT came), 0) AS lost
    FROM (
        SELECT periods, users, true AS came FROM back
        UNION ALL SELECT periods, users, false FROM never
        UNION ALL SELECT unnest(range(1, (SELECT max(periods) FROM never))), 0, false
    ) GROUP BY 1
), risked AS (
    SELECT periods, came, (SELECT coalesce(sum(users), 0) FROM visits)
        - coalesce(sum(came) OVER (ORDER BY periods ROWS UNBOUNDED PRECEDING EXCLUDE CURRENT ROW), 0)
        - sum(lost) OVER (ORDER BY periods ROWS UNBOUNDED PRECEDING) AS at_risk
    FROM steps
)
SELECT periods::BIGINT AS periods, came::BIGINT AS users, at_risk::BIGINT AS at_risk
FROM risked WHERE at_risk > 0 ORDER BY 1
"""


def returning(tables: Tables, window: Window, last: date) -> Statement:
    """Return the query of `curve`; `last` is the last complete period that is known."""
    text = _CURVE.format(
        returns=tables.name("returns"),
        gap=tables.apart("previous_period", "period_start"),
        unseen=tables.apart("visits.seen", "$last::DATE"),
    )
    return tables.statement(text, {"start": window.start, "until": window.until, "last": last})


def last_complete(con: duckdb.DuckDBPyConnection, tables: Tables) -> date | None:
    """Return the last complete period that is known; None if there is none."""
    return max((p for p, whole in periods(con, tables).items() if whole), default=None)


def curve(con: duckdb.DuckDBPyConnection, tables: Tables, window: Window) -> pd.DataFrame:
    """Return how many of the visits of the window were followed by another one, after how long.

    Visits whose future is not over count as long as it was seen, and then no more (the product-limit
    estimate): E. L. Kaplan, P. Meier, "Nonparametric estimation from incomplete observations",
    JASA 53 (1958). Periods that are not complete tell nothing.

    Returns:
        periods (after the visit, from 1), users (who came again after exactly so many), at_risk (who
        had not come before and could be seen), returned (share that came again by then).
    """
    last = last_complete(con, tables)
    found = [] if last is None else returning(tables, window, last).run(con)
    frame = pd.DataFrame(found, columns=["periods", "users", "at_risk"]).astype("Int64")
    stayed = (1 - ratio(frame["users"], frame["at_risk"])).cumprod()
    frame["returned"] = 1 - stayed
    return frame


def _histogram(found: list[tuple[Any, ...]]) -> pd.DataFrame:
    frame = pd.DataFrame(found, columns=["periods", "users"]).astype("Int64")
    frame["share"] = ratio(frame["users"], frame["users"].sum())
    return frame
