"""What can be shown of a layer: of each chart its rows, its sentence, its query, and its CSV."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import date
from enum import StrEnum
from io import StringIO
from typing import Any

import pandas as pd

from weir.activation import analysis, words
from weir.activation.analysis import Analysis
from weir.activation.decomposition import decomposed, records
from weir.activation.statement import Statement
from weir.activation.tables import TOTAL

_KEYS = ["period_start", "is_complete"]
_COLUMNS = {
    "pulse": [*_KEYS, "new_users", "reactivated", "went", "pulse"],
    "churn": [*_KEYS, "active_before", "went", "churn_rate"],
}


class Chart(StrEnum):
    """One chart of a layer."""

    DECOMPOSITION = "decomposition"
    PULSE = "pulse"
    CHURN = "churn"
    VALUES = "values"
    TRANSITIONS = "transitions"
    STREAKS = "streaks"
    INTERVALS = "intervals"
    CURVE = "curve"
    ABSENCES = "absences"


_PLAIN = {
    Chart.STREAKS: analysis.unbroken,
    Chart.INTERVALS: analysis.between,
    Chart.ABSENCES: analysis.away,
}


def frame(seen: Analysis, chart: Chart) -> pd.DataFrame | None:
    """Return the rows of a chart; None if they are not known, or no dimension was asked for."""
    if chart in _COLUMNS:
        return seen.periods[_COLUMNS[chart]]
    if chart is Chart.DECOMPOSITION:
        return seen.periods.drop(columns="dim_value")
    found: pd.DataFrame | None = getattr(seen, chart.value)
    return found


def sentence(seen: Analysis, chart: Chart) -> str:
    """Return what a chart says, in a sentence."""
    return str(getattr(words.sentences(seen), chart.value))


def statement(seen: Analysis, chart: Chart, last: date | None) -> Statement | None:
    """Return the query that counts for a chart; shares follow from its counts.

    Args:
        seen: the look.
        chart: the chart.
        last: the last complete period that is known; None if there is none.
    """
    tables, window = seen.tables, seen.window
    of = (seen.dim, seen.value) if seen.dim and seen.value is not None else (TOTAL, None)
    if chart is Chart.TRANSITIONS:
        return analysis.moves(tables, window, *of)
    if chart is Chart.CURVE:
        return analysis.returning(tables, window, last) if last else None
    if chart is Chart.VALUES:
        return decomposed(tables, window, seen.dim) if seen.dim else None
    plain = _PLAIN.get(chart)
    return plain(tables, window) if plain else decomposed(tables, window, *of)


def csv_lines(found: pd.DataFrame) -> Iterator[str]:
    """Yield the lines of a chart's CSV: dates as 2026-01-05, what is not known as nothing.

    Text that a spreadsheet would run as a formula begins with a quote.
    """
    yield _line(found.columns)
    for row in records(found):
        yield _line(_cell(value) for value in row.values())


def _line(values: Any) -> str:
    out = StringIO()
    csv.writer(out).writerow(values)
    return out.getvalue()


def _cell(value: Any) -> Any:
    if pd.isna(value):
        return ""
    if isinstance(value, str) and value.startswith(("=", "+", "-", "@", "\t", "\r")):
        return f"'{value}"
    if isinstance(value, bool):
        return "true" if value else "false"
    return value
