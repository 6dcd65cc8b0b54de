"""Histograms in few bars, the same in the terminal and on the page."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

STARTS: Mapping[str, tuple[int, ...]] = {
    "day": (1, 2, 3, 4, 5, 6, 7, 8, 15, 31, 61, 91, 181, 366),
    "week": (1, 2, 3, 4, 5, 9, 14, 27, 53, 105),
    "month": (1, 2, 3, 4, 7, 13, 25),
}
"""First length of each bar of a histogram: single ones, then up to a month, a quarter, a year."""
_FEWEST = 5


def grouped(frame: pd.DataFrame, word: str) -> pd.DataFrame:
    """Return a histogram in few bars.

    Args:
        frame: periods, users and share, one row per length.
        word: day, week or month.

    Returns:
        length (`1`, `5–8`, `105+`), users, share; up to the longest that occurs, at least five.
    """
    starts = STARTS[word]
    ends = (*(start - 1 for start in starts[1:]), None)
    labels = [_label(*bounds) for bounds in zip(starts, ends, strict=True)]
    bar = pd.cut(
        frame["periods"].astype("int64"), [*(s - 1 for s in starts), float("inf")], labels=labels
    )
    summed = frame[["users", "share"]].groupby(bar, observed=False).sum()
    last = int(summed["users"].to_numpy().nonzero()[0].max(initial=-1))
    return (
        summed.head(max(last + 1, _FEWEST))
        .rename_axis("length")
        .reset_index()
        .astype({"length": str})
    )


def _label(start: int, end: int | None) -> str:
    if end is None:
        return f"{start}+"
    return str(start) if start == end else f"{start}–{end}"
