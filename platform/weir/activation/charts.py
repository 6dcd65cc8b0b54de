"""The charts of an activation layer as Vega-Lite, made with altair. How a page holds them: `page`.

Colours carry the state everywhere: in greyscale they differ by lightness, and what is Inactive lies
below the axis or in charts of its own. No chart has a title; the page's headings are text.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import altair as alt
import pandas as pd

from weir.activation.buckets import grouped
from weir.activation.decomposition import records

COLORS = {
    "Retained": "#3570c0",
    "New": "#3aa99b",
    "Reactivated": "#f0b73f",
    "became Inactive": "#b5505a",
}
"""In the order of the stack, from the axis up; the last one lies below it."""
_COUNTED = {
    "Retained": "retained", "New": "new_users", "Reactivated": "reactivated",
    "became Inactive": "went",
}  # fmt: skip
_HEIGHT, _SMALL = 300, 190
# Users are whole, and those below the axis are users too.
_USERS = "datum.value % 1 ? '' : format(abs(datum.value), ',d')"
Spec = dict[str, Any]


def decomposition(
    periods: pd.DataFrame, word: str, *, height: int = _HEIGHT, legend: bool = True
) -> Spec:
    """Return bars of active users by state, and below the axis who became Inactive.

    Args:
        periods: the decomposition of all users, or of one value.
        word: day, week or month.
        height: pixels.
        legend: whether it tells the colours.
    """
    rows = [
        _bar(row, state, column)
        for row in records(periods)
        for state, column in _COUNTED.items()
        if not pd.isna(row[column])
    ]
    color = alt.Color(
        "state:N",
        title=None,
        sort=list(COLORS),
        scale=alt.Scale(domain=list(COLORS), range=list(COLORS.values())),
        legend=alt.Legend(orient="top", columns=alt.expr("width < 420 ? 2 : 4"))
        if legend
        else None,
    )
    # Of a period that is not complete the bar is pale.
    pale = alt.condition("datum.is_complete", alt.value(1), alt.value(0.45))
    percent = alt.Tooltip("share:Q", format=".1%", title="share")
    bars = (
        alt.Chart(_data(rows))
        .mark_bar()
        .encode(
            x=_time(word),
            y=alt.Y("signed:Q", title="users", axis=alt.Axis(labelExpr=_USERS, tickMinStep=1)),
            color=color,
            order=alt.Order("place:Q"),
            opacity=pale,
            tooltip=[
                alt.Tooltip("period:O", title=word),
                alt.Tooltip("state:N"),
                alt.Tooltip("users:Q", format=","),
                percent,
                alt.Tooltip("complete:N"),
            ],
        )
    )
    axis = alt.Chart(_data([{}])).mark_rule().encode(y=alt.datum(0))
    return _spec(bars + axis, height)


def _bar(row: Mapping[str, Any], state: str, column: str) -> Spec:
    share = "churn_rate" if column == "went" else f"{column.removesuffix('_users')}_share"
    users = int(row[column])
    return {
        "period": str(row["period_start"]),
        "state": state,
        "users": users,
        "signed": -users if column == "went" else users,
        "share": None if pd.isna(row[share]) else float(row[share]),
        "place": list(COLORS).index(state),
        "is_complete": bool(row["is_complete"]),
        "complete": "yes" if row["is_complete"] else "no: provisional",
    }


def line(periods: pd.DataFrame, word: str, column: str, title: str, *, rule: bool = False) -> Spec:
    """Return the line of a ratio; with a rule, 1 is marked, else it is written in percent."""
    rows = [
        {
            "period": str(row["period_start"]),
            "ratio": None if pd.isna(row[column]) else float(row[column]),
        }
        for row in records(periods)
    ]
    form = ".2f" if rule else ".1%"
    axis = alt.Axis(format=".1f" if rule else ".0%", tickCount=5)
    lines = (
        alt.Chart(_data(rows))
        .mark_line(point=True, color=COLORS["Retained"])
        .encode(
            x=_time(word),
            y=alt.Y("ratio:Q", title=title, axis=axis, scale=alt.Scale(zero=True)),
            tooltip=[
                alt.Tooltip("period:O", title=word),
                alt.Tooltip("ratio:Q", title=title, format=form),
            ],
        )
    )
    if not rule:
        return _spec(lines, _SMALL)
    one = alt.Chart(_data([{}])).mark_rule(strokeDash=[4, 4]).encode(y=alt.datum(1))
    return _spec(lines + one, _SMALL)


def histogram(frame: pd.DataFrame, word: str, title: str, state: str) -> Spec:
    """Return bars of users by length; `title` says of what, `state` gives the colour."""
    bars = grouped(frame, word)
    rows = [
        {"length": row["length"], "users": int(row["users"]), "share": float(row["share"])}
        for row in records(bars)
    ]
    chart = (
        alt.Chart(_data(rows))
        .mark_bar(color=COLORS[state])
        .encode(
            x=alt.X("length:O", title=title, sort=list(bars["length"]), axis=_tilted(-40)),
            y=alt.Y("users:Q", title="users", axis=alt.Axis(labelExpr=_USERS, tickMinStep=1)),
            tooltip=[
                alt.Tooltip("length:O", title=title),
                alt.Tooltip("users:Q", format=","),
                alt.Tooltip("share:Q", format=".1%"),
            ],
        )
    )
    return _spec(chart, _SMALL)


def _time(word: str) -> alt.X:
    """Return the axis of periods: one step each, as the calendar has no holes."""
    shown = "slice(datum.value, 0, 7)" if word == "month" else "datum.value"
    return alt.X("period:O", title=None, axis=_tilted(-40, labelExpr=shown, labelOverlap="greedy"))


def _tilted(angle: int, **more: Any) -> alt.Axis:
    return alt.Axis(labelAngle=angle, **more)


def _data(rows: Iterable[Mapping[str, Any]]) -> alt.InlineData:
    return alt.InlineData(values=list(rows))


def _spec(chart: alt.Chart | alt.LayerChart, height: int) -> Spec:
    spec: Spec = chart.properties(width="container", height=height).to_dict()
    spec.pop("config", None)  # altair's; the page's own follows the reader's light or dark
    return spec
