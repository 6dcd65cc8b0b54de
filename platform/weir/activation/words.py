"""What is said of an activation layer, the same in the terminal and on the page."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import pandas as pd

from weir.activation.analysis import MOST_VALUES, OTHERS, Analysis
from weir.activation.decomposition import records

COLUMNS = ("active", "New", "Retained", "Reactivated", "went", "Inactive", "pulse")
_SHARES = (
    ("active", None), ("new_users", "new_share"), ("retained", "retained_share"),
    ("reactivated", "reactivated_share"), ("went", "churn_rate"), ("inactive", None),
)  # fmt: skip

_SEVERAL = {"day": "8–14", "week": "5–8", "month": "4–6"}


class Sentences(NamedTuple):
    """One sentence per chart or table, for somebody who sees it for the first time."""

    decomposition: str
    pulse: str
    churn: str
    values: str
    transitions: str
    streaks: str
    intervals: str
    curve: str
    absences: str
    figures: str


def sentences(seen: Analysis) -> Sentences:
    """Return the sentences for a look at a layer."""
    word, when = seen.tables.word, at(seen)
    bars = f"a bar such as {_SEVERAL[word]} gathers several {word}s"
    late = "" if seen.window.is_complete else f" ({PROVISIONAL})"
    return Sentences(
        decomposition=f"Each bar is one {word}: above the line its active users, by what they were"
        f" the {word} before; below it those who were active the {word} before and did not come.",
        pulse="How many users came, new or back, for each one who went: above the dashed line more"
        " come than go.",
        churn=f"Of the users active the {word} before, the part who did not come in this one.",
        values=f"The same bars and colours for each value of {seen.dim}, each with its own scale: compare shapes,"
        f" not heights. The {MOST_VALUES} largest values stand alone, the rest together as {OTHERS}."
        f" The table is {when}{late}.",
        transitions=f"Read a row from left to right: of the users in that state the {word} before,"
        f" so many are in each state {when}{late}.",
        streaks=f"How many {word}s in a row the users who came {when}{late} have come,"
        f" this one included; {bars}.",
        intervals=f"When somebody came again, how many {word}s after the visit before it was (1: the"
        f" very next one); {bars}.",
        curve=f"Of the visits in these {word}s, how many were followed by another one at the latest so"
        f" many {word}s later; what is not over yet counts as far as it was seen.",
        absences=f"How many {word}s ago the users who are Inactive {when} were last here; {bars}."
        if seen.absences is not None
        else "How long ago the Inactive users were last here: not known"
        + (" before the period is complete." if late else ", as earlier returns are not built."),
        figures=f"{SHARES.format(word=word)} {PULSE}",
    )


PROVISIONAL = "provisional: events may still arrive in time, so who went is not known yet"
SHARES = (
    "New, Retained and Reactivated: % of the active users of the {word}. went: who became Inactive,"
    " % of the active users of the {word} before (churn)."
)
PULSE = "pulse: (New + Reactivated) ÷ went."


def at(seen: Analysis) -> str:
    """Say in which period the matrix, the streaks and the absent are."""
    start = seen.window.at
    forms = {"day": "on {}", "week": "in the week of {}", "month": "in the month of {}"}
    return forms[seen.tables.word].format(start)


def title(seen: Analysis) -> str:
    """Return the title: fact and grain."""
    return f"{seen.tables.fact}, {seen.tables.grain}"


def scope(seen: Analysis) -> str:
    """Say which periods are shown."""
    word, window = seen.tables.word, seen.window
    last = seen.tables.shift(window.until, -1)
    pale = int((~seen.periods["is_complete"]).sum())
    some = "is" if pale == 1 else "are"
    late = f" {pale} of them {some} {PROVISIONAL}; pale in charts." if pale else ""
    return f"{len(seen.periods):,} {word}s, from {window.start} to {last}.{late}"


def facts(seen: Analysis) -> Iterator[tuple[str, str, str]]:
    """Yield name, figure and note of what matters in the period that is looked at."""
    of = seen.periods[seen.periods["period_start"] == seen.window.at]
    if of.empty:
        return
    row = records(of)[0]
    yield f"{seen.tables.word} {seen.window.at}", number(row["active"]), "active"
    for name, column, share in (
        ("New", "new_users", "new_share"),
        ("Retained", "retained", "retained_share"),
        ("Reactivated", "reactivated", "reactivated_share"),
        ("became Inactive", "went", "churn_rate"),
    ):
        yield name, number(row[column]), percent(row[share])
    yield "pulse", ratio(row["pulse"]), ""


def cells(row: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield figure and share of every column, of one row of a decomposition."""
    for column, share in _SHARES:
        yield number(row[column]), percent(row[share]) if share else ""
    yield ratio(row["pulse"]), ""


def number(value: Any) -> str:
    """Write a count; `–` where it is not known."""
    return "–" if pd.isna(value) else f"{int(value):,}"


def percent(value: Any) -> str:
    """Write a share in percent.

    >>> percent(0.4449), percent(0.004), percent(0.999), percent(None)
    ('44%', '0.4%', '99.9%', '')
    """
    if pd.isna(value):
        return ""
    return f"{value:.1%}" if 0 < value < 0.01 or 0.99 < value < 1 else f"{value:.0%}"


def ratio(value: Any) -> str:
    """Write a ratio; `–` where it is not known."""
    return "–" if pd.isna(value) else f"{value:.2f}"
