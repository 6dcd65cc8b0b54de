"""Active users by state, who went and the ratios, per period: of all users or by a dimension."""

from __future__ import annotations

from typing import Any

import duckdb
import pandas as pd

from weir.activation.statement import Statement
from weir.activation.tables import TOTAL, Tables, Window, periods
from weir.core.errors import NotFound, NotReady

MOST_VALUES = 12
OTHERS = "(others)"
"""The values of a dimension beyond the 12 largest, together."""

COUNTS = ("new_users", "retained", "reactivated", "went", "inactive")

# One period more than asked for: who went is a share of the users active before.
_COUNTS = """
WITH kept AS (
    SELECT * FROM {summary} WHERE dim_name = $dim AND period_start >= $before
    AND period_start < $until{one}
), ranked AS (
    SELECT dim_value, row_number() OVER (
        ORDER BY coalesce(
            sum(users) FILTER (state <> 'Inactive' AND period_start >= $start), 0
        ) DESC, dim_value
    ) AS place
    FROM kept GROUP BY dim_value
)
SELECT
    CASE WHEN place <= $most THEN dim_value ELSE $others END AS dim_value,
    period_start,
    coalesce(sum(users) FILTER (state = 'New'), 0)::BIGINT AS new_users,
    coalesce(sum(users) FILTER (state = 'Retained'), 0)::BIGINT AS retained,
    coalesce(sum(users) FILTER (state = 'Reactivated'), 0)::BIGINT AS reactivated,
    coalesce(
        sum(users) FILTER (state = 'Inactive' AND previous_state <> 'Inactive'), 0
    )::BIGINT AS went,
    coalesce(sum(users) FILTER (state = 'Inactive'), 0)::BIGINT AS inactive,
    min(place) AS place
FROM kept JOIN ranked USING (dim_value) GROUP BY 1, 2
"""


def decomposed(
    tables: Tables, window: Window, dim: str = TOTAL, value: str | None = None
) -> Statement:
    """Return the query of `decomposition`: users per value, period and state."""
    given = {
        "dim": dim, "before": tables.shift(window.start, -1), "start": window.start,
        "until": window.until, "most": MOST_VALUES, "others": OTHERS,
    }  # fmt: skip
    one = "" if value is None else " AND dim_value = $value"
    given |= {} if value is None else {"value": value}
    return tables.statement(_COUNTS.format(summary=tables.name("summary"), one=one), given)


def decomposition(
    con: duckdb.DuckDBPyConnection,
    tables: Tables,
    window: Window,
    dim: str = TOTAL,
    value: str | None = None,
) -> pd.DataFrame:
    """Return who was active in each period of the window, and who went.

    By a dimension, its 12 largest values are told apart (by active users in the window) and the
    rest stand together as `(others)`; with a value, that one alone is told.

    Returns:
        One row per value and period of the calendar, the largest value first:
        dim_value ('' for all users), period_start, is_complete, active (= new_users + retained +
        reactivated), went (became Inactive), inactive, active_before (active users of the period
        before), new_share, retained_share and reactivated_share (of active), churn_rate (went ÷
        active_before), pulse ((new_users + reactivated) ÷ went). went, inactive, churn_rate and
        pulse are NA where is_complete is false; all figures are NA of a period without any row.

    Raises:
        NotReady: if the layer has no rows by that dimension.
        NotFound: if it has none of that value.
    """
    known = periods(con, tables)
    before = tables.shift(window.start, -1)
    found = decomposed(tables, window, dim, value).run(con)
    if not found and value is not None:
        raise NotFound(
            f"value of {dim}", value, remedy="Choose another value or a wider range of periods."
        )
    if not found:
        raise NotReady(
            f"The {tables.grain} layer of `{tables.fact}` has no rows by `{dim}` there.",
            f"Add it again (`weir activation add {tables.fact} --grain {tables.grain}`),"
            " then `weir run`.",
        )
    names = ["dim_value", "period_start", *COUNTS, "place"]
    frame = pd.DataFrame(found, columns=names).astype(dict.fromkeys(COUNTS, "Int64"))
    order = frame.groupby("dim_value")["place"].min().sort_values().index
    spine = tables.spine(before, window.until)
    grid = pd.MultiIndex.from_product([order, spine], names=names[:2])
    full = frame.drop(columns="place").set_index(names[:2]).reindex(grid).reset_index()
    there = full["period_start"].isin(list(known))
    full.loc[there, list(COUNTS)] = full.loc[there, list(COUNTS)].fillna(0)
    full["is_complete"] = full["period_start"].map(lambda p: known.get(p, False)).astype(bool)
    return _with_ratios(full, first=before < min(known), window=window)


def _with_ratios(full: pd.DataFrame, *, first: bool, window: Window) -> pd.DataFrame:
    """Return the frame with what follows from the counts, without the period before."""
    full["active"] = full["new_users"] + full["retained"] + full["reactivated"]
    before = full.groupby("dim_value")["active"].shift(1)
    # Before the first period of all nobody was active; that is known, not missing.
    edge = full["period_start"] == window.start
    full["active_before"] = before.mask(edge, before.fillna(0)) if first else before
    full.loc[~full["is_complete"], ["went", "inactive"]] = pd.NA
    for name in ("new", "retained", "reactivated"):
        column = "new_users" if name == "new" else name
        full[f"{name}_share"] = ratio(full[column], full["active"])
    full["churn_rate"] = ratio(full["went"], full["active_before"])
    full["pulse"] = ratio(full["new_users"] + full["reactivated"], full["went"])
    kept = full[full["period_start"] >= window.start]
    return kept[list(COLUMNS)].reset_index(drop=True)


COLUMNS = (
    "dim_value", "period_start", "is_complete", "active", "new_users", "retained", "reactivated",
    "went", "inactive", "active_before", "new_share", "retained_share", "reactivated_share",
    "churn_rate", "pulse",
)  # fmt: skip


def ratio(part: pd.Series, whole: pd.Series | float) -> pd.Series:
    """Return part ÷ whole, NA where the whole is 0 or unknown."""
    below = pd.Series(whole, index=part.index).astype("Float64")
    return part.astype("Float64") / below.mask(below == 0)


def records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the rows of a frame as mappings."""
    return [{str(k): v for k, v in row.items()} for row in frame.to_dict("records")]
