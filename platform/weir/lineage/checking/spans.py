"""Spans of labels: where files lie, and where their totals disagree with the records. Pure."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from itertools import accumulate

from weir.core import grains
from weir.core.grains import Grain
from weir.engines.storage import EVERYTHING, DataFile, Span
from weir.lineage.checking.subject import Recorded


def span_of(file: DataFile) -> Span:
    """Return the labels that a file may hold."""
    if file.first is None or file.last is None:
        return EVERYTHING
    return file.first, file.last


def joined(spans: Iterable[Span]) -> list[Span]:
    """Join spans that share labels, in order."""
    found: list[Span] = []
    for first, last in sorted(spans):
        if found and first <= found[-1][1]:
            found[-1] = found[-1][0], max(last, found[-1][1])
        else:
            found.append((first, last))
    return found


def without(spans: Iterable[Span], holes: Sequence[Span], grain: Grain) -> list[Span]:
    """Return what is left of spans outside of holes."""
    left = list(spans)
    for low, high in holes:
        parts: list[Span] = []
        for first, last in left:
            if high < first or last < low:
                parts.append((first, last))
                continue
            if first < low:
                parts.append((first, grains.shift(low, grain, -1)))
            if high < last:
                parts.append((grains.shift(high, grain, 1), last))
        left = parts
    return left


def doubtful(files: Sequence[DataFile], live: Mapping[datetime, Recorded]) -> list[Span]:
    """Return the spans in which files hold together other rows than the records say.

    Files whose labels overlap are counted together: which of them holds a label is not in the
    catalogue. Rows need no look where the totals agree.
    """
    labels = sorted(live)
    total = [0, *accumulate(live[label].rows for label in labels)]
    held: dict[Span, int] = {}
    groups = joined(map(span_of, files))
    for file in sorted(files, key=span_of):
        while span_of(file)[0] > groups[0][1]:
            groups.pop(0)
        held[groups[0]] = held.get(groups[0], 0) + file.live
    return [
        (first, last)
        for (first, last), rows in held.items()
        if rows != total[bisect_right(labels, last)] - total[bisect_left(labels, first)]
    ]


def within(label: datetime, spans: Sequence[Span]) -> bool:
    """Tell whether a label lies in one of the spans, which share none and are in order."""
    at = bisect_right(spans, label, key=lambda span: span[0]) - 1
    return at >= 0 and label <= spans[at][1]


def clipped(spans: Iterable[Span], to: Span) -> list[Span]:
    """Return what of spans lies inside another."""
    cut = ((max(first, to[0]), min(last, to[1])) for first, last in spans)
    return [span for span in cut if span[0] <= span[1]]
