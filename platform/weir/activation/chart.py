"""The chart of an activation layer: a picture (PNG) and a page (HTML) that needs no network."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import altair as alt
import pandas as pd
import vl_convert

STATES = ("New", "Retained", "Reactivated")
_COLORS = ("#2f6fde", "#1b9e77", "#d9822b")  # distinct in greyscale and for colour-blind readers
_WIDTH, _HEIGHT, _SCALE = 760, 300, 2


def by_month(title: str, months: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """Return the Vega-Lite chart of active user-days by state and month.

    Args:
        title: the chart's title.
        months: one mapping a month: month (date), new, retained, reactivated (user-days).
    """
    frame = pd.DataFrame(
        [
            {"month": str(m["month"]), "state": state, "user_days": m[state.lower()]}
            for m in months
            for state in STATES
        ]
    )
    chart = (
        alt.Chart(frame, title=alt.Title(title, subtitle=_SENTENCE, anchor="start"))
        .mark_bar()
        .encode(
            x=alt.X(
                "yearmonth(month):T", title=None, axis=alt.Axis(format="%b %Y", labelAngle=-40)
            ),
            y=alt.Y("user_days:Q", title="active user-days"),
            color=alt.Color(
                "state:N",
                title=None,
                sort=list(STATES),
                scale=alt.Scale(domain=list(STATES), range=list(_COLORS)),
                legend=alt.Legend(orient="top"),
            ),
            order=alt.Order("order:Q"),
            tooltip=["yearmonth(month):T", "state:N", "user_days:Q"],
        )
        .transform_calculate(order=f"indexof({list(STATES)!r}, datum.state)")
        .properties(width=_WIDTH, height=_HEIGHT)
    )
    spec: dict[str, Any] = chart.to_dict()
    return spec


_SENTENCE = (
    "Each bar is one month: days on which a user was active, by what the day before was for them."
)


def write(spec: Mapping[str, Any], folder: Path, name: str) -> tuple[Path, Path]:
    """Write a chart as `<name>.png` and as a self-contained `<name>.html`; return both paths."""
    folder.mkdir(parents=True, exist_ok=True)
    picture, page = folder / f"{name}.png", folder / f"{name}.html"
    picture.write_bytes(vl_convert.vegalite_to_png(dict(spec), scale=_SCALE))
    page.write_text(vl_convert.vegalite_to_html(dict(spec), bundle=True))
    return picture, page
