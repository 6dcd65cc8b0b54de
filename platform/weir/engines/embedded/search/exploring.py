"""What lies around a query's hits: counts over time and by field, each re-scaled with its interval.

The values that a field has are those of the newest documents that match; how often each occurs is
counted over all of them.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import tantivy

from weir.core.estimate import Estimate, estimate, variance
from weir.engines.embedded.search.documents import Document, microseconds, schema
from weir.engines.embedded.search.reading import (
    CAP,
    Snapshot,
    both,
    count,
    explained,
    parse,
    sampled_only,
    share_of,
    within,
)

FACETS = ("event_name", "platform", "app_version")
"""The fields whose values are counted."""
VALUES = 8
LOOKED_AT = 500
"""Newest documents in which the values of a field are looked for."""
BARS = 90
_MINUTE, _HOUR, _DAY = 60, 3_600, 86_400
STEPS = (
    _MINUTE, 5 * _MINUTE, 15 * _MINUTE, _HOUR, 3 * _HOUR, 6 * _HOUR, 12 * _HOUR, _DAY, 7 * _DAY,
    28 * _DAY, 91 * _DAY, 364 * _DAY, 3_640 * _DAY,
)  # fmt: skip
"""Seconds that one bar may be wide."""
_EPOCH = datetime.fromtimestamp(0, UTC).replace(tzinfo=None)
_TIMES: dict[str, Any] = {"times": {"stats": {"field": "at_us"}}}
Window = tuple[datetime | None, datetime | None]


@dataclass(frozen=True)
class Bar:
    """The events of one stretch of event time, in UTC."""

    start: datetime
    matched: int
    count: Estimate


@dataclass(frozen=True)
class Value:
    """How many events have one value of a field."""

    value: str
    matched: int
    count: Estimate


@dataclass(frozen=True)
class Surroundings:
    """Counts over time and by field.

    Attributes:
        seconds: how wide a bar is.
        bars: those that hold something, in order.
        facets: field → its commonest values, the most frequent first.
        whole: whether every document was looked at for the values.
    """

    seconds: int
    bars: list[Bar]
    facets: dict[str, list[Value]]
    whole: bool


def explore(text: str, days: Sequence[Snapshot], window: Window) -> Surroundings:
    """Count what matches a query, over time and by field.

    Args:
        text: the query.
        days: the day indexes to ask.
        window: event times [since, until); None is open.

    Raises:
        UsageError: if the query is wrong.
    """
    held = list(days)
    with explained(text):
        query = within(parse(text), *window)
        seconds, bars = _bars(held, query, window)
        newest = _newest(held, query)
        facets = {name: _values(held, query, newest, name) for name in FACETS}
    return Surroundings(seconds, bars, facets, len(newest) < LOOKED_AT)


def _bars(days: list[Snapshot], query: tantivy.Query, window: Window) -> tuple[int, list[Bar]]:
    extent = _extent(days, query, window)
    if extent is None:
        return STEPS[0], []
    seconds = step(*extent)
    width = seconds * 1_000_000
    matched, value = _counted(days, query, width)
    rarest = max((value[at] / matched[at] for at in matched), default=1.0)
    spread = (
        _spread(days, query, width, share_of(sum(matched.values()), rarest)) if rarest > 1 else {}
    )
    return seconds, [
        Bar(_time(at), matched[at], estimate(matched[at], value[at], spread.get(at, 0.0)))
        for at in sorted(matched)
    ]


def step(first: int, last: int) -> int:
    """Return the seconds of a bar, so that [first, last] in microseconds has few enough bars.

    >>> step(0, 3_600_000_000), step(0, 30 * 86_400_000_000)
    (60, 43200)
    """
    return next((one for one in STEPS if (last - first) // (one * 1_000_000) <= BARS), STEPS[-1])


def _extent(days: list[Snapshot], query: tantivy.Query, window: Window) -> tuple[int, int] | None:
    found = [day.aggregate(query, _TIMES)["times"] for day in days]
    seen = [one for one in found if one["count"]]
    if not seen:
        return None
    since, until = window
    first = microseconds(since) if since else int(min(one["min"] for one in seen))
    last = microseconds(until) if until else int(max(one["max"] for one in seen))
    return first, last


def _counted(
    days: list[Snapshot], query: tantivy.Query, width: int
) -> tuple[dict[int, int], dict[int, float]]:
    matched: Counter[int] = Counter()
    value: dict[int, float] = defaultdict(float)
    wanted = {
        "bars": {
            "histogram": {"field": "at_us", "interval": width, "min_doc_count": 1},
            "aggs": {"sum": {"sum": {"field": "weight"}}},
        }
    }
    for day in days:
        for bucket in day.aggregate(query, wanted)["bars"]["buckets"]:
            matched[int(bucket["key"])] += bucket["doc_count"]
            value[int(bucket["key"])] += bucket["sum"]["value"]
    return matched, value


def _spread(
    days: list[Snapshot], query: tantivy.Query, width: int, share: float | None
) -> dict[int, float]:
    """Return the variance of each bar."""
    sampled = sampled_only(query, share)
    cells: dict[int, Counter[tuple[int, float]]] = defaultdict(Counter)
    for day in days:
        for at, key, weight in day.timed(sampled):
            cells[at // width * width][key, weight] += 1
    return {at: variance(counts, share) for at, counts in cells.items()}


def _newest(days: list[Snapshot], query: tantivy.Query) -> list[Document]:
    found = [(at, day, where) for day in days for at, where in day.newest(query, LOOKED_AT)]
    found.sort(key=lambda hit: hit[0], reverse=True)
    return [day.document(where) for _, day, where in found[:LOOKED_AT]]


def _values(
    days: list[Snapshot], query: tantivy.Query, newest: list[Document], field: str
) -> list[Value]:
    seen = Counter(value for one in newest if (value := getattr(one, field)))
    found = []
    for value, _ in seen.most_common(VALUES):
        term = tantivy.Query.term_query(schema(), field, value)
        counted = count(days, both(query, term), CAP // 10)
        found.append(Value(value, counted.matched, counted.found))
    return sorted(found, key=lambda one: (-one.count.value, one.value))


def _time(at: int) -> datetime:
    return _EPOCH + timedelta(microseconds=at)
